// The tolerances by which measurements of inference are judged when they are kept as inference_perfbench_v1: for each metric, and
// at which concurrency throughput is the headline. Rules only; what they lead to is judged in src/verdict.
import { latencyName, nameOf } from './catalogue.ts';
import type { PolicyRule } from './policy-rule.ts';

/** Requests in flight at which throughput is the headline. */
export const HEADLINE_CONCURRENCY = 16;

/** The concurrency whose throughput is the headline: 16, else the measured one nearest to it, the smaller of two as near. */
export const headlineConcurrency = (concurrencies: readonly number[]): number => {
  const away = (concurrency: number): number => Math.abs(concurrency - HEADLINE_CONCURRENCY);
  const [nearest] = concurrencies.toSorted((a, b) => away(a) - away(b) || a - b);
  return nearest ?? HEADLINE_CONCURRENCY;
};

/**
 * Rates are 0..1, so "2 points" are 0.02; shares of GPU and CPU time are in percent. The hit rate before the run and the peak
 * of running requests describe the run and are not judged.
 */
export const perfbenchPolicy = (concurrencies: readonly number[]): readonly PolicyRule[] => [
  {
    match: `${nameOf('throughput')}[concurrency=${headlineConcurrency(concurrencies)}]`,
    tolerance_percent: 3,
    headline: true,
  },
  { match: `${nameOf('throughput')}*`, tolerance_percent: 3 },
  { match: `${latencyName('ttft', 'p50')}*`, tolerance_percent: 5 },
  { match: `${latencyName('ttft', 'p95')}*`, tolerance_percent: 10 },
  { match: `${latencyName('ttft', 'p99')}*`, tolerance_percent: 15 },
  { match: `${latencyName('itl', 'p50')}*`, tolerance_percent: 3 },
  { match: `${latencyName('tpot', 'p50')}*`, tolerance_percent: 3 },
  { match: `${nameOf('perUser')}*`, tolerance_percent: 3 },
  { match: `${latencyName('e2e', 'p50')}*`, tolerance_percent: 5 },
  { match: `${nameOf('cacheHitRateAfter')}*`, tolerance_absolute: 0.02 },
  { match: `${nameOf('cacheHitRateBefore')}*`, ignore: true },
  { match: `${nameOf('cacheUsage')}*`, tolerance_absolute: 0.05 },
  { match: `${nameOf('kernelShare')}*`, tolerance_absolute: 3 },
  { match: nameOf('spinpoll'), tolerance_absolute: 5 },
  { match: `${nameOf('requestsRunning')}*`, ignore: true },
];
