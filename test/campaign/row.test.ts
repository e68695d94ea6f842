import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRows, rowLine, writtenRow } from '../../src/campaign/row-text.ts';
import { ROW_FIELDS, pointKey, type AtlasRow } from '../../src/campaign/row.ts';
import { parseJson } from '../../src/text/json.ts';
import { CELL } from './bundles.ts';

const { concurrencies: _asked, ...IDENTITY } = CELL;
const REQUIRED = { ...IDENTITY, concurrency: 8, status: 'full' };

const rowOf = (more: object = {}): AtlasRow => {
  const [row] = parseRows(JSON.stringify([{ ...REQUIRED, ...more }]), 'rows.json');
  if (row === undefined) throw new Error('no row');
  return row;
};
const refusal = (more: object): unknown => {
  try {
    return rowOf(more);
  } catch (error) {
    return Object(error);
  }
};

/** The fields that readers of atlas files know, in their order. */
const KNOWN = [
  'cell_id', 'model', 'hardware', 'quant', 'tensor_parallel', 'parallel_strategy', 'mtp', 'max_num_batched_tokens', 'concurrency',
  'status', 'ttft_avg_ms', 'request_throughput_avg', 'output_tps_per_user', 'output_tps_per_gpu', 'total_tps_per_gpu',
  'tpot_median_ms', 'itl_avg_ms', 'ttfo_avg_ms', 'reasoning_token_count', 'ttfo_coverage', 'mean_input_tokens',
  'mean_output_tokens', 'prefix_cache_hit_rate', 'cache_mode', 'dataset', 'cudagraph_mode', 'gpu_memory_utilization',
  'kv_cache_dtype', 'image', 'data_parallel', 'pipeline_parallel', 'num_speculative_tokens', 'async_scheduling', 'max_num_seqs',
  'enable_prefix_caching', 'bench_backend', 'variant_key', 'router_policy', 'prefix_reuse', 'per_replica_cache_hit',
  'acceptance_length', 'spec_accept_rate', 'kv_cache_tokens', 'ep_mode', 'dcgm_sm_active', 'dcgm_dram_active',
  'dcgm_tensor_active', 'backend', 'serving_engine', 'raw_path', 'captured_at', 'notes', 'extra',
] as const; // prettier-ignore

