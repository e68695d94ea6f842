// Brings two sides together before any value is looked at: which metric meets which, under what policy, what is the headline.
import { type HeadlineRule, headlineRule } from '../verdict/headline.ts';
import { type MetricPolicy, type PolicySources, createPolicy } from '../verdict/policy.ts';
import type { Side } from '../source/side.ts';
import { type KeyedMetrics, type Meeting, keyMetrics, matchMetrics } from './side.ts';

export interface PairedSides extends Meeting {
  readonly baseline: KeyedMetrics;
  readonly current: KeyedMetrics;
  /** Per metric of the baseline. */
  readonly policies: readonly MetricPolicy[];
  readonly headline: HeadlineRule;
}

const policiesOf = ({ metrics, keys, units }: KeyedMetrics, sources: PolicySources): MetricPolicy[] => {
  const policyFor = createPolicy(sources);
  return metrics.map(({ name, direction }, index) =>
    policyFor({ name, key: keys[index] ?? name, unit: units[index] ?? null, direction }),
  );
};

/** Throws a Fault `metric_duplicate` or `headline_unknown`. */
export const pairSides = (baseline: Side, current: Side, sources: PolicySources): PairedSides => {
  const [before, after] = [keyMetrics(baseline), keyMetrics(current)];
  const policies = policiesOf(before, sources);
  const headline = headlineRule({ keys: before.keys, policies }, sources.headline ?? []);
  return { ...matchMetrics(before, after), baseline: before, current: after, policies, headline };
};
