// Writes what was measured at some loads as an inference_perfbench_v1 document: the median of the repeats that count, the repeats
// themselves, and the context as far as the source says it. Never fills in what nobody said.
import { sharedContext } from '../../importers/context-fields.ts';
import { latencyName, nameOf } from '../../metrics/catalogue.ts';
import type { Context } from '../../metrics/context.ts';
import { missingContext } from '../../metrics/full-context.ts';
import { isValidTrial } from '../../metrics/trial.ts';
import { median } from '../../stats/describe.ts';
import type { BenchPoint, BenchPoints, BenchRun } from './bench-points.ts';

/** Names of the document beside those of the catalogue. */
const FIGURES = {
  throughput_toks_per_s: nameOf('throughput'),
  ttft_p50_ms: latencyName('ttft', 'p50'),
  ttft_p95_ms: latencyName('ttft', 'p95'),
  ttft_p99_ms: latencyName('ttft', 'p99'),
  itl_p50_ms: latencyName('itl', 'p50'),
  tpot_p50_ms: latencyName('tpot', 'p50'),
  tps_per_user: nameOf('perUser'),
  request_latency_p50_ms: latencyName('e2e', 'p50'),
  prefix_cache_hit_rate_post: nameOf('cacheHitRate'),
  gpu_cache_usage_perc_peak: nameOf('cacheUsage'),
  num_requests_running_peak: nameOf('requestsRunning'),
} as const;

type Figures = Readonly<Partial<Record<keyof typeof FIGURES, number>>>;

/** tok/s/user by its definition where the source has the time per token only. */
const withPerUser = (figures: Figures): Figures => {
  const { tps_per_user: stated, tpot_p50_ms: tpot } = figures;
  return stated !== undefined || tpot === undefined || tpot <= 0 ? figures : { ...figures, tps_per_user: 1000 / tpot };
};

const figuresOf = ({ values }: BenchRun): Figures =>
  withPerUser(
    Object.fromEntries(
      Object.entries(FIGURES).flatMap(([key, name]) => (values[name] === undefined ? [] : [[key, values[name]]])),
    ),
  );

/** The runs that count; all of them where none does. */
const countedRuns = (runs: readonly BenchRun[]): readonly BenchRun[] => {
  const valid = runs.filter(isValidTrial);
  return valid.length > 0 ? valid : runs;
};

const loadOf = ({ runs }: BenchPoint): Record<string, number> => {
  const figures = countedRuns(runs).map(figuresOf);
  const medians = (Object.keys(FIGURES) as (keyof typeof FIGURES)[]).flatMap((key) => {
    const values = figures.flatMap((one) => one[key] ?? []);
    return values.length === 0 ? [] : [[key, median(values)] as const];
  });
  const failed = runs.flatMap((run) => run.failed ?? []);
  return { ...Object.fromEntries(medians), ...(failed.length === 0 ? {} : { errors: Math.max(...failed) }) };
};

const trialsOf = ({ runs }: BenchPoint): readonly object[] =>
  runs.map((run, index) => ({
    index,
    source: run.path,
    replicate_level: run.replicate_level,
    validity: run.validity,
    metrics: figuresOf(run),
  }));

/** Facts of a load that the others do not share. */
const ownContext = (context: Context, shared: Context): Context =>
  Object.fromEntries(
    Object.entries(context).filter(([field, value]) => field !== 'concurrency' && value !== null && !(field in shared)),
  );

const byConcurrency = <T>(points: readonly BenchPoint[], part: (point: BenchPoint) => T): Record<string, T> =>
  Object.fromEntries(points.map((point) => [String(point.concurrency), part(point)]));

const defined = <T extends Readonly<Record<string, unknown>>>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)) as Partial<T>; // checked boundary: a part of the object itself

/** The members that readers of the format know, from our own names. */
const knownMembers = (shared: Context, points: readonly BenchPoint[]) => ({
  ...defined({ model: shared.model, model_path: shared.model_path }),
  deployment: defined({
    vllm_version: shared.engine === 'sglang' ? undefined : shared.engine_version,
    tensor_parallel_size: shared.tp,
    quantization: shared.quant,
    kv_cache_dtype: shared.kv_cache_dtype,
    speculative_decoding: shared.spec_method,
  }),
  workload: defined({
    dataset: shared.dataset,
    concurrency_sweep: points.map(({ concurrency }) => concurrency),
  }),
});

/** The document, as JSON can hold it; `source` names where it comes from. */
export const benchDocument = ({ points, layout, cell }: BenchPoints, source: string): object => {
  const shared = sharedContext(points.map(({ context }) => context));
  const { concurrency: _load, ...context } = shared;
  return {
    schema: 'inference_perfbench_v1',
    ...knownMembers(shared, points),
    metrics: byConcurrency(points, loadOf),
    trials: byConcurrency(points, trialsOf),
    context,
    contexts: byConcurrency(points, (point) => ownContext(point.context, shared)),
    context_missing: missingContext(
      shared,
      points.map((point) => point.context),
    ),
    bench: { source, layout, cell },
  };
};
