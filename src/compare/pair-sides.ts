// Brings two sides together before any value is looked at: which metric meets which, under what policy, what is the headline.
import { headlineRule } from '../verdict/headline.ts';
import { type HeadlineRule } from '../verdict/headline-rank.ts';
import { type MetricPolicy, type PolicySources, createPolicy } from '../verdict/policy.ts';
import type { Metric } from '../metrics/metric.ts';
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

/** `given` as the metrics are called here: a caller may also know one by the name that its file has, with or without a point. */
export const canonicalName = (metrics: readonly Metric[], given: string): string => {
  const point = given.indexOf('[');
  const [stem, rest] = point < 0 ? [given, ''] : [given.slice(0, point), given.slice(point)];
  if (metrics.some(({ name }) => name === stem)) return given;
  const known = metrics.find(({ source_key: spelled }) => spelled === stem);
  return known === undefined ? given : `${known.name}${rest}`;
};

/** Headlines and tolerances of the call under the names of here. */
const spelledOut = ({ metrics }: KeyedMetrics, sources: PolicySources): PolicySources => ({
  ...sources,
  headline: (sources.headline ?? []).map((given) => canonicalName(metrics, given)),
  flags: (sources.flags ?? []).map((rule) => ({ ...rule, match: canonicalName(metrics, rule.match) })),
});

/** Throws a Fault `metric_duplicate` or `headline_unknown`. */
export const pairSides = (baseline: Side, candidate: Side, given: PolicySources): PairedSides => {
  const [before, after] = [keyMetrics(baseline), keyMetrics(candidate)];
  const sources = spelledOut(before, given);
  const policies = policiesOf(before, sources);
  const headline = headlineRule({ keys: before.keys, policies }, sources.headline ?? []);
  return { ...matchMetrics(before, after), baseline: before, candidate: after, policies, headline };
};
