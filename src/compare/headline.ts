// Picks which metrics are the headline: those the caller named, else those a policy names, else every rate of work done; a
// metric that stands alone is its own headline. Never lets a headline that was asked for be silently absent.
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import type { HeadlineRank, MetricPolicy } from './policy.ts';

export type HeadlineRule = HeadlineRank | 'only' | 'none';

/** Policies of the baseline's metrics beside their keys; ignored metrics count for nothing. */
export interface Candidates {
  readonly keys: readonly string[];
  readonly policies: readonly MetricPolicy[];
}

/** Throws a Fault `headline_unknown` when `named` matches no metric of the baseline. */
export const headlineRule = ({ keys, policies }: Candidates, named: readonly string[]): HeadlineRule => {
  const counted = policies.filter(({ ignore }) => !ignore);
  const has = (rank: HeadlineRank): boolean => counted.some(({ headline }) => headline === rank);
  if (named.length > 0) {
    if (has('named')) return 'named';
    const nearest = nearestName(named[0] ?? '', keys.slice(0, 1000));
    throw new Fault('usage', 'headline_unknown', `no metric of the baseline matches headline ${named.join(', ')}`, {
      fix: nearest === undefined ? 'give a metric key or a glob such as throughput_*' : `did you mean ${nearest}?`,
    });
  }
  if (counted.length === 1) return 'only';
  if (has('policy')) return 'policy';
  return has('class') ? 'class' : 'none';
};

/** Whether a metric of this policy is a headline under the rule. */
export const isHeadline = (policy: MetricPolicy, rule: HeadlineRule): boolean =>
  rule === 'only' || (rule !== 'none' && policy.headline === rule);
