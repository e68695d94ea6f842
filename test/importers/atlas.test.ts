import { describe, expect, test } from 'vitest';
import { faultOf, fixtureText, read, readFixture, reasonOf, valuesOf } from './outcome.ts';

const lines = fixtureText('atlas.jsonl').trim().split('\n');

describe('atlas rows', () => {
  test('are keyed by cell, concurrency, lengths and phase', async () => {
    const reading = await readFixture('atlas.jsonl');
    expect(reading.format).toBe('atlas');
    expect(valuesOf(reading)).toMatchObject({
      'output_tps_per_gpu[cell_id=base,concurrency=8,isl=1024,osl=512]': 395.86,
      'output_tps_per_gpu[cell_id=base,concurrency=16,isl=1024,osl=512]': 640,
      'tpot_p50_ms[cell_id=base-prefill,concurrency=0,isl=2048,osl=1,phase=prefill]': 9.96,
    });
    expect(reading.warnings).toEqual(['1 of 6 rows hold no measurement and are left out']);
  });

  test('means of mixed lengths name no point', async () => {
    const values = valuesOf(await readFixture('atlas.jsonl'));
    expect(values['isl_mean_tokens[cell_id=chat,concurrency=8]']).toBe(733.4);
  });

  test('a time to first token says the statistic that it is', async () => {
    const values = valuesOf(await readFixture('atlas.jsonl'));
    expect(values).toHaveProperty('ttft_p50_ms[cell_id=base,concurrency=8,isl=1024,osl=512]', 84);
    expect(values).toHaveProperty('ttft_mean_ms[cell_id=chat,concurrency=8]', 84);
  });

  test('throughput over concurrency is not the speed that a user sees', async () => {
    const values = valuesOf(await readFixture('atlas.jsonl'));
    expect(values['tps_per_user[cell_id=base,concurrency=8,isl=1024,osl=512]']).toBe(1000 / 9.96);
    expect(values).not.toHaveProperty('tps_per_user[cell_id=chat,concurrency=8]');
    expect(values['throughput_per_concurrency_tok_per_s[cell_id=chat,concurrency=8]']).toBe(98.965);
  });

  test('context is what all rows share', async () => {
    expect((await readFixture('atlas.jsonl')).context).toEqual({
      model: 'example-org/example-llm-8b',
      hardware: 'B200',
      quant: 'FP8',
      tp: 2,
      parallel_strategy: 'TP',
      max_num_batched_tokens: 8192,
      cache_mode: 'cold',
      dataset: 'random',
    });
  });

  test('two rows for one point are refused', async () => {
    const fault = await faultOf(read([...lines, lines[1] ?? ''].join('\n'), 'atlas.jsonl'));
    expect(fault).toMatchObject({ code: 'duplicate_point' });
    expect(fault.message).toContain('cell_id=base,concurrency=8');
  });

  test('rows of evicted cells alone are no measurement', async () => {
    expect(await reasonOf(lines.at(-1) ?? '', 'atlas.jsonl')).toBe('none of 1 rows holds a measurement');
  });
});
