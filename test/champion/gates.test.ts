import { describe, expect, test } from 'vitest';
import type { ChampionQuery } from '../../src/champion/question.ts';
import type { GivenRow } from '../../src/campaign/row.ts';
import { BASE, FASTER, NODE, NOTHING_TYPED, cell, selecting } from './atlas.ts';

const select = selecting();
const IMAGE = { delivery: 'image', production_representative: true };
const placed = (name: string, rates: readonly number[], more: Partial<GivenRow> = {}, extra: GivenRow['extra'] = {}) =>
  cell(name, rates, 15, { ...NODE, ...more, extra: { ...IMAGE, ...extra } });

const evaluation = (name: string, score: number, more: Partial<GivenRow> = {}, extra: GivenRow['extra'] = {}) =>
  cell(name, [], null, { concurrency: 1, dataset: 'eval', ...more, extra: { ...IMAGE, metric_kind: 'eval_acc', quality_metrics: { gsm8k_exact_match: score, mmlu_acc: 0.7 }, ...extra } }); // prettier-ignore

const workloads = (name: string, more: Partial<GivenRow> = {}, extra: GivenRow['extra'] = {}) =>
  ['aa-1k', 'sonnet', 'ShareGPT_V3', 'random', 'code'].map((dataset) =>
    placed(`${name}-${dataset}`, FASTER, { dataset, ...more }, extra),
  );

const COUNTERS = {
  'cells/fast/dcgm_correlation.json': { resources: [{ peak_key: 'hbm3e_tbps', metric: 'DRAM_ACTIVE', sol_pct: 61 }] },
};

const ALL_TYPED: ChampionQuery['attested'] = {
  trials: 3,
  sameNode: true,
  workloads: ['aa', 'sonnet', 'sharegpt', 'random', 'code'],
  accuracy: 'pass',
};

const stateOf = (gates: readonly { name: string; status: string; result: string }[], name: string): string => {
  const gate = gates.find((each) => each.name === name);
  return gate === undefined ? 'none' : `${gate.status} ${gate.result}`;
};

describe('the tier of a pick', () => {
  test('is VERDICT where every gate is opened by a record and the judge misses nothing', async () => {
    const found = await select([placed('glm-base', BASE), placed('fast', FASTER), ...workloads('fast')], {}, COUNTERS);
    expect(found.gates.map(({ name, status, result }) => `${name} ${status} ${result}`)).toEqual([
      'variance recorded pass',
      'same_node recorded pass',
      'trials recorded pass',
      'multi_workload recorded pass',
      'accuracy recorded pass',
      'dcgm_grounded recorded pass',
      'delivery recorded pass',
    ]);
    expect(found).toMatchObject({
      recommended_cell: 'fast',
      tier: 'verdict',
      tier_missing: [],
      tier_says: 'VERDICT',
      banner: 'RECOMMENDED-FOR-PRODUCTION (VERDICT): fast',
      reasons: [],
      flags: [],
    });
    expect(found.gates.find(({ name }) => name === 'dcgm_grounded')?.evidence).toEqual(['cells/fast/dcgm_correlation.json']);
  });

  test('is DRAFT where a word of the call stands in for a record, and each such word has the record that would replace it', async () => {
    const rows = [cell('glm-base', BASE), cell('fast', FASTER, 15, { quant: 'NVFP4' })];
    const found = await select(rows, { attested: ALL_TYPED }, COUNTERS);
    expect(found.tier).toBe('draft');
    expect(stateOf(found.gates, 'same_node')).toBe('attested pass');
    expect(stateOf(found.gates, 'accuracy')).toBe('attested pass');
    expect(stateOf(found.gates, 'multi_workload')).toBe('attested pass');
    expect(found.flags).toEqual([
      expect.stringMatching(/^--same-node is only said; node or gpu_uuids .* would replace it$/),
      expect.stringMatching(/^--workloads-present is only said; rows of fast under aa, sonnet, sharegpt, code .* would replace it$/),
      expect.stringMatching(/^--accuracy-gate is only said; an evaluation of fast .* would replace it$/),
    ]);
  });

  test('never rises by a word: what is recorded stands, whatever is typed', async () => {
    const rows = [placed('glm-base', BASE), placed('fast', FASTER, { node: 'node-2' })];
    const found = await select(rows, { attested: ALL_TYPED }, COUNTERS);
    expect(stateOf(found.gates, 'same_node')).toBe('recorded fail');
    expect(found.tier).toBe('draft');
  });

  test('is DRAFT where another metric got worse, and the page names it', async () => {
    const worse = { ttft_p50_ms: 900, trials: placed('fast', FASTER).trials.map((trial) => ({ ...trial, values: { ...trial.values, ttft_p50_ms: 900 + trial.index } })) };
    const better = { ttft_p50_ms: 300, trials: placed('glm-base', BASE).trials.map((trial) => ({ ...trial, values: { ...trial.values, ttft_p50_ms: 300 + trial.index } })) };
    const found = await select([placed('glm-base', BASE, better), placed('fast', FASTER, worse), ...workloads('fast')], {}, COUNTERS);
    expect(found.tier_missing).toContain('worse_elsewhere');
    expect(found.variants[1]?.worse).toEqual([expect.stringMatching(/^ttft_p50_ms 301 -> 901 ms \(\+199\.3%\)$/)]);
  });
}); // prettier-ignore

