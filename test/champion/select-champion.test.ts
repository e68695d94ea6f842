import { describe, expect, test } from 'vitest';
import type { GivenRow } from '../../src/campaign/row.ts';
import { BASE, FASTER, cell, selecting } from './atlas.ts';

const select = selecting();
const base = cell('glm-base', BASE);
const slower = [89, 90, 91];

describe('the pick', () => {
  test('a variant whose lead stands out of the noise is recommended, with the interval of its lead', async () => {
    const found = await select([base, cell('fast', FASTER), cell('slow', slower)]);
    expect(found).toMatchObject({
      schema_version: 'champion_select_v1',
      focus: 'throughput',
      focus_c: 32,
      metric: 'tok_s_gpu',
      slo_ms: 16.5,
      baseline_cell: 'glm-base',
      baseline_source: 'name',
      recommended_cell: 'fast',
      recommended_engine: 'vllm',
      no_change: false,
      banner: 'RECOMMENDED-FOR-PRODUCTION (DRAFT): fast',
      variant_count: 2,
    });
    expect(found.variants.map(({ name, slo_verdict: slo }) => [name, slo])).toEqual([
      ['glm-base', 'BASELINE'],
      ['fast', 'PASS-SLO'],
      ['slow', 'PASS-SLO'],
    ]);
    const [, fast] = found.variants;
    expect(fast).toMatchObject({ pct_win_vs_baseline: 20, lead: { rank: 'better', n: [3, 3], basis: 'interval_t' } });
    expect(fast?.lead?.low).toBeGreaterThan(17);
    expect(fast?.lead?.high).toBeLessThan(23);
  });

  test.each([
    ['one arm alone', [base], /no other variant can be compared/],
    ['nothing better', [base, cell('slow', slower)], /no variant is better than glm-base/],
    ['a lead of one trial', [cell('glm-base', [100]), cell('fast', [120])], /fast leads by \+20\.0% .* not decided: \d+ trials a side should settle it/],
    ['a lead within the noise', [cell('glm-base', [90, 100, 110]), cell('fast', [92, 103, 113])], /fast leads by \+3\.0% .* not decided/],
    ['faster but too slow a token', [base, cell('fast', FASTER, 16.6)], /1 faster variant does not keep the TPOT limit of 16\.50 ms/],
    ['faster without any TPOT', [base, cell('fast', FASTER, null)], /1 without any TPOT/],
    ['a baseline without TPOT', [cell('glm-base', BASE, null), cell('fast', FASTER)], /no limit to keep: give slo_abs_ms/],
    ['a gain that no tuning explains', [base, cell('fast', [2990, 3000, 3010], 1)], /check the units/],
  ] as const)('%s: the baseline stays, and the answer says why', async (_case, rows, why) => {
    const found = await select(rows);
    expect(found).toMatchObject({ recommended_cell: 'glm-base', no_change: true, tier: 'draft', tier_missing: ['no_winner'] });
    expect(found.banner).toBe('RECOMMENDED-FOR-PRODUCTION (DRAFT): glm-base (no change)');
    expect(found.says).toMatch(/^no change: keep glm-base\. /);
    expect(found.says).toMatch(why);
    expect(found.reasons).toEqual([found.says]);
    expect(found.gates.map(({ name }) => name)).toEqual(['variance', 'same_node', 'trials', 'multi_workload', 'accuracy', 'dcgm_grounded', 'delivery']);
  });

  test('an undecided lead names how many trials and the verb that prices them', async () => {
    const found = await select([cell('glm-base', [98, 100, 102]), cell('fast', [100, 103, 105])]);
    expect(found.leader).toMatchObject({ cell_id: 'fast', pct_win_vs_baseline: 3 });
    expect(found.leader?.trials_needed).toBeGreaterThan(3);
    expect(found.next_step).toMatch(/^measure \d+ trials a side of fast and glm-base, in turn; perf_tune_report_campaign_next/);
  });

  test('an absolute limit takes the place of the relative one', async () => {
    const rows = [base, cell('fast', FASTER, 16.6)];
    expect((await select(rows, { sloAbsMs: 20 })).recommended_cell).toBe('fast');
    expect((await select(rows, { sloRel: 1.2 })).recommended_cell).toBe('fast');
    expect((await select([base, cell('fast', FASTER, 14)], { sloAbsMs: 12 })).no_change).toBe(true);
  });

  test('for latency the time per token of a single request decides', async () => {
    const at1 = (name: string, tpot: number) => cell(name, [10, 10, 10], tpot, { concurrency: 1 });
    const found = await select([at1('glm-base', 10), at1('quick', 8), base, cell('wide', FASTER)], { focus: 'latency' });
    expect(found).toMatchObject({ focus_c: 1, metric: 'tpot', recommended_cell: 'quick' });
    expect(found.variants.at(-1)).toMatchObject({ pct_win_vs_baseline: 25, focus_metric: 8 });
    expect(found.not_compared).toMatchObject([{ cell_id: 'wide', reason: 'no_row_at_focus' }]);
  });

  test('of twenty arms the order is by value, the shown ones are the first, and each lead is held against all', async () => {
    const arms = Array.from({ length: 20 }, (_, at) => cell(`arm-${String(at).padStart(2, '0')}`, BASE.map((rate) => rate + at)));
    const found = await select([base, ...arms]);
    expect(found.variant_count).toBe(20);
    expect(found.variants.map(({ name }) => name)).toEqual(['glm-base', 'arm-19', 'arm-18', 'arm-17']);
    expect(found.recommended_cell).toBe('arm-19');
    const [alone] = (await select([base, cell('arm-19', BASE.map((rate) => rate + 19))])).variants.slice(1);
    expect(found.variants[1]?.lead?.p).toBeGreaterThan(alone?.lead?.p ?? 1);
  });

  test('equal variants are a tie that is said, and the order does not hang on that of the rows', async () => {
    const rows = [base, cell('b', FASTER), cell('a', FASTER)];
    const found = await select(rows);
    expect(found).toMatchObject({ recommended_cell: 'a', ties: ['b'] });
    expect(found.warnings).toContain('not to be told from a: b');
    expect((await select(rows.toReversed())).recommended_cell).toBe('a');
  });

  test('trials that were measured in turn are compared pair by pair, so that a drift of the host is none of the variants', async () => {
    const turns = (name: string, rates: readonly number[]) => {
      const row = cell(name, rates);
      return [row, { ...row, raw_path: `variant-ab/${name}/c32-t1.json` }] as const;
    };
    const [base3, base3InTurn] = turns('glm-base', [90, 100, 110]);
    const [fast3, fast3InTurn] = turns('fast', [94.5, 105.2, 115.4]);
    const apart = await select([base3, fast3]);
    expect(apart).toMatchObject({ no_change: true, variants: [{}, { lead: { rank: 'not_distinguishable', pairs: null } }] });
    expect(apart.sensitivity.changes).toBeGreaterThan(0.1);
    const together = await select([base3InTurn, fast3InTurn]);
    expect(together).toMatchObject({ recommended_cell: 'fast', variants: [{}, { lead: { rank: 'better', pairs: 3 } }], sensitivity: { changes: 0 } });
  });

  test('a proven winner is shown though undecided ones lead by value', async () => {
    const wild = (name: string) => cell(name, [60, 140, 200]);
    const found = await select([base, wild('w1'), wild('w2'), wild('w3'), cell('fast', FASTER)], { top: 2 });
    expect(found).toMatchObject({ recommended_cell: 'fast', leader: { cell_id: 'w1' } });
    expect(found.variants.map(({ name }) => name)).toEqual(['glm-base', 'w1', 'fast']);
  });
}); // prettier-ignore

