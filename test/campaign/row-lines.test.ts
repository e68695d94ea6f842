// The lines that rows become: the quick way for rows as the product writes them, and the checked way for all others, agree.
import { describe, expect, test } from 'vitest';
import { measuredRow } from '../../src/campaign/measured-row.ts';
import { parseRows, readRowLines, rowLine, writtenRow } from '../../src/campaign/row-text.ts';
import type { JsonObject } from '../../src/text/json.ts';
import { jsonFile, parseJsonObject } from '../../src/text/json.ts';

const measured = measuredRow({
  cellId: 'cell-1',
  concurrency: 8,
  identity: { model: 'org/model', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, backend: 'vllm-sweep' },
  runs: [
    {
      path: 'c8.txt',
      values: { req_per_s: 2, throughput_tok_per_s: 1024, ttft_mean_ms: 90, tpot_p50_ms: 8 },
      counts: { completed: 80 },
      validity: ['no_telemetry'],
      replicate_level: null,
      context: {},
    },
  ],
  status: 'full',
  capturedAt: '2026-11-28T00:00:00Z',
  notes: ['first'],
  extra: { phase: 'decode', nested: [{ b: 1, a: [null, 'x'] }] },
});
const written = (more: JsonObject = {}): JsonObject => ({
  ...parseJsonObject(jsonFile(writtenRow(measured))),
  ...more,
});
const without = (row: JsonObject, ...fields: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(row).filter(([field]) => !fields.includes(field)));
const sorted = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => jsonFile(JSON.parse(line)));

describe('the line of a row', () => {
  test.each<[string, JsonObject]>([
    ['as it is written', written()],
    [
      'of a version without our fields',
      without(written(), 'schema_version', 'n_gpus', 'n_gpus_source', 'n_trials', 'trials'),
    ],
    ['without a field that has a default', without(written(), 'dataset', 'cache_mode')],
    ['with fields of ours that say nothing', written({ spec_method: null, gpu_memory_utilization: null, roles: [] })],
    ['in another order', { status: 'failed', ...without(written(), 'status') }],
    ['with rates of any kind', written({ request_rate: 'inf', ttft_avg_ms: 0, tpot_p99_ms: 1e-7, kv_cache_tokens: 0 })],
    ['with GPUs', written({ gpu_uuids: ['GPU-1'], node: 'n1', roles: [] })],
  ])('%s is that of the checked row', (_, row) => {
    const text = jsonFile([row, row]);
    const { text: lines, rows } = readRowLines(text, 'normalized.json');
    const checked = parseRows(text, 'normalized.json');
    expect(sorted(lines)).toEqual(sorted(checked.map(rowLine).join('')));
    expect(rows.map(({ cell_id, concurrency, status, extra }) => ({ cell_id, concurrency, status, extra }))).toEqual(
      checked.map(({ cell_id, concurrency, status, extra }) => ({ cell_id, concurrency, status, extra })),
    );
    for (const line of lines.trim().split('\n'))
      expect(Object.keys(JSON.parse(line))).toEqual(Object.keys(JSON.parse(line)).sort());
  });

  test.each<[string, JsonObject, string]>([
    ['an unknown field', written({ zzz: 1 }), 'zzz is no field of a row'],
    ['a negative amount', written({ ttft_avg_ms: -1 }), 'ttft_avg_ms'],
    ['a field of ours of the wrong kind', written({ n_trials: 'one' }), 'n_trials'],
    ['a share above one', written({ dcgm_sm_active: 1.5 }), 'dcgm_sm_active'],
    ['no cell', without(written(), 'cell_id'), 'cell_id'],
    ['a trial with an unknown field', written({ trials: [{ index: 0, extra: 1 }] }), 'trials'],
  ])('is refused of %s', (_, row, says) => {
    expect(() => readRowLines(jsonFile([written(), row]), 'normalized.json')).toThrow(`normalized.json: row 2 ${says}`);
  });

  test('keeps what lies inside a field in the order of its file', () => {
    const text = `[${JSON.stringify({ ...written(), extra: { b: 1, a: 2 } })}]`;
    expect(readRowLines(text, 'normalized.json').text).toContain('"extra":{"b":1,"a":2}');
  });
});
