// Brings two sides together before any value is looked at: which metric meets which, under what policy, what is the headline.
import { type HeadlineRule, headlineRule } from '../verdict/headline.ts';
import { type MetricPolicy, type PolicySources, createPolicy } from '../verdict/policy.ts';
import type { Side } from '../source/side.ts';
import { type KeyedMetrics, type Meeting, keyMetrics, matchMetrics } from './match-metrics.ts';

export interface PairedSides extends Meeting {
  readonly baseline: KeyedMetrics;
  readonly candidate: KeyedMetrics;
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

/** Headlines as the metrics are called here: a caller may also know one by the name that its file has. */
const headlinesIn = ({ metrics }: KeyedMetrics, named: readonly string[]): readonly string[] =>
  named.map((given) =>
    metrics.some(({ name }) => name === given)
      ? given
      : (metrics.find(({ source_key: spelled }) => spelled === given)?.name ?? given),
  );

/** Throws a Fault `metric_duplicate` or `headline_unknown`. */
export const pairSides = (baseline: Side, candidate: Side, sources: PolicySources): PairedSides => {
  const [before, after] = [keyMetrics(baseline), keyMetrics(candidate)];
  const named = headlinesIn(before, sources.headline ?? []);
  const policies = policiesOf(before, { ...sources, headline: named });
  const headline = headlineRule({ keys: before.keys, policies }, named);
  return { ...matchMetrics(before, after), baseline: before, candidate: after, policies, headline };
};
