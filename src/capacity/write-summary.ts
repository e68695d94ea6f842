// `tpm_summary.{json,csv,md}` of a campaign: the same capacity for programs, for spreadsheets and for people. Written whole or not at all;
// no clock is in them, so that the same rows give the same bytes.
import { replaceFile } from '../fs/atomic-file.ts';
import { leftColumn } from '../render/document.ts';
import { documentMarkdown } from '../render/markdown.ts';
import { rowsCsv, type Cell, type Rows } from '../render/rows.ts';
import { jsonFile } from '../text/json.ts';
import { tpmSummaryPath } from '../campaign/layout.ts';
import { costRows, tpmRows, type CampaignStamp, type CostRow, type TpmRow } from './lake-rows.ts';
import { summaryDocument, type SummaryFacts } from './summary-document.ts';
import type { Capacity } from './summary-schema.ts';

export const SUMMARY_VERSION = 'tpm_summary_v1';

const TPM_COLUMNS = [
  'model', 'hardware', 'quant', 'tensor_parallel', 'parallel_strategy', 'mtp', 'operating_point', 'basis', 'concurrency', 'output_tpm',
  'total_tpm', 'ttft_avg_ms', 'tpot_median_ms', 'itl_avg_ms', 'mean_isl', 'mean_osl', 'cache_mode',
] as const satisfies readonly (keyof TpmRow)[]; // prettier-ignore

const COST_COLUMNS = [
  'usd_per_1m_output_tokens',
  'usd_per_1m_total_tokens',
] as const satisfies readonly (keyof CostRow)[];

const MORE_TPM = [
  'serving_engine', 'dataset', 'phase', 'disagg', 'isl', 'osl', 'gpus', 'gpus_per_node', 'ttft_sla_ms', 'tpot_sla_ms', 'output_tpm_low',
  'output_tpm_high', 'cell_id',
] as const satisfies readonly (keyof TpmRow)[]; // prettier-ignore

const MORE_COST = [
  'usd_per_gpu_hour', 'usd_is_estimate', 'tokens_per_watt', 'tokens_per_joule', 'power_watts_per_gpu', 'power_scope', 'power_window',
] as const satisfies readonly (keyof CostRow)[]; // prettier-ignore

/** Spreadsheets and readers of old files know truth by these words. */
const cellOf = (value: string | number | boolean | null): Cell =>
  typeof value === 'boolean' ? (value ? 'True' : 'False') : value;

/** One row for a group, a point and a set of GPUs; columns that readers know first. */
export const summaryRows = (tpm: readonly TpmRow[], cost: readonly CostRow[]): Rows => {
  let at = -1;
  const rows = tpm.map((row) => {
    if (row.basis === 'per_gpu') at += 1; // a point's rows begin with it, and the points stand in the same order in both tables
    const of = cost[at];
    return [
      ...TPM_COLUMNS.map((name) => cellOf(row[name])),
      ...COST_COLUMNS.map((name) => cellOf(of?.[name] ?? null)),
      ...MORE_TPM.map((name) => cellOf(row[name])),
      ...MORE_COST.map((name) => cellOf(of?.[name] ?? null)),
    ];
  });
  return { columns: [...TPM_COLUMNS, ...COST_COLUMNS, ...MORE_TPM, ...MORE_COST].map(leftColumn), rows };
};

export interface SummaryTables {
  readonly tpm_v1: readonly TpmRow[];
  readonly cost_v1: readonly CostRow[];
}

export const summaryTables = (capacity: Capacity, stamp: CampaignStamp): SummaryTables => ({
  tpm_v1: tpmRows(capacity, stamp),
  cost_v1: costRows(capacity, stamp),
});

/** What the JSON file says beside its groups; readers of old files know these keys. */
export interface SummaryHead extends SummaryFacts {
  readonly ttft_sla_ms: number;
  readonly tpot_sla_ms: number;
  /** Null where hardware differs in it: each group says its own. */
  readonly gpus_per_node: number | null;
  readonly sla_computed: boolean;
}

/** Writes the three files. `campaign` is its folder. */
export const writeSummary = async (
  campaign: string,
  capacity: Capacity,
  tables: SummaryTables,
  head: SummaryHead,
): Promise<void> => {
  const { groups, excluded, rows, rows_without_rate } = capacity;
  const document = { schema_version: SUMMARY_VERSION, ...head, rows, rows_without_rate, groups, excluded, ...tables };
  await replaceFile(tpmSummaryPath(campaign, 'json'), jsonFile(document));
  await replaceFile(tpmSummaryPath(campaign, 'csv'), rowsCsv(summaryRows(tables.tpm_v1, tables.cost_v1)));
  await replaceFile(tpmSummaryPath(campaign, 'md'), documentMarkdown(summaryDocument(capacity, head)));
};
