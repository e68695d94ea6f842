// The figures of one trial from its records. A figure that cannot be had is absent with a reason, never zero; latencies come
// from answered requests only, rates from what arrived inside the window.
import { describe, quantile } from '../stats/describe.ts';
import { type Latency, latencyName, nameOf } from '../metrics/catalogue.ts';
import type { PowerResult } from './power.ts';
import { gapsOf, latenciesOf, type AnswerDoubt, type FailureReason, type RequestRecord } from './request-record.ts';
import { meetsSlo, type Slo } from './slo.ts';

export interface TrialInput {
  readonly measured: readonly RequestRecord[];
  /** Requests of the warm-up whose answers reach into the window; they count for rates, not for latencies. */
  readonly carried: readonly RequestRecord[];
  readonly windowMs: readonly [start: number, end: number];
  readonly slo: Slo;
  readonly nGpus: number | null;
  /** By the server's counters, 0 … 1; null when it has none. */
  readonly cacheHitRate: number | null;
  /** Null when no power source was named. */
  readonly power: PowerResult | null;
}

export interface TrialMetrics {
  /** Canonical metric name to value. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Metric name to the reason why there is no value. */
  readonly missing: Readonly<Record<string, string>>;
}

const PERCENTILES = [50, 90, 95, 99] as const;

/** `ttft_mean_ms`, `ttft_p50_ms`, …; empty without values. */
const latencyMetrics = (name: Latency, values: readonly number[]): Record<string, number> =>
  values.length === 0
    ? {}
    : Object.fromEntries([
        [latencyName(name, 'mean'), describe(values).mean],
        ...PERCENTILES.map((p) => [latencyName(name, `p${p}`), quantile(values, p / 100)] as const),
      ]);

const piecesInWindow = ({ pieceMs }: RequestRecord, [start, end]: readonly [number, number]): number =>
  pieceMs.reduce((count, ms) => count + (ms >= start && ms <= end ? 1 : 0), 0);

/** Pieces of text per second of the window, over all streams: the load on the generator itself. */
export const chunksPerSecond = (records: readonly RequestRecord[], window: readonly [number, number]): number => {
  const pieces = records.reduce((sum, record) => sum + piecesInWindow(record, window), 0);
  return window[1] > window[0] ? (1000 * pieces) / (window[1] - window[0]) : 0;
};

/** Output tokens whose pieces arrived in the window; each piece of an answer stands for an equal share of its tokens. */
export const tokensInWindow = (records: readonly RequestRecord[], window: readonly [number, number]): number =>
  records.reduce((sum, record) => {
    if (record.failure !== null || record.pieceMs.length === 0) return sum;
    return sum + ((record.outputTokens ?? 0) * piecesInWindow(record, window)) / record.pieceMs.length;
  }, 0);

/** Mean number of requests in flight during the window. */
export const meanInFlight = (records: readonly RequestRecord[], [start, end]: readonly [number, number]): number => {
  const busyMs = records.reduce((sum, { sentMs, endMs }) => {
    if (sentMs === null) return sum;
    return sum + Math.max(0, Math.min(endMs, end) - Math.max(sentMs, start));
  }, 0);
  return end > start ? busyMs / (end - start) : 0;
};

const latencies = (answered: readonly RequestRecord[]): Record<string, number> => {
  const each = answered.map(latenciesOf).filter((value) => value !== null);
  const tpots = each.map(({ tpotMs }) => tpotMs).filter((value) => value !== null);
  return {
    ...latencyMetrics(
      'ttft',
      each.map(({ ttftMs }) => ttftMs),
    ),
    ...latencyMetrics('tpot', tpots),
    ...latencyMetrics('itl', answered.flatMap(gapsOf)),
    ...latencyMetrics(
      'e2e',
      each.map(({ e2eMs }) => e2eMs),
    ),
    ...(tpots.length > 0 && quantile(tpots, 0.5) > 0 ? { [nameOf('perUser')]: 1000 / quantile(tpots, 0.5) } : {}),
  };
};

/** Answers that ended inside the window, those of warm-up requests too: what every rate of requests counts. */
const endedInWindow = ({ measured, carried, windowMs: [start, end] }: TrialInput): RequestRecord[] =>
  [...carried, ...measured].filter(({ failure, endMs }) => failure === null && endMs >= start && endMs <= end);

const rates = (input: TrialInput, answered: readonly RequestRecord[]): Record<string, number> => {
  const seconds = (input.windowMs[1] - input.windowMs[0]) / 1000;
  if (seconds <= 0 || answered.length === 0) return {};
  const ended = endedInWindow(input);
  const throughput = tokensInWindow([...input.carried, ...answered], input.windowMs) / seconds;
  return {
    [nameOf('throughput')]: throughput,
    ...(input.nGpus === null ? {} : { [nameOf('outputPerGpu')]: throughput / input.nGpus }),
    [nameOf('requestRate')]: ended.length / seconds,
    [nameOf('goodput')]: ended.filter((record) => meetsSlo(record, input.slo)).length / seconds,
  };
};

