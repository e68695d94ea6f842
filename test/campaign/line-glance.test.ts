// What a line of an atlas shows before it is parsed: the same as its row, or nothing.
import { describe, expect, test } from 'vitest';
import { glanceAt } from '../../src/campaign/line-glance.ts';
import { rowLine } from '../../src/campaign/row-text.ts';
import { rowSchema, type GivenRow } from '../../src/campaign/row.ts';

const lineOf = (more: Partial<GivenRow> = {}): string =>
  rowLine(
    rowSchema.parse({
      cell_id: 'cell-1', model: 'org/model', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, parallel_strategy: 'TP',
      mtp: false, max_num_batched_tokens: 0, concurrency: 16, status: 'full', dataset: 'sharegpt', ...more,
    }),
  ); // prettier-ignore

const POINT = { cell_id: 'cell-1', concurrency: 16, dataset: 'sharegpt' };

describe('a line at a glance', () => {
  test.each<[string, Partial<GivenRow>, object | null]>([
    ['a point shows cell, load and workload', {}, POINT],
    ['a partial one too', { status: 'partial' }, { ...POINT }],
    ['a failed one shows nothing', { status: 'failed' }, null],
    ['nor does an evaluation', { extra: { metric_kind: 'accuracy' } }, null],
    ['nor a sweep of one phase', { extra: { phase: 'decode' } }, null],
    ['names inside a text are no names', { bench_backend: '"cell_id":"x","concurrency":1,' }, POINT],
    ['nor are names inside extra', { extra: { concurrency: 1, dataset: 'other', status: 'failed' } }, POINT],
    ['nor a status in the trials', { notes: '"status":"failed"' }, POINT],
    ['a failed point stays one whatever extra says', { status: 'failed', extra: { status: 'full' } }, null],
    ['a workload that has to be unescaped is left to the parser', { dataset: 'a "quoted" one' }, null],
  ])('%s', (_, more, expected) => {
    expect(glanceAt(lineOf(more))).toEqual(expected);
  });
});
