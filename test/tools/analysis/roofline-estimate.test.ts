import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runVerb } from '../../../src/verb/run-verb.ts';
import type { Host, Outcome } from '../../../src/verb/host.ts';
import { rooflineEstimate } from '../../../tools/analysis/roofline-estimate.ts';
import { writeTree } from '../../campaign/bundles.ts';
import { scratchFolder } from '../../fs/scratch.ts';
import { entryOf } from '../../verb/entry-of.ts';

const VERBS = { perf_tune_report_roofline_estimate: rooflineEstimate };
const MODEL = resolve('test/fixtures/roofline/latent-experts.json');

const call = (
  name: keyof typeof VERBS,
  input: Readonly<Record<string, unknown>>,
  root = scratchFolder('roofline-estimate'),
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> => {
  const host: Host = {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: root, ...env },
    product: { name: 'profile-and-optimize', version: '0.1.0', sha: null },
    productFolder: resolve('.'),
    log: async () => undefined,
    resolveRoot: () => ({ root, source: 'test' }),
  };
  return runVerb(entryOf(VERBS[name]), async () => VERBS[name], input, host);
};

describe('an estimate', () => {
  it('is an interval over three lines, with what it was made of', async () => {
    const { ok, text, structured } = await call('perf_tune_report_roofline_estimate', {
      model_config: MODEL,
      hardware: 'B200',
      tensor_parallel: 4,
      concurrency: 16,
      isl: 1024,
      osl: 512,
    });
    expect(ok, text).toBe(true);
    expect(structured).toMatchObject({
      hardware: 'b200_sm100',
      n_gpus: 4,
      context_tokens: 1280,
      kv_cache_dtype: 'bf16',
      fits: true,
    });
    expect(structured['lines']).toMatchObject([{ line: 'datasheet' }, { line: 'best' }, { line: 'typical' }]);
    expect(structured['distinct_experts']).toMatchObject({ worst: 8, of: 8 });
    expect(structured['legacy']).toMatchObject({
      decode_intensity: expect.any(Number),
      prefill_intensity: expect.any(Number),
    });
    expect(text).toMatch(/TPOT not below .* ms \(datasheet, best, typical\), limited by/);
    expect(text).toContain('a bound, not a forecast');
  });

  it('replicas share the load and leave the rate per GPU alone', async () => {
    const input = { model_config: MODEL, hardware: 'H100', context_tokens: 512 };
    const one = await call('perf_tune_report_roofline_estimate', { ...input, concurrency: 8 });
    const two = await call('perf_tune_report_roofline_estimate', { ...input, concurrency: 16, data_parallel: 2 });
    expect(two.structured['lines']).toEqual(one.structured['lines']);
    expect([one.structured['n_gpus'], two.structured['n_gpus']]).toEqual([1, 2]);
  });

  it('explains a measured time: its parts add up, and one below the bound is impossible', async () => {
    const input = { model_config: MODEL, hardware: 'H100', tensor_parallel: 2, context_tokens: 512 };
    const { structured, text } = await call('perf_tune_report_roofline_estimate', {
      ...input,
      measured_tpot_ms: 2,
      idle_percent: 25,
    });
    const ledger = Object(structured['ledger']);
    expect(ledger).toMatchObject({ measured_ms: 2, idle_ms: 0.5, impossible: false });
    expect(ledger.bound_ms + ledger.communication_ms + ledger.idle_ms + ledger.inefficiency_ms).toBeCloseTo(2, 12);
    expect(text).toMatch(/^TPOT 2 ms = .* bound \+ .* communication \+ .* inefficiency \+ 0.5 idle/);
    const faster = await call('perf_tune_report_roofline_estimate', { ...input, measured_tpot_ms: 1e-6 });
    expect(faster.structured['ledger']).toMatchObject({ impossible: true });
    expect(faster.text).toContain('is below the bound');
  });

  it('FP8 dispatch sends half as many bytes to experts', async () => {
    const input = { model_config: MODEL, hardware: 'H100', data_parallel: 4, expert_parallel: 4, context_tokens: 512, concurrency: 16 };
    const verb = 'perf_tune_report_roofline_estimate';
    const [wide, narrow] = [await call(verb, input), await call(verb, { ...input, fp8_dispatch: true })];
    const share = Number(narrow.structured['link_bytes_per_rank']) / Number(wide.structured['link_bytes_per_rank']);
    expect(share).toBeCloseTo((1.03125 + 2) / 4, 9);
  }); // prettier-ignore

  it.each([
    [{ context_tokens: undefined }, 'context_unknown'],
    [{ hardware: 'TPU' }, 'hardware_unknown'],
    [{ hardware: 'MI350X' }, 'ceiling_missing'],
    [{ kv_cache_dtype: 'fp5' }, 'kv_format_unknown'],
    [{ weights: 'fp5' }, 'weight_format_unknown'],
    [{ tensor_parallel: 4, expert_parallel: 3 }, 'parallelism_unknown'],
    [{ spec_tokens: 1, acceptance_length: 3 }, 'estimate_invalid'],
    [{ model_config: 'absent.json' }, 'file_not_found'],
    [{ model_config: undefined }, 'model_missing'],
    [{ model_config: undefined, model: 'org/unheard-of' }, 'model_unknown'],
    [{ model_config: undefined, model: '../../etc/passwd' }, 'model_unknown'],
    [{ hardware: undefined }, 'hardware_missing'],
    [{ cell_id: 'base' }, 'campaign_missing'],
    [{ campaign: 'none', cell_id: 'base' }, 'campaign_not_found'],
  ])('%j is refused as %s', async (changed, code) => {
    const { ok, structured } = await call('perf_tune_report_roofline_estimate', {
      model_config: MODEL,
      hardware: 'B200',
      context_tokens: 512,
      ...changed,
    });
    expect(ok).toBe(false);
    expect(structured['error']).toMatchObject({ code });
  });
});

