// Makes a row of what was measured at one point: repeats become trials and their median, totals become per-GPU rates over all
// GPUs that served, and a window too short to be steady is marked. Never takes a setting for a measurement.
import { checkGpuCount } from '../importers/gpu-count.ts';
import { latencyName, nameOf, type MetricId } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import { isValidTrial, type ReplicateLevel, type ValidityCode } from '../metrics/trial.ts';
import { median } from '../stats/describe.ts';
import type { JsonObject } from '../text/json.ts';
import type { WholeIdentity } from './cell-identity.ts';
import { LATENCY_FIELDS } from './row-latencies.ts';
import { ROW_VERSION, engineOf, rowSchema, type AtlasRow, type GivenRow, type RowStatus } from './row.ts';

/** Numbers that are counted, not measured. */
export interface PointCounts {
  readonly completed?: number | undefined;
  readonly failed?: number | undefined;
  /** Requests that were asked for; the answered and failed ones where nobody says. */
  readonly num_prompts?: number | undefined;
  readonly duration_s?: number | undefined;
}

/** One repeat of a point. */
export interface PointRun {
  readonly path: string;
  /** Canonical name of a metric to its value. */
  readonly values: Readonly<Record<string, number>>;
  readonly counts: PointCounts;
  readonly validity: readonly ValidityCode[];
  readonly replicate_level: ReplicateLevel | null;
  /** What this file says about its configuration. */
  readonly context: Context;
}

export interface MeasuredPoint {
  readonly cellId: string;
  readonly concurrency: number;
  readonly identity: WholeIdentity;
  /** At least one. */
  readonly runs: readonly PointRun[];
  readonly status: RowStatus;
  readonly capturedAt: string;
  readonly notes: readonly string[];
  readonly extra: JsonObject;
}

/** Below this a window that holds each slot less than twice is no steady state. */
const LEAST_WAVES = 2;
/** Waves and occupancy below which a window is worth a warning. */
const FEW_WAVES = 5;
const LOW_OCCUPANCY = 0.9;

const GPU_METRICS: readonly MetricId[] = ['outputPerGpu', 'totalPerGpu', 'throughput', 'totalThroughput'];

const counted = (runs: readonly PointRun[]): readonly PointRun[] => {
  const valid = runs.filter(isValidTrial);
  return valid.length > 0 ? valid : runs;
};

const middle = (values: readonly (number | undefined)[]): number | null => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : median(known);
};

const reader = (runs: readonly PointRun[]) => (name: string): number | null => middle(runs.map(({ values }) => values[name])); // prettier-ignore

/** GPUs that served: recorded, else by the parallel sizes. Throws a Fault `gpu_count_conflict` where both are stated and differ. */
export const gpusOf = (
  identity: WholeIdentity,
  path: string,
): { readonly n: number; readonly source: 'recorded' | 'derived' } => {
  const { tensor_parallel: tp, pipeline_parallel: pp = 1, data_parallel: dp = 1, dp_attention, n_gpus: recorded } = identity;
  if (recorded === undefined) return { n: tp * pp * (dp_attention === true ? 1 : dp), source: 'derived' };
  checkGpuCount({ n_gpus: recorded, tp, pp, dp, ...(dp_attention === undefined ? {} : { dp_attention }) }, path);
  return { n: recorded, source: 'recorded' };
}; // prettier-ignore

const over = (total: number | null, parts: number): number | null => (total === null ? null : total / parts);

/** Mean length of a request in seconds: measured, else from its first token and the ones after it. */
const requestSeconds = (metric: (name: string) => number | null): number | null => {
  const whole = metric(latencyName('e2e', 'mean'));
  if (whole !== null) return whole / 1000;
  const first = metric(latencyName('ttft', 'mean'));
  const each = metric(latencyName('tpot', 'mean'));
  const tokens = metric(nameOf('outputLength'));
  if (first === null || each === null || tokens === null) return null;
  return (first + each * Math.max(0, tokens - 1)) / 1000;
};

/** Waves, occupancy, and whether the window was too short to be steady. */
const windowOf = (metric: (name: string) => number | null, concurrency: number, prompts: number | null) => {
  const waves = concurrency > 0 && prompts !== null ? prompts / concurrency : null;
  const seconds = requestSeconds(metric);
  const rate = metric(nameOf('requestRate'));
  const occupancy = concurrency > 0 && seconds !== null && rate !== null ? (rate * seconds) / concurrency : null;
  return { waves, occupancy, undercount: waves !== null && waves < LEAST_WAVES };
};

