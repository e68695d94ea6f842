// Makes a row of what was measured at one point: repeats become trials and their median, totals become per-GPU rates over all
// GPUs that served, and a window too short to be steady is marked. Never takes a setting for a measurement.
import { checkGpuCount, sumOfRoles } from '../importers/gpu-count.ts';
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import type { SteadyWindow } from '../metrics/reading.ts';
import { excludesTrial, isValidTrial, type ReplicateLevel, type ValidityCode } from '../metrics/trial.ts';
import { median } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';
import type { JsonObject } from '../text/json.ts';
import type { WholeIdentity } from './cell-identity.ts';
import { firstTokenFields, gpusBySizes, roleRates, totalsOfRoles, type FirstTokenParts } from './disaggregation.ts';
import { joulesPerToken, POWER_SCOPE } from './row-energy.ts';
import { LATENCY_FIELDS } from './row-latencies.ts';
import { ROW_VERSION, engineOf, rowSchema, type AtlasRow, type GivenRow, type RowStatus } from './row.ts';
import { windowOf, type MetricOf } from './window.ts';

/** Numbers that are counted, not measured. */
export interface PointCounts {
  readonly completed?: number | undefined;
  readonly failed?: number | undefined;
  /** Requests that were asked for; the answered and failed ones where nobody says. */
  readonly num_prompts?: number | undefined;
  readonly duration_s?: number | undefined;
  /** The clock ended the window: what had no answer by then did not fail. */
  readonly time_bounded?: boolean | undefined;
  readonly steady?: SteadyWindow | undefined;
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
  /** Figures that the rest of the file refutes, in words. */
  readonly contradictions?: readonly string[];
  /** What the server says of the time to the first token. */
  readonly firstToken?: FirstTokenParts | undefined;
  /** What the server's own counters say of the window. */
  readonly server?: JsonObject | undefined;
  /** What the GPUs did in the window; watts are those of one GPU. */
  readonly gpus?: { readonly powerPerGpu: number | null; readonly block: JsonObject } | undefined;
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

/** Fields of a row that are a metric as it is, by its name. */
const FIGURES = {
  tpot_median_ms: latencyName('tpot', 'p50'),
  tpot_mean_ms: latencyName('tpot', 'mean'),
  itl_avg_ms: latencyName('itl', 'mean'),
  e2e_mean_ms: latencyName('e2e', 'mean'),
  ttfo_avg_ms: latencyName('ttfo', 'mean'),
  request_throughput_avg: nameOf('requestRate'),
  throughput_tok_per_s: nameOf('throughput'),
  total_throughput_tok_per_s: nameOf('totalThroughput'),
  output_tps_per_user: nameOf('perUser'),
  goodput_req_per_s: nameOf('goodput'),
  ok_rate: nameOf('okRate'),
  reasoning_token_count: nameOf('reasoningLength'),
  mean_input_tokens: nameOf('promptLength'),
  mean_output_tokens: nameOf('outputLength'),
  acceptance_length: nameOf('acceptanceLength'),
  spec_accept_rate: nameOf('acceptanceRate'),
  dcgm_sm_active: 'dcgm_sm_active',
  dcgm_dram_active: 'dcgm_dram_active',
  dcgm_tensor_active: 'dcgm_tensor_active',
  joules_per_token: nameOf('joulesPerToken'),
} as const satisfies Readonly<Partial<Record<keyof AtlasRow, string>>>;

const PER_GPU = ['outputPerGpu', 'totalPerGpu', 'outputPerDecodeGpu', 'inputPerPrefillGpu'] as const;

/** Of what a point is: a file that says none of it holds no operating point of serving. */
const SPEED: ReadonlySet<string> = new Set([
  ...LATENCY_FIELDS,
  latencyName('ttft', 'mean'),
  ...Object.values(FIGURES).filter((name) => /_ms$|_per_s$|^tps_|^req_/.test(name)),
  ...PER_GPU.map(nameOf),
]);

/** True for values of which a row carries at least one speed. */
export const isOperatingPoint = (values: Readonly<Record<string, number>>): boolean =>
  Object.keys(values).some((name) => SPEED.has(name));

const counted = (runs: readonly PointRun[]): readonly PointRun[] => {
  const valid = runs.filter(isValidTrial);
  return valid.length > 0 ? valid : runs;
};

const middle = (values: readonly (number | undefined)[]): number | null => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : median(known);
};

