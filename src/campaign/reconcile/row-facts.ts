// The figures of a row that balances compare, taken from its fields once. A figure at or below zero says nothing here: whether it may
// stand in the row is a balance of its own.
import { halfDigit } from '../../importers/stated-figure.ts';
import type { AtlasRow } from '../row.ts';

export const positive = (value: number | null): number | null => (value === null || !(value > 0) ? null : value);

/** Files write `none` for a method that is not there. */
export const speculates = ({ mtp, spec_method: method }: AtlasRow): boolean =>
  mtp || (method !== null && method.toLowerCase() !== 'none');

export interface RequestTime {
  readonly seconds: number;
  /** False where it was put together from its parts. */
  readonly measured: boolean;
}

export interface RowFacts {
  readonly row: AtlasRow;
  /** GPUs that served: recorded or by the sizes. */
  readonly gpus: number;
  readonly requestsPerS: number | null;
  /** Output tokens per second over all GPUs, as the row states them. */
  readonly outputPerS: number | null;
  readonly totalPerS: number | null;
  /** Mean time of a request. */
  readonly requestTime: RequestTime | null;
  /** Mean time to the first token in ms; null where the row has a median in its place. */
  readonly ttftMs: number | null;
  /** Mean number of output tokens. */
  readonly osl: number | null;
  readonly isl: number | null;
}

const gpusOf = ({ n_gpus, tensor_parallel: tp, pipeline_parallel: pp, data_parallel: dp, dp_attention }: AtlasRow): number =>
  n_gpus ?? tp * pp * (dp_attention === true ? 1 : dp); // prettier-ignore

const over = (perGpu: number | null, gpus: number): number | null => {
  const rate = positive(perGpu);
  return rate === null ? null : rate * gpus;
};

const ttftMean = ({ ttft_avg_ms: ttft, extra, schema_version: version }: AtlasRow): number | null =>
  version < 2 || extra['ttft_median_ms_substituted_for_avg'] === true ? null : positive(ttft);

const requestTimeOf = (row: AtlasRow, ttft: number | null, osl: number | null): RequestTime | null => {
  const whole = positive(row.e2e_mean_ms);
  if (whole !== null) return { seconds: whole / 1000, measured: true };
  const each = positive(row.tpot_mean_ms);
  if (ttft === null || each === null || osl === null) return null;
  return { seconds: (ttft + each * Math.max(0, osl - 1)) / 1000, measured: false };
};

export const factsOf = (row: AtlasRow): RowFacts => {
  const gpus = gpusOf(row);
  const osl = positive(row.mean_output_tokens);
  const ttftMs = ttftMean(row);
  return {
    row,
    gpus,
    requestsPerS: positive(row.request_throughput_avg),
    outputPerS: positive(row.throughput_tok_per_s) ?? over(row.output_tps_per_gpu, gpus),
    totalPerS: positive(row.total_throughput_tok_per_s) ?? over(row.total_tps_per_gpu, gpus),
    requestTime: requestTimeOf(row, ttftMs, osl),
    ttftMs,
    osl,
    isl: positive(row.mean_input_tokens),
  };
};

/** Share by which a figure may be off since it was rounded when it was written: half of its last digit. */
export const rounding = (...figures: readonly (number | null)[]): number =>
  figures.reduce<number>((sum, figure) => sum + (figure === null || figure <= 0 ? 0 : halfDigit(figure) / figure), 0);

/** Least spread that repeats are taken to have where the row does not hold their values. */
const UNKNOWN_SPREAD = 0.05;

const spreadOfOne = ({ trials }: AtlasRow, metric: string): number => {
  let [low, high] = [Infinity, 0];
  for (const { values } of trials) {
    const value = values[metric];
    if (value === undefined) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low > 0 && high > low ? high / low - 1 : 0;
};

/**
 * Share by which figures of a row may disagree since each is a median over repeats of its own: the medians of two figures need not
 * come from one repeat, so the spreads add up. 0 for one trial.
 */
export const spread = (row: AtlasRow, ...metrics: readonly string[]): number => {
  if (row.n_trials < 2) return 0;
  if (row.trials.length < 2) return UNKNOWN_SPREAD;
  return metrics.reduce((sum, metric) => sum + spreadOfOne(row, metric), 0);
};
