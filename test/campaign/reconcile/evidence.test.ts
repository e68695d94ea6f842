// Rows against what is known beside them: the bound of the model, counters of GPUs and servers, power, settings, single steps.
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseEngineSteps, stepFindings } from '../../../src/campaign/reconcile/engine-steps.ts';
import type { CellCounters, Evidence } from '../../../src/campaign/reconcile/evidence.ts';
import { factsOf } from '../../../src/campaign/reconcile/row-facts.ts';
import { usableRows, violationsOfRow } from '../../../src/campaign/reconcile/usable-rows.ts';
import type { GivenRow } from '../../../src/campaign/row.ts';
import { evidenceOf, productCeilings } from './evidence.ts';
import { rowOf } from './row.ts';

let evidence: Evidence;
beforeAll(async () => {
  evidence = await evidenceOf();
});

const brief = (row: Partial<GivenRow>, held: Evidence = evidence) =>
  violationsOfRow(rowOf(row), held).map(({ balance, severity, likely_cause }) => [balance, severity, likely_cause]);

/** One request of 4096 prompt tokens on four GPUs at a time: its prefill takes 70.2 ms, a step 6.02 ms. */
const ONE_REQUEST = {
  tensor_parallel: 4, n_gpus: 4, quant: 'BF16', concurrency: 1, num_prompts: 10, completed_requests: 10, waves: 10, mean_input_tokens: 4096,
  mean_output_tokens: 100, ttft_avg_ms: 70.15, tpot_mean_ms: 6.02, tpot_median_ms: 6.02, output_tps_per_user: 166.1, e2e_mean_ms: 666.1,
  request_throughput_avg: 1.497, duration_s: 6.68, throughput_tok_per_s: 149.7, total_throughput_tok_per_s: null, output_tps_per_gpu: 37.43, total_tps_per_gpu: null,
} as const satisfies Partial<GivenRow>; // prettier-ignore

describe('the bound', () => {
  test('holds on the GPU that ran the row', () => {
    expect(brief({ ...ONE_REQUEST, hardware: 'B200' })).toEqual([]);
  });

  test.each(['H100', 'NVIDIA H100 80GB HBM3'])('shows that a prefill of 973 TFLOP/s was not on a %s', (hardware) => {
    const [violation, ...others] = violationsOfRow(rowOf({ ...ONE_REQUEST, hardware }), evidence);
    expect(others).toEqual([]);
    expect(violation).toMatchObject({
      balance: 'bound',
      severity: 'impossible',
      likely_cause: 'wrong_gpu_label',
      expected: 956,
      unit: 'TFLOP/s per GPU',
    });
    expect(violation?.seen).toBeCloseTo(973, -1);
  });

  test('takes hits that nobody counted for the cause where the cache was warm', () => {
    const row = { ...ONE_REQUEST, ttft_avg_ms: 3, e2e_mean_ms: 600, cache_mode: 'warm' } as const;
    expect(brief(row)).toEqual([['bound', 'impossible', 'cache_hits_as_prefill']]);
    expect(brief({ ...row, prefix_cache_hit_rate: 0.99 })).toEqual([]);
  });

  test.each<readonly [string, Partial<GivenRow>, string]>([
    ['a time per token below the least of a step', { tpot_mean_ms: 1.5, tpot_median_ms: 1.5, output_tps_per_user: 666, ttft_avg_ms: 519.2 }, 'wrong_gpu_label'],
    ['a time per token in seconds', { tpot_mean_ms: 0.00602, tpot_median_ms: 0.00602, output_tps_per_user: null, ttft_avg_ms: 667 }, 'seconds_for_ms'],
    ['tokens of eight replicas on the GPUs of one', { data_parallel: 8, n_gpus: 4, concurrency: 1, output_tps_per_user: null, tpot_mean_ms: null, tpot_median_ms: null, throughput_tok_per_s: 3940, output_tps_per_gpu: 985, e2e_mean_ms: null, ttft_avg_ms: null, request_throughput_avg: null }, 'replicas_left_out'],
  ])('refutes %s', (_name, more, cause) => {
    const found = brief({ ...ONE_REQUEST, ...more }).filter(([balance]) => balance === 'bound');
    expect(found).toContainEqual(['bound', 'impossible', cause]);
  }); // prettier-ignore

  test('is not asked of hardware without ceilings, of another model or format, or of separate roles', () => {
    const fast = { ...ONE_REQUEST, ttft_avg_ms: 3, e2e_mean_ms: 600 };
    expect(brief({ ...fast, hardware: 'Gaudi 9' })).toEqual([]);
    expect(brief({ ...fast, disagg: true })).toEqual([]);
    expect(brief({ ...fast, quant: 'NVFP4' })).toEqual([]);
    const { model } = evidence;
    expect(brief(fast, { ...evidence, ...(model === undefined ? {} : { model: { ...model, name: 'another/model' } }) })).toEqual([]);
    expect(brief(fast)).toEqual([['bound', 'impossible', 'wrong_gpu_label']]);
  }); // prettier-ignore

  test('of a step of several GPUs needs no model: none takes less than its collectives', () => {
    const seconds = { tpot_mean_ms: 0.0837, tpot_median_ms: 0.0612, output_tps_per_user: 16_343, ttft_avg_ms: 0.8, e2e_mean_ms: 3.31, concurrency: 0 }; // prettier-ignore
    expect(brief(seconds, {})).toContainEqual(['bound', 'impossible', 'seconds_for_ms']);
  });
});

