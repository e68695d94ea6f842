// What importing a bundle does and says: plan, write, and one answer for every importer. A dry run stops before the write.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hashChecked } from '../registry/snapshot.ts';
import { ceilings } from '../verdict/judging-rules.ts';
import { environmentSecrets } from '../text/redact.ts';
import { isoSeconds } from '../text/time.ts';
import { plural } from '../render/numbers.ts';
import type { VerbContext } from '../verb/context.ts';
import type { Say } from '../verb/dry-run.ts';
import type { NextStep } from '../verb/next-step.ts';
import { z } from 'zod';
import { findBundle, openBundle } from './bundles/find-bundle.ts';
import type { Bundle, Layout } from './bundles/bundle.ts';
import { CAPTURE_SOURCES, captureSourcesIn } from './captures/capture-sources.ts';
import type { CellIdentity } from './cell-identity.ts';
import { requireEmptyCells, writeCell, type ImportedCell, type UnreadFile } from './cell-files.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { readCampaignConfig, type CampaignConfig } from './config.ts';
import { cellStatus } from './coverage.ts';
import { findCampaign } from './find-campaign.ts';
import { importBundle } from './import-bundle.ts';
import { VIOLATIONS } from './reconcile/violation-schema.ts';
import { cellFolder, configPath } from './layout.ts'; // prettier-ignore

export const IMPORT_DATA = {
  campaign_dir: z.string(),
  /** False in a dry run. */
  written: z.boolean(),
  importer: z.string(),
  /** Layout in which the bundle was found. */
  layout: z.string(),
  bundle_path: z.string(),
  cells: z.array(
    z.object({
      cell_id: z.string(),
      status: z.enum(['full', 'partial', 'failed', 'evicted']),
      rows: z.number(),
      trials: z.number(),
      concurrencies: z.array(z.number()),
      cell_dir: z.string(),
    }),
  ),
  row_count: z.number(),
  /** Files that gave no row, each with its reason. */
  unread: z.array(z.object({ path: z.string(), reason: z.string() })),
  warnings: z.array(z.string()),
  /** What rows say that cannot be true, or hardly can. They are kept; what is computed from rows leaves out impossible ones. */
  violations: VIOLATIONS,
  /** Captures of kernels in the bundle, which have importers of their own. */
  captures: z.array(z.enum(CAPTURE_SOURCES)),
};
export type ImportAnswer = z.output<z.ZodObject<typeof IMPORT_DATA>>;

export interface ImportCall {
  readonly campaign: string;
  readonly campaignsDir: string | undefined;
  readonly bundle: string;
  readonly cellId: string | undefined;
  readonly given: CellIdentity;
  readonly notes: string | undefined;
  readonly importer: string;
  readonly layouts: readonly Layout[];
}

/** The config of a campaign; null where it holds none. */
export const configOf = async (campaign: string, signal?: AbortSignal): Promise<CampaignConfig | null> =>
  existsSync(configPath(campaign)) ? (await readCampaignConfig(configPath(campaign), signal)).config : null;

/** The frozen config, or why it cannot be used: a config of the predecessor may hold what ours does not know. */
export const usableConfig = async (
  campaign: string,
  signal: AbortSignal,
): Promise<{ readonly config: CampaignConfig | null; readonly problem: string | null }> => {
  try {
    return { config: await configOf(campaign, signal), problem: null };
  } catch (error) {
    if (error instanceof Fault) return { config: null, problem: error.message };
    throw error;
  }
};

/** One line for each reason, with the file or the number of them that have it. */
const unreadByReason = (unread: readonly UnreadFile[]): string[] => {
  const paths = new Map<string, string[]>();
  for (const { path, reason } of unread) paths.set(reason, [...(paths.get(reason) ?? []), path]);
  return [...paths].map(([reason, [first, ...others]]) => {
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `${first}${more}: ${reason}`;
  });
};

/** Reasons that the error of an import without a row names before it counts them. */
const NAMED_REASONS = 4;

const nothingImported = (path: string, unread: readonly UnreadFile[]): Fault => {
  const reasons = unreadByReason(unread);
  const more = reasons.length > NAMED_REASONS ? [`${reasons.length - NAMED_REASONS} more reasons`] : [];
  const said = [...reasons.slice(0, NAMED_REASONS), ...more].join('; ');
  return inputFault('nothing_imported', `${path} gives no row: ${said === '' ? 'it holds no file' : said}`, {
    path,
    fix: "give the folder of a benchmark's results, or the verb that reads such files",
    data: { unread: [...unread] },
  });
};

/** A campaign is packed and sent on: what goes into it is searched as what goes into the registry. Throws a Fault `secret_in_source`. */
const requireNoCredential = async (cells: readonly ImportedCell[], { env, signal }: VerbContext): Promise<void> => {
  const secrets = environmentSecrets(env);
  const files = new Set(cells.flatMap(({ bundle, raw, files }) => [...raw.map((file) => join(bundle, file)), ...files.flatMap(({ copyOf }) => copyOf ?? [])])); // prettier-ignore
  for (const path of files) await hashChecked(path, { secrets, signal });
};

