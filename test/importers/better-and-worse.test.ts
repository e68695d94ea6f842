// Files of usual tools in pairs: a run that only got better holds nothing adverse and nothing of unknown direction, one that
// got worse is seen as worse, and another run of the same holds no change whose direction nobody knows.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { read } from './outcome.ts';
import { unitBridge } from '../../src/compare/match-metrics.ts';
import { metricKey } from '../../src/metrics/metric.ts';
import type { Reading } from '../../src/metrics/reading.ts';
import { createPolicy } from '../../src/verdict/policy.ts';
import { metricsYaml } from '../compare/sides.ts';

type Change = 'better' | 'worse' | 'unknown';

/** Changes beyond the tolerance, by metric. */
const changesOf = (base: Reading, other: Reading): Map<string, Change> => {
  const policyFor = createPolicy({ defaults: metricsYaml, document: base.policy ?? [] });
  const values = new Map(other.metrics.map((metric) => [metricKey(metric), metric]));
  const changes = new Map<string, Change>();
  for (const metric of base.metrics) {
    const key = metricKey(metric);
    const current = values.get(key);
    const policy = policyFor({ name: metric.name, key, unit: metric.unit, direction: metric.direction });
    if (current === undefined || policy.ignore) continue;
    const change = unitBridge(key, metric.unit, current.unit)(current.value) - metric.value;
    const { tolerance } = policy;
    const allowed = 'absolute' in tolerance ? tolerance.absolute : (tolerance.percent / 100) * Math.abs(metric.value);
    if (Math.abs(change) <= allowed + 1e-12) continue;
    const isUp = change > 0;
    if (policy.direction === 'two-sided') changes.set(key, 'unknown');
    else changes.set(key, isUp === (policy.direction === 'higher-is-better') ? 'better' : 'worse');
  }
  return changes;
};

const of = (changes: ReadonlyMap<string, Change>, wanted: Change): string[] =>
  [...changes].filter(([, change]) => change === wanted).map(([key]) => key);

const compare = async (base: unknown, other: unknown): Promise<Map<string, Change>> =>
  changesOf(await read(JSON.stringify(base)), await read(JSON.stringify(other)));

const scaled = (value: unknown, factor: (key: string) => number, key = ''): unknown => {
  if (typeof value === 'number') return value * factor(key);
  if (Array.isArray(value)) return value.map((item) => scaled(item, factor, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, scaled(inner, factor, name)]));
};

const BENCHMARKS: readonly (readonly [string, unknown, (key: string) => number])[] = [
  [
    'a micro-benchmark with time_unit',
    {
      context: { num_cpus: 4, mhz_per_cpu: 3000 },
      benchmarks: [
        { name: 'attn', iterations: 10, real_time: 5, cpu_time: 4, time_unit: 'us', bytes_per_second: 8e8 },
        { name: 'norm', iterations: 20, real_time: 2, cpu_time: 2, time_unit: 'us', bytes_per_second: 3e8 },
      ],
    },
    (key) => (key.endsWith('_time') ? 0.75 : key.endsWith('second') ? 1.33 : key === 'iterations' ? 1.33 : 1),
  ],
  [
    'rows of prompt and generation speed',
    [
      { n_prompt: 512, n_gen: 0, n_threads: 8, avg_ns: 7e7, stddev_ns: 1e5, avg_ts: 7100, samples_ts: [7000, 7200] },
      { n_prompt: 0, n_gen: 128, n_threads: 8, avg_ns: 1e9, stddev_ns: 1e5, avg_ts: 120, samples_ts: [119, 121] },
    ],
    (key) => (key.endsWith('_ns') ? 0.75 : key.endsWith('_ts') ? 1.33 : 1),
  ],
  [
    'a report of percentiles in objects',
    {
      successes: {
        count: 500,
        latency: { time_to_first_token: { mean: 0.04, p99: 0.06 }, request_latency: { mean: 1, p99: 2 } },
        throughput: { output_tokens_per_sec: 8800, requests_per_sec: 90 },
        output_len: { mean: 96 },
      },
    },
    (key) => (key === 'mean' || key === 'p99' ? 0.75 : key.endsWith('sec') ? 1.33 : 1),
  ],
];

describe('a benchmark nobody wrote a reader for', () => {
  it.each(BENCHMARKS)('%s: only better has nothing adverse and nothing unknown', async (_, base, factor) => {
    const keys = (key: string): number => (key === 'output_len' ? 1 : factor(key));
    const changes = await compare(base, scaled(base, keys));
    expect([of(changes, 'worse'), of(changes, 'unknown')]).toEqual([[], []]);
    expect(of(changes, 'better').length).toBeGreaterThan(2);
    expect(of(await compare(scaled(base, keys), base), 'worse').length).toBeGreaterThan(2);
  });

  it('the same values in another unit are no change', async () => {
    const inUnit = (unit: string, size: number) => ({ r: [{ name: 'a', real_time: 5 * size, time_unit: unit }] });
    expect([...(await compare(inUnit('us', 1), inUnit('ns', 1000)))]).toEqual([]);
  });
});

const CASES = ['../shared/cases/readers', '../shared/cases/files'].filter((folder) => existsSync(folder));
const pairs = CASES.flatMap((folder) => {
  const files = readdirSync(folder);
  return files
    .map((file) => /^(.*)_base(\.\w+)$/.exec(file))
    .flatMap((found) => {
      const [base = '', stem = '', end = ''] = found ?? [];
      return (['better', 'worse', 'same_other_run'] as const).flatMap((kind) => {
        const other = `${stem}_${kind}${end}`;
        return files.includes(other) ? [[kind, `${folder}/${base}`, `${folder}/${other}`] as const] : [];
      });
    });
});

/** Console texts of tools that have no reader. */
const WITHOUT_READER = /trtllm_console|vllm_throughput_line/;
/** Names without any word that says what they are of: `BERT_made, Adadelta, cuda, default`. */
const NAMELESS = /torchbench/;
const known = pairs.filter(([, base]) => !WITHOUT_READER.test(base));
const nameless = (base: string): number => (NAMELESS.test(base) ? 1 : 0);

const readCase = (path: string): Promise<Reading> => read(readFileSync(path, 'utf8'), path);

describe.skipIf(pairs.length === 0)('runs in pairs (skipped without ../shared/cases)', () => {
  it.each(known.filter(([kind]) => kind === 'better'))('%s: %s', async (_, base, better) => {
    const changes = changesOf(await readCase(base), await readCase(better));
    expect(of(changes, 'worse')).toEqual([]);
    expect(of(changes, 'unknown')).toHaveLength(nameless(base));
    expect(of(changes, 'better')).not.toEqual([]);
  });

  it.each(known.filter(([kind]) => kind === 'worse'))('%s: %s', async (_, base, worse) => {
    const changes = changesOf(await readCase(base), await readCase(worse));
    expect(of(changes, 'unknown')).toHaveLength(nameless(base));
    expect(of(changes, 'worse')).not.toEqual([]);
  });

  it.each(known.filter(([kind]) => kind === 'same_other_run'))('%s: %s', async (_, base, other) => {
    const changes = changesOf(await readCase(base), await readCase(other));
    expect(of(changes, 'unknown')).toEqual([]);
  });
});
