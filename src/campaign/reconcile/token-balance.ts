// Tokens are requests times their length, and the rate of one GPU times the GPUs is the rate of all. Identities by definition: what is
// left between both sides is rounding, the edges of the window and the spread of repeats.
import { latencyName, nameOf } from '../../metrics/catalogue.ts';
import { likelyCause } from './causes.ts';
import { rounding, spread, type RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** Share that definitions of tools may differ by: tokens of failed requests, of the tokenizer, of the first token. */
const OWN = 0.05;
/** The same for a rate against count and duration under an open load: a tool may divide by the time in which it sent. */
const OPEN_LOOP = 0.25;
/** Factor beyond the tolerance from which the row is impossible. */
const IMPOSSIBLE = 1.2;

const METRICS = {
  requests: nameOf('requestRate'),
  output: nameOf('throughput'),
  total: nameOf('totalThroughput'),
  isl: nameOf('promptLength'),
  osl: nameOf('outputLength'),
} as const;

/** Two ways to the same figure. */
interface Identity {
  readonly of: string;
  readonly unit: string;
  readonly seen: (facts: RowFacts) => number | null;
  readonly expected: (facts: RowFacts) => number | null;
  readonly own?: (facts: RowFacts) => number;
  /** The figures as they were written. */
  readonly written: (facts: RowFacts) => readonly (number | null)[];
  readonly metrics: readonly string[];
}

const times = (...figures: readonly (number | null)[]): number | null => {
  let product = 1;
  for (const figure of figures) {
    if (figure === null) return null;
    product *= figure;
  }
  return product;
};

const over = (count: number | null, seconds: number | null): number | null =>
  count === null || seconds === null || seconds <= 0 ? null : count / seconds;

const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** Requests that were in work when the window ended, as a share: their tokens count, they do not. */
const unfinished = ({ row }: RowFacts): number => {
  const open = row.extra['not_completed_requests'];
  const completed = row.completed_requests ?? 0;
  return typeof open === 'number' && open > 0 && completed > 0 ? Math.min(1, open / completed) : 0;
};

/** The time in which the last requests were answered, as a share of the window: a tool may leave it out. */
const drain = ({ row, requestTime }: RowFacts): number =>
  requestTime === null || row.duration_s === null || row.duration_s <= 0
    ? 0
    : Math.min(1, requestTime.seconds / row.duration_s);

/** A tool may divide by the time in which it sent, which an open load ends before the last answers. */
const openLoop = ({ row }: RowFacts): number =>
  typeof row.request_rate === 'number' || row.concurrency === 0 ? OPEN_LOOP : OWN;

const IDENTITIES: readonly Identity[] = [
  {
    of: 'output tok/s against requests per second x OSL',
    unit: 'tok/s',
    seen: ({ outputPerS }) => outputPerS,
    expected: ({ requestsPerS, osl }) => times(requestsPerS, osl),
    written: ({ row, requestsPerS, osl }) => [row.throughput_tok_per_s ?? row.output_tps_per_gpu, requestsPerS, osl],
    metrics: [METRICS.output, METRICS.requests, METRICS.osl],
  },
  {
    of: 'total tok/s against requests per second x (ISL + OSL)',
    unit: 'tok/s',
    seen: ({ totalPerS }) => totalPerS,
    expected: ({ requestsPerS, isl, osl }) => times(requestsPerS, plus(isl, osl)),
    written: ({ row, requestsPerS, isl }) => [
      row.total_throughput_tok_per_s ?? row.total_tps_per_gpu,
      requestsPerS,
      isl,
    ],
    metrics: [METRICS.total, METRICS.requests, METRICS.isl, METRICS.osl],
  },
  {
    of: 'output tok/s/GPU x GPUs against output tok/s',
    unit: 'tok/s',
    seen: ({ row, gpus }) => times(row.output_tps_per_gpu, gpus),
    expected: ({ row }) => row.throughput_tok_per_s,
    written: ({ row }) => [row.output_tps_per_gpu, row.throughput_tok_per_s],
    metrics: [],
  },
  {
    of: 'total tok/s/GPU x GPUs against total tok/s',
    unit: 'tok/s',
    seen: ({ row, gpus }) => times(row.total_tps_per_gpu, gpus),
    expected: ({ row }) => row.total_throughput_tok_per_s,
    written: ({ row }) => [row.total_tps_per_gpu, row.total_throughput_tok_per_s],
    metrics: [],
  },
  {
    of: 'requests per second against completed requests over the duration',
    unit: 'req/s',
    seen: ({ requestsPerS }) => requestsPerS,
    expected: ({ row }) => over(row.completed_requests, row.duration_s),
    own: openLoop,
    written: ({ row, requestsPerS }) => [requestsPerS, row.duration_s],
    metrics: [METRICS.requests, latencyName('e2e', 'mean')],
  },
];

const broken = (facts: RowFacts, identity: Identity): Finding | undefined => {
  const [seen, expected] = [identity.seen(facts), identity.expected(facts)];
  if (seen === null || expected === null || !(seen > 0) || !(expected > 0)) return undefined;
  const own = identity.own?.(facts) ?? OWN;
  const factor = seen / expected;
  const apart = Math.max(factor, 1 / factor);
  if (apart <= 1 + own) return undefined;
  const ofRepeats = spread(facts.row, ...identity.metrics);
  const tolerance = 1 + own + rounding(...identity.written(facts)) + ofRepeats + unfinished(facts) + drain(facts);
  if (apart <= tolerance) return undefined;
  return {
    balance: 'tokens',
    severity: apart > tolerance * IMPOSSIBLE ? 'impossible' : 'odd',
    expected,
    seen,
    unit: identity.unit,
    cause: likelyCause('tokens', factor, facts),
    of: identity.of,
  };
};

/** The sum of both rates can not be less than one of them. */
const partAboveWhole = (facts: RowFacts): Finding[] => {
  const { outputPerS: seen, totalPerS: expected } = facts;
  if (seen === null || expected === null || seen <= expected * (1 + OWN)) return [];
  const cause = likelyCause('tokens', seen / expected, facts);
  return [{ balance: 'tokens', severity: 'impossible', expected, seen, unit: 'tok/s', cause, of: 'output tok/s against total tok/s' }];
}; // prettier-ignore

export const tokenBalance = (facts: RowFacts): Finding[] => {
  const found: Finding[] = [];
  for (const identity of IDENTITIES) {
    const finding = broken(facts, identity);
    if (finding !== undefined) found.push(finding);
  }
  return found.length > 0 ? found : partAboveWhole(facts);
};
