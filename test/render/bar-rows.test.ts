import { describe, expect, test } from 'vitest';
import { barRows, barRowsHeight, type BarField } from '../../src/render/bar-rows.ts';

const PLACE = { left: 0, top: 0, width: 400 };
const draw = (fields: readonly BarField[], label = 'row', most = 100): string =>
  barRows(
    { labelShare: 1, columns: [{ title: 'share', share: 1, most }, { title: 'words', share: 2 }], rows: [{ label, fields }] },
    PLACE,
  ).elements.join('\n'); // prettier-ignore
const bar = (value: number, text = ''): BarField => ({
  kind: 'bar',
  parts: [{ value, role: 'blue', title: 'a part' }],
  text,
});
const widths = (svg: string): number[] => [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width)); // prettier-ignore

describe('rows of bars', () => {
  test('a bar is its share of the track, and one above the whole ends with it', () => {
    const [track = 0, half = 0] = widths(draw([bar(50)]));
    expect(half).toBeCloseTo(track / 2, 0);
    expect(widths(draw([bar(250)]))[1]).toBeCloseTo(track, 0);
    expect(widths(draw([bar(50)], 'row', 50))[1]).toBeCloseTo(track, 0);
  });

  test('the text of a bar stands right of its track, which gives way to it', () => {
    const [alone = 0] = widths(draw([bar(50)]));
    const svg = draw([bar(50, '50.0%')]);
    const [track = 0] = widths(svg);
    expect(track).toBeLessThan(alone);
    expect(Number(/x="([\d.]+)"[^>]*>50\.0%</.exec(svg)?.[1])).toBeGreaterThan(104 + track);
  });

  test('every text is cut to its column; words over several columns have their room', () => {
    const long = 'a-very-long-name-that-no-column-of-this-width-could-ever-hold-in-full';
    expect(draw([], long)).not.toContain(long);
    const words = 'estimate, not attribution';
    const field: BarField = { kind: 'words', text: words };
    expect(draw([field])).not.toContain(words);
    expect(draw([{ ...field, span: 2 }])).toContain(words);
  });

  test('say which values they show and where these come from', () => {
    const from = { rows: ['cell/kernels.json'], fields: ['per_category.MoE'] };
    const { points } = barRows(
      { labelShare: 1, columns: [{ title: 'share', share: 1 }], rows: [{ label: 'MoE', fields: [{ ...bar(38, '38.0%'), from }] }] },
      PLACE,
    ); // prettier-ignore
    expect(points).toEqual([{ text: 'MoE: 38.0%', from }]);
    expect(barRowsHeight(2) - barRowsHeight(1)).toBe(15);
  });
});