/** The warnings of a row's window, in words. */
export const windowWarnings = (row: AtlasRow): string[] => {
  const at = `${row.cell_id} at concurrency ${row.concurrency}`;
  const prompts = row.num_prompts ?? row.completed_requests;
  if (row.extra['steady_window_undercount'] === true)
    return [`${at}: ${prompts} requests are fewer than twice the concurrency, so throughput is undercounted`];
  return [
    ...(row.waves !== null && row.waves < FEW_WAVES
      ? [`${at}: the window was filled only ${row.waves.toFixed(1)} times`]
      : []),
    ...(row.occupancy !== null && row.occupancy < LOW_OCCUPANCY
      ? [`${at}: ${(row.occupancy * 100).toFixed(0)} % of the slots were in use on average`]
      : []),
  ];
};

const latencyFields = (metric: (name: string) => number | null): Readonly<Record<string, number | null>> =>
  Object.fromEntries(LATENCY_FIELDS.map((field) => [field, metric(field)]));

/** Time to first token as rows call it: the mean, else the median with the mark that it is one. */
const firstToken = (metric: (name: string) => number | null): { readonly value: number | null; readonly extra: JsonObject } => {
  const mean = metric(latencyName('ttft', 'mean'));
  if (mean !== null) return { value: mean, extra: {} };
  const value = metric(latencyName('ttft', 'p50'));
  return { value, extra: value === null ? {} : { ttft_median_ms_substituted_for_avg: true } };
}; // prettier-ignore

const perGpuRates = (metric: (name: string) => number | null, gpus: number) => {
  const [perGpu, totalPerGpu, output, total] = GPU_METRICS.map((id) => metric(nameOf(id)));
  return {
    throughput_tok_per_s: output ?? null,
    total_throughput_tok_per_s: total ?? null,
    output_tps_per_gpu: over(output ?? null, gpus) ?? perGpu ?? null,
    total_tps_per_gpu: over(total ?? null, gpus) ?? totalPerGpu ?? null,
  };
};

const settingsOf = (identity: WholeIdentity) => ({
  model: identity.model,
  hardware: identity.hardware,
  quant: identity.quant,
  tensor_parallel: identity.tensor_parallel,
  parallel_strategy: identity.parallel_strategy ?? 'TP',
  mtp: identity.mtp ?? false,
  max_num_batched_tokens: identity.max_num_batched_tokens ?? 0,
  data_parallel: identity.data_parallel ?? 1,
  pipeline_parallel: identity.pipeline_parallel ?? 1,
  expert_parallel: identity.expert_parallel ?? null,
  dp_attention: identity.dp_attention ?? null,
  cache_mode: identity.cache_mode ?? 'unknown',
  dataset: identity.dataset ?? 'unknown',
  cudagraph_mode: identity.cudagraph_mode ?? 'unknown',
  gpu_memory_utilization: identity.gpu_memory_utilization ?? null,
  kv_cache_dtype: identity.kv_cache_dtype ?? 'unknown',
  image: identity.image ?? 'unknown',
  num_speculative_tokens: identity.num_speculative_tokens ?? null,
  spec_method: identity.spec_method ?? null,
  async_scheduling: identity.async_scheduling ?? null,
  max_num_seqs: identity.max_num_seqs ?? null,
  enable_prefix_caching: identity.enable_prefix_caching ?? null,
  bench_backend: identity.bench_backend ?? '',
  backend: identity.backend ?? '',
  serving_engine: engineOf({ serving_engine: identity.serving_engine ?? '', backend: identity.backend ?? '' }),
  engine_version: identity.engine_version ?? null,
  node: identity.node ?? null,
  gpu_uuids: identity.gpu_uuids === undefined ? null : [...identity.gpu_uuids],
});

const trialsOf = (runs: readonly PointRun[]): GivenRow['trials'] =>
  runs.map(({ path, values, validity, replicate_level }, index) => ({
    index,
    replicate_level,
    validity: [...validity],
    values: { ...values },
    raw_path: path,
  }));