describe('the gates', () => {
  test.each([
    ['trials typed where the rows hold one', [100], [120], { ...NOTHING_TYPED, trials: 3 }, 'trials', 'attested pass'],
    ['too few typed', [100], [120], { ...NOTHING_TYPED, trials: 2 }, 'trials', 'attested fail'],
    ['nothing typed', [100], [120], NOTHING_TYPED, 'trials', 'missing unknown'],
    ['two recorded', [100, 101], [120, 121], NOTHING_TYPED, 'trials', 'missing unknown'],
    ['three recorded, one typed', BASE, FASTER, { ...NOTHING_TYPED, trials: 1 }, 'trials', 'recorded pass'],
    ['the noise of one trial', [100], [120], NOTHING_TYPED, 'variance', 'missing unknown'],
    ['the noise of one trial with same node and trials typed', [100], [120], { ...NOTHING_TYPED, sameNode: true, trials: 3 }, 'variance', 'attested pass'],
    ['a node that nobody names', BASE, FASTER, NOTHING_TYPED, 'same_node', 'missing unknown'],
    ['workloads typed in part', BASE, FASTER, { ...NOTHING_TYPED, workloads: ['aa'] }, 'multi_workload', 'attested fail'],
    ['an accuracy that failed', BASE, FASTER, { ...NOTHING_TYPED, accuracy: 'fail' as const }, 'accuracy', 'attested fail'],
  ] as const)('%s', async (_case, before, after, attested, name, state) => {
    const found = await select([cell('glm-base', before), cell('fast', after)], { attested });
    expect(stateOf(found.gates, name)).toBe(state);
  });

  test('are those of the baseline where nothing leads', async () => {
    const found = await select([placed('glm-base', BASE), placed('slow', [80, 81, 82])]);
    expect(found.gates_of).toBe('glm-base');
    expect(found.gates[0]).toMatchObject({ name: 'variance', status: 'missing', detail: 'no variant leads, so that there is no lead to prove' });
  });

  test('trials that are windows of one process are no measure of variance', async () => {
    const windows = cell('fast', FASTER);
    const found = await select([cell('glm-base', BASE), { ...windows, trials: windows.trials.map((trial) => ({ ...trial, replicate_level: 'window' })) }]);
    expect(stateOf(found.gates, 'variance')).toBe('recorded fail');
  });

  test.each([
    ['quantisation', { quant: 'NVFP4', model: 'org/model-9b-NVFP4' }],
    ['KV type', { kv_cache_dtype: 'nvfp4' }],
    ['speculation', { mtp: true, num_speculative_tokens: 2 }],
  ] as const)('a change of %s needs an evaluation of the variant', async (_what, more) => {
    const rows = [placed('glm-base', BASE), placed('fast', FASTER, more)];
    const accuracy = async (...evaluations: ReturnType<typeof cell>[]) => stateOf((await select([...rows, ...evaluations])).gates, 'accuracy');
    expect(await accuracy()).toBe('missing unknown');
    expect(await accuracy(evaluation('e-base', 0.8))).toBe('missing unknown');
    expect(await accuracy(evaluation('e-fast', 0.8, more))).toBe('missing unknown');
    expect(await accuracy(evaluation('e-base', 0.8), evaluation('e-fast', 0.795, more))).toBe('recorded pass');
    expect(await accuracy(evaluation('e-base', 0.8), evaluation('e-fast', 0.78, more))).toBe('recorded fail');
    expect(await accuracy(evaluation('e-base', 0.8), evaluation('e-fast', 0.8, more, { delivery: 'overlay' }))).toBe('missing unknown');
  });

  test.each([[0.6, 'recorded pass'], [0.9, 'recorded fail']] as const)('a floor of %d stands for the baseline', async (accuracyFloor, state) => {
    const rows = [placed('glm-base', BASE), placed('fast', FASTER, { mtp: true }), evaluation('e-fast', 0.8, { mtp: true })];
    expect(stateOf((await select(rows, { accuracyFloor })).gates, 'accuracy')).toBe(state);
  });

  test('evidence of one delivery is none for another', async () => {
    const rows = [placed('glm-base', BASE), placed('fast', FASTER), ...workloads('fast', {}, { delivery: 'overlay' })];
    const sweep = placed('fast-decode', FASTER, {}, { phase: 'decode', delivery: 'overlay' });
    const files = { 'cells/fast-decode/roofline_sweep.json': { decode: [{ c: 32, dram_active: 0.5 }], prefill: [] } };
    const found = await select([...rows, sweep], {}, files);
    expect(found.gates.find(({ name }) => name === 'multi_workload')?.detail).toBe('its rows hold random; not aa, sonnet, sharegpt, code');
    expect(stateOf(found.gates, 'dcgm_grounded')).toBe('missing unknown');
    const same = placed('fast-decode', FASTER, {}, { phase: 'decode' });
    expect(stateOf((await select([...rows, same], {}, files)).gates, 'dcgm_grounded')).toBe('recorded pass');
  });

  test('a variant of another delivery than the baseline wins for that delivery only', async () => {
    const found = await select([placed('glm-base', BASE), placed('fast', FASTER, {}, { delivery: 'overlay' })], { attested: ALL_TYPED }, COUNTERS);
    expect(found).toMatchObject({ recommended_cell: 'fast', tier: 'draft' });
    expect(found.tier_missing).toEqual(expect.arrayContaining(['delivery_differs', 'gate:delivery']));
    expect(found.gates.find(({ name }) => name === 'delivery')?.detail).toBe('fast came as overlay, the baseline as image: numbers of one are no evidence for the other');
  });
}); // prettier-ignore

