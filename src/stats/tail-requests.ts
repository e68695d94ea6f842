// How many requests a trial must hold before a tail percentile means anything: below that, no observation bounds it
// from above.

/**
 * Smallest number of requests for which the largest one bounds the `quantile` (0.99 for p99) from above with
 * `confidence`: quantile^n < 1 - confidence. p99 needs 299 at 95 percent, p95 59, p99.9 2,995.
 */
export const requestsForTail = (tailQuantile: number, confidence = 0.95): number =>
  Math.floor(Math.log(1 - confidence) / Math.log(tailQuantile)) + 1;