describe('bytes that DCGM saw', () => {
  // 16.26 GB a step at 166 steps a second are 2.7 TB/s, 0.34 of 8 TB/s.
  test.each([
    [0.34, []],
    [0.5, []],
    [0.17, [['dcgm_bytes', 'impossible', 'elements_for_bytes']]],
    [0.99, [['dcgm_bytes', 'odd', 'unknown']]],
  ])('a DRAM_ACTIVE of %d of a B200', (active, expected) => {
    expect(brief({ ...ONE_REQUEST, tpot_mean_ms: 6.02, dcgm_dram_active: active })).toEqual(expected);
  });
});

describe('energy', () => {
  // 8 GPUs of 900 W at 2000 tok/s: 3.6 J a token.
  test.each<readonly [string, Partial<GivenRow>, readonly (readonly string[])[]]>([
    ['agrees with power and rate', { joules_per_token: 3.6, power_watts_per_gpu: 900 }, []],
    ['of one GPU alone', { joules_per_token: 0.45, power_watts_per_gpu: 900 }, [['energy', 'impossible', 'one_gpu_for_all']]],
    ['of prompt and output tokens', { joules_per_token: 0.6, power_watts_per_gpu: 900 }, [['energy', 'impossible', 'total_for_output']]],
    ['in millijoules', { joules_per_token: 3600, power_watts_per_gpu: 900 }, [['energy', 'impossible', 'seconds_for_ms']]],
    ['of more than a board draws', { power_watts_per_gpu: 1200 }, [['energy', 'odd', 'wrong_gpu_label']]],
    ['of all GPUs as that of one', { power_watts_per_gpu: 7200 }, [['energy', 'impossible', 'one_gpu_for_all']]],
    ['of the window against its mean power', { trials: [{ index: 0, replicate_level: 'process', validity: [], values: { energy_joules_total: 230_400, power_mean_w: 900 } }] }, [['energy', 'impossible', 'one_gpu_for_all']]],
  ])('%s', (_name, more, expected) => {
    expect(brief(more)).toEqual(expected);
  }); // prettier-ignore

  test('of the counters beside a cell is their power times their window', async () => {
    const counters: CellCounters = { hwKey: 'b200_sm100', gpus: 8, wattsPerGpu: 900, joules: 72_000, seconds: 10 };
    const held = (more: Partial<CellCounters>): Evidence => ({ ...evidence, counters: new Map([['base', { ...counters, ...more }]]) });
    expect(brief({}, { ceilings: await productCeilings(), ...held({}) })).toEqual([]);
    expect(brief({}, held({ joules: 9000 }))).toEqual([['energy', 'impossible', 'one_gpu_for_all']]);
    expect(brief({}, held({ hwKey: 'h100_sxm' }))).toEqual([['configuration', 'impossible', 'wrong_gpu_label']]);
  }); // prettier-ignore
});

describe('the recorded configuration', () => {
  test.each<readonly [string, Partial<GivenRow>, readonly string[]]>([
    ['steps of more tokens than a step may have', { max_num_batched_tokens: 2048, extra: { server: { step_tokens_above: 4096 } } }, ['configuration', 'impossible', 'setting_not_in_effect']],
    ['more requests running than the engine was allowed', { max_num_seqs: 16, extra: { server: { requests_running_peak: 32 } } }, ['configuration', 'impossible', 'setting_not_in_effect']],
    ['more accepted tokens than drafts', { num_speculative_tokens: 3, acceptance_length: 5.2, mtp: true }, ['configuration', 'impossible', 'setting_not_in_effect']],
    ['accepted drafts without speculation', { acceptance_length: 2.4 }, ['configuration', 'impossible', 'setting_not_in_effect']],
    ['cache hits without a cache', { enable_prefix_caching: false, prefix_cache_hit_rate: 0.4 }, ['configuration', 'impossible', 'setting_not_in_effect']],
    ['one GPU at work of eight', { extra: { gpus: { n_gpus: 1 } } }, ['configuration', 'odd', 'setting_not_in_effect']],
    ['more GPUs listed than counted', { tensor_parallel: 1, n_gpus: 1, output_tps_per_gpu: 2000, total_tps_per_gpu: 12_000, gpu_uuids: ['GPU-a', 'GPU-b'] }, ['configuration', 'odd', 'replicas_left_out']],
  ])('is refuted by %s', (_name, more, expected) => {
    expect(brief(more, {})).toEqual([expected]);
  }); // prettier-ignore

  test.each<readonly [string, Partial<GivenRow>]>([
    ['a step of the largest size', { max_num_batched_tokens: 8192, extra: { server: { step_tokens_above: 4096 } } }],
    ['replicas that run as many each', { data_parallel: 2, tensor_parallel: 4, max_num_seqs: 16, extra: { server: { requests_running_peak: 32 } } }],
    ['every draft accepted', { num_speculative_tokens: 3, acceptance_length: 4, mtp: true }],
    ['counters of one node of two', { tensor_parallel: 16, n_gpus: 16, output_tps_per_gpu: 125, total_tps_per_gpu: 750, extra: { gpus: { n_gpus: 8 } } }],
  ])('is not refuted by %s', (_name, more) => {
    expect(brief(more, {})).toEqual([]);
  }); // prettier-ignore
});