/** The row of a point. Throws a Fault where recorded and derived numbers of GPUs conflict. */
export const measuredRow = (point: MeasuredPoint): AtlasRow => {
  const { cellId, concurrency, identity, runs, status, capturedAt, notes, extra } = point;
  const path = runs[0]?.path ?? '';
  const used = counted(runs);
  const metric = reader(used);
  const count = (field: keyof PointCounts): number | null => middle(used.map(({ counts }) => counts[field]));
  const gpus = gpusOf(identity, path);
  const completed = count('completed');
  const failed = count('failed');
  const prompts = count('num_prompts') ?? (completed === null ? null : completed + (failed ?? 0));
  const window = windowOf(metric, concurrency, prompts);
  const ttft = firstToken(metric);
  return rowSchema.parse({
    schema_version: ROW_VERSION,
    cell_id: cellId,
    concurrency,
    status,
    ...settingsOf(identity),
    n_gpus: gpus.n,
    n_gpus_source: gpus.source,
    ...perGpuRates(metric, gpus.n),
    ...latencyFields(metric),
    ttft_avg_ms: ttft.value,
    tpot_median_ms: metric(latencyName('tpot', 'p50')),
    tpot_mean_ms: metric(latencyName('tpot', 'mean')),
    itl_avg_ms: metric(latencyName('itl', 'mean')),
    e2e_mean_ms: metric(latencyName('e2e', 'mean')),
    ttfo_avg_ms: metric(latencyName('ttfo', 'mean')),
    request_throughput_avg: metric(nameOf('requestRate')),
    output_tps_per_user: metric(nameOf('perUser')),
    goodput_req_per_s: metric(nameOf('goodput')),
    ok_rate: metric(nameOf('okRate')),
    reasoning_token_count: metric(nameOf('reasoningLength')),
    mean_input_tokens: metric(nameOf('promptLength')),
    mean_output_tokens: metric(nameOf('outputLength')),
    prefix_cache_hit_rate: metric(nameOf('cacheHitRate')) ?? identity.prefix_cache_hit_rate ?? null,
    acceptance_length: metric(nameOf('acceptanceLength')),
    spec_accept_rate: metric(nameOf('acceptanceRate')),
    dcgm_sm_active: metric('dcgm_sm_active'),
    dcgm_dram_active: metric('dcgm_dram_active'),
    dcgm_tensor_active: metric('dcgm_tensor_active'),
    joules_per_token: metric(nameOf('joulesPerToken')),
    power_watts_per_gpu: over(metric(nameOf('powerMean')), gpus.n),
    completed_requests: completed,
    failed_requests: failed,
    num_prompts: prompts,
    duration_s: count('duration_s'),
    request_rate: requestRateOf(used),
    waves: window.waves,
    occupancy: window.occupancy,
    n_trials: runs.length,
    trials: trialsOf(runs),
    raw_path: path,
    captured_at: capturedAt,
    notes: notes.join(' | '),
    extra: { ...extra, ...ttft.extra, ...(window.undercount ? { steady_window_undercount: true } : {}) },
  } satisfies GivenRow);
};

/** Rates of a billion and more are how some tools write "all at once". */
const UNLIMITED_RATE = 1e9;

const requestRateOf = ([first]: readonly PointRun[]): GivenRow['request_rate'] => {
  const rate = first?.context.request_rate ?? null;
  return typeof rate === 'number' && rate >= UNLIMITED_RATE ? 'inf' : rate;
};

export interface Marker {
  readonly cellId: string;
  readonly identity: WholeIdentity;
  /** 0 where the failed point is not known. */
  readonly concurrency: number;
  readonly status: Extract<RowStatus, 'failed' | 'evicted' | 'partial'>;
  /** Why there is no measurement. */
  readonly reason: string;
  readonly path: string;
}

/** A row that says that a point was tried and holds no measurement. */
export const markerRow = ({ cellId, identity, concurrency, status, reason, path }: Marker): AtlasRow => {
  const gpus = gpusOf(identity, path);
  return rowSchema.parse({
    schema_version: ROW_VERSION,
    cell_id: cellId,
    concurrency,
    status,
    ...settingsOf(identity),
    n_gpus: gpus.n,
    n_gpus_source: gpus.source,
    n_trials: 0,
    raw_path: path,
    notes: reason,
    extra: { marker: path },
  } satisfies GivenRow);
};
