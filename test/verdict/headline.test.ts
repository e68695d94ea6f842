import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { headlineMetrics } from '../../src/verdict/headline-metrics.ts';
import { headlineRule } from '../../src/verdict/headline.ts';
import { isHeadline } from '../../src/verdict/headline-rank.ts';
import { createPolicy, type PolicySources } from '../../src/verdict/policy.ts';
import { parsePolicy } from '../../src/verdict/policy-file.ts';
import { NO_LABELS, type Metric } from '../../src/metrics/metric.ts';

const defaults = await parsePolicy(readFileSync('configs/metrics.yaml', 'utf8'), 'configs/metrics.yaml');
const own = await parsePolicy(
  '- match: zorp_*\n  headline: true\n- match: noise_*\n  ignore: true\n  direction: lower-is-better\n',
  'own.yaml',
);

const metric = (name: string): Metric => ({
  name,
  source_key: name,
  unit: null,
  value: 1,
  direction: null,
  statistic: null,
  labels: NO_LABELS,
});

const SERVING = ['throughput_tok_per_s', 'req_per_s', 'ttft_p50_ms', 'ttft_p99_ms'];

const headlines = (names: readonly string[], more: Partial<PolicySources> = {}): string[] =>
  headlineMetrics(names.map(metric), { defaults, ...more }).map(({ name }) => name);

describe('verdicts hang on', () => {
  test.each([
    ['every rate of work done', SERVING, {}, ['throughput_tok_per_s', 'req_per_s']],
    ['what stands alone', ['ttft_p99_ms'], {}, ['ttft_p99_ms']],
    ['nothing, where nothing is a rate', ['ttft_p50_ms', 'ttft_p99_ms'], {}, []],
    ['what the caller names', SERVING, { headline: ['ttft_*'] }, ['ttft_p50_ms', 'ttft_p99_ms']],
    ['what the file of rules names', [...SERVING, 'zorp_ms'], { file: own }, ['zorp_ms']],
    ['what stands alone beside what is ignored', ['noise_ms', 'ttft_p99_ms'], { file: own }, ['ttft_p99_ms']],
  ] as const)('%s', (_, names, more, expected) => expect(headlines(names, more)).toEqual(expected));
});

describe('a headline that is no metric of the baseline is refused', () => {
  const refusal = (names: readonly string[], headline: readonly string[]) => {
    try {
      return headlines(names, { headline });
    } catch (error) {
      return error;
    }
  };

  test('with the nearest name', () => {
    expect(refusal(SERVING, ['ttft_p98_ms'])).toMatchObject({
      kind: 'usage',
      code: 'headline_unknown',
      message: 'no metric of the baseline matches headline ttft_p98_ms',
      details: { fix: 'did you mean ttft_p99_ms?' },
    });
  });

  test('with six of them, where none is near', () => {
    const six = ['a_ms', 'b_ms', 'c_ms', 'd_ms', 'e_ms', 'f_ms'];
    expect(refusal(six, ['something_else'])).toMatchObject({
      details: { fix: `name one of ${six.join(', ')}, or a glob` },
    });
    expect(refusal([...six, 'g_ms'], ['something_else'])).toMatchObject({
      details: { fix: `name one of ${six.join(', ')}, …, or a glob` },
    });
  });

  test('also where another one of several is there, and where it is ignored', () => {
    expect(refusal(SERVING, ['ttft_p50_ms', 'zorp'])).toMatchObject({ message: expect.stringContaining('zorp') });
    const policies = [
      createPolicy({ defaults, file: own })({ name: 'noise_ms', key: 'noise_ms', unit: null, direction: null }),
    ];
    expect(() => headlineRule({ keys: ['noise_ms'], policies }, ['noise_ms'])).toThrow('matches headline noise_ms');
  });
});

test('none is a headline where there is none', () => {
  const policy = createPolicy({ defaults })({ name: 'req_per_s', key: 'req_per_s', unit: null, direction: null });
  expect((['class', 'only', 'policy', 'named', 'none'] as const).map((rule) => isHeadline(policy, rule))).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
