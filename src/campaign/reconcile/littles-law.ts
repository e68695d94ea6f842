// Little's law: requests in flight are their rate times the time each takes. A client that keeps C requests open never has more than C in
// flight, and hardly ever far fewer.
import { latencyName, nameOf } from '../../metrics/catalogue.ts';
import { likelyCause } from './causes.ts';
import { rounding, spread, type RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** Share above the concurrency that a measured time of requests may give: clocks and queues of the client. */
const MEASURED = 0.05;
/** The same for a time put together from TTFT and TPOT: their means are not of the same requests where lengths vary. */
const FROM_PARTS = 0.25;
/** Factor beyond that from which no run explains it. */
const IMPOSSIBLE = 1.5;
/** Share of the least occupancy below which a window is odd. */
const LOW = 0.5;
/** Longest time over the mean where the row has no p99. */
const LONGEST = 3;
/** Below this share of the concurrency only another unit explains a window. */
const UNIT = 1 / 50;

const METRICS = [
  nameOf('requestRate'),
  latencyName('e2e', 'mean'),
  latencyName('tpot', 'mean'),
  latencyName('ttft', 'mean'),
];

/** Requests that began before the window and ended in it: at most one for each place, so a share of 1 over the waves. */
const edge = ({ row, requestTime }: RowFacts): number => {
  if (row.duration_s !== null && row.duration_s > 0 && requestTime !== null)
    return Math.min(1, requestTime.seconds / row.duration_s);
  return row.waves !== null && row.waves > 0 ? Math.min(1, 1 / row.waves) : 0;
};

/**
 * Least share of the places that is in use: a list of N requests over C places ends at most one request after N / C of them (Graham's
 * bound on list scheduling).
 */
const leastOccupancy = ({ row, requestTime }: RowFacts): number => {
  if (row.waves === null || row.waves <= 0 || requestTime === null) return 0;
  const longest = row.e2e_p99_ms === null ? LONGEST : Math.max(1, row.e2e_p99_ms / 1000 / requestTime.seconds);
  return Math.min(1, row.waves) / (1 + longest / Math.max(1, row.waves));
};

/** Requests are sent as fast as places become free. */
const isClosedLoop = ({ request_rate: rate }: RowFacts['row']): boolean => rate === null || rate === 'inf';

const finding = (facts: RowFacts, inFlight: number, severity: Finding['severity']): Finding => {
  const { concurrency } = facts.row;
  return {
    balance: 'littles_law',
    severity,
    expected: concurrency,
    seen: inFlight,
    unit: 'requests in flight',
    cause: likelyCause('littles_law', inFlight / concurrency, facts, true),
    of: 'requests per second x time of a request, against the concurrency',
  };
};

export const littlesLaw = (facts: RowFacts): Finding[] => {
  const { row, requestTime, outputPerS, osl } = facts;
  const rate = facts.requestsPerS ?? (outputPerS === null || osl === null ? null : outputPerS / osl);
  if (row.concurrency <= 0 || rate === null || requestTime === null) return [];
  const inFlight = rate * requestTime.seconds;
  const share = inFlight / row.concurrency;
  if (share > 1 + (requestTime.measured ? MEASURED : FROM_PARTS)) {
    const own = requestTime.measured ? MEASURED : FROM_PARTS;
    const most = 1 + own + edge(facts) + rounding(rate, row.e2e_mean_ms, row.tpot_mean_ms) + spread(row, ...METRICS);
    if (share <= most) return [];
    return [finding(facts, inFlight, share > most * IMPOSSIBLE ? 'impossible' : 'odd')];
  }
  if (!isClosedLoop(row) || share >= LOW * leastOccupancy(facts)) return [];
  return [finding(facts, inFlight, share < UNIT * leastOccupancy(facts) ? 'impossible' : 'odd')];
};
