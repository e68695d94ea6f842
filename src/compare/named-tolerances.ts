// Whether the tolerances that a call names are for metrics that are there: one for no metric is a slip of the pen, which would
// leave that metric to the default.
import { metricKey, type Metric } from '../metrics/metric.ts';
import { Fault } from '../text/fault.ts';
import { compileGlobs } from '../text/glob-set.ts';
import { nearestName } from '../text/nearest.ts';
import { canonicalName } from './pair-sides.ts';

/** Names among which the nearest is sought. */
const MOST_SOUGHT = 1000;
const MOST_NAMED = 8;

/** `globs` are names, keys or globs of the metrics of both sides. Throws a Fault `tolerance_unmatched`. */
export const requireTolerancesMatch = (globs: readonly string[], metrics: readonly Metric[]): void => {
  for (const given of globs) {
    const glob = canonicalName(metrics, given);
    const matches = compileGlobs([glob]);
    const nameOf = (metric: Metric): string => (glob.includes('[') ? metricKey(metric) : metric.name);
    if (metrics.some((metric) => matches(nameOf(metric)).matched.length > 0)) continue;
    const names = [...new Set(metrics.map(nameOf))];
    const near = nearestName(glob, names.slice(0, MOST_SOUGHT));
    throw new Fault('usage', 'tolerance_unmatched', `no metric is called ${glob}`, {
      fix: near === undefined ? `name one of ${names.slice(0, MOST_NAMED).join(', ')}` : `did you mean ${near}?`,
    });
  }
};
