import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { combinationKey, combinations } from '../../src/autotune/parameter-space.ts';
import { defines, fillCommand } from '../../src/autotune/template.ts';
import { parseTuningSpec } from '../../src/autotune/tuning-spec.ts';
import type { JsonObject, JsonValue } from '../../src/text/json.ts';
import { parseYaml } from '../../src/text/yaml.ts';

const document: JsonObject = {
  config: 'training_512',
  parameters: { BLOCK_M: [64, 128], NUM_STAGES: [1, 2], FAST: [false, true] },
  baseline: { BLOCK_M: 64, NUM_STAGES: 1, FAST: false },
  build: { command: ['nvcc', '{defines}', '-o', '{artifact}', 'k.cu'], artifact: 'build/{key}/k' },
  bench: { command: ['{artifact}', '--config', '{config}'], value: 'performance.median_ms' },
};
const parse = (more: Readonly<Record<string, JsonValue>> = {}) =>
  parseTuningSpec({ ...document, ...more }, 'tune.yaml');

describe('a tuning file', () => {
  test('the example in configs is valid and holds eight combinations', async () => {
    const path = 'configs/autotune-example.yaml';
    const spec = parseTuningSpec(await parseYaml(readFileSync(path, 'utf8'), path), path);
    expect(combinations(spec)).toHaveLength(8);
    expect(spec).toMatchObject({
      trials: { screen: 3, confirm: 6 },
      bench: { unit: 'ms', direction: 'lower-is-better' },
    });
  });

  test('combinations start with the baseline and go outwards from it', () => {
    const spec = parse();
    const keys = combinations(spec).map((combination) => combinationKey(spec.parameters, combination));
    expect(keys.slice(0, 4)).toEqual([
      'BLOCK_M-64_NUM_STAGES-1_FAST-false',
      'BLOCK_M-64_NUM_STAGES-1_FAST-true',
      'BLOCK_M-64_NUM_STAGES-2_FAST-false',
      'BLOCK_M-128_NUM_STAGES-1_FAST-false',
    ]);
    expect(new Set(keys).size).toBe(8);
  });

  test('excluded settings are left out, the baseline never is', () => {
    expect(combinations(parse({ exclude: [{ BLOCK_M: 128, NUM_STAGES: 2 }] }))).toHaveLength(6);
    expect(combinations(parse({ exclude: [{ BLOCK_M: 64 }] }))).toHaveLength(5);
  });

  test('definitions keep the order of the parameters, and truth is one', () => {
    const spec = parse();
    expect(defines(spec.parameters, { BLOCK_M: 128, NUM_STAGES: 2, FAST: true })).toEqual([
      '-DBLOCK_M=128',
      '-DNUM_STAGES=2',
      '-DFAST=1',
    ]);
  });

  test('placeholders fill whole arguments or parts, and nothing splits or repeats', () => {
    expect(fillCommand(['a', '{defines}', '--x={N}', '{other}'], { N: '1 2; {N}' }, ['-DA=1', '-DB=2'])).toEqual([
      'a',
      '-DA=1',
      '-DB=2',
      '--x=1 2; {N}',
      '{other}',
    ]);
  });
});

describe('tuning files that cannot be used are refused with place and fix', () => {
  const build = { command: ['nvcc', '{defines}'], artifact: 'k' };
  const bench = { command: ['{artifact}'], value: 'ms' };
  const cases: readonly (readonly [Readonly<Record<string, JsonValue>>, string])[] = [
    [{ config: 'a b' }, 'config must be a plain word'],
    [{ config: '../x' }, 'config must be a plain word'],
    [{ parameters: {} }, 'parameters is empty'],
    [{ parameters: { 'A-B': [1] } }, 'parameters.A-B'],
    [{ parameters: { A: [] } }, 'parameters.A'],
    [{ parameters: { A: [1, 1] } }, 'parameters.A must list each value once'],
    [{ parameters: { A: ['x; rm -rf /'] } }, 'parameters.A.0'],
    [{ parameters: { A: [[1]] } }, 'parameters.A.0'],
    [{ baseline: { BLOCK_M: 64, NUM_STAGES: 1 } }, 'baseline does not set FAST'],
    [{ baseline: { BLOCK_M: 96, NUM_STAGES: 1, FAST: false } }, 'baseline sets BLOCK_M to 96'],
    [{ baseline: { BLOCK_K: 1 } }, 'baseline names BLOCK_K, which is no parameter'],
    [{ exclude: [{ BLOCK_M: 1 }] }, 'exclude[0] sets BLOCK_M to 1'],
    [{ exclude: 'none' }, 'exclude'],
    [{ build: { ...build, command: 'nvcc -O3' } }, 'build.command'],
    [{ build: { ...build, command: ['nvcc', '{deffines}'] } }, 'unknown placeholder {deffines}'],
    [{ build: { ...build, artifact: '/usr/bin/k' } }, 'build.artifact must be a path inside'],
    [{ build: { ...build, artifact: '../k' } }, 'build.artifact must be a path inside'],
    [{ build: { ...build, timeout_s: 0 } }, 'build.timeout_s'],
    [{ build: { ...build, comand: [] } }, 'comand'],
    [
      { build: null, bench: { command: ['./b', '{BLOCK_M}', '{FAST}'], value: 'ms' } },
      'parameters.NUM_STAGES is used by neither',
    ],
    [{ build: null, bench }, 'unknown placeholder {artifact}'],
    [{ bench: { command: ['{artifact}'] } }, 'bench.value'],
    [{ bench: { ...bench, direction: 'down' } }, 'bench.direction'],
    [{ trials: { confirm: 3 } }, 'trials.confirm must be at least 5'],
    [{ trials: { screen: -1 } }, 'trials.screen'],
    [{ paramters: {} }, 'paramters'],
  ];
  test.each(cases)('%j', (more, message) => {
    expect(() => parse(more)).toThrow(
      expect.objectContaining({ code: 'tuning_spec', message: expect.stringContaining(message) }),
    );
  });
});
