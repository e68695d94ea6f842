import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Cell } from '../../src/sota/collect-samples.ts';
import { compareImplementations } from '../../src/sota/compare-implementations.ts';
import { parseComparison } from '../../src/sota/comparison-spec.ts';
import { renderRatios, renderTrials } from '../../src/sota/plots.ts';
import { seededRandom } from '../../src/stats/random.ts';
import type { JsonValue } from '../../src/text/json.ts';
import { parseYaml } from '../../src/text/yaml.ts';

const scenario = (name: string, direction = 'lower-is-better'): { [key: string]: JsonValue } => ({
  name,
  parameters: { seq: 512 },
  value: 'performance.median_ms',
  unit: 'ms',
  direction,
});
const implementation = (name: string): { [key: string]: JsonValue } => ({
  name,
  pinned: '1.0',
  version: { field: 'version' },
  results: `results/${name}/{scenario}.json`,
});
const document = {
  title: 'Kernels, compared',
  reference: 'ours',
  scenarios: [scenario('a'), scenario('b', 'higher-is-better')],
  implementations: [implementation('ours'), implementation('fa2'), implementation('sdpa')],
};
const comparison = parseComparison(document, 'sota.yaml');

const cell = (scenarioName: string, name: string, samples: readonly number[], more: Partial<Cell> = {}): Cell => ({
  scenario: scenarioName,
  implementation: name,
  samples,
  problem: null,
  facts: { gpu: 'NVIDIA L4' },
  ...more,
});
const around = (centre: number, seed: number, n = 10, cv = 0.01): number[] => {
  const random = seededRandom(seed);
  return Array.from({ length: n }, () => centre * Math.exp(cv * random.normal()));
};

describe('the reference against the others', () => {
  const cells = [
    cell('a', 'ours', around(1, 1)),
    cell('a', 'fa2', around(1.2, 2)),
    cell('a', 'sdpa', around(1, 3)),
    cell('b', 'ours', around(100, 4)),
    cell('b', 'fa2', around(150, 5)),
    cell('b', 'sdpa', around(80, 6)),
  ];
  const { pairs, counts, trials_needed } = compareImplementations(comparison, cells);

  test('a ratio above one means a better reference, for times and for rates', () => {
    expect(pairs.map(({ against, verdict, ratio }) => [against, verdict, ratio?.toFixed(1)])).toEqual([
      ['fa2', 'better', '1.2'],
      ['sdpa', 'not_distinguishable', '1.0'],
      ['fa2', 'worse', '0.7'],
      ['sdpa', 'better', '1.3'],
    ]);
    expect(counts).toMatchObject({ better: 2, worse: 1, not_distinguishable: 1 });
    expect(trials_needed ?? 1000).toBeGreaterThan(10);
  });

  test('intervals hold the ratio, and the effect size has its band', () => {
    for (const { ratio, low, high } of pairs) {
      expect(low).toBeLessThanOrEqual(ratio ?? 0);
      expect(high).toBeGreaterThanOrEqual(ratio ?? 0);
    }
    expect(pairs[0]).toMatchObject({ cliffs_delta: 1, effect: 'large' });
    expect(pairs[2]).toMatchObject({ cliffs_delta: -1, effect: 'large' });
  });

  test('adjusted chances are never smaller than the plain ones', () => {
    for (const { p, p_holm } of pairs) expect(p_holm).toBeGreaterThanOrEqual(p ?? 1);
  });

  test('swapping the reference turns the verdicts round', () => {
    const turned = compareImplementations({ ...comparison, reference: 'fa2' }, cells);
    expect(turned.pairs.filter(({ against }) => against === 'ours').map(({ verdict }) => verdict)).toEqual([
      'worse',
      'better',
    ]);
  });
});