describe('the fields of a row', () => {
  test('are the 53 that readers of atlas files know, then ours', () => {
    expect(KNOWN).toHaveLength(53);
    expect(ROW_FIELDS.slice(0, 53)).toEqual(KNOWN);
  });

  const PAGE = '../shared/reference/predecessor-report.md';
  test.skipIf(!existsSync(PAGE))('are those of the description beside the repository (skipped where ../shared is absent)', () => {
    const table = readFileSync(PAGE, 'utf8').split('### 1.2')[1]?.split('### 1.3')[0] ?? '';
    const names = [...table.matchAll(/^\| [\d-]+ \| ([^|]+) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    expect(names).toEqual(KNOWN);
  }); // prettier-ignore

  test('that nobody gave stand in the row, and in its line, as unknown', () => {
    const line: unknown = JSON.parse(rowLine(rowOf()));
    expect(Object.keys(Object(line)).filter((field) => KNOWN.some((known) => known === field))).toHaveLength(53);
    expect(line).toMatchObject({ ttft_avg_ms: null, dataset: 'unknown', notes: '', data_parallel: 1, extra: {} });
  });

  test.each([
    ['a number that is no number', { tensor_parallel: 'eight' }, 'tensor_parallel'],
    ['a load below zero', { concurrency: -3 }, 'concurrency'],
    ['a share above one', { prefix_cache_hit_rate: 1.2 }, 'prefix_cache_hit_rate'],
    ['a time below zero', { ttft_avg_ms: -1 }, 'ttft_avg_ms'],
    ['a strategy of no name', { parallel_strategy: 'DP' }, 'parallel_strategy'],
    ['a status of no name', { status: 'done' }, 'status'],
    ['a cache mode of no name', { cache_mode: 'lukewarm' }, 'cache_mode'],
    ['a backend of no name', { backend: 'abacus' }, 'backend'],
    ['a cell that is no name of a folder', { cell_id: '../x' }, 'cell_id'],
    ['a field of no name', { ttft_av_ms: 1 }, 'did you mean ttft_avg_ms?'],
  ])('refuse %s', (_name, more, names) => {
    expect(refusal(more)).toMatchObject({ code: 'row_invalid', message: expect.stringContaining(names) });
  });

  test('refuse a number without end', () => {
    const text = JSON.stringify([REQUIRED]).replace('"concurrency":8', '"concurrency":8,"ttft_avg_ms":1e999');
    expect(() => parseRows(text, 'rows.json')).toThrow(/ttft_avg_ms/);
  });

  test.each([
    ['a number that the sizes refute', { n_gpus: 12 }],
    ['one that they refute with their pipeline', { n_gpus: 8, pipeline_parallel: 2 }],
    ['one that the roles refute', { n_gpus: 8, disagg: true, roles: [{ role: 'prefill', n_gpus: 8 }, { role: 'decode', n_gpus: 8 }] }],
  ])('refuse %s of GPUs', (_name, more) => {
    expect(refusal({ schema_version: 2, n_gpus_source: 'recorded', ...more })).toMatchObject({ code: 'gpu_count_conflict' });
  }); // prettier-ignore

  test('two rows are one point only where all that makes a point agrees', () => {
    const same = pointKey(rowOf());
    expect(pointKey(rowOf({ ttft_avg_ms: 5, notes: 'again' }))).toBe(same);
    for (const other of [{ concurrency: 1 }, { cache_mode: 'warm' }, { mean_input_tokens: 7 }, { num_speculative_tokens: 2 }, { extra: { phase: 'prefill' } }, { dataset: 'aa' }])
      expect(pointKey(rowOf(other))).not.toBe(same);
  }); // prettier-ignore
});

describe('rows of the predecessor', () => {
  test('have their rates over all GPUs, and what they said beside it', () => {
    const given = { data_parallel: 2, pipeline_parallel: 2, output_tps_per_gpu: 400, total_tps_per_gpu: 800 };
    expect(rowOf(given)).toMatchObject({
      n_gpus: 32,
      n_gpus_source: 'derived',
      output_tps_per_gpu: 100,
      total_tps_per_gpu: 200,
      extra: { per_gpu_rates_were_over: 8 },
    });
  });

  test.each([
    ['1000 / median TPOT, whatever stood there', { tpot_median_ms: 10, output_tps_per_user: 37 }, 100, { output_tps_per_user_was: 37 }],
    ['as it stood, where that is the same', { tpot_median_ms: 10, output_tps_per_user: 100 }, 100, {}],
    ['unknown, where throughput over concurrency stood there', { output_tps_per_gpu: 100, output_tps_per_user: 100 }, null, { throughput_per_concurrency_tok_per_s: 100 }],
    ['as the tool reported it, where there is no TPOT', { output_tps_per_gpu: 100, output_tps_per_user: 55 }, 55, {}],
  ])('have a speed of a user that is %s', (_name, given, speed, extra) => {
    expect(rowOf(given)).toMatchObject({ output_tps_per_user: speed, extra });
  }); // prettier-ignore

  test('read again they stay as they are', () => {
    const once = rowOf({ data_parallel: 2, output_tps_per_gpu: 400, output_tps_per_user: 400, tpot_median_ms: null });
    expect(parseRows(`[${rowLine(once)}]`, 'atlas.jsonl')).toEqual([once]);
  });
});

test('a row of ours is never put in other terms', () => {
  const given = { schema_version: 2, data_parallel: 2, n_gpus: 16, n_gpus_source: 'recorded', output_tps_per_gpu: 400, output_tps_per_user: 7, tpot_median_ms: 10 };
  expect(rowOf(given)).toMatchObject({ output_tps_per_gpu: 400, output_tps_per_user: 7, extra: {} });
}); // prettier-ignore

test('any row that is written is read back as it was, from a cell and from an atlas', () => {
  const amount = fc.option(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), { nil: null });
  const some = fc.record({ ttft_avg_ms: amount, tpot_p99_ms: amount, output_tps_per_gpu: amount, notes: fc.string(), dataset: fc.string({ minLength: 1 }) });
  fc.assert(
    fc.property(some, (more) => {
      const row = rowOf({ schema_version: 2, ...more });
      expect(parseRows(JSON.stringify([writtenRow(row)]), 'rows.json')).toEqual([row]);
      expect(parseJson(rowLine(row))).toEqual(JSON.parse(JSON.stringify(writtenRow(row))));
    }),
  );
}); // prettier-ignore
