import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCampaignConfig } from '../../../src/campaign/config.ts';
import { campaignNext, type CampaignNext, type CellNext } from '../../../src/campaign/next/campaign-next.ts';
import { sourcesOf } from '../../../src/campaign/next/questions.ts';
import { trialsText } from '../../../src/campaign/next/next-text.ts';
import { runSettings } from '../../../src/campaign/runs/run-settings.ts';
import { describe as describeValues } from '../../../src/stats/describe.ts';
import { planTrials } from '../../../src/verdict/plan-trials.ts';
import { CELL, writeTree } from '../bundles.ts';
import { verbContext } from '../verb-context.ts';

let root: string;
let campaign: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'next-'));
  campaign = join(root, 'campaigns', 'ab');
  mkdirSync(join(campaign, 'cells'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A row whose trials served so many tokens per second and GPU, 8 GPUs for half an hour each. */
const row = (cell_id: string, concurrency: number, rates: readonly number[], more: object = {}) => {
  const { concurrencies: _asked, ...identity } = CELL;
  return {
    ...identity,
    schema_version: 2,
    cell_id,
    concurrency,
    status: 'full',
    n_gpus: 8,
    n_gpus_source: 'recorded',
    duration_s: 1800,
    output_tps_per_gpu: describeValues(rates).median,
    n_trials: rates.length,
    trials: rates.map((rate, index) => ({
      index,
      replicate_level: 'process',
      validity: [],
      values: { throughput_tok_per_s: rate * 8 },
      raw_path: '',
    })),
    ...more,
  };
};

const hold = (...rows: readonly ReturnType<typeof row>[]): void => {
  for (const cell of new Set(rows.map(({ cell_id: id }) => id)))
    writeTree(campaign, { [`cells/${cell}/normalized.json`]: rows.filter(({ cell_id: id }) => id === cell) });
};

interface Given {
  readonly cells?: readonly object[];
  readonly campaign?: object;
  readonly budget?: number;
  readonly more?: object;
}

const ARMS = [{ ...CELL, concurrencies: [8] }, { ...CELL, cell_id: 'mtp', mtp: true, concurrencies: [8] }]; // prettier-ignore

const ask = async ({ cells = ARMS, campaign: block = {}, budget, more = {} }: Given = {}): Promise<CampaignNext> => {
  const config = await parseCampaignConfig(JSON.stringify({ cells, campaign: block, ...more }), 'config.yaml');
  const settings = runSettings(config, campaign);
  const context = verbContext(root);
  const gates = { tolerance: 5 };
  const { comparator_baseline: baseline = null, arms } = settings;
  return campaignNext({
    campaign,
    config,
    arms: arms?.cells ?? [],
    plan: arms ?? null,
    baseline,
    gates,
    sources: await sourcesOf(gates, context),
    costs: { minutesPerTrial: undefined },
    budget: budget ?? null,
    context,
  });
};

const BOTH = { arms: { cells: ['base', 'mtp'], trials: 3 } };
const of = ({ cells }: CampaignNext, id: string): CellNext | undefined => cells.find(({ cell }) => cell === id);

describe('the trials that a question still needs', () => {
  test('arms that nobody has measured get the usual number, and no price', async () => {
    const found = await ask({ campaign: BOTH });
    expect(of(found, 'mtp')).toMatchObject({
      against: 'base',
      decision: null,
      reason: 'base holds no measurement',
      trials: { pairs: 6, more: 6, held: 0, from: 'usual', noisiest: null, gpu_hours: null },
      order: 'ABBAABBAABBA',
      tier_missing: ['too_few_trials'],
      rows: 0,
    });
    expect(of(found, 'base')).toBeUndefined();
  });

  test('with one arm measured its noise decides, by the plan of trials', async () => {
    hold(row('base', 8, [100, 102, 98, 101]));
    const found = of(await ask({ campaign: BOTH }), 'mtp');
    const cv = found?.trials?.noisiest?.cv ?? 0;
    expect(cv).toBeCloseTo(0.017, 3);
    const planned = planTrials({ tolerance: 0.05, noise: { cv }, gatingMetrics: 1, minutesPerTrial: 1, analysis: 'paired', trials: null, minutesAllowed: null }); // prettier-ignore
    expect(found?.trials).toMatchObject({ from: 'plan', pairs: planned.trials, held: 0, concurrencies: [8] });
    // Half an hour on 8 GPUs for each of both sides.
    expect(found?.trials?.gpu_hours).toBeCloseTo(planned.trials * 8, 6);
  });

  test("an open decision asks for the judge's own number, less what is held", async () => {
    hold(row('base', 8, [100, 104, 96]), row('mtp', 8, [99, 95, 103]));
    const found = of(await ask({ campaign: BOTH }), 'mtp');
    expect(found?.decision).toMatchObject({ status: 'INCONCLUSIVE' });
    const needed = found?.decision?.trials_needed ?? 0;
    expect(needed).toBeGreaterThan(3);
    expect(found?.trials).toMatchObject({ from: 'decision', pairs: needed, more: needed - 3, held: 3 });
  });

  test('a question that is settled wants no trial', async () => {
    const rates = [100, 100.2, 99.8, 100.1, 99.9, 100.05];
    hold(row('base', 8, rates), row('mtp', 8, rates.map((rate) => rate + 0.1))); // prettier-ignore
    const found = of(await ask({ campaign: BOTH }), 'mtp');
    expect(found).toMatchObject({ decision: { status: 'PASS' }, trials: null, order: null });
  });

  test('trials that ran in turn are judged in pairs, so that a drift of the host falls on both', async () => {
    const drift = [100, 110, 121, 133, 146, 161];
    const turn = { raw_path: '../../variant-ab/base/c8-t1.json' };
    const arms = (more: object): void =>
      hold(row('base', 8, drift, more), row('mtp', 8, drift.map((rate, at) => rate * (at % 2 === 0 ? 1.001 : 0.999)), more)); // prettier-ignore
    arms({});
    expect(of(await ask({ campaign: BOTH }), 'mtp')?.decision?.status).toBe('INCONCLUSIVE');
    arms(turn);
    expect(of(await ask({ campaign: BOTH }), 'mtp')?.decision).toMatchObject({ status: 'PASS' });
  });

  test('noise that no practical number of trials resolves says so instead of a number', async () => {
    hold(row('base', 8, [50, 190, 100, 20]));
    const found = of(await ask({ campaign: BOTH }), 'mtp');
    expect(found?.trials).toMatchObject({ pairs: null, more: null, gpu_hours: null });
    expect(found?.trials?.reason).toContain('cannot be resolved');
  });
});

describe('the budget', () => {
  const three = [...ARMS, { ...CELL, cell_id: 'big', concurrencies: [8] }];
  const arms = { arms: { cells: ['base', 'mtp', 'big'], trials: 3 } };

  test('goes to the cheapest question first; what does not fit says what the rest buys', async () => {
    hold(
      row('base', 8, [100, 102, 98, 101]),
      row('mtp', 8, [100]),
      row('big', 8, [100, 106, 94, 103]),
    ); // prettier-ignore
    const all = await ask({ cells: three, campaign: arms });
    expect(all.cells.map(({ fits }) => fits)).toEqual([null, null]);
    const [first, second] = all.cells;
    const cheap = first?.trials?.gpu_hours ?? 0;
    expect(second?.trials?.gpu_hours).toBeGreaterThan(cheap);
    const some = await ask({ cells: three, campaign: arms, budget: cheap + 25 });
    expect(some.cells.map(({ fits }) => fits)).toEqual([true, false]);
    expect(some.gpu_hours).toBeCloseTo(cheap, 6);
    expect(some.cells[1]?.bought?.pairs).toBe((some.cells[1]?.trials?.held ?? 0) + 3);
  });
});

describe('what a cell lacks', () => {
  test('for L3 kernels and counters, which a sweep in a cell of its own brings too', async () => {
    hold(row('base', 8, [100]));
    expect((await ask()).cells[0]?.missing_for_l3).toHaveLength(2);
    writeTree(campaign, {
      'cells/base/kernels.json': { sources: [{ source: 'nsys', per_category: { MoE: 70 } }] },
      'cells/base-decode/roofline_sweep.json': { decode: [{ c: 8, dram_active: 0.6 }] },
    });
    expect(of(await ask(), 'base')).toMatchObject({
      sol_rigor: 'L3',
      has: ['L1 kernels', 'L3 sweep'],
      missing_for_l3: [],
    });
    expect(of(await ask({ more: { roofline_gap_arms: { mtp: 'no counters there' } } }), 'mtp')?.missing_for_l3).toEqual(
      [],
    );
  });

  test('for a VERDICT what the rules of the tier name', async () => {
    hold(row('base', 8, [100, 101, 99], { cache_mode: 'cold' }));
    const { tier, tier_missing: missing = [], tier_says: says } = of(await ask(), 'base') ?? {};
    expect(tier).toBe('DRAFT');
    expect(missing).toEqual(expect.arrayContaining(['placement_missing', 'baseline_not_named']));
    expect(says).toContain('a recorded baseline');
  });
});

describe('what should have arrived', () => {
  const named = async (given: Given) =>
    (await ask(given)).absent.map(({ cell, what, named_by: by }) => [cell, what, by]);

  test('points of the config, trials of arms, captures of a profile, a baseline, results of a run that was killed', async () => {
    hold(row('base', 8, [100]));
    expect(await named({})).toEqual([['mtp', 'points', 'concurrencies']]);
    expect(await named({ campaign: BOTH })).toEqual([
      ['base', 'trials', 'campaign.arms'],
      ['mtp', 'trials', 'campaign.arms'],
    ]);
    const profiled = { ...ARMS[0], profile: { nsys: 'long', zymtrace: 'off' } };
    expect(await named({ cells: [profiled] })).toEqual([['base', 'capture', 'profile']]);
    writeTree(campaign, { 'cells/base/kernels.json': { captured_sources: ['nsys'] } });
    expect(await named({ cells: [profiled] })).toEqual([]);
    expect(await named({ cells: ARMS.slice(0, 1), campaign: { comparator_baseline: 'kimi/{cell}@golden' } })).toEqual([
      ['base', 'baseline', 'kimi/base@golden'],
    ]);
    writeTree(campaign, { 'cells/base/run.json': { stamp: '20261129T010203Z', raw: '/tmp/r', kept: '/tmp/k' } });
    expect(await named({ cells: ARMS.slice(0, 1) })).toEqual([['base', 'results', 'run.json']]);
  });

  test('captures that a bundle declares, and those that lie in the cell unread', async () => {
    hold(row('base', 8, [100]));
    const more = { evidence_bundle_path: 'evidence' };
    expect(await named({ cells: ARMS.slice(0, 1), more })).toEqual([[null, 'bundle', 'evidence_bundle_path']]);
    writeTree(root, { 'evidence/base/capture_sources.json': { captured_sources: ['ncu'] } });
    expect(await named({ cells: ARMS.slice(0, 1), more })).toEqual([
      ['base', 'capture', join(root, 'evidence', 'base', 'capture_sources.json')],
    ]);
    writeTree(campaign, { 'cells/base/raw/run/nsys/a.txt': 'x', 'cells/base/ncu_kernels.json': {} });
    expect(await named({ cells: ARMS.slice(0, 1), more })).toEqual([['base', 'capture', join(campaign, 'cells/base/raw')]]); // prettier-ignore
  });
});

test('in words: the pairs, their loads and price, and what the noise is', async () => {
  hold(row('base', 8, [100, 102, 98, 101]));
  const found = of(await ask({ campaign: BOTH, budget: 1 }), 'mtp');
  expect(found).toBeDefined();
  if (found === undefined) return;
  expect(trialsText(found)).toMatch(
    /^mtp against base: mtp holds no measurement\n {2}\d+ more pairs at concurrency 8, \d+ GPU hours \(0 of \d+ held; noise 1\.70% of output_tps_per_gpu\[concurrency=8\] at a tolerance of 5\.0%\); beyond the budget\n {2}DRAFT/,
  );
});
