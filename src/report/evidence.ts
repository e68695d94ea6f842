// What lies in a campaign beside its rows and what pages show of it: capacity, the pick, balances, sources, and which cells have
// captures. A campaign of rows alone has none of it, and pages say so.
import { existsSync } from 'node:fs';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { inputFault } from '../text/fault.ts';
import { parseJson } from '../text/json.ts';
import type { CapacityInputs } from '../capacity/capacity-inputs.ts';
import { summaryFactsSchema, type SummaryFacts } from '../capacity/summary-document.ts';
import type { Capacity } from '../capacity/summary-schema.ts';
import { campaignCapacity } from '../capacity/campaign-capacity.ts';
import { cellNames } from '../campaign/cell-files.ts';
import { cellFile, championPath, provenancePath, type CELL_FILES } from '../campaign/layout.ts';
import { lineageSchema, type LineageSource } from '../campaign/lineage.ts';
import { championSchema, type ShownRecord } from '../champion/champion-record.ts';
import type { CeilingTable } from '../hardware/ceilings.ts';
import { ceilings, NO_CEILINGS } from '../verdict/judging-rules.ts';
import type { AtlasRow } from '../campaign/row.ts';
import {
  readCountedKernels,
  readCounters,
  readKernels,
  type CountedKernels,
  type Counters,
  type Kernels,
} from './cell-captures.ts';
import { judgedCells, type JudgedCell } from './judged-cells.ts';
import { sourcesUnderTest, type SourceUnderTest } from './source-registry.ts';
import { readModels, type Models } from './models.ts';
import { readRooflinePoints, readSweepAnswers, type AnsweredSweep, type RooflinePoint } from './roofline-points.ts';
import type { VerbContext } from '../verb/context.ts';

/** Files of cells that a page of the speed of light is drawn from. */
export const CAPTURES = [
  'kernels',
  'ncuKernels',
  'dcgm',
  'rooflineRows',
] as const satisfies readonly (keyof typeof CELL_FILES)[];
export type Capture = (typeof CAPTURES)[number];

export type EvidencePlaces = Pick<VerbContext, 'root' | 'productFolder' | 'env' | 'signal'>;

export interface Evidence {
  readonly capacity: {
    readonly capacity: Capacity;
    readonly facts: SummaryFacts;
    /** By which it is computed again from the rows. */
    readonly inputs: CapacityInputs;
  } | null;
  readonly champion: ShownRecord | null;
  readonly sources: readonly SourceUnderTest[];
  /** What the judge said of cells when the campaign was run. */
  readonly judged: readonly JudgedCell[];
  readonly roofline: readonly RooflinePoint[];
  readonly sweeps: readonly AnsweredSweep[];
  readonly counters: readonly Counters[];
  readonly kernels: readonly Kernels[];
  readonly countedKernels: readonly CountedKernels[];
  /** Of the campaign; empty where they are switched off. */
  readonly ceilings: CeilingTable;
  /** Configs of the models that rows name. */
  readonly models: Models;
  /** Cells that have the file, sorted. */
  readonly captured: Readonly<Record<Capture, readonly string[]>>;
}

export const NO_EVIDENCE: Evidence = {
  capacity: null,
  champion: null,
  sources: [],
  judged: [],
  roofline: [],
  sweeps: [],
  counters: [],
  kernels: [],
  countedKernels: [],
  ceilings: NO_CEILINGS,
  models: new Map(),
  captured: { kernels: [], ncuKernels: [], dcgm: [], rooflineRows: [] },
};

const championOf = async (campaign: string, signal: AbortSignal): Promise<ShownRecord | null> => {
  const path = championPath(campaign);
  if (!existsSync(path)) return null;
  const parsed = championSchema.safeParse(parseJson(await readNamedText(path, { signal }), path));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw inputFault('champion_malformed', `${path} is no selection of this version: ${issue?.message ?? ''}`, {
    path,
    at: issue?.path.join('.') ?? '',
    fix: 'select again: perf_tune_report_champion_select',
  });
};

const sourcesOf = async (campaign: string, signal: AbortSignal): Promise<readonly LineageSource[]> => {
  const path = provenancePath(campaign);
  if (!existsSync(path)) return [];
  const text = await readNamedText(path, { limit: CONFIGURATION_BYTES, signal });
  return lineageSchema.partial().safeParse(parseJson(text, path)).data?.source ?? [];
};

const capturedOf = (campaign: string): Evidence['captured'] => {
  const cells = cellNames(campaign).toSorted();
  const having = (file: Capture): string[] => cells.filter((cell) => existsSync(cellFile(campaign, cell, file)));
  return {
    kernels: having('kernels'),
    ncuKernels: having('ncuKernels'),
    dcgm: having('dcgm'),
    rooflineRows: having('rooflineRows'),
  };
};

/** Throws a Fault `champion_malformed`, `sol_ceilings_malformed`, and those of captures, rows, prices and registries of sources. */
export const readEvidence = async (
  campaign: string,
  rows: readonly AtlasRow[],
  context: EvidencePlaces,
): Promise<Evidence> => {
  const table = await ceilings(context, campaign);
  const blocks = (async function* (): AsyncGenerator<readonly AtlasRow[]> {
    yield rows;
  })();
  const { capacity, head, inputs } = await campaignCapacity(campaign, {}, undefined, context, blocks);
  const captured = capturedOf(campaign);
  return {
    capacity: { capacity, facts: summaryFactsSchema.parse(head), inputs },
    champion: await championOf(campaign, context.signal),
    judged: judgedCells(campaign),
    sources: await sourcesUnderTest(campaign, await sourcesOf(campaign, context.signal), context),
    roofline: await readRooflinePoints(campaign, captured.rooflineRows, context.signal),
    sweeps: await readSweepAnswers(campaign, captured.rooflineRows, context.signal),
    counters: await readCounters(campaign, captured.dcgm, context.signal),
    kernels: await readKernels(campaign, captured.kernels, context.signal),
    countedKernels: await readCountedKernels(campaign, captured.ncuKernels, context.signal),
    ceilings: table,
    models: await readModels(rows, campaign, context),
    captured,
  };
};