describe('what is compared', () => {
  const other = (more: Partial<GivenRow>) => cell('other', FASTER, 15, more);

  test.each([
    ['another model', other({ model: 'org/tiny-1b' }), 'other_model', /org\/tiny-1b, the baseline is org\/model-9b-FP8/],
    ['another GPU', other({ hardware: 'H100' }), 'other_hardware', /H100/],
    ['other lengths', other({ mean_input_tokens: 8192 }), 'other_shape', /isl 8192, the baseline has 1024/],
    ['another dataset', other({ dataset: 'sonnet' }), 'other_shape', /dataset sonnet/],
    ['a warm cache', other({ cache_mode: 'warm' }), 'other_shape', /cache_mode warm, the baseline has cold/],
    ['a cache that nobody states', other({ cache_mode: 'unknown' }), 'other_shape', /cache_mode not stated/],
    ['no row at the load', other({ concurrency: 64 }), 'no_row_at_focus', /no row at concurrency 32; it has 64/],
    ['a failed cell', { ...other({}), status: 'failed' as const, n_trials: 0, trials: [], notes: 'out of memory' }, 'not_measured', /failed: out of memory/],
    ['trials that do not count', other({ extra: { invalid: ['throttle'] } }), 'excluded', /no trial of it counts: throttle/],
    ['a row that cannot be true', other({ request_throughput_avg: 5000, throughput_tok_per_s: 960, completed_requests: 64, duration_s: 10 }), 'excluded', /./],
  ])('%s is not judged, and named', async (_case, row, reason, detail) => {
    const found = await select([base, row]);
    expect(found.no_change).toBe(true);
    expect(found.variants.map(({ name }) => name)).toEqual(['glm-base']);
    expect(found.not_compared).toMatchObject([{ cell_id: 'other', reason, detail: expect.stringMatching(detail) }]);
    if (reason === 'excluded') expect(found.excluded).toMatchObject([{ cell_id: 'other', concurrency: 32 }]);
  });

  test.each([
    ['another engine', other({ serving_engine: 'sglang' })],
    ['another format of the same model', other({ model: 'model-9b-NVFP4', quant: 'NVFP4' })],
    ['fewer GPUs', other({ tensor_parallel: 4, n_gpus: 4 })],
    ['lengths within two percent', other({ mean_output_tokens: 258 })],
  ])('%s is a variant', async (_case, row) => {
    expect((await select([base, row])).recommended_cell).toBe('other');
  });

  test('points of one cell that differ in their speculation are variants of their own', async () => {
    const found = await select([base, other({ num_speculative_tokens: 2 }), other({ num_speculative_tokens: 3, output_tps_per_gpu: 110 })]);
    expect(found.variants.map(({ name }) => name)).toEqual(['glm-base', 'other K=2', 'other K=3']);
  });

  test('sweeps of one phase and evaluations are no variants', async () => {
    const evaluation = cell('eval', [], null, { concurrency: 1, extra: { metric_kind: 'eval_acc', quality_metrics: { acc: 0.8 } } });
    const found = await select([base, cell('base-decode', FASTER), cell('p', FASTER, 15, { extra: { phase: 'decode' } }), evaluation]);
    expect(found).toMatchObject({ variant_count: 0, not_compared: [] });
  });
}); // prettier-ignore

