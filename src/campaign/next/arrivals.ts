// What should have arrived and did not: points, trials and captures that the config or a bundle names, and results that lie in the
// cell and that nobody took up. Reads names of files and the config; what is there is never judged by its content.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isJsonObject, parseJson, type JsonValue } from '../../text/json.ts';
import { plural } from '../../render/numbers.ts';
import { CAPTURE_SOURCES, captureFolders, captureSourcesIn, type CaptureSource } from '../captures/capture-sources.ts';
import { openRunOf } from '../cells/open-run.ts';
import { heldRows, openLoads } from '../cells/run-cell.ts';
import type { CampaignConfig, CellConfig } from '../config.ts';
import { CELL_FILES, cellFile } from '../layout.ts';
import { openTrials, type ArmsPlan } from '../runs/arms.ts';

export interface Absent {
  /** Null where it is the campaign's. */
  readonly cell: string | null;
  readonly what: 'points' | 'trials' | 'capture' | 'bundle' | 'baseline' | 'results';
  readonly says: string;
  /** Who says that it should be there. */
  readonly named_by: string;
}

export interface ArrivalQuery {
  readonly campaign: string;
  readonly config: CampaignConfig;
  readonly arms: Pick<ArmsPlan, 'cells' | 'trials'> | null;
  readonly root: string;
}

/** Sources whose kernels the cell holds. */
const sourcesHeld = (campaign: string, cell: string): Set<string> => {
  const path = cellFile(campaign, cell, 'kernels');
  const document: JsonValue = existsSync(path) ? parseJson(readFileSync(path, 'utf8'), path) : null;
  const named = isJsonObject(document) ? document['captured_sources'] : undefined;
  const held = Array.isArray(named) ? named.map(String) : [];
  return new Set([...held, ...(existsSync(cellFile(campaign, cell, 'ncuKernels')) ? ['ncu'] : [])]);
};

/** Captures that the block `profile` of a cell asks for: `nsys: long`, `zymtrace: on`. */
const profilesOf = ({ profile = {} }: CellConfig): CaptureSource[] =>
  CAPTURE_SOURCES.filter(
    (source) => profile[source] !== undefined && profile[source] !== 'off' && profile[source] !== false,
  );

const capture = (cell: string, source: string, named_by: string): Absent => ({
  cell,
  what: 'capture',
  says: `kernels of ${source} are not there`,
  named_by,
});

const namedCaptures = (campaign: string, cell: CellConfig): Absent[] => {
  const held = sourcesHeld(campaign, cell.cell_id);
  return profilesOf(cell).filter((source) => !held.has(source)).map((source) => capture(cell.cell_id, source, 'profile'));
}; // prettier-ignore

const filesBelow = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];

/** Captures that lie among the raw files and that no importer has read. */
const unreadCaptures = (campaign: string, cell: string): Absent[] => {
  const held = sourcesHeld(campaign, cell);
  const raw = cellFile(campaign, cell, 'raw');
  return captureSourcesIn(filesBelow(raw)).filter((source) => !held.has(source)).map((source) => capture(cell, source, raw));
}; // prettier-ignore

const listed = (items: readonly (number | string)[]): string =>
  `${items.slice(0, 6).join(', ')}${items.length > 6 ? `, … ${items.length - 6} more` : ''}`;

const pointsOf = (campaign: string, cell: CellConfig): Absent[] => {
  const loads = openLoads(cell, heldRows(campaign, cell.cell_id));
  if (loads.length === 0) return [];
  const says = `no point at concurrency ${listed(loads)}`;
  return [{ cell: cell.cell_id, what: 'points', says, named_by: 'concurrencies' }];
};

const trialsOf = ({ campaign, config, arms }: ArrivalQuery): Absent[] => {
  if (arms === null) return [];
  const open = openTrials(campaign, config, arms);
  return arms.cells.flatMap((arm): Absent[] => {
    const own = open.filter((trial) => trial.arm === arm).map(({ concurrency, trial }) => `c${concurrency}-t${trial}`);
    if (own.length === 0) return [];
    return [{ cell: arm, what: 'trials', says: `${plural(own.length, 'trial')} not measured: ${listed(own)}`, named_by: 'campaign.arms' }];
  });
}; // prettier-ignore

/** A run that was killed, and counters that were frozen and never correlated. */
const leftovers = (campaign: string, cell: string): Absent[] => {
  const run = openRunOf(campaign, cell);
  const frozen = cellFile(campaign, cell, 'dcgmFrozen');
  const isCorrelated = existsSync(cellFile(campaign, cell, 'dcgm'));
  return [
    ...(run === null ? [] : [{ cell, what: 'results' as const, says: `results of the run ${run.stamp}, which did not end`, named_by: 'run.json' }]),
    ...(existsSync(frozen) && !isCorrelated ? [{ cell, what: 'capture' as const, says: `${CELL_FILES.dcgm} is not made of the counters`, named_by: CELL_FILES.dcgmFrozen }] : []),
  ];
}; // prettier-ignore

/** The bundle of evidence that the config names, and the captures that it declares of its arms. */
const evidenceOf = async ({ campaign, config, root }: ArrivalQuery): Promise<Absent[]> => {
  const { evidence_bundle_path: named } = config;
  if (named === undefined) return [];
  const bundle = resolve(root, named);
  if (!existsSync(bundle))
    return [{ cell: null, what: 'bundle', says: `${bundle} is not there`, named_by: 'evidence_bundle_path' }];
  const folders = await captureFolders(bundle, undefined);
  return folders.flatMap(({ path, cellId, declared }) => {
    const held = sourcesHeld(campaign, cellId);
    const absent = [...(declared ?? [])].filter((source) => !held.has(source));
    return absent.map((source) => capture(cellId, source, join(path, 'capture_sources.json')));
  });
};

const distinct = (absent: readonly Absent[]): Absent[] => {
  const seen = new Set<string>();
  return absent.filter(({ cell, says }) => {
    const key = `${cell ?? ''} ${says}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
};

/** All that should be there. `cells` are those of the config and of the folder. Throws the faults of what is damaged. */
export const absentOf = async (query: ArrivalQuery, cells: readonly string[]): Promise<Absent[]> => {
  const { campaign, config, arms } = query;
  const ofCells = cells.flatMap((cell): Absent[] => {
    const known = config.cells.find(({ cell_id: id }) => id === cell);
    const isArm = arms?.cells.includes(cell) === true;
    return [
      ...(known === undefined || isArm ? [] : pointsOf(campaign, known)),
      ...(known === undefined ? [] : namedCaptures(campaign, known)),
      ...unreadCaptures(campaign, cell),
      ...leftovers(campaign, cell),
    ];
  });
  return distinct([...trialsOf(query), ...ofCells, ...(await evidenceOf(query))]);
}; // prettier-ignore