describe('a model by its name', () => {
  const verb = 'perf_tune_report_roofline_estimate';
  const load = { hardware: 'B200', context_tokens: 512 };

  it.each(['deepseek-ai/DeepSeek-V3', 'DeepSeek-V3', 'deepseek-v3'])('%s is a known shape', async (model) => {
    const { structured, ok, text } = await call(verb, { ...load, model, tensor_parallel: 8 });
    expect(ok, text).toBe(true);
    expect(structured).toMatchObject({ params_total: 671_026_419_200, model_source: expect.stringContaining('deepseek-ai/DeepSeek-V3') });
  }); // prettier-ignore

  it('is the config of the hub\u2019s cache before any known shape', async () => {
    const root = scratchFolder('hub-cache');
    const commit = 'a'.repeat(40);
    const config = readFileSync(MODEL, 'utf8');
    writeTree(root, {
      'hub/models--deepseek-ai--DeepSeek-V3/refs/main': commit,
      [`hub/models--deepseek-ai--DeepSeek-V3/snapshots/${commit}/config.json`]: config,
    });
    const found = await call(verb, { ...load, model: 'deepseek-ai/DeepSeek-V3' }, root, { HF_HUB_CACHE: join(root, 'hub') });
    expect(found.structured['model_source']).toBe(join(root, 'hub', 'models--deepseek-ai--DeepSeek-V3', 'snapshots', commit, 'config.json'));
  }); // prettier-ignore

  it('is a shape of the root\u2019s own file, and a file that is none is refused', async () => {
    const root = scratchFolder('own-shapes');
    const config = JSON.parse(readFileSync(MODEL, 'utf8'));
    writeTree(root, { 'configs/model-shapes.yaml': JSON.stringify({ 'own/model': { source: 'us', config } }) });
    expect((await call(verb, { ...load, model: 'own/model' }, root)).ok).toBe(true);
    writeTree(root, { 'configs/model-shapes.yaml': '"own/model": { config: 3 }' });
    const refused = await call(verb, { ...load, model: 'own/model' }, root);
    expect(refused.structured['error']).toMatchObject({ code: 'model_shapes_invalid', path: join(root, 'configs', 'model-shapes.yaml') });
  }); // prettier-ignore
});

