// Time per output token against throughput: a request that decodes gives one token each TPOT, so tokens per second times TPOT are the
// requests that decode at a time, never more than are in flight; and a request takes its first token and then one TPOT for each other.
import { latencyName, nameOf } from '../../metrics/catalogue.ts';
import { likelyCause } from './causes.ts';
import { positive, rounding, spread, type RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** Share for means over requests of other lengths: the mean of products is not the product of means. */
const OF_MEANS = 0.25;
/** The same where a median stands for the mean. */
const OF_MEDIAN = 0.5;
const IMPOSSIBLE = 1.5;
/** Share by which tok/s/user may lie from 1000 / TPOT: rounding, and means of rates. */
const PER_USER = 0.25;

const METRICS = [
  nameOf('throughput'),
  latencyName('tpot', 'mean'),
  latencyName('tpot', 'p50'),
  latencyName('e2e', 'mean'),
];

const meanTpot = ({ row }: RowFacts): { readonly ms: number; readonly own: number } | null => {
  const mean = positive(row.tpot_mean_ms);
  if (mean !== null) return { ms: mean, own: OF_MEANS };
  const median = positive(row.tpot_median_ms);
  return median === null ? null : { ms: median, own: OF_MEDIAN };
};

/** More requests decode at a time than the client has open. */
const decoding = (facts: RowFacts): Finding[] => {
  const { row, outputPerS } = facts;
  const tpot = meanTpot(facts);
  if (row.concurrency <= 0 || outputPerS === null || tpot === null) return [];
  const seen = (outputPerS * tpot.ms) / 1000;
  const factor = seen / row.concurrency;
  if (factor <= 1 + tpot.own) return [];
  const most = 1 + tpot.own + rounding(tpot.ms) + spread(row, ...METRICS);
  if (factor <= most) return [];
  return [
    {
      balance: 'tpot_throughput',
      severity: factor > most * IMPOSSIBLE ? 'impossible' : 'odd',
      expected: row.concurrency,
      seen,
      unit: 'requests decoding',
      cause: likelyCause('tpot_throughput', factor, facts, true),
      of: 'output tok/s x TPOT, against the concurrency',
    },
  ];
};

const twoSided = (
  facts: RowFacts,
  { seen, expected, own, unit, of }: Pick<Finding, 'seen' | 'expected' | 'unit' | 'of'> & { readonly own: number },
): Finding[] => {
  const factor = seen / expected;
  const apart = Math.max(factor, 1 / factor);
  if (apart <= 1 + own) return [];
  const tolerance = 1 + own + spread(facts.row, ...METRICS);
  if (apart <= tolerance) return [];
  const cause = likelyCause('tpot_throughput', factor, facts);
  const severity = apart > 4 * tolerance || (cause !== 'unknown' && apart > 2 * tolerance) ? 'impossible' : 'odd';
  return [{ balance: 'tpot_throughput', severity, expected, seen, unit, cause, of }];
};

/** In flight by requests against in flight by tokens: both are Little's law, over requests and over tokens. */
const inFlightBothWays = (facts: RowFacts): Finding[] => {
  const { row, requestsPerS, requestTime, outputPerS, ttftMs } = facts;
  const tpot = positive(row.tpot_mean_ms);
  if (requestsPerS === null || requestTime?.measured !== true || outputPerS === null || ttftMs === null || tpot === null) return [];
  const seen = (requestsPerS * ttftMs + Math.max(0, outputPerS - requestsPerS) * tpot) / 1000;
  const expected = requestsPerS * requestTime.seconds;
  return twoSided(facts, { seen, expected, own: OF_MEANS, unit: 'requests in flight', of: 'tok/s x TPOT + req/s x TTFT, against req/s x time of a request' });
}; // prettier-ignore

const perUser = (facts: RowFacts): Finding[] => {
  const { row } = facts;
  const [seen, tpot] = [positive(row.output_tps_per_user), positive(row.tpot_median_ms)];
  if (seen === null || tpot === null) return [];
  return twoSided(facts, { seen, expected: 1000 / tpot, own: PER_USER, unit: 'tok/s/user', of: 'tok/s/user against 1000 / median TPOT' });
}; // prettier-ignore

/** A request cannot end before its first token. */
const firstTokenAfterEnd = (facts: RowFacts): Finding[] => {
  const { row, ttftMs } = facts;
  const whole = positive(row.e2e_mean_ms);
  if (whole === null || ttftMs === null || ttftMs <= whole * 1.01 + 1e-6) return [];
  const cause = likelyCause('tpot_throughput', ttftMs / whole, facts);
  return [{ balance: 'tpot_throughput', severity: 'impossible', expected: whole, seen: ttftMs, unit: 'ms', cause, of: 'mean TTFT against the mean time of a request' }];
}; // prettier-ignore

export const tpotThroughput = (facts: RowFacts): Finding[] => {
  const late = firstTokenAfterEnd(facts);
  return [...decoding(facts), ...(late.length > 0 ? late : inFlightBothWays(facts)), ...perUser(facts)];
};
