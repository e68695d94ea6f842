import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { estimate } from '../../src/roofline/estimate.ts';
import { hardwareRates } from '../../src/roofline/rates.ts';
import { boundOfRow, placementOfRow, type RowFacts } from '../../src/roofline/row-bound.ts';
import { modelOf } from './fixtures.ts';

const PATH = 'configs/sol-ceilings.yaml';
const table = await parseCeilings(readFileSync(PATH, 'utf8'), PATH);
const b200 = hardwareRates(table, 'B200');
const rates = b200.lines.datasheet;

const row = (more: Partial<RowFacts> = {}): RowFacts => ({
  tensor_parallel: 2,
  pipeline_parallel: 1,
  data_parallel: 1,
  expert_parallel: null,
  dp_attention: null,
  parallel_strategy: 'TP',
  kv_cache_dtype: 'fp8',
  concurrency: 16,
  mean_input_tokens: 1000,
  mean_output_tokens: 200,
  num_speculative_tokens: null,
  acceptance_length: null,
  ...more,
});

const read = { model: modelOf('latent-experts'), kvCache: null };

describe('the bound of a row', () => {
  it('is that of the estimate for its sizes and its mean context', () => {
    const { lines, hbmBytesPerRank, flopsPerRank } = estimate({
      model: read.model,
      hardware: b200,
      deployment: { mode: 'tp', ranks: 2, stages: 1, dispatchBytes: 2 },
      kvFormat: 'fp8',
      concurrency: 16,
      contextTokens: 1100,
      promptTokens: 1000,
      draftTokens: 0,
      acceptanceLength: 1,
    });
    const { decode, prefill, gpus } = boundOfRow(row(), read, rates);
    expect(gpus).toBe(2);
    expect(decode).toMatchObject({ hbmBytes: hbmBytesPerRank, flops: flopsPerRank, peakBytesPerSecond: 8e12 });
    expect(decode?.tpotMs).toBeCloseTo(lines[0]?.tpotMs ?? 0, 12);
    expect(decode?.leastTpotMs).toBeCloseTo(lines[0]?.overlappedStepMs ?? 0, 12);
    expect(1000 * (prefill?.seconds ?? 0)).toBeCloseTo(lines[0]?.ttftMs ?? 0, 12);
  });

  it('counts the work of a prompt over all GPUs, what each rank repeats too, and its rate by the peaks of its formats', () => {
    const dense = { model: modelOf('dense'), kvCache: null };
    const [one, two] = [1, 2].map((tensor_parallel) => boundOfRow(row({ tensor_parallel }), dense, rates).prefill);
    expect(two?.flopsPerToken).toBeCloseTo(one?.flopsPerToken ?? 0, 6);
    expect(one?.peakFlopsPerSecond).toBeCloseTo(2.25e15, -6);
    expect(one?.mostInputTpsPerGpu).toBeCloseTo(2.25e15 / (one?.flopsPerToken ?? 1), -6);
    const experts = boundOfRow(row({ tensor_parallel: 1 }), read, rates).prefill;
    expect(experts?.peakFlopsPerSecond).toBeGreaterThan(2.25e15);
    expect(experts?.peakFlopsPerSecond).toBeLessThan(4.5e15);
    const halved = boundOfRow(row(), read, rates).prefill;
    expect(halved?.flopsPerToken).toBeGreaterThan(experts?.flopsPerToken ?? Infinity);
  });

  it('replicas share the load of the row', () => {
    const one = boundOfRow(row({ concurrency: 8 }), read, rates);
    const two = boundOfRow(row({ data_parallel: 2 }), read, rates);
    expect([two.gpus, two.replicas]).toEqual([4, 2]);
    expect(two.decode).toEqual(one.decode);
  });

  it('takes every draft as accepted where nobody measured that, and says so', () => {
    const measured = boundOfRow(row({ num_speculative_tokens: 3, acceptance_length: 2.5 }), read, rates);
    const unmeasured = boundOfRow(row({ num_speculative_tokens: 3 }), read, rates);
    expect([measured.decode?.tokensPerStep, unmeasured.decode?.tokensPerStep]).toEqual([2.5, 4]);
    expect(unmeasured.decode?.leastTpotMs).toBeLessThan(measured.decode?.leastTpotMs ?? 0);
    expect(unmeasured.assumptions).toEqual([expect.stringContaining('every draft is accepted')]);
  });

  it.each([
    [{ concurrency: 0 }, ['prefill']],
    [{ mean_output_tokens: 1 }, ['prefill']],
    [{ mean_output_tokens: null }, ['prefill']],
    [{ mean_input_tokens: null }, []],
  ])('with %j has %j alone', (more, parts) => {
    const { decode, prefill } = boundOfRow(row(more), read, rates);
    expect([...(decode === null ? [] : ['decode']), ...(prefill === null ? [] : ['prefill'])]).toEqual(parts);
  });

  it.each([
    [{ parallel_strategy: 'EP' }, { mode: 'tp_ep', ranks: 2 }, 1],
    [{ parallel_strategy: 'EP', tensor_parallel: 1, data_parallel: 8 }, { mode: 'dp_ep', ranks: 8 }, 1],
    [{ dp_attention: true, tensor_parallel: 8, data_parallel: 8 }, { mode: 'dp_ep', ranks: 8 }, 1],
    [{ data_parallel: 4 }, { mode: 'tp', ranks: 2 }, 4],
  ] as const)('places %j as %j over %d replicas', (more, deployment, replicas) => {
    expect(placementOfRow(row(more), read.model)).toMatchObject({ deployment, replicas });
  });

  it('a dense model has no experts to spread', () => {
    expect(placementOfRow(row({ parallel_strategy: 'EP' }), modelOf('dense')).deployment.mode).toBe('tp');
  });

  it.each([
    [{ kv_cache_dtype: 'fp5' }, 'kv_format_unknown'],
    [{ tensor_parallel: 4, data_parallel: 2, expert_parallel: 8 }, 'parallelism_unknown'],
    [{ pipeline_parallel: 9 }, 'parallelism_unknown'],
  ])('%j is refused as %s', (more, code) => {
    expect(() => boundOfRow(row(more), read, rates)).toThrow(expect.objectContaining({ code }));
  });

  it('a peak that the GPU has no figure for is no bound', () => {
    expect(() => boundOfRow(row(), read, hardwareRates(table, 'Gaudi 3').lines.datasheet)).toThrow(
      expect.objectContaining({ code: 'ceiling_missing' }),
    );
  });
});
