// Makes a row of what was measured at one point: repeats become trials and their median, totals become per-GPU rates over all
// GPUs that served, and a window too short to be steady is marked.
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import { excludesTrial, isValidTrial } from '../metrics/trial.ts';
import { inputFault } from '../text/fault.ts';
import type { JsonObject } from '../text/json.ts';
import type { WholeIdentity } from './cell-identity.ts';
import { firstTokenFields, type FirstTokenParts } from './disaggregation.ts';
import { counted, middleOf, reader, type PointRun } from './point-repeats.ts';
import { countFields, notCompleted, steadyFields } from './row-counts.ts';
import { joulesPerToken, POWER_SCOPE } from './row-energy.ts';
import { figuresOf, firstToken, latencyFields, over, rateFields } from './row-figures.ts';
import { gpusOf, headOf } from './row-settings.ts';
import { rowSchema, type AtlasRow, type GivenRow, type RowStatus } from './row.ts';
import { windowOf, type MetricOf } from './window.ts';

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

const trialsOf = (runs: readonly PointRun[]): GivenRow['trials'] =>
  runs.map(({ path, values, validity, replicate_level }, index) => ({
    index,
    replicate_level,
    validity: [...validity],
    values: { ...values },
    raw_path: path,
  }));

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
