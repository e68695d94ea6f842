// Service level objectives: limits on the latencies of a request, the share of requests that met all of them, and goodput.
// A failed or unsent request is a miss; there is no way for it to count as fast.
import { quantile } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';
import { parseFinite } from '../text/parse-finite.ts';
import { gapsOf, latenciesOf, type RequestRecord } from './request-record.ts';

export type SloMetric = 'ttft' | 'tpot' | 'itl' | 'e2e';

export interface SloLimit {
  readonly metric: SloMetric;
  readonly limitMs: number;
  /** Percentile of the requests at which the limit must hold, 0 … 100. */
  readonly percentile: number;
}

export type Slo = readonly SloLimit[];

export const DEFAULT_PERCENTILE = 95;

const METRICS: readonly SloMetric[] = ['ttft', 'tpot', 'itl', 'e2e'];
const LIMIT = /^(ttft|tpot|itl|e2e)\s*[:=<]\s*([0-9.]+)\s*(ms|s)?(?:@p([0-9.]+))?$/;

const parseLimit = (text: string): SloLimit => {
  const [, name, amount = '', unit, percentile] = LIMIT.exec(text) ?? [];
  const metric = METRICS.find((known) => known === name);
  if (metric === undefined)
    throw inputFault('slo_syntax', `${JSON.stringify(text)} is no service level`, {
      fix: 'write ttft:200,tpot:50,e2e:3000@p99 (milliseconds; metrics ttft, tpot, itl, e2e; p95 unless named)',
    });
  const limitMs = parseFinite(amount, `the ${metric} limit`) * (unit === 's' ? 1000 : 1);
  const at = percentile === undefined ? DEFAULT_PERCENTILE : parseFinite(percentile, 'the percentile');
  if (limitMs > 0 && at > 0 && at <= 100) return { metric, limitMs, percentile: at };
  throw inputFault('slo_range', `${JSON.stringify(text)} has a limit or a percentile out of range`, {
    fix: 'give a positive limit and a percentile up to 100',
  });
};

/** Parses `ttft:200,tpot:50,e2e:3s@p99`. Throws a Fault `slo_syntax` or `slo_range`. */
export const parseSlo = (text: string): Slo => text.split(',').map((part) => parseLimit(part.trim()));

/** What the limit looks at; the worst gap of a request for `itl`. Null when the request has no such figure. */
const observed = (record: RequestRecord, metric: SloMetric): number | null => {
  const latencies = latenciesOf(record);
  if (latencies === null) return null;
  if (metric === 'itl') return gapsOf(record).reduce((worst, gap) => Math.max(worst, gap), 0);
  return { ttft: latencies.ttftMs, tpot: latencies.tpotMs, e2e: latencies.e2eMs }[metric];
};

/** The request was answered within every limit; a one-token answer has no TPOT to miss. */
export const meetsSlo = (record: RequestRecord, slo: Slo): boolean =>
  record.failure === null && slo.every(({ metric, limitMs }) => (observed(record, metric) ?? 0) <= limitMs);

export interface SloVerdict {
  readonly limit: SloLimit;
  /** The latency at the limit's percentile, failed requests counted as endless; null when that is endless. */
  readonly observedMs: number | null;
  readonly met: boolean;
}

/** Each limit at its percentile over all due requests. */
export const sloVerdicts = (records: readonly RequestRecord[], slo: Slo): SloVerdict[] =>
  slo.map((limit) => {
    const values = records.map((record) =>
      record.failure === null ? (observed(record, limit.metric) ?? 0) : Infinity,
    );
    const at = values.length === 0 ? Infinity : quantile(values, limit.percentile / 100);
    // A percentile between a finite and an endless value is endless.
    const observedMs = Number.isFinite(at) ? at : null;
    return { limit, observedMs, met: observedMs !== null && observedMs <= limit.limitMs };
  });