describe('claims that the data cannot carry', () => {
  test('three trials whose noise hides the difference claim nothing and say how many would', () => {
    const cells = [
      cell('a', 'ours', [1, 1.1, 0.92]),
      cell('a', 'fa2', [1.05, 1.16, 0.99]),
      cell('a', 'sdpa', [1.06, 0.97, 1.14]),
    ];
    const result = compareImplementations(comparison, cells);
    expect(result.counts.not_distinguishable).toBe(2);
    expect(result.trials_needed).toBeGreaterThan(3);
    expect(result).toMatchObject({ verdict: 'YELLOW', decision: { status: 'INCONCLUSIVE' } });
  });

  test('three trials far apart are distinguished by the rules of every other comparison', () => {
    const cells = [cell('a', 'ours', [1, 1.01, 0.99]), cell('a', 'fa2', [2, 2.01, 1.99])];
    const { pairs, decision, verdict } = compareImplementations(comparison, cells);
    expect(pairs[0]).toMatchObject({ verdict: 'better', strength: 'proven', rule: 'V2' });
    expect([verdict, decision.status]).toEqual(['GREEN', 'PASS']);
  });

  test('one worse pair fails the whole comparison, whatever is better or cannot be compared', () => {
    const cells = [
      cell('a', 'ours', around(1, 1)),
      cell('a', 'fa2', around(0.5, 2)),
      cell('a', 'sdpa', around(9, 3), { facts: { gpu: 'NVIDIA H100' } }),
    ];
    expect(compareImplementations(comparison, cells)).toMatchObject({
      verdict: 'RED',
      decision: { status: 'FAIL', strength: 'proven', failed: ['a: fa2'] },
    });
  });

  test('the same GPU spelled in another way is the same GPU', () => {
    const cells = [cell('a', 'ours', around(1, 1)), cell('a', 'fa2', around(9, 2), { facts: { gpu: 'nvidia  l4 ' } })];
    expect(compareImplementations(comparison, cells).pairs[0]?.verdict).toBe('better');
  });

  test('another GPU is not comparable, whatever the times', () => {
    const cells = [cell('a', 'ours', around(1, 1)), cell('a', 'fa2', around(9, 2), { facts: { gpu: 'NVIDIA H100' } })];
    expect(compareImplementations(comparison, cells).pairs[0]).toMatchObject({
      verdict: 'not_comparable',
      reason: 'differs in gpu',
      ratio: null,
    });
  });

  test('results that disagree among themselves are not comparable', () => {
    const mixed = { facts: { gpu: 'several' } };
    const cells = [cell('a', 'ours', around(1, 1), mixed), cell('a', 'fa2', around(1, 2), mixed)];
    expect(compareImplementations(comparison, cells).pairs[0]?.verdict).toBe('not_comparable');
  });

  test.each([
    [{ samples: [], problem: 'exit code 1: out of memory' }, 'fa2: exit code 1: out of memory'],
    [{ samples: [1] }, 'fa2: 1 trials'],
  ])('a cell with %j is no measurement', (more, reason) => {
    const cells = [cell('a', 'ours', around(1, 1)), cell('a', 'fa2', [], more)];
    expect(compareImplementations(comparison, cells).pairs[0]).toMatchObject({ verdict: 'no_measurement', reason });
  });

  test('of 100 comparisons of equals at most 5 find any difference', () => {
    const found = Array.from({ length: 100 }, (_, seed) =>
      compareImplementations(comparison, [
        cell('a', 'ours', around(1, 3 * seed, 8, 0.03)),
        cell('a', 'fa2', around(1, 3 * seed + 1, 8, 0.03)),
        cell('a', 'sdpa', around(1, 3 * seed + 2, 8, 0.03)),
      ]),
    ).filter(({ counts }) => counts.better + counts.worse > 0);
    expect(found.length).toBeLessThanOrEqual(5);
  }, 60_000);
});

describe('plots', () => {
  const cells = [cell('a', 'ours', around(1, 1)), cell('a', 'fa2', around(1.2, 2))];
  const result = compareImplementations(comparison, cells);
  const [first] = comparison.scenarios;

  const scenario = first ?? expect.unreachable();

  test('one mark a comparison, one mark a trial', () => {
    const ratios = renderRatios('ours', result);
    expect(ratios?.match(/>[\d.]+× \([\d.]+ to [\d.]+\) (better|worse)/g)).toHaveLength(1);
    expect(ratios).toContain('ours is better in 1 of 1 comparison');
    expect(renderTrials(scenario, result.cells, 'ours')?.match(/<title>/g)).toHaveLength(20);
  });

  test('nothing measured draws nothing', () => {
    expect(renderRatios('ours', { ...result, pairs: [] })).toBeNull();
    expect(renderTrials(scenario, [], 'ours')).toBeNull();
  });

  test('equal trials give finite coordinates', () => {
    const flat = compareImplementations(comparison, [cell('a', 'ours', [1, 1, 1]), cell('a', 'fa2', [1, 1, 1])]);
    expect(renderRatios('ours', flat)).not.toMatch(/NaN|Infinity/);
    expect(renderTrials(scenario, flat.cells, 'ours')).not.toMatch(/NaN|Infinity/);
  });
});

describe('the matrix', () => {
  test('the shipped matrices hold eight scenarios', async () => {
    const paths = ['configs/sota/attention.yaml', 'configs/sota/serving.yaml'].filter(existsSync);
    const parsed = await Promise.all(
      paths.map(async (path) => parseComparison(await parseYaml(readFileSync(path, 'utf8'), path), path)),
    );
    expect(parsed.flatMap(({ scenarios }) => scenarios.map(({ name }) => name))).toHaveLength(8);
  });

  const [ours, fa2] = [implementation('ours'), implementation('fa2')];
  test.each([
    [{ reference: 'theirs' }, 'reference is theirs'],
    [{ scenarios: [] }, 'scenarios'],
    [{ scenarios: [scenario('a'), scenario('a')] }, 'scenarios holds a twice'],
    [{ implementations: [ours, ours] }, 'implementations holds ours twice'],
    [{ implementations: [ours] }, 'implementations'],
    [{ implementations: [ours, { ...fa2, command: ['x'] }] }, 'implementations.fa2 needs either'],
    [{ implementations: [ours, { ...fa2, version: { command: ['x'] } }] }, 'says nothing about existing results'],
    [{ implementations: [ours, { ...fa2, scenarios: ['z'] }] }, 'names the unknown scenario z'],
    [{ implementations: [ours, { ...fa2, name: '../x' }] }, 'implementations.1.name'],
    [{ trials: 2 }, 'trials'],
    [{ refrence: 'ours' }, 'the file'],
  ] as const)('%j is refused with its place', (more, message) => {
    expect(() => parseComparison({ ...document, ...more } as unknown as JsonValue, 'sota.yaml')).toThrow(
      expect.objectContaining({ code: 'comparison_spec', message: expect.stringContaining(message) }),
    );
  });
});