const shares = (input: TrialInput): Record<string, number> => {
  const due = input.measured.length;
  if (due === 0) return {};
  const count = (holds: (record: RequestRecord) => boolean): number => input.measured.filter(holds).length;
  return {
    [nameOf('okRate')]: count((record) => record.failure === null) / due,
    [nameOf('complianceRate')]: count((record) => meetsSlo(record, input.slo)) / due,
  };
};

/** By the server's counters, else by the cached tokens in the usage of the answers. */
const cacheRate = ({ cacheHitRate }: TrialInput, answered: readonly RequestRecord[]): number | null => {
  if (cacheHitRate !== null) return cacheHitRate;
  const reported = answered.filter(({ cachedTokens, inputTokens }) => cachedTokens !== null && inputTokens !== null);
  const asked = reported.reduce((sum, { inputTokens }) => sum + (inputTokens ?? 0), 0);
  return asked === 0 ? null : reported.reduce((sum, { cachedTokens }) => sum + (cachedTokens ?? 0), 0) / asked;
};

const powerMetrics = (power: PowerResult | null, tokens: number): Record<string, number> => {
  if (power === null || !power.valid) return {};
  const { averageW, peakW, energyJ } = power.figures;
  return {
    [nameOf('powerAverage')]: averageW,
    [nameOf('powerPeak')]: peakW,
    [nameOf('energy')]: energyJ,
    ...(tokens > 0 ? { [nameOf('joulesPerToken')]: energyJ / tokens } : {}),
  };
};

const missingReasons = (input: TrialInput, metrics: Readonly<Record<string, number>>): Record<string, string> => {
  const power = input.power === null ? 'no power source named' : input.power.valid ? 'no tokens' : input.power.problem;
  const reasons: Record<string, string> = {
    [latencyName('ttft', 'p50')]: 'no request was answered',
    [latencyName('tpot', 'p50')]: 'no answer had two tokens',
    [latencyName('itl', 'p50')]: 'no answer came in two pieces',
    [nameOf('throughput')]: 'no request was answered',
    [nameOf('outputPerGpu')]: input.nGpus === null ? 'number of GPUs not given' : 'no request was answered',
    [nameOf('cacheHitRate')]: 'neither /metrics nor usage reports cached tokens',
    [nameOf('joulesPerToken')]: power,
    [nameOf('powerAverage')]: power,
  };
  return Object.fromEntries(Object.entries(reasons).filter(([name]) => metrics[name] === undefined));
};

/** All figures of a trial. */
export const trialMetrics = (input: TrialInput): TrialMetrics => {
  const answered = input.measured.filter(({ failure }) => failure === null);
  const hitRate = cacheRate(input, answered);
  const metrics = {
    ...latencies(answered),
    ...rates(input, answered),
    ...shares(input),
    ...(hitRate === null ? {} : { [nameOf('cacheHitRate')]: hitRate }),
    ...powerMetrics(input.power, tokensInWindow([...input.carried, ...answered], input.windowMs)),
  };
  return { metrics, missing: missingReasons(input, metrics) };
};

/** How often each value occurs, the commonest first. */
const countEach = <T extends string>(values: readonly T[]): Partial<Record<T, number>> => {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1])) as Partial<Record<T, number>>; // checked boundary: the keys are T
};

/** How often each reason occurred, the commonest first. */
export const failureCounts = (records: readonly RequestRecord[]): Partial<Record<FailureReason, number>> =>
  countEach(records.flatMap(({ failure }) => failure ?? []));

/** How often answers were odd, and in what way. */
export const doubtCounts = (records: readonly RequestRecord[]): Partial<Record<AnswerDoubt, number>> =>
  countEach(records.flatMap(({ doubts }) => doubts));

export interface TokenFacts {
  /** `mixed` when some answers had usage and others not. */
  readonly source: 'usage' | 'chunks' | 'mixed' | null;
  readonly inputMean: number | null;
  readonly inputMin: number | null;
  readonly inputMax: number | null;
  readonly outputMean: number | null;
}

/** Achieved lengths and where they come from. */
export const tokenFacts = (records: readonly RequestRecord[]): TokenFacts => {
  const answered = records.filter(({ failure }) => failure === null);
  const inputs = answered.map(({ inputTokens }) => inputTokens).filter((value) => value !== null);
  const outputs = answered.map(({ outputTokens }) => outputTokens).filter((value) => value !== null);
  const [source = null, ...others] = new Set(answered.map(({ tokenSource }) => tokenSource));
  const input = inputs.length === 0 ? null : describe(inputs);
  return {
    source: others.length > 0 ? 'mixed' : source,
    inputMean: input?.mean ?? null,
    inputMin: input?.min ?? null,
    inputMax: input?.max ?? null,
    outputMean: outputs.length === 0 ? null : describe(outputs).mean,
  };
};