const reader = (runs: readonly PointRun[]): MetricOf => (name) => middle(runs.map(({ values }) => values[name])); // prettier-ignore

/** A figure that is counted or timed beside the metrics: the median over the runs that have it. */
const middleOf = (runs: readonly PointRun[], figure: (run: PointRun) => number | null | undefined): number | null =>
  middle(runs.map((run) => figure(run) ?? undefined));

/** GPUs that served: recorded, else by the parallel sizes. Throws a Fault `gpu_count_conflict` where both are stated and differ. */
export const gpusOf = (
  identity: WholeIdentity,
  path: string,
): { readonly n: number; readonly source: 'recorded' | 'derived' } => {
  const { tensor_parallel: tp, pipeline_parallel: pp = 1, data_parallel: dp, dp_attention, disagg, roles = [], n_gpus: recorded } = identity;
  const served = recorded ?? sumOfRoles(roles);
  if (served === undefined) return { n: gpusBySizes(roles) ?? tp * pp * (dp_attention === true ? 1 : (dp ?? 1)), source: 'derived' };
  checkGpuCount({ n_gpus: served, tp, pp, dp, dp_attention, disagg, roles: roles.map((role) => ({ ...role })) }, path);
  return { n: served, source: 'recorded' };
}; // prettier-ignore

const over = (total: number | null, parts: number): number | null => (total === null ? null : total / parts);
const times = (each: number | null, parts: number): number | null => (each === null ? null : each * parts);
const minus = (whole: number | null, part: number | null): number | null =>
  whole === null || part === null ? null : whole - part;

const latencyFields = (metric: MetricOf): Readonly<Record<string, number | null>> =>
  Object.fromEntries(LATENCY_FIELDS.map((field) => [field, metric(field)]));

/** Time to first token as rows call it: the mean, else the median with the mark that it is one. */
const firstToken = (metric: MetricOf): { readonly value: number | null; readonly extra: JsonObject } => {
  const mean = metric(latencyName('ttft', 'mean'));
  if (mean !== null) return { value: mean, extra: {} };
  const value = metric(latencyName('ttft', 'p50'));
  return { value, extra: value === null ? {} : { ttft_median_ms_substituted_for_avg: true } };
}; // prettier-ignore

