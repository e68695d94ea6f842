import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareContexts, contextWarnings, resolveAxis } from '../../src/verdict/context-match.ts';
import type { Context } from '../../src/metrics/context.ts';

const H100: Context = { model: 'llama', hardware: 'H100', tp: 4, engine: 'vllm', engine_version: '0.11.0', isl: 1024 };

describe('compareContexts', () => {
  it.each<[string, Context, Context, string[], string[], string[]]>([
    ['equal contexts', H100, H100, [], [], []],
    ['another degree of parallelism', H100, { ...H100, tp: 8 }, [], ['tp'], []],
    ['the same on the axis', H100, { ...H100, tp: 8 }, ['tp'], [], []],
    ['case and blanks', H100, { ...H100, model: ' LLAMA' }, [], [], []],
    ['a model without its owner', H100, { ...H100, model: 'meta-llama/Llama' }, [], [], []],
    ['a model of another owner', { model: 'nvidia/llama' }, { model: 'meta-llama/llama' }, [], ['model'], []],
    ['a measured length that wobbles', H100, { ...H100, isl: 1030 }, [], [], []],
    ['a measured length that is another', H100, { ...H100, isl: 2048 }, [], ['isl'], []],
    ['one side is silent', H100, { ...H100, tp: null }, [], [], ['tp']],
    [
      'one side never heard of it',
      H100,
      { model: 'llama', hardware: 'H100', tp: 4 },
      [],
      [],
      ['engine', 'engine_version', 'isl'],
    ],
    ['false is not silence', { prefix_caching: false }, { prefix_caching: true }, [], ['prefix_caching'], []],
    [
      'seed, node and GPUs',
      { ...H100, seed: 1, node: 'a', gpu_uuids: ['x'] },
      { ...H100, seed: 2, node: 'b', gpu_uuids: ['y'] },
      [],
      [],
      [],
    ],
    ['a delivery', { delivery: 'image' }, { delivery: 'overlay' }, [], ['delivery'], []],
    ['a delivery that one side does not state', { delivery: 'image' }, {}, [], ['delivery'], []],
    ['a delivery by case', { delivery: 'image' }, { delivery: 'Image' }, [], ['delivery'], []],
  ])('%s', (_, baseline, candidate, axis, mismatches, unknown) => {
    const compared = compareContexts(baseline, candidate, axis);
    expect(compared.mismatches.map(({ field }) => field)).toEqual(mismatches);
    expect(compared.unknown.map(({ field }) => field).sort()).toEqual([...unknown].sort());
    expect(compared.match).toBe(mismatches.length === 0);
  });

  it('finds the same differences from either side', () => {
    const context: fc.Arbitrary<Context> = fc.record(
      {
        tp: fc.option(fc.nat(2)),
        quant: fc.option(fc.constantFrom('FP8', 'BF16')),
        delivery: fc.option(fc.constantFrom('image', 'overlay')),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(context, context, (a, b) => {
        const [there, back] = [compareContexts(a, b), compareContexts(b, a)];
        expect(back.mismatches).toEqual(
          there.mismatches.map(({ field, baseline, current }) => ({ field, baseline: current, current: baseline })),
        );
        expect(compareContexts(a, a)).toMatchObject({ match: true, unknown: [], varies: [] });
      }),
    );
  });

  it.each<[Context, Context, boolean | null, string | null]>([
    [{ gpu_uuids: ['a', 'b'] }, { gpu_uuids: ['b', 'a'] }, true, 'gpu_uuids'],
    [{ gpu_uuids: ['a'], node: 'n' }, { gpu_uuids: ['b'], node: 'n' }, false, 'gpu_uuids'],
    [{ gpu_uuids: ['a'], node: 'n' }, { node: 'n' }, true, 'node'],
    [{ node: 'n' }, { node: 'm' }, false, 'node'],
    [{ node: 'n' }, {}, null, null],
  ])('placement of %j and %j: %s by %s', (baseline, candidate, same_placement, placement_basis) => {
    expect(compareContexts(baseline, candidate)).toMatchObject({ same_placement, placement_basis });
  });

  it('gives equal experiments on other GPUs one key', () => {
    const { baseline_key, current_key } = compareContexts({ ...H100, node: 'a' }, { ...H100, node: 'b', seed: 3 });
    expect(current_key).toBe(baseline_key);
  });
});

describe('the axis', () => {
  it.each([
    ['engine.version', 'engine_version'],
    ['engine-version', 'engine_version'],
    ['Engine_Version', 'engine_version'],
    ['tensor_parallel', 'tp'],
    ['driver_options.concurrency', 'concurrency'],
    ['quantization.format', 'quant'],
  ])('%s is %s', (name, field) => {
    expect(resolveAxis([name, name])).toEqual([field]);
  });

  it('with an unknown name is refused with the nearest', () => {
    expect(() => resolveAxis(['engine_verison'])).toThrow(
      expect.objectContaining({ code: 'axis_unknown', details: { fix: 'did you mean engine_version?' } }),
    );
  });
});

describe('contextWarnings', () => {
  it('names every mismatch with both values', () => {
    const compared = compareContexts({ ...H100, delivery: 'image' }, { ...H100, tp: 8, quant: 'FP8' });
    expect(contextWarnings(compared)).toEqual([
      'CONTEXT MISMATCH outside the declared axis: tp 4 -> 8; delivery image -> not stated',
    ]);
  });

  it('still warns of a delivery on the axis', () => {
    const compared = compareContexts({ delivery: 'image' }, { delivery: 'overlay' }, ['delivery']);
    expect(compared).toMatchObject({ match: true, delivery_differs: true });
    expect(contextWarnings(compared)).toEqual([expect.stringContaining('no evidence')]);
  });

  it('is silent when nothing differs', () => {
    expect(contextWarnings(compareContexts(H100, H100))).toEqual([]);
  });
});
