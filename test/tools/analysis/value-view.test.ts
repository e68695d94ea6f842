// The frontier of a campaign: what its levers are derived from, their order, and the block of HANDOFF.md.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { valueView } from '../../../tools/analysis/value-view.ts';
import { CELL, writeTree } from '../../campaign/bundles.ts';
import { parseJsonObject } from '../../../src/text/json.ts';
import { verbContext } from '../../campaign/verb-context.ts';

const ID = 'value-20261129T010203Z';
/** Large enough that a step takes milliseconds. */
const MODEL_CONFIG = {
  ...parseJsonObject(readFileSync(resolve('test/fixtures/roofline/dense.json'), 'utf8')),
  hidden_size: 8192,
  num_hidden_layers: 80,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  head_dim: 128,
  intermediate_size: 28672,
  vocab_size: 128256,
};
const MODEL = 'config.json';

let root: string;
let campaign: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'value-'));
  campaign = join(root, 'campaigns', ID);
  mkdirSync(join(root, '.git'));
  mkdirSync(join(campaign, 'cells'), { recursive: true });
  writeTree(root, { [MODEL]: MODEL_CONFIG });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const { concurrencies: _asked, ...IDENTITY } = { ...CELL, tensor_parallel: 2, quant: 'BF16' };

interface Point {
  readonly tpot: number;
  /** Of the trials, relative to the TPOT. */
  readonly spread?: readonly number[];
  readonly more?: object;
}

/** A row whose figures agree: 16 requests in flight on two GPUs. */
const row = (cell: string, { tpot, spread = [1, 1.001, 0.999], more = {} }: Point) => {
  const rate = (each: number): number => (16 * 1000) / each;
  return {
    ...IDENTITY,
    cell_id: cell,
    schema_version: 2,
    concurrency: 16,
    status: 'full',
    n_gpus: 2,
    n_gpus_source: 'recorded',
    duration_s: 900,
    mean_input_tokens: 1024,
    mean_output_tokens: 512,
    tpot_median_ms: tpot,
    output_tps_per_user: 1000 / tpot,
    throughput_tok_per_s: rate(tpot),
    output_tps_per_gpu: rate(tpot) / 2,
    n_trials: spread.length,
    trials: spread.map((factor, index) => ({
      index,
      replicate_level: 'process',
      validity: [],
      values: { throughput_tok_per_s: rate(tpot * factor), tpot_p50_ms: tpot * factor },
    })),
    ...more,
  };
};

const hold = (cells: Readonly<Record<string, Point>>, arms = false): void => {
  const ids = Object.keys(cells);
  writeTree(campaign, {
    'config.yaml': {
      experiment_id: ID,
      campaign: arms ? { arms: { cells: ids, trials: 3 } } : {},
      cells: ids.map((cell_id) => ({ ...IDENTITY, cell_id, concurrencies: [16] })),
    },
    ...Object.fromEntries(
      Object.entries(cells).map(([id, point]) => [`cells/${id}/normalized.json`, [row(id, point)]]),
    ),
  });
};

const KERNELS = {
  schema_version: 2,
  sources: [{ source: 'nsys', unit: 'ns', per_category: { FMHA: 400, NCCL: 100, Other: 500 }, top_kernels: [{ name: 'k' }] }],
}; // prettier-ignore

const ground = (cell: string, percent = 60): void => {
  writeTree(join(campaign, 'cells', cell), {
    'kernels.json': KERNELS,
    'dcgm_correlation.json': { resources: [{ name: 'hbm', sol_pct: percent }] },
  });
};

const run = async (input: object = {}, context: object = {}) => {
  const parsed = valueView.input.parse({ campaign: ID, ...input });
  const data = await valueView.run(parsed, verbContext(root, context));
  const typed = data as Awaited<ReturnType<typeof valueView.run>> & { frontier: { kind: string; lever: string; evidence: string[]; cost_gpu_hours: number | null; unlock: { low: number; expected: number; high: number } | null }[]; missing: string[]; banked: { because: string }[]; walls: { says: string }[]; excluded: unknown[]; exhausted: boolean };
  return { data: typed, text: valueView.render(data, (done) => done), exit: valueView.exit_code?.(data, parsed) };
}; // prettier-ignore

const block = (): string => readFileSync(join(campaign, 'HANDOFF.md'), 'utf8');

