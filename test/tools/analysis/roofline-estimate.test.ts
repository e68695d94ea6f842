import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runVerb } from '../../../src/verb/run-verb.ts';
import type { Host, Outcome } from '../../../src/verb/host.ts';
import { rooflineEstimate } from '../../../tools/analysis/roofline-estimate.ts';
import { scratchFolder } from '../../fs/scratch.ts';
import { entryOf } from '../../verb/entry-of.ts';

const VERBS = { perf_tune_report_roofline_estimate: rooflineEstimate };
const MODEL = resolve('test/fixtures/roofline/latent-experts.json');

const call = (name: keyof typeof VERBS, input: Readonly<Record<string, unknown>>): Promise<Outcome> => {
  const root = scratchFolder('roofline-estimate');
  const host: Host = {
    cwd: root,
    env: { PATH: process.env['PATH'] },
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

  it.each([
    [{ context_tokens: undefined }, 'context_unknown'],
    [{ hardware: 'TPU' }, 'hardware_unknown'],
    [{ hardware: 'MI350X' }, 'ceiling_missing'],
    [{ kv_cache_dtype: 'fp5' }, 'kv_format_unknown'],
    [{ weights: 'fp5' }, 'weight_format_unknown'],
    [{ tensor_parallel: 4, expert_parallel: 3 }, 'parallelism_unknown'],
    [{ spec_tokens: 1, acceptance_length: 3 }, 'estimate_invalid'],
    [{ model_config: 'absent.json' }, 'file_not_found'],
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
