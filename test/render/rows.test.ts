// Rows as CSV and Markdown: every value in its own cell, whatever it holds.
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { rowsCsv, rowsMarkdown } from '../../src/render/rows.ts';

const ROWS = {
  columns: [{ title: 'metric' }, { title: 'value', align: 'right' }, { title: 'unit' }],
  rows: [
    ['ttft_p99_ms', 12.345678901, 'ms'],
    ['a "quoted", name | with\nbreaks', -3, null],
    ['=HYPERLINK("x")', null, 'tok/s'],
  ],
} as const;

describe('rows', () => {
  it('as CSV come back whole, numbers with every digit, and no cell is a formula', () => {
    expect(parse(rowsCsv(ROWS))).toEqual([
      ['metric', 'value', 'unit'],
      ['ttft_p99_ms', '12.345678901', 'ms'],
      ['a "quoted", name | with breaks', '-3', ''],
      [`'=HYPERLINK("x")`, '', 'tok/s'],
    ]);
  });

  it('as Markdown are one line each', () => {
    expect(rowsMarkdown(ROWS).split('\n')).toEqual([
      '| metric | value | unit |',
      '| --- | ---: | --- |',
      '| ttft_p99_ms | 12.3457 | ms |',
      '| a "quoted", name \\| with breaks | -3 |  |',
      '| =HYPERLINK("x") |  | tok/s |',
    ]);
  });
});
