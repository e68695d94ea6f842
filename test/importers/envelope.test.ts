import { describe, expect, test } from 'vitest';
import { faultOf, fixtureJson, readFixture, readJson, reasonOf, valuesOf } from './outcome.ts';

const envelope = fixtureJson('envelope-v1.1.json');

describe('result envelope', () => {
  test('names are canonical, the name in the file is kept', async () => {
    const reading = await readFixture('envelope-v1.1.json');
    expect(valuesOf(reading)).toMatchObject({
      'e2e_p50_ms[concurrency=16]': 1203.5,
      'req_per_s[concurrency=16]': 13.25,
      'goodput_req_per_s[concurrency=16]': 13.19,
      'joules_per_token[concurrency=16]': 0.3034,
    });
    expect(reading.metrics.find(({ name }) => name === 'e2e_p50_ms')).toMatchObject({
      source_key: 'total_p50_ms',
      unit: 'ms',
      direction: 'lower-is-better',
      statistic: 'p50',
    });
  });

  test('text among the metrics is no metric, a null is named', async () => {
    const reading = await readFixture('envelope-v1.1.json');
    expect(reading.metrics.map(({ source_key: key }) => key)).not.toContain('slo_hardware_class');
    expect(reading.warnings).toContain('ttft_p99_ms is null: not measured');
  });

  test('trials keep their block, level and validity', async () => {
    const { trials } = await readFixture('envelope-v1.1.json');
    expect(trials.map((trial) => [trial.index, trial.block, trial.replicate_level, trial.validity])).toEqual([
      [0, 0, 'process', []],
      [1, 1, 'process', ['no_telemetry']],
      [2, 2, 'process', ['throttle']],
    ]);
    expect(trials[2]?.values).toEqual({
      'ttft_p50_ms[concurrency=16]': 55,
      'tpot_p50_ms[concurrency=16]': 9.1,
      'throughput_tok_per_s[concurrency=16]': 1400,
    });
  });

  test('context comes from the places of v1 and from the context object; placeholders are not facts', async () => {
    const { context, warnings } = await readFixture('envelope-v1.1.json');
    expect(context).toEqual({
      model: 'example-org/example-llm-8b',
      hardware: 'NVIDIA H200',
      quant: 'fp8',
      n_gpus: 1,
      tp: 1,
      dataset: 'builtin-chatbot-short',
      dataset_hash: 'eb7526362ee7678cb5650f67d90cfdb84485363ca148ff3993ded032560941fb',
      seed: 42,
      isl: 256,
      osl: 128,
      concurrency: 16,
      engine: 'vllm',
      engine_version: '0.11.0',
      driver: '580.95.05',
      cuda: '13.0',
    });
    expect(warnings.join()).toContain('engine.config_hash, software_provenance.pip_freeze_hash, model.revision');
  });

  test('version v1 is read, without trials', async () => {
    const { trials: _, ...v1 } = envelope;
    const reading = await readJson({ ...v1, envelope_version: 'v1' });
    expect(reading.trials).toEqual([]);
    expect(reading.metrics).toHaveLength(9);
  });

  test('a run without a successful request is no measurement', async () => {
    expect(await reasonOf(JSON.stringify({ ...envelope, metrics: { ok_rate: 0, ttft_p50_ms: 0 } }))).toContain(
      'every request failed',
    );
  });

  test.each([
    ['a version that is not known', { envelope_version: 'v2' }, 'format_version', 'envelope_version'],
    [
      'a validity code that is not known',
      { trials: [{ index: 0, metrics: {}, validity: ['gremlins'] }] },
      'schema_mismatch',
      'trials.0.validity.0',
    ],
  ])('%s is refused', async (_, change, code, at) => {
    expect(await faultOf(readJson({ ...envelope, ...change }))).toMatchObject({ code, details: { at } });
  });
});