describe('the levers of a campaign', () => {
  it('are its undecided questions, with the interval of the judge and the GPU hours of the pairs that settle them', async () => {
    hold({ base: { tpot: 10, spread: [1, 1.08, 0.93] }, arm: { tpot: 9.4, spread: [1, 1.09, 0.92] } }, true);
    const { data } = await run();
    const [question] = data.frontier.filter(({ kind }) => kind === 'question');
    expect(question?.lever).toMatch(/^settle arm against base: \d+ more pairs?$/);
    expect(question?.unlock?.low).toBeLessThan(question?.unlock?.expected ?? 0);
    expect(question?.unlock?.expected).toBeCloseTo(6.4, 0);
    expect(question?.cost_gpu_hours).toBeGreaterThan(0.9);
  });

  it('are the gaps to the bound of the model, the widest first', async () => {
    hold({ near: { tpot: 14 }, far: { tpot: 30 } });
    const { data } = await run({ model_config: MODEL });
    const gaps = data.frontier.filter(({ kind }) => kind === 'roofline');
    expect(gaps.map(({ lever }) => lever)).toEqual([
      'close the gap of far at concurrency 16 to its bound',
      'close the gap of near at concurrency 16 to its bound',
    ]);
    const { low, expected, high } = gaps[0]?.unlock ?? { low: 0, expected: 0, high: 0 };
    // All of the time above the bound at most, half of it as expected: 1 / (1 - x) and 1 / (1 - x / 2).
    const recovered = 1 - 1 / (1 + high / 100);
    expect(low).toBe(0);
    expect(expected).toBeCloseTo(100 * (1 / (1 - recovered / 2) - 1), 9);
    // 12 trials of a quarter of an hour on two GPUs.
    expect(gaps[0]?.cost_gpu_hours).toBe(6);
  });

  it('are the largest categories of kernels, at most what they take of the time', async () => {
    hold({ base: { tpot: 10 } });
    ground('base');
    const { data } = await run();
    const kernels = data.frontier.filter(({ kind }) => kind === 'kernels');
    expect(kernels.map(({ lever }) => lever)).toEqual([
      'make Other kernels of base faster (50.0% of the GPU time)',
      'make FMHA kernels of base faster (40.0% of the GPU time)',
    ]);
    expect(kernels[1]?.unlock).toMatchObject({
      low: 0,
      expected: expect.closeTo(25, 6),
      high: expect.closeTo(100 * (1 / 0.6 - 1), 6),
    });
  });

  it('are what a cell lacks of evidence, behind everything that gives speed', async () => {
    hold({ base: { tpot: 30 } });
    const { data } = await run({ model_config: MODEL });
    expect(data.frontier.at(-1)).toMatchObject({ kind: 'grounding', unlock: null, cost_gpu_hours: null });
    expect(data.next_lever).toMatchObject({ key: 'base', gate: expect.stringContaining('PASS against base') });
  });

  it('are of the load that the campaign is about', async () => {
    const low = { tpot: 12, more: { concurrency: 1, throughput_tok_per_s: 1000 / 12, output_tps_per_gpu: 500 / 12 } };
    hold({ base: { tpot: 30 } });
    const rows = [row('base', { ...low, spread: [] }), row('base', { tpot: 30 })];
    writeTree(campaign, { 'cells/base/normalized.json': rows });
    const loadOf = async (focus: string) => /at concurrency (\d+)/.exec((await run({ model_config: MODEL, focus })).data.frontier[0]?.lever ?? '')?.[1];
    expect([await loadOf('latency'), await loadOf('throughput')]).toEqual(['1', '16']);
  }); // prettier-ignore

  it('rest on no row that cannot be true', async () => {
    hold({ base: { tpot: 10, more: { throughput_tok_per_s: 16_000, output_tps_per_gpu: 8000 } } });
    const { data } = await run({ model_config: MODEL });
    expect(data.excluded).toHaveLength(1);
    expect(data.frontier.filter(({ kind }) => kind === 'roofline')).toEqual([]);
  });

  it('bank what was tried and lost, with the reason', async () => {
    hold({ base: { tpot: 10 }, worse: { tpot: 14 } }, true);
    const { data } = await run();
    expect(data.banked[0]?.because).toMatch(/^FAIL proven: /);
    expect(data.frontier.filter(({ kind }) => kind === 'question')).toEqual([]);
  });
});

describe('an empty frontier', () => {
  it('is exhausted where every cell stands at the wall', async () => {
    hold({ base: { tpot: 30 } });
    const { data: open } = await run({ model_config: MODEL });
    const bound = Number(/of its bound of ([\d.]+) ms/.exec(open.frontier[0]?.evidence[0] ?? '')?.[1]);
    hold({ base: { tpot: bound * 1.02 } });
    ground('base');
    const { data, exit, text } = await run({ model_config: MODEL, strict: true });
    expect(data).toMatchObject({ frontier: [], exhausted: true, missing: [], next_lever: { lever: 'none found' } });
    expect(data.walls[0]?.says).toContain('of its bound at concurrency 16');
    expect(exit).toBe(0);
    expect(text).toContain('the wall is documented');
    expect(block()).toContain('every measured cell stands at the wall');
  });

  it('takes the share of a ceiling that counters saw for the wall where there is no bound', async () => {
    hold({ base: { tpot: 10 } });
    ground('base', 97);
    expect((await run()).data.walls).toEqual([{ cell: 'base', says: 'hbm at 97.0% of its ceiling by counters' }]);
  });

  it('says what is missing where no wall is documented, and ends with 3 under strict', async () => {
    hold({});
    const { data, exit, text } = await run({ strict: true });
    expect(data).toMatchObject({ frontier: [], exhausted: false, missing: ['no cell holds a usable measurement'] });
    expect(exit).toBe(3);
    expect(text).toContain('missing: no cell holds');
    expect((await run()).exit).toBe(0);
    expect(block()).toContain('the frontier is not exhausted');
  });
});

describe('the block in HANDOFF.md', () => {
  it('is written once and replaced, the rest of the file untouched', async () => {
    hold({ base: { tpot: 30 } });
    const before = Buffer.from('# Notes\r\n\xff\xfe kept\r\n', 'latin1');
    writeFileSync(join(campaign, 'HANDOFF.md'), before);
    await run({ model_config: MODEL });
    await run({ model_config: MODEL });
    const file = readFileSync(join(campaign, 'HANDOFF.md'));
    expect(file.subarray(0, before.length).equals(before)).toBe(true);
    expect(file.toString().match(/frontier: begin/g)).toHaveLength(1);
    expect(file.toString()).toContain('| 1 | close the gap of base');
  });

  it('goes into the file that is named', async () => {
    hold({ base: { tpot: 30 } });
    const handoff = join(root, 'notes.md');
    await run({ handoff });
    expect(readFileSync(handoff, 'utf8')).toContain('## Frontier');
    expect(existsSync(join(campaign, 'HANDOFF.md'))).toBe(false);
  });

  it('is not written by a dry run', async () => {
    hold({ base: { tpot: 30 } });
    await run({}, { dryRun: true });
    expect(existsSync(join(campaign, 'HANDOFF.md'))).toBe(false);
  });
});
