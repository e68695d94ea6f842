// What importing the captures of a bundle does and says, for every source of kernels: read all, then write.
import { join } from 'node:path';
import { z } from 'zod';
import { loadBucketRules } from '../../profile/kernels/bucket-rules.ts';
import { classifier } from '../../profile/kernels/classify.ts';
import { plural } from '../../render/numbers.ts';
import { inputFault } from '../../text/fault.ts';
import { nearestName } from '../../text/nearest.ts';
import type { VerbContext } from '../../verb/context.ts';
import type { Say } from '../../verb/dry-run.ts';
import { cellNames } from '../cell-files.ts';
import { findCampaign } from '../find-campaign.ts';
import { configOf } from '../import-answer.ts';
import { captureFolders, skipReason, type CaptureFolder, type CaptureSource } from './capture-sources.ts';
import type { ClickHouse } from './clickhouse.ts';
import { placeCounters, placeKernels, type Placed } from './kernel-file.ts';
import { readNcuPairs } from './ncu.ts';
import { readNsys } from './nsys.ts';
import { readZymtrace } from './zymtrace.ts'; // prettier-ignore

export const CAPTURE_DATA = {
  campaign_dir: z.string(),
  /** False in a dry run. */
  written: z.boolean(),
  importer: z.string(),
  bundle_path: z.string(),
  cells: z.array(z.object({ cell_id: z.string(), path: z.string(), kernels: z.number(), unit: z.string() })),
  /** Folders whose captures were not read, and why. */
  skipped: z.array(z.object({ path: z.string(), reason: z.string() })),
};
export type CaptureAnswer = z.output<z.ZodObject<typeof CAPTURE_DATA>>;

export type ClickHouseCall = Pick<ClickHouse, 'url' | 'since' | 'until' | 'waitS'>;

export interface CaptureCall {
  readonly campaign: string;
  readonly campaignsDir: string | undefined;
  readonly bundle: string;
  readonly cellId: string | undefined;
  /** The cell may be one that the campaign does not have yet. */
  readonly newCell?: boolean;
  readonly source: CaptureSource;
  /** For the counters; absent where nobody says. */
  readonly hardware?: string | undefined;
  /** Where samples of zymtrace are asked for instead of read from tables. */
  readonly clickhouse?: ClickHouseCall | undefined;
}

interface FoundCapture {
  readonly kernels: number;
  readonly unit: string;
  /** Says where; writes nothing in a dry run. */
  readonly write: (at: Placed) => Promise<string>;
}

const serverOf = (call: ClickHouseCall | undefined, context: VerbContext): ClickHouse | undefined =>
  call && {
    ...call,
    env: context.env,
    signal: context.signal,
    onWait: (message) => context.progress(0, 0, message),
  };

/** Reads a folder's captures; what it returns writes them and says how many kernels, in which unit. */
const readSource = async (
  folder: CaptureFolder,
  { source, hardware, clickhouse }: CaptureCall,
  context: VerbContext,
): Promise<FoundCapture> => {
  const rules = join(context.productFolder, 'configs', 'kernel-buckets.yaml');
  if (source === 'ncu') {
    const kernels = await readNcuPairs(folder.path, classifier(await loadBucketRules(rules)));
    return { kernels: kernels.length, unit: 'ns', write: (at: Placed) => placeCounters(at, kernels, hardware ?? null) };
  }
  const found =
    source === 'nsys'
      ? await readNsys(folder.path, context)
      : await readZymtrace(folder.path, rules, serverOf(clickhouse, context));
  return { kernels: found.top_kernels.length, unit: found.unit, write: (at: Placed) => placeKernels(at, found) };
};

/**
 * A name that was typed and that no cell has is a slip: its kernels would lie where nobody looks for them. A campaign without a
 * cell takes any. Throws a Fault `cell_unknown`.
 */
const requireCell = async ({ cellId, newCell }: CaptureCall, campaign: string, signal: AbortSignal): Promise<void> => {
  if (cellId === undefined || newCell) return;
  const planned = (await configOf(campaign, signal))?.cells.map(({ cell_id }) => cell_id) ?? [];
  const names = [...new Set([...cellNames(campaign), ...planned])];
  if (names.length === 0 || names.includes(cellId)) return;
  const nearest = nearestName(cellId, names);
  const meant = nearest === undefined ? `use one of its cells: ${names.slice(0, 5).join(', ')}` : `did you mean ${nearest}?`;
  throw inputFault('cell_unknown', `${campaign} has no cell ${cellId}`, {
    path: campaign,
    fix: `${meant.replace(/\?$/, '')}; for another one set new_cell: true`,
  });
}; // prettier-ignore

/** `cell_id` names one cell: arms are called by their folders. Throws a Fault `cell_id_unused`. */
const requireOneFolder = ({ cellId }: CaptureCall, bundle: string, folders: readonly CaptureFolder[]): void => {
  if (cellId === undefined || folders.length === 1) return;
  throw inputFault('cell_id_unused', `${bundle} holds captures of ${folders.length} cells: ${folders.slice(0, 5).map((folder) => folder.cellId).join(', ')}`, {
    path: bundle,
    fix: `leave cell_id out, or give the folder of one of them`,
  });
}; // prettier-ignore

/**
 * Imports captures. Throws a Fault `capture_incomplete`, `declaration_invalid`, `cell_unknown`, `cell_id_unused` or `cell_filled`;
 * nothing is written then.
 */
export const importCaptures = async (call: CaptureCall, context: VerbContext): Promise<CaptureAnswer> => {
  const campaign = findCampaign(call.campaign, context, call.campaignsDir);
  const bundle = context.path(call.bundle);
  await requireCell(call, campaign, context.signal);
  const folders = await captureFolders(bundle, call.cellId);
  requireOneFolder(call, bundle, folders);
  const skipped = folders.flatMap((folder) => {
    const reason = skipReason(folder, call.source);
    return reason === undefined ? [] : [{ path: folder.path, reason }];
  });
  const read: { readonly folder: CaptureFolder; readonly found: FoundCapture }[] = [];
  for (const folder of folders.filter(({ path }) => skipped.every((one) => one.path !== path)))
    read.push({ folder, found: await readSource(folder, call, context) });
  const write = async (dryRun: boolean) => {
    const cells: CaptureAnswer['cells'] = [];
    for (const { folder, found } of read) {
      const path = await found.write({ campaign, cellId: folder.cellId, dryRun });
      cells.push({ cell_id: folder.cellId, path, kernels: found.kernels, unit: found.unit });
    }
    return cells;
  };
  // First without writing: where one cell is filled, none is written.
  const planned = await write(true);
  const cells = context.dryRun ? planned : await write(false);
  const written = !context.dryRun;
  return { campaign_dir: campaign, written, importer: `import_${call.source}`, bundle_path: bundle, cells, skipped };
};

/** The short answer. */
export const capturesText = ({ cells, skipped, campaign_dir }: CaptureAnswer, say: Say): string =>
  [
    `${say('imported', 'import')} kernels of ${plural(cells.length, 'cell')} into ${campaign_dir}`,
    ...cells.slice(0, 8).map(({ cell_id, kernels, unit }) => `${cell_id}: ${plural(kernels, 'kernel')} in ${unit}`),
    ...skipped.slice(0, 8).map(({ path, reason }) => `skipped ${path}: ${reason}`),
  ].join('\n');