describe('the baseline', () => {
  const [one, two] = [cell('one', BASE), cell('two', FASTER)];

  test.each([
    [[one, two], {}, 'one', 'first'],
    [[one, cell('x-baseline', BASE)], {}, 'x-baseline', 'name'],
    [[cell('s-base', BASE, 15, { serving_engine: 'sglang' }), cell('v-base', BASE)], {}, 'v-base', 'name'],
    [[one, two, base], { baseline: 'two' }, 'two', 'call'],
  ] as const)('%# is found', async (rows, query, baseline_cell, baseline_source) => {
    expect(await select(rows, query)).toMatchObject({ baseline_cell, baseline_source });
  });

  test('that nobody names keeps the pick a DRAFT, and the answer says so', async () => {
    const found = await select([one, two]);
    expect(found.tier_missing).toContain('baseline_not_named');
    expect(found.warnings[0]).toMatch(/nobody names a baseline: one is taken/);
  });

  test('that is not there is a mistake of the call, with the nearest name', async () => {
    await expect(select([base, two], { baseline: 'glm-bas' })).rejects.toMatchObject({
      code: 'baseline_not_in_atlas',
      details: { fix: 'did you mean glm-base?' },
    });
  });

  test('is never judged at another load than the one asked for', async () => {
    await expect(select([base, two], { focusC: 64 })).rejects.toMatchObject({
      code: 'focus_load_absent',
      details: { fix: 'give focus_c (32), or measure that load' },
    });
  });

  test('without a row at the usual load names the one that all cells are compared at', async () => {
    const at = (name: string, rates: readonly number[], load: number) => cell(name, rates, 8, { concurrency: load });
    const rows = [at('glm-base', BASE, 8), at('glm-base', BASE, 16), at('two', FASTER, 8), at('three', FASTER, 64)];
    const found = await select(rows);
    expect(found).toMatchObject({ focus_c: 8, recommended_cell: 'two', not_compared: [{ cell_id: 'three', reason: 'no_row_at_focus' }] });
    expect(found.warnings[0]).toMatch(/no row at concurrency 32: every cell is compared at 8; focus_c names another/);
  });

  test('an atlas without a measured point has none', async () => {
    await expect(select([{ ...one, status: 'failed' }])).rejects.toMatchObject({ code: 'atlas_empty' });
  });
}); // prettier-ignore

describe('how firm the order is', () => {
  test('far apart, noise never changes it', async () => {
    const { sensitivity } = await select([base, cell('fast', FASTER)]);
    expect(sensitivity).toMatchObject({ pick: 'fast', changes: 0, draws: 2000, not_repeated: [] });
  });

  test('close together it often does, and the same seed gives the same share', async () => {
    const rows = [cell('glm-base', [90, 100, 110]), cell('a', [94, 104, 114]), cell('b', [93, 103, 115])];
    const { sensitivity } = await select(rows);
    expect(sensitivity.changes).toBeGreaterThan(0.2);
    expect(sensitivity.picks.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    expect((await select(rows)).sensitivity).toEqual(sensitivity);
  });

  test('without a repeat nobody knows', async () => {
    const { sensitivity } = await select([cell('glm-base', [100]), cell('fast', [120])]);
    expect(sensitivity).toMatchObject({ pick: 'fast', changes: null, draws: 0, not_repeated: ['glm-base', 'fast'] });
  });
});