const sum = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** What the whole window gave, and that over the GPUs; rates per GPU of a role are made whole again first. */
const rateFields = (metric: MetricOf, identity: WholeIdentity, gpus: number) => {
  const [perGpu, totalPerGpu, outputPerDecodeGpu, inputPerPrefillGpu] = PER_GPU.map((id) => metric(nameOf(id))).concat(
    null,
  );
  const ofRoles = totalsOfRoles(identity, {
    outputPerDecodeGpu: outputPerDecodeGpu ?? null,
    inputPerPrefillGpu: inputPerPrefillGpu ?? null,
  });
  const output = metric(nameOf('throughput')) ?? ofRoles.output ?? times(perGpu ?? null, gpus);
  const total =
    metric(nameOf('totalThroughput')) ?? sum(ofRoles.output, ofRoles.input) ?? times(totalPerGpu ?? null, gpus);
  const input = metric(nameOf('inputThroughput')) ?? ofRoles.input ?? minus(total, output);
  return {
    output_tps_per_gpu: over(output, gpus),
    total_tps_per_gpu: over(total, gpus),
    ...roleRates(identity, { output, input }, gpus),
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

/** The median of two unlike counts is none: it is taken to the worse side, so that no answer is made up and no failure lost. */
const whole = (value: number | null, toWorse: (value: number) => number): number | null =>
  value === null ? null : toWorse(value);

/** What is counted at a point. */
const countFields = (runs: readonly PointRun[]) => {
  const completed = whole(
    middleOf(runs, ({ counts }) => counts.completed),
    Math.floor,
  );
  const failed = whole(
    middleOf(runs, ({ counts }) => counts.failed),
    Math.ceil,
  );
  const answered = completed === null ? null : completed + (failed ?? 0);
  return {
    completed_requests: completed,
    failed_requests: failed,
    num_prompts:
      whole(
        middleOf(runs, ({ counts }) => counts.num_prompts),
        Math.ceil,
      ) ?? answered,
    duration_s: middleOf(runs, ({ counts }) => counts.duration_s),
  };
};

/** Requests that neither came back nor failed: the window ended before. */
const notCompleted = ({ num_prompts: prompts, completed_requests: completed, failed_requests: failed }: ReturnType<typeof countFields>): JsonObject => {
  const open = prompts === null || completed === null ? 0 : prompts - completed - (failed ?? 0);
  return open > 0 ? { not_completed_requests: open } : {};
}; // prettier-ignore

/** The full part of the window over all GPUs, and how long it was. */
const steadyFields = (runs: readonly PointRun[], gpus: number) => {
  const seconds = middleOf(runs, ({ counts }) => counts.steady?.seconds);
  return {
    rate: over(middleOf(runs, ({ counts }) => counts.steady?.tok_per_s), gpus),
    extra: seconds === null ? {} : { steady_window_s: seconds },
  };
}; // prettier-ignore

const figuresOf = (metric: MetricOf) =>
  Object.fromEntries(Object.entries(FIGURES).map(([field, name]) => [field, metric(name)])) as Record<
    keyof typeof FIGURES,
    number | null
  >; // checked boundary: the keys of the table

const contradictionsOf = (runs: readonly PointRun[]): JsonObject => {
  const texts = [...new Set(runs.flatMap(({ contradictions = [] }) => contradictions))];
  return texts.length === 0 ? {} : { contradictions: texts };
};

const firstTokenOf = (runs: readonly PointRun[]): FirstTokenParts => ({
  queue: middleOf(runs, ({ firstToken }) => firstToken?.queue),
  prefill: middleOf(runs, ({ firstToken }) => firstToken?.prefill),
  transfer: middleOf(runs, ({ firstToken }) => firstToken?.transfer),
});

/** Share of prompt tokens from the prefix cache above which a cache was not cold. */
const COLD_HITS = 0.01;

/** A run that is called cold and took its prompts from the cache measured something else: it does not count. */
const checkedForCold = (runs: readonly PointRun[], identity: WholeIdentity): readonly PointRun[] => {
  if (identity.cache_mode !== 'cold') return runs;
  return runs.map((run) => {
    const hits = run.values[nameOf('cacheHitRate')] ?? identity.prefix_cache_hit_rate ?? 0;
    return hits > COLD_HITS ? { ...run, validity: [...new Set([...run.validity, 'cache_state' as const])] } : run;
  });
};

/** Why no run of the point counts; nothing where one does. */
const invalidOf = (runs: readonly PointRun[]): JsonObject =>
  runs.some(isValidTrial)
    ? {}
    : { invalid: [...new Set(runs.flatMap(({ validity }) => validity.filter(excludesTrial)))] };

const serverOf = (runs: readonly PointRun[]): JsonObject => {
  const block = runs.find(({ server }) => server !== undefined)?.server;
  return block === undefined ? {} : { server: block };
};

/** A row that keeps the rules of rows. Throws a Fault `row_invalid` that names the field and its value. */
const ruledRow = (row: GivenRow, path: string): AtlasRow => {
  const parsed = rowSchema.safeParse(row);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [field = ''] = issue?.path ?? [];
  const value = JSON.stringify(Reflect.get(row, field));
  throw inputFault('row_invalid', `${path}: ${String(field)} is ${value}: ${issue?.message ?? 'does not fit'}`, {
    path,
    at: String(field),
    fix: 'leave that result out, or run it again',
  });
};

/** Replicas that the number of GPUs means where nobody states them. */
const replicasOf = (identity: WholeIdentity, gpus: number): number => {
  const { data_parallel: stated, tensor_parallel: tp, pipeline_parallel: pp = 1, disagg, roles = [] } = identity;
  if (stated !== undefined) return stated;
  return disagg === true || roles.length > 0 ? 1 : Math.max(1, Math.floor(gpus / (tp * pp)));
};

const gpuBlockOf = (runs: readonly PointRun[]): JsonObject => {
  const block = runs.find(({ gpus }) => gpus !== undefined)?.gpus?.block;
  return block === undefined ? {} : { gpus: block };
};

/** Power that a file states, over its GPUs; null where it states none. */
const statedPower = (metric: MetricOf, gpus: number): number | null =>
  over(metric(nameOf('powerMean')) ?? metric(nameOf('powerAverage')), gpus);

const energyOf = (runs: readonly PointRun[], metric: MetricOf, { n, tpsPerGpu }: { readonly n: number; readonly tpsPerGpu: number | null }) => {
  const watts = statedPower(metric, n) ?? middleOf(runs, (run) => run.gpus?.powerPerGpu);
  return { power_watts_per_gpu: watts, joules_per_token: metric(nameOf('joulesPerToken')) ?? joulesPerToken(watts, tpsPerGpu) };
}; // prettier-ignore

/** Whose power it is: what the file says, else that of the GPUs that were read beside it. */
const powerScopeOf = (runs: readonly PointRun[], metric: MetricOf): JsonObject => {
  const stated = statedPower(metric, 1) === null ? undefined : runs.find(({ context }) => context.power_scope)?.context.power_scope;
  if (stated !== undefined && stated !== null) return { [POWER_SCOPE]: stated };
  const isCounted = statedPower(metric, 1) === null && runs.some(({ gpus }) => (gpus?.powerPerGpu ?? null) !== null);
  return isCounted ? { [POWER_SCOPE]: 'gpu' } : {};
}; // prettier-ignore

/** What every row begins with: which point it is of, under which settings, on how many GPUs. */
const headOf = (
  {
    cellId,
    identity,
    concurrency,
    status,
  }: Pick<Marker, 'cellId' | 'identity' | 'concurrency'> & { readonly status: RowStatus },
  gpus: ReturnType<typeof gpusOf>,
) => ({
  schema_version: ROW_VERSION,
  cell_id: cellId,
  concurrency,
  status,
  ...settingsOf(identity),
  data_parallel: replicasOf(identity, gpus.n),
  n_gpus: gpus.n,
  n_gpus_source: gpus.source,
});

/** The row of a point. Throws a Fault `gpu_count_conflict` where numbers of GPUs conflict, `row_invalid` where a figure breaks a rule. */
export const measuredRow = (point: MeasuredPoint): AtlasRow => {
  const { concurrency, identity, capturedAt, notes, extra } = point;
  const runs = checkedForCold(point.runs, identity);
  const path = runs[0]?.path ?? '';
  const used = counted(runs);
  const metric = reader(used);
  const gpus = gpusOf(identity, path);
  const counts = countFields(used);
  const window = windowOf(metric, concurrency, counts.num_prompts);
  const steady = steadyFields(used, gpus.n);
  const ttft = firstToken(metric);
  const rates = rateFields(metric, identity, gpus.n);
  return ruledRow({
    ...headOf(point, gpus),
    ...latencyFields(metric),
    ...figuresOf(metric),
    ...rates,
    ...firstTokenFields(firstTokenOf(used), metric(latencyName('ttft', 'mean')), rates.disagg === true),
    ttft_avg_ms: ttft.value,
    prefix_cache_hit_rate: metric(nameOf('cacheHitRate')) ?? identity.prefix_cache_hit_rate ?? null,
    ...energyOf(used, metric, { n: gpus.n, tpsPerGpu: rates.output_tps_per_gpu }),
    ...counts,
    request_rate: used[0]?.context.request_rate ?? null,
    waves: window.waves,
    occupancy: window.occupancy,
    steady_output_tps_per_gpu: steady.rate,
    n_trials: runs.length,
    trials: trialsOf(runs),
    raw_path: path,
    captured_at: capturedAt,
    notes: notes.join(' | '),
    extra: {
      ...extra,
      ...ttft.extra,
      ...notCompleted(counts),
      ...(window.undercount ? { steady_window_undercount: true } : {}),
      ...steady.extra,
      ...contradictionsOf(used),
      ...serverOf(used),
      ...gpuBlockOf(used),
      ...powerScopeOf(used, metric),
      ...invalidOf(runs),
    },
  } satisfies GivenRow, path);
}; // prettier-ignore

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
export const markerRow = (marker: Marker): AtlasRow => {
  const { reason, path } = marker;
  const gpus = gpusOf(marker.identity, path);
  return ruledRow(
    {
      ...headOf(marker, gpus),
      n_trials: 0,
      raw_path: path,
      notes: reason,
      extra: { marker: path },
    },
    path,
  );
};
