import { describe, expect, test } from 'vitest';
import { columnWidths } from '../../src/render/column-widths.ts';

const column = (title: string, ...cells: string[]) => ({ title, cells });

describe('the columns of a table on a page', () => {
  test('are as wide as their content where all fit', () => {
    expect(columnWidths([column('a', 'one'), column('b', 'two')], 500, 9)).toEqual([null, null]);
  });

  test('share the page where they do not, none narrower than its longest word', () => {
    const long =
      'a sentence that takes far more room than there is on a page of this width, whatever one does about it';
    const widths = columnWidths(
      [column('name', 'glm NVFP4 TP8'), column('workload', long), column('value', '123,456')],
      200,
      9,
    );
    expect(widths.reduce((sum: number, width) => sum + (width ?? 0), 0)).toBeCloseTo(200, 6);
    expect(widths[0]).toBeGreaterThan(38);
    expect(widths[1]).toBeGreaterThan(widths[0] ?? 0);
  });

  test('break words only where even those do not fit', () => {
    const word = 'x'.repeat(200);
    const widths = columnWidths([column('a', word), column('b', word)], 100, 9);
    expect(widths).toEqual([50, 50]);
  });
});
