// Gathers what a page's script needs of a report: every row with its words, its values and its side of a comparison. Values are those
// of the rows; nothing is rounded or judged here.
import { rowId } from '../../campaign/reconcile/violation.ts';
import { engineOf, type AtlasRow } from '../../campaign/row.ts';
import { isUndercounted } from '../../campaign/window.ts';
import { formatGrouped, plural } from '../../render/numbers.ts';
import type { Side } from '../../source/side.ts';
import { createPolicy, type PolicySources } from '../../verdict/policy.ts';
import { shapeText } from '../arms.ts';
import type { ReportData } from '../report-data.ts';
import {
  COLUMNS,
  type ColumnId,
  type ExplorerData,
  type Measure,
  type MetricKind,
  type RowSide,
  type WordColumn,
} from './explorer-model.ts';
import { sidesOfRows } from './point-sides.ts';

type Figure = { [Field in keyof AtlasRow]: AtlasRow[Field] extends number | null ? Field : never }[keyof AtlasRow];

/** Fields that an axis can show, in the order of the list. */
const FIGURES: readonly (readonly [field: Figure, name: string, unit: string])[] = [
  ['output_tps_per_gpu', 'output per GPU', 'tok/s/GPU'],
  ['output_tps_per_user', 'speed per user', 'tok/s/user'],
  ['request_throughput_avg', 'requests', 'req/s'],
  ['ttft_avg_ms', 'TTFT, mean', 'ms'],
  ['ttft_p50_ms', 'TTFT, median', 'ms'],
  ['ttft_p99_ms', 'TTFT, p99', 'ms'],
  ['tpot_median_ms', 'TPOT, median', 'ms'],
  ['tpot_p99_ms', 'TPOT, p99', 'ms'],
  ['itl_avg_ms', 'ITL, mean', 'ms'],
  ['e2e_mean_ms', 'end to end, mean', 'ms'],
  ['e2e_p99_ms', 'end to end, p99', 'ms'],
  ['total_tps_per_gpu', 'input and output per GPU', 'tok/s/GPU'],
  ['throughput_tok_per_s', 'output of all GPUs', 'tok/s'],
  ['goodput_req_per_s', 'goodput', 'req/s'],
  ['concurrency', 'concurrency', ''],
  ['power_watts_per_gpu', 'power per GPU', 'W'],
  ['joules_per_token', 'energy per token', 'J/tok'],
  ['acceptance_length', 'acceptance length', 'tokens'],
];

const known = (value: string): string => (value === 'unknown' ? '' : value);

const loadOf = ({ concurrency, request_rate: rate }: AtlasRow): string =>
  [`C=${concurrency}`, ...(rate === null || rate === 'inf' ? [] : [`${rate} req/s`])].join(', ');

const WORDS: Readonly<Record<Exclude<ColumnId, 'arm'>, (row: AtlasRow) => string>> = {
  cell: ({ cell_id: cell }) => cell,
  model: ({ model }) => model,
  hardware: ({ hardware }) => hardware,
  engine: (row) => [engineOf(row), row.engine_version ?? ''].join(' ').trim() || 'not stated',
  quant: ({ quant }) => quant,
  strategy: (row) => [`TP${row.tensor_parallel} ${row.parallel_strategy}`, ...(row.mtp ? ['MTP'] : [])].join(' '),
  batch: ({ max_num_batched_tokens: tokens }) => (tokens === 0 ? 'not stated' : formatGrouped(tokens, 0)),
  load: loadOf,
  shape: (row) => shapeText(row) ?? '',
  dataset: ({ dataset }) => known(dataset),
  cache: ({ cache_mode: mode }) => known(mode),
  trials: ({ n_trials: trials }) => plural(trials, 'trial'),
  status: ({ status }) => status,
  captured: ({ captured_at: at }) => at,
  file: ({ raw_path: path }) => path,
  notes: ({ notes }) => notes,
  pair: (row) => JSON.stringify([loadOf(row), shapeText(row), row.dataset, row.cache_mode, row.extra['phase'] ?? null]),
};