describe('the ladder of a variant', () => {
  test('has the level of its files, its categories, the shares of its counters and its roofline at the load', async () => {
    const decode = [{ c: 1, dram_active: 0.9 }, { c: 32, dram_active: 0.55, sm_active: 0.4, tensor_active: 0.2, median_tpot_ms: 14 }];
    const files = {
      'cells/fast/kernels.json': { schema_version: 2, sources: [{ source: 'nsys', unit: 'ns', top_kernels: [{ name: 'k' }], per_category: { MoE: 60, FMHA: 30, NCCL: 10 } }] },
      'cells/fast/ncu_kernels.json': { kernels: [{ name: 'k' }, { name: 'l' }] },
      'cells/fast-decode/roofline_sweep.json': { schema: 'roofline_sweep_points_v1', decode, prefill: [] },
    };
    const found = await select([cell('glm-base', BASE), cell('fast', FASTER)], {}, files);
    expect(found.variants[1]).toMatchObject({
      has_roofline: true,
      roofline_point: { c: 32, dram_active: 0.55 },
      sol: {
        l1_present: true,
        l1_top_categories: [{ category: 'MoE', time_share_pct: 60 }, { category: 'FMHA', time_share_pct: 30 }, { category: 'NCCL', time_share_pct: 10 }],
        l2_present: false,
        l3_present: true,
        l4_present: true,
        l4_kernel_count: 2,
        sol_rigor: 'L4',
        tensor_pct_sol: 20,
        sm_active_pct: 40,
        nvlink_pct_sol: null,
      },
    });
    expect(found.variants[1]?.sol.hbm_pct_sol).toBeCloseTo(55, 9);
    expect(found.roofline_overlay).toEqual({ fast: { schema: 'roofline_sweep_points_v1', decode, prefill: [] } });
    expect(found.variants[0]?.sol).toMatchObject({ sol_rigor: 'none', hbm_pct_sol: null });
  });

  test('never takes a sweep point of another load for this one', async () => {
    const files = { 'cells/fast-decode/roofline_sweep.json': { decode: [{ c: 64, dram_active: 0.9 }], prefill: [] } };
    const found = await select([cell('glm-base', BASE), cell('fast', FASTER)], {}, files);
    expect(found.variants[1]).toMatchObject({ has_roofline: true, roofline_point: null, sol: { hbm_pct_sol: null, l3_present: true } });
  });
}); // prettier-ignore
