// Which pages of a report are shown to a caller who looks, and in which order; each as a picture of its own.
import { describe, expect, test } from 'vitest';
import { composeReport } from '../../src/report/compose.ts';
import { showPages } from '../../src/report/show-pages.ts';
import { smokeRows } from '../../src/report/smoke/fixture.ts';
import type { ShownPicture } from '../../src/verb/context.ts';
import { dataOf, typesetOf } from './rows.ts';

const shownOf = async (data: Parameters<typeof composeReport>[0]): Promise<readonly ShownPicture[]> => {
  const report = composeReport(data, new Date('2026-06-01T00:00:00Z'));
  const shown: ShownPicture[] = [];
  showPages(report, await typesetOf(report), { show: (pictures) => void shown.push(...pictures) });
  return shown;
};

describe('the pages that are shown', () => {
  test('begin with the first page and the one of what is missing', async () => {
    const shown = await shownOf(dataOf(smokeRows()));
    expect(shown.map(({ title }) => title)).toEqual([
      'page 1 of 3: scatter',
      'page 3 of 3: reconciliation, completeness',
      'page 2 of 3: heatmap',
    ]);
  });

  test('are whole: the words of charts are in them, and no ground covers another page', async () => {
    const [first, last] = await shownOf(dataOf(smokeRows()));
    expect(first?.svg).toContain('>1,024 batch tokens</text>');
    expect(first?.svg).not.toContain('data:image/svg');
    expect(last?.svg).not.toContain('batch tokens</text>');
    expect(`${first?.svg}${last?.svg}`).not.toContain('fill="#ffffff" fill-rule="nonzero" d="M 0 0v');
  });

  test('are numbered as in the document where one of them takes several pages', async () => {
    const rows = Array.from({ length: 16 }, (_, arm) =>
      smokeRows().map((row) => ({ ...row, cell_id: `${row.cell_id}-${arm}`, model: `model-${arm}` })),
    ).flat();
    const shown = await shownOf(dataOf(rows));
    const numbers = shown.map(({ title }) =>
      title
        .match(/^page (\d+) of (\d+)/)
        ?.slice(1)
        .map(Number),
    );
    const total = numbers[0]?.[1] ?? 0;
    expect(total).toBeGreaterThan(shown.length);
    expect(numbers[1]).toEqual([expect.any(Number), total]);
    expect(new Set(numbers.map((pair) => pair?.[0])).size).toBe(shown.length);
  });

  test('cost nothing where nobody looks', async () => {
    const report = composeReport(dataOf(smokeRows()), new Date(0));
    const refused = (): never => {
      throw new Error('drawn for nobody');
    };
    showPages(report, { pdf: new Uint8Array(), pictures: refused, starts: refused }, { show: null });
  });
});
