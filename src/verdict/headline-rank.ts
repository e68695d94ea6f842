// Which metrics are the headline where the caller named none: those a policy names, else every rate of work done; a metric that
// stands alone is its own headline.
import type { HeadlineRank, MetricPolicy } from './policy.ts';

export type HeadlineRule = HeadlineRank | 'only' | 'none';

type Ranked = Pick<MetricPolicy, 'ignore' | 'headline'>;

/** The rule of these metrics; ignored ones count for nothing. */
export const headlineWithoutNames = (policies: readonly Ranked[]): HeadlineRule => {
  const counted = policies.filter(({ ignore }) => !ignore);
  const has = (rank: HeadlineRank): boolean => counted.some(({ headline }) => headline === rank);
  if (counted.length === 1) return 'only';
  if (has('policy')) return 'policy';
  return has('class') ? 'class' : 'none';
};

/** Whether a metric of this policy is a headline under the rule; what is ignored never is. */
export const isHeadline = ({ ignore, headline }: Ranked, rule: HeadlineRule): boolean =>
  !ignore && (rule === 'only' || (rule !== 'none' && headline === rule));