/** A layout that names its cells has no use for another name, but for the beginning of theirs. Throws a Fault `cell_id_unused`. */
const requireNamed = ({ cells, layout }: Bundle, { cellId }: ImportCall, path: string): void => {
  const others = cells.map((cell) => cell.cellId).filter((name) => name !== cellId && !name.startsWith(`${cellId}-`));
  if (cellId === undefined || others.length === 0) return;
  const named = `${others.slice(0, 5).join(', ')}${others.length > 5 ? `, … ${others.length - 5} more` : ''}`;
  throw inputFault('cell_id_unused', `${path} (${layout}) names its cells itself: ${named}`, {
    path,
    fix: 'leave cell_id out; the cells keep those names',
  });
}; // prettier-ignore

export interface ImportWithCells {
  readonly answer: ImportAnswer;
  readonly cells: readonly ImportedCell[];
}

/** As `runImport`, with the cells as they are written. */
export const importWithCells = async (call: ImportCall, context: VerbContext): Promise<ImportWithCells> => {
  const campaign = findCampaign(call.campaign, context, call.campaignsDir);
  const folder = await openBundle(context.path(call.bundle), call.cellId);
  const bundle = await findBundle({ ...folder, ceilings: () => ceilings(context, campaign) }, call.layouts);
  requireNamed(bundle, call, folder.path);
  const config = await configOf(campaign, context.signal);
  const { given, notes, importer } = call;
  const read = await importBundle({ bundlePath: folder.path, bundle, given, notes, config, importer, campaign: basename(campaign), signal: context.signal });
  if (read.cells.length === 0) throw nothingImported(folder.path, read.unread);
  requireEmptyCells(campaign, read.cells.map(({ cellId }) => cellId));
  await requireNoCredential(read.cells, context);
  if (!context.dryRun)
    for (const cell of read.cells) await writeCell(campaign, cell, isoSeconds(context.now().epochMs));
  const answer: ImportAnswer = {
    campaign_dir: campaign,
    written: !context.dryRun,
    importer,
    layout: bundle.layout,
    bundle_path: folder.path,
    cells: read.cells.map(({ cellId, rows }) => ({
      cell_id: cellId,
      status: cellStatus(rows),
      rows: rows.length,
      trials: rows.reduce((sum, row) => sum + row.n_trials, 0),
      concurrencies: [...new Set(rows.map(({ concurrency }) => concurrency))],
      cell_dir: cellFolder(campaign, cellId),
    })),
    row_count: read.cells.reduce((sum, { rows }) => sum + rows.length, 0),
    unread: [...read.unread],
    warnings: [...new Set(read.warnings)],
    violations: [...read.violations],
    captures: captureSourcesIn(folder.files),
  };
  return { answer, cells: read.cells };
}; // prettier-ignore

/** Imports a bundle into a campaign; with `dry_run` reads and checks everything and writes nothing. */
export const runImport = async (call: ImportCall, context: VerbContext): Promise<ImportAnswer> =>
  (await importWithCells(call, context)).answer;

/** Lines of cells and of unread files that the text shows; the structured answer has all. */
const SHOWN = 8;

const some = (lines: readonly string[], what: string): string[] =>
  lines.length <= SHOWN ? [...lines] : [...lines.slice(0, SHOWN), `… ${lines.length - SHOWN} more ${what}`];

/** The short answer of an importer. */
export const importText = (answer: ImportAnswer, say: Say): string => {
  const { cells, row_count, unread, layout, campaign_dir } = answer;
  const cellLines = cells.map(({ cell_id, status, rows, trials, concurrencies }) => {
    const repeats = trials > rows ? `, ${plural(trials, 'trial')}` : '';
    return `${cell_id}: ${status}, ${plural(rows, 'row')}${repeats} (concurrency ${concurrencies.join(', ')})`;
  });
  const unreadLines = unreadByReason(unread).map((line) => `unread ${line}`);
  return [
    `${say('imported', 'import')} ${plural(row_count, 'row')} in ${plural(cells.length, 'cell')} (${layout}) into ${campaign_dir}`,
    ...some(cellLines, 'cells'),
    ...some(unreadLines, 'unread files'),
  ].join('\n');
};

/** What the reader of the answer should know before its numbers. */
export const importNotices = ({ warnings }: ImportAnswer): readonly string[] => warnings;

/** The import that becomes possible with results of a cell. */
export const withResults = (campaign: string, cell?: string): NextStep => ({
  verb: 'perf_tune_report_import_bench',
  input: { campaign, bundle: '<folder of results>', cell_id: cell },
  with: 'results of a cell',
});

/** After an import: the atlas with the new rows. */
export const importSteps = ({ campaign_dir: campaign, bundle_path: bundle, captures }: ImportAnswer): NextStep[] => [
  { verb: 'perf_tune_report_atlas_aggregate', input: { campaign } },
  ...captures.map((source) => ({ verb: `perf_tune_report_import_${source}`, input: { campaign, bundle } })),
];
