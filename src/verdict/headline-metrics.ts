// Which metrics of a measurement its verdicts will hang on, by the same rules that a comparison follows.
import { headlineRule } from './headline.ts';
import { isHeadline } from './headline-rank.ts';
import { createPolicy, type PolicySources } from './policy.ts';
import { metricKey, type Metric } from '../metrics/metric.ts';

/** Throws a Fault `headline_unknown` where the caller's headline names none of the metrics. */
export const headlineMetrics = (metrics: readonly Metric[], sources: PolicySources): Metric[] => {
  const policyFor = createPolicy(sources);
  const keys = metrics.map(metricKey);
  const policies = metrics.map(({ name, unit, direction }, index) =>
    policyFor({ name, key: keys[index] ?? name, unit, direction }),
  );
  const rule = headlineRule({ keys, policies }, sources.headline ?? []);
  return metrics.filter((_, index) => {
    const policy = policies[index];
    return policy !== undefined && isHeadline(policy, rule);
  });
};
