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

  describe('of version 2', () => {
    const trial = (tpot: number, rate: number, validity: string[] = []) => ({
      index: 0,
      replicate_level: 'process',
      validity,
      values: { tpot_p50_ms: tpot, tpot_p99_ms: 2 * tpot, throughput_tok_per_s: rate, ttft_mean_ms: 84 },
      raw_path: 'c8.txt',
    });
    const row = (concurrency: number, trials: readonly object[], more: object = {}) => ({
      ...JSON.parse(lines[1] ?? ''),
      extra: {},
      schema_version: 2,
      concurrency,
      n_gpus: 4,
      n_gpus_source: 'derived',
      tpot_median_ms: 10,
      tpot_p50_ms: 10,
      tpot_p99_ms: 20,
      e2e_p99_ms: 5200,
      goodput_req_per_s: 3.5,
      output_tps_per_gpu: 200,
      output_tps_per_user: 100,
      trials,
      ...more,
    });
    const rowsOf = (...rows: object[]) => read(rows.map((each) => JSON.stringify(each)).join('\n'), 'atlas.jsonl');
    const AT_8 = '[cell_id=base,concurrency=8,isl=1024,osl=512]';

    test('percentiles and goodput are read, and no figure twice', async () => {
      const reading = await rowsOf(row(8, []));
      expect(valuesOf(reading)).toMatchObject({
        [`tpot_p50_ms${AT_8}`]: 10,
        [`tpot_p99_ms${AT_8}`]: 20,
        [`e2e_p99_ms${AT_8}`]: 5200,
        [`goodput_req_per_s${AT_8}`]: 3.5,
        [`ttft_mean_ms${AT_8}`]: 84,
      });
      expect(reading.metrics.filter(({ name }) => name === 'tpot_p50_ms')).toHaveLength(1);
      expect(reading.trials).toEqual([]);
    });

    test('trials are those of the file, with per-GPU rates over all GPUs', async () => {
      const reading = await rowsOf(row(8, [trial(9, 880), trial(10, 800), trial(11, 720)]));
      expect(reading.trials.map(({ values }) => values[`output_tps_per_gpu${AT_8}`])).toEqual([220, 200, 180]);
      expect(reading.trials.map(({ values }) => values[`tps_per_user${AT_8}`])).toEqual([1000 / 9, 100, 1000 / 11]);
      expect(reading.trials[0]).toMatchObject({ replicate_level: 'process', validity: [] });
      expect(reading.contradictions).toBeUndefined();
    });

    test('a trial that does not count in one row excludes none of another', async () => {
      const reading = await rowsOf(
        row(8, [trial(10, 800), trial(40, 100, ['throttle']), trial(10, 800)]),
        row(16, [trial(10, 800), trial(10, 800), trial(10, 800)]),
      );
      const at = (index: number, concurrency: number) =>
        reading.trials[index]?.values[`tpot_p50_ms${AT_8.replace('8', String(concurrency))}`];
      expect(reading.trials.map(({ validity }) => validity)).toEqual([[], [], [], ['throttle']]);
      expect([0, 1, 2, 3].map((index) => [at(index, 8), at(index, 16)])).toEqual([
        [10, 10],
        [10, 10],
        [undefined, 10],
        [40, undefined],
      ]);
    });

    test('a median that its trials refute is a contradiction', async () => {
      const reading = await rowsOf(row(8, [trial(12, 800), trial(12, 800)]));
      expect(reading.contradictions).toContainEqual(
        expect.objectContaining({ key: `tpot_p50_ms${AT_8}`, implied: 12 }),
      );
    });

    test('an unknown reason for not counting is refused with its place', async () => {
      const fault = await faultOf(rowsOf(row(8, [trial(10, 800, ['moon_phase'])])));
      expect(fault).toMatchObject({ code: 'schema_mismatch', details: { at: '0.trials.0.validity.0' } });
    });

    test('only a recorded number of GPUs is a fact', async () => {
      expect((await rowsOf(row(8, []))).context).not.toHaveProperty('n_gpus');
      expect((await rowsOf(row(8, [], { n_gpus_source: 'recorded' }))).context).toMatchObject({ n_gpus: 4 });
    });

    test('rows that differ only in request rate, data set or cache mode are points of their own', async () => {
      const reading = await rowsOf(
        row(8, [], { request_rate: 4 }),
        row(8, [], { request_rate: 8 }),
        row(16, [], { cache_mode: 'warm' }),
        row(16, [], { cache_mode: 'cold' }),
      );
      expect(Object.keys(valuesOf(reading)).filter((key) => key.startsWith('goodput'))).toEqual([
        'goodput_req_per_s[cell_id=base,concurrency=8,isl=1024,osl=512,request_rate=4]',
        'goodput_req_per_s[cell_id=base,concurrency=8,isl=1024,osl=512,request_rate=8]',
        'goodput_req_per_s[cache_mode=warm,cell_id=base,concurrency=16,dataset=random,isl=1024,osl=512]',
        'goodput_req_per_s[cache_mode=cold,cell_id=base,concurrency=16,dataset=random,isl=1024,osl=512]',
      ]);
    });
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