describe('a row of a campaign', async () => {
  const verb = 'perf_tune_report_roofline_estimate';
  const root = scratchFolder('row-of-campaign');
  const row = (concurrency: number, tpot: number | null, more: object = {}) => ({
    cell_id: 'base', model: 'org/kept', hardware: 'H100', quant: 'FP8', tensor_parallel: 2, parallel_strategy: 'TP', mtp: false,
    max_num_batched_tokens: 4096, concurrency, status: 'full', tpot_median_ms: tpot, mean_input_tokens: 1000, mean_output_tokens: 200,
    kv_cache_dtype: 'fp8', ...more,
  }); // prettier-ignore
  const kernels = [
    { name: 'g', bucket: 'gemm', value: 600, calls: 1 },
    { name: 'a', bucket: 'attention', value: 300, calls: 1 },
    { name: 'n', bucket: 'collective', value: 100, calls: 1 },
  ];
  writeTree(root, {
    'campaigns/one/config.yaml': 'cells: []\n',
    'campaigns/one/cells/base/normalized.json': [row(1, 2), row(8, 4), row(0, null), row(16, null), row(32, 4, { num_speculative_tokens: 3, mtp: true })],
    'campaigns/one/cells/base/kernels.json': { schema_version: 2, captured_sources: ['nsys'], sources: [{ source: 'nsys', unit: 'ns', top_kernels: kernels }] },
    'campaigns/one/cells/sweep-decode/roofline_sweep.json': { model: 'org/kept', analytical_shape: { source: 'x', config: JSON.parse(readFileSync(MODEL, 'utf8')) } },
  }); // prettier-ignore
  const of = (more: object) => call(verb, { campaign: 'one', cell_id: 'base', ...more }, root);

  it('is explained with its own hardware, sizes, lengths and model', async () => {
    const { structured, text, ok } = await of({ concurrency: 8 });
    expect(ok, text).toBe(true);
    const same = await call(verb, { model_config: MODEL, hardware: 'H100', tensor_parallel: 2, concurrency: 8, isl: 1000, osl: 200, kv_cache_dtype: 'fp8', measured_tpot_ms: 4 });
    expect(structured).toMatchObject({ lines: same.structured['lines'], ledger: same.structured['ledger'], model_source: expect.stringContaining('sweep-decode') });
    expect(text).toMatch(/^TPOT of base at concurrency 8 4 ms = .* bound \+ .* communication \+ .* inefficiency and idle/);
  }); // prettier-ignore

  it('has the kernels of its profile beside the same operations, the largest excess first', async () => {
    const { structured, text } = await of({ concurrency: 8, idle_percent: 50 });
    const parts = structured['parts'];
    expect(parts).toMatchObject([
      { part: 'products', kernel_percent: 60, kernel_ms: 1.2 },
      { part: 'attention', kernel_percent: 30, kernel_ms: 0.6 },
      { part: 'communication', kernel_percent: 10, kernel_ms: 0.2 },
      { part: 'other', kernel_percent: 0 },
      { part: 'experts', kernel_percent: 0, kernel_ms: 0 },
    ]);
    const bounds = (Array.isArray(parts) ? parts : []).filter(({ part }) => part !== 'communication').map(({ bound_ms: each }) => Number(each));
    const { bound_ms: bound } = Object(structured['ledger']);
    expect(bounds.reduce((sum, each) => sum + each, 0)).toBeCloseTo(bound, 12);
    expect(text).toContain("by its kernels' shares of time: products 1.2 ms");
  }); // prettier-ignore

  it('without a measured acceptance takes every draft as accepted, so that the bound holds', async () => {
    expect((await of({ concurrency: 32 })).text).toContain('assumed: every draft is accepted');
  });

  it.each([
    [{}, 'row_open', 'one of 1, 8, 32'],
    [{ concurrency: 16 }, 'row_open', 'one of 1, 8, 32'],
    [{ cell_id: 'absent' }, 'cell_empty', 'base'],
  ])('%j is refused as %s', async (more, code, fix) => {
    expect((await of(more)).structured['error']).toMatchObject({ code, fix: expect.stringContaining(fix) });
  });
});
