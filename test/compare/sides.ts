// Short ways to write the sides of a comparison in tests.
import { readFileSync } from 'node:fs';
import type { Side } from '../../src/source/side.ts';
import type { PolicySources } from '../../src/verdict/policy.ts';
import { parsePolicy } from '../../src/verdict/policy-file.ts';
import type { Metric } from '../../src/metrics/metric.ts';
import type { Trial } from '../../src/metrics/trial.ts';

const METRICS_YAML = 'configs/metrics.yaml';

export const metricsYaml = await parsePolicy(readFileSync(METRICS_YAML, 'utf8'), METRICS_YAML);

/** Only `configs/metrics.yaml` and the default tolerance. */
export const defaults: PolicySources = { defaults: metricsYaml };

export const metric = (
  name: string,
  value: number,
  unit: string | null = null,
  labels: Metric['labels'] = {},
): Metric => ({
  name,
  source_key: name,
  unit,
  value,
  direction: null,
  statistic: /_(p\d+|mean|median)_/.exec(name)?.[1] ?? null,
  labels,
});

export const side = (metrics: readonly Metric[], more: Partial<Side> = {}): Side => ({
  metrics,
  trials: [],
  context: {},
  ...more,
});

/** A side of metrics without labels: name to value. */
export const values = (of: Readonly<Record<string, number>>, more: Partial<Side> = {}): Side =>
  side(
    Object.entries(of).map(([name, value]) => metric(name, value)),
    more,
  );

/** One metric, one value per trial; the metric's own value is the first. */
export const repeated = (
  name: string,
  unit: string,
  runs: readonly number[],
  more: { readonly trial?: Partial<Trial>; readonly side?: Partial<Side> } = {},
): Side =>
  side([metric(name, runs[0] ?? Number.NaN, unit)], {
    trials: runs.map((value, index) => ({
      index,
      block: null,
      started_at: null,
      replicate_level: 'process',
      values: { [name]: value },
      validity: [],
      gpu_uuids: ['GPU-1'],
      ...more.trial,
    })),
    ...more.side,
  });
