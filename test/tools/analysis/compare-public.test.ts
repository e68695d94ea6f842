// Rows of a campaign beside public results: what is matched, what is listed as different, and what is never compared.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Fault } from '../../../src/text/fault.ts';
import { comparePublic } from '../../../tools/analysis/compare-public.ts';
import { CELL, writeTree } from '../../campaign/bundles.ts';
import { verbContext } from '../../campaign/verb-context.ts';

const ID = 'public-20261129T010203Z';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'public-'));
  mkdirSync(join(root, '.git'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const { concurrencies: _asked, ...IDENTITY } = {
  ...CELL,
  model: 'openai/gpt-oss-120b',
  hardware: 'H200',
  quant: 'MXFP4',
};

/** 64 requests in flight on eight GPUs; the figures agree with one another. */
const ROW = {
  ...IDENTITY,
  schema_version: 2,
  concurrency: 64,
  status: 'full',
  n_gpus: 8,
  n_gpus_source: 'recorded',
  serving_engine: 'vllm',
  mean_input_tokens: 2048,
  mean_output_tokens: 2048,
  tpot_median_ms: 10,
  output_tps_per_user: 100,
  throughput_tok_per_s: 6400,
  output_tps_per_gpu: 800,
  ttft_p50_ms: 120,
};

const PUBLIC = {
  hw: 'h200', conc: 64, model: 'openai/gpt-oss-120b', framework: 'sglang', precision: 'fp4', isl: 2048, osl: 2048, tp: 8, ep: 1,
  is_multinode: false, dp_attention: 'false', tput_per_gpu: 1600, output_tput_per_gpu: 736, input_tput_per_gpu: 864,
  median_ttft: 0.1, median_tpot: 0.0125,
}; // prettier-ignore

const SUMMARY = [
  '================================================',
  'MLPerf Results Summary',
  '================================================',
  'Scenario : Server',
  'Mode     : PerformanceOnly',
  'Completed samples per second    : 3.00',
  'Completed tokens per second: 6000.00',
  'Result is : VALID',
  '50.00 percentile first token latency (ns)   : 100000000',
  '50.00 percentile time to output token (ns)  : 12500000',
  '',
].join('\n');

const hold = (...rows: readonly object[]): void => {
  writeTree(join(root, 'campaigns', ID), {
    'config.yaml': { experiment_id: ID, cells: [{ ...IDENTITY, concurrencies: [64] }] },
    'cells/base/normalized.json': rows,
  });
};

/** What the tests look at; the verb's own schema says all of it. */
interface Compared {
  readonly pairs: readonly {
    readonly metrics: readonly { metric: string; ours: number; public: number; delta_pct: number }[];
    readonly mismatches: readonly unknown[];
    readonly not_stated: readonly string[];
    readonly notes: readonly string[];
  }[];
  readonly unmatched: readonly { readonly differs: readonly { field: string }[]; readonly nearest: unknown }[];
  readonly excluded: readonly unknown[];
  readonly warnings: readonly string[];
}

const compared = async (results: unknown, more: object = {}, name = 'agg.json') => {
  writeTree(root, { [name]: results });
  const input = comparePublic.input.parse({ campaign: ID, public: [name], ...more });
  const data = await comparePublic.run(input, verbContext(root));
  const seen = data as unknown as Compared; // checked boundary: the answer of the verb
  return { data: seen, text: comparePublic.render(data, (done) => done), exit: comparePublic.exit_code?.(data, input) };
};

describe('a public point that answers the same question', () => {
  it('is compared metric by metric, and never more than a DRAFT', async () => {
    hold(ROW);
    const { data, text } = await compared(PUBLIC);
    expect(data).toMatchObject({ tier: 'DRAFT', rows_alone: 0, unmatched: [] });
    expect(data.pairs).toHaveLength(1);
    const metrics = data.pairs[0]?.metrics ?? [];
    expect(metrics.map(({ metric, ours, public: other }) => [metric, ours, other])).toEqual([
      ['output_tps_per_gpu', 800, 736],
      ['tps_per_user', 100, 80],
      ['ttft_p50_ms', 120, 100],
      ['tpot_p50_ms', 10, 12.5],
    ]);
    expect(metrics[1]?.delta_pct).toBe(25);
    expect(text).toContain('DRAFT always');
  });

  it('lists the settings in which the sides differ, and those that one side does not state', async () => {
    hold({ ...ROW, tensor_parallel: 4, n_gpus: 4, throughput_tok_per_s: 3200 });
    const { data } = await compared(PUBLIC);
    expect(data.pairs[0]?.mismatches).toEqual(
      expect.arrayContaining([
        { field: 'quant', ours: 'MXFP4', public: 'fp4' },
        { field: 'tp', ours: '4', public: '8' },
        { field: 'engine', ours: 'vllm', public: 'sglang' },
      ]),
    );
    expect(data.pairs[0]?.not_stated).toContain('n_gpus');
  });

  it('is compared with every cell that matches, each by itself', async () => {
    hold(ROW, { ...ROW, mean_input_tokens: 1900, output_tps_per_gpu: 700, throughput_tok_per_s: 5600 });
    const { data } = await compared([PUBLIC, { ...PUBLIC, framework: 'vllm' }]);
    expect(data.pairs).toHaveLength(4);
  });

  it('has its rates over all replicas, and says so', async () => {
    hold(ROW);
    const { data } = await compared({ ...PUBLIC, tp: 2, dp: 4 });
    expect(data.pairs[0]?.metrics[0]).toMatchObject({ metric: 'output_tps_per_gpu', public: 184 });
    expect(data.pairs[0]?.notes.join()).toContain('over all 4 replicas');
    expect(data.warnings.join()).toContain('divided by dp');
  });
});

describe('a public point that answers another question', () => {
  it.each([
    ['model', { model: 'openai/gpt-oss-20b' }],
    ['hardware', { hw: 'b200' }],
    ['quant', { precision: 'fp8' }],
    ['isl', { isl: 1024 }],
    ['osl', { osl: 1024 }],
    ['concurrency', { conc: 32 }],
  ])('is not compared where the %s differs, which is named', async (field, other) => {
    hold(ROW);
    const { data, exit } = await compared({ ...PUBLIC, ...other }, { strict: true });
    expect(data.pairs).toEqual([]);
    expect(data.unmatched[0]?.differs.map((each) => each.field)).toEqual([field]);
    expect(data.unmatched[0]?.nearest).toEqual({ cell: 'base', concurrency: 64 });
    expect(exit).toBe(4);
  });

  it('is compared with no row that cannot be true', async () => {
    hold({ ...ROW, output_tps_per_gpu: 6400 });
    const { data } = await compared(PUBLIC);
    expect(data.pairs).toEqual([]);
    expect(data.excluded).toHaveLength(1);
  });
});

describe('a summary of MLPerf', () => {
  const about = { model: 'gpt-oss-120b', hardware: 'H200', quant: 'fp4', isl: 2048, osl: 2048, concurrency: 64, n_gpus: 8 };

  it('is compared where the caller says what it is of, its rate over the GPUs that are stated', async () => {
    hold(ROW);
    const { data } = await compared(SUMMARY, { context: about }, 'mlperf_log_summary.txt');
    expect(data.pairs[0]?.metrics[0]).toMatchObject({ metric: 'output_tps_per_gpu', ours: 800, public: 750 });
    expect(data.pairs[0]?.notes.join()).toContain('over 8 GPUs');
  });

  it('is compared with nothing where nobody says', async () => {
    hold(ROW);
    const { data } = await compared(SUMMARY, {}, 'mlperf_log_summary.txt');
    expect(data.pairs).toEqual([]);
    expect(data.unmatched[0]?.differs).toContainEqual({ field: 'model', ours: 'openai/gpt-oss-120b', public: 'not stated' });
  });
}); // prettier-ignore

it.each([
  ['a result of another tool', { metrics: { throughput_tok_per_s: 5 }, envelope_version: 'v1', driver_options: { concurrency: 1 } }],
  ['a file of no benchmark', { hello: 'world' }],
])('refuses %s', async (_, content) => {
  hold(ROW);
  await expect(compared(content)).rejects.toSatisfy((error) => error instanceof Fault && error.code === 'not_public');
}); // prettier-ignore