describe('client against server', () => {
  test.each<readonly [string, Record<string, number>, readonly (readonly string[])[]]>([
    ['warm-up requests', { completed_requests: 352 }, []],
    ['a scrape of one replica of two', { completed_requests: 160 }, [['client_server', 'odd', 'replicas_left_out']]],
    ['requests of another client', { completed_requests: 900 }, [['client_server', 'odd', 'other_requests']]],
    ['a first token that the client saw before the server', { ttft_mean_ms: 215_000 }, [['client_server', 'impossible', 'seconds_for_ms']]],
    ['a first token a little later on the server', { ttft_mean_ms: 230 }, []],
    ['more running than the client has open', { requests_running_peak: 64 }, [['client_server', 'odd', 'other_requests']]],
  ])('%s', (_name, server, expected) => {
    expect(brief({ data_parallel: 2, tensor_parallel: 4, extra: { server } }, {})).toEqual(expected);
  }); // prettier-ignore
});

describe('steps of an engine', () => {
  const HEAD = 'phase,ctx_tokens,ctx_requests,ctx_kv_tokens,decode_tokens,decode_requests,decode_kv_tokens,latency_ms';
  const TABLE = [HEAD, 'context,4096,1,0,0,0,0,70.15', 'context,8192,2,0,0,0,0,150', 'decode,0,0,0,1,1,4096,6.02'].join(
    '\n',
  );
  const row = (hardware: string) => factsOf(rowOf({ ...ONE_REQUEST, hardware, max_num_batched_tokens: 2048 }));

  test('of 8192 tokens refute a setting of 2048, and their rate refutes the label H100', async () => {
    const steps = await parseEngineSteps(TABLE, 'steps.csv');
    expect(stepFindings(row('B200'), evidence, steps)).toMatchObject([
      { balance: 'configuration', expected: 2048, seen: 8192 },
    ]);
    expect(stepFindings(row('H100'), evidence, steps)).toMatchObject([
      { balance: 'configuration' },
      { balance: 'bound', unit: 'TFLOP/s per GPU', cause: 'wrong_gpu_label', expected: 956 },
    ]);
  });

  test.each([
    ['no column', 'a,b\n1,2', /no column ctx_tokens/],
    ['no figure', `${HEAD}\ncontext,4096,one,0,0,0,0,71`, /line 2 holds no figures/],
    ['a figure below zero', `${HEAD}\ncontext,4096,1,0,0,0,0,-3`, /line 2 holds no figures/],
  ])('with %s are refused', async (_name, text, says) => {
    await expect(parseEngineSteps(text, 'steps.csv')).rejects.toMatchObject({ code: 'engine_steps_invalid', message: expect.stringMatching(says) });
  }); // prettier-ignore

  const sample = new URL('../../../../shared/samples/engine-steps/qwen3-32b-bf16-tp4_phase.sample.csv', import.meta.url)
    .pathname;
  if (!existsSync(sample)) console.log(`skipped: no real steps at ${sample}`);
  test.skipIf(!existsSync(sample))('a real table of them: labelled H100 or H200 it is refuted, as B200 it is not', async () => {
    const steps = await parseEngineSteps(readFileSync(sample, 'utf8'), sample);
    const broken = (hardware: string) => stepFindings(row(hardware), evidence, steps).map(({ balance }) => balance);
    expect(broken('B200')).toEqual(['configuration']);
    expect(broken('H100')).toEqual(['configuration', 'bound']);
    expect(broken('H200')).toEqual(['configuration', 'bound']);
  }); // prettier-ignore
});

test('evidence decides which rows are usable, beside their own figures', () => {
  const row = rowOf({ ...ONE_REQUEST, hardware: 'H100' });
  expect(usableRows([row]).usable).toHaveLength(1);
  expect(usableRows([row], evidence)).toMatchObject({ usable: [], excluded: [{ violation: { balance: 'bound' } }] });
});