const wordColumn = (name: string, texts: readonly string[]): WordColumn => {
  const places = new Map<string, number>();
  const at = texts.map((text) => {
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  });
  return { name, words: [...places.keys()], at };
};

const columnsOf = (rows: readonly AtlasRow[], armOf: (row: AtlasRow) => string): ExplorerData['columns'] => {
  const column = (id: ColumnId): WordColumn =>
    wordColumn(COLUMNS[id], rows.map(id === 'arm' ? armOf : WORDS[id]));
  const ids = Object.keys(COLUMNS) as ColumnId[]; // checked boundary: the keys of our own table
  return Object.fromEntries(ids.map((id) => [id, column(id)])) as ExplorerData['columns']; // checked boundary: one for each id
}; // prettier-ignore

/** Positions of the metrics, each kind once with its policy. */
const metricTable = (sources: PolicySources) => {
  const policyFor = createPolicy(sources);
  const kinds: MetricKind[] = [];
  const places = new Map<string, number>();
  return {
    kinds,
    placeOf: ({ value: _value, labels: _labels, ...kind }: Side['metrics'][number]): number => {
      const { name, unit, direction } = kind;
      const place = places.get(name) ?? kinds.push({ ...kind, policy: policyFor({ name, key: name, unit, direction }) }) - 1;
      places.set(name, place);
      return place;
    },
  };
}; // prettier-ignore

const rowSide = ({ metrics, trials, context, contradictions }: Side, placeOf: (metric: Side['metrics'][number]) => number): RowSide => ({
  metrics: metrics.map(placeOf),
  values: metrics.map(({ value }) => value),
  trials: trials.map(({ values, validity, requests }) => ({
    values: metrics.map(({ name }) => values[name] ?? null),
    validity,
    requests: requests ?? null,
  })),
  prompts: context.num_prompts ?? null,
  ...(contradictions === undefined || contradictions.length === 0 ? {} : { contradictions }),
}); // prettier-ignore

const measuresOf = (rows: readonly AtlasRow[]): readonly Measure[] =>
  FIGURES.map(([field, name, unit]) => ({ field, name, unit, values: rows.map((row) => row[field]) })).filter(
    ({ values }) => values.filter((value) => value !== null).length > 0,
  );

const positions = (rows: readonly AtlasRow[], holds: (row: AtlasRow) => boolean): number[] =>
  rows.flatMap((row, index) => (holds(row) ? [index] : []));

/** The rows that hold a measurement. */
export const explorerData = async (data: ReportData, sources: PolicySources): Promise<ExplorerData> => {
  const shown = data.arms.flatMap((arm) => arm.rows.map((row) => ({ row, arm }))).filter(({ row }) => FIGURES.some(([field]) => field !== 'concurrency' && row[field] !== null));
  const rows = shown.map(({ row }) => row);
  const armOf = new Map(shown.map(({ row, arm }) => [row, arm]));
  const columns = columnsOf(rows, (row) => armOf.get(row)?.label ?? '');
  const byLabel = new Map(data.arms.map((arm) => [arm.label, arm]));
  const sides = await sidesOfRows(rows, data.campaign);
  const table = metricTable(sources);
  return {
    ids: rows.map(rowId),
    measures: measuresOf(rows),
    columns,
    looks: columns.arm.words.map((label) => {
      const arm = byLabel.get(label);
      const look = arm === undefined ? undefined : data.lookOf(arm);
      return { role: look?.role ?? 'ink', cross: look?.shape === 'x', hollow: look?.hollow ?? false, dotted: look?.dash !== undefined };
    }),
    short: positions(rows, isUndercounted),
    impossible: positions(rows, (row) => !data.isUsable(row)),
    concurrency: rows.map(({ concurrency }) => concurrency),
    sides: rows.map((row) => {
      const side = sides.get(row);
      return side === undefined ? null : rowSide(side, table.placeOf);
    }),
    metrics: table.kinds,
  };
}; // prettier-ignore
