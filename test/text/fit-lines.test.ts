// A text that is too long loses lines, not the ones that the reader acts on.
import { describe, expect, it } from 'vitest';
import { fitLines } from '../../src/text/fit-lines.ts';

const rows = Array.from({ length: 100 }, (_, index) => `row ${index}: ${'x'.repeat(20)}`);
const text = ['RED: 100 rows', ...rows, 'advice: profile both sides'].join('\n');

describe('fitting lines', () => {
  it('leaves a text alone that fits', () => {
    expect(fitLines('a\nb', 10)).toBe('a\nb');
  });

  it.each([120, 300, 1500])('keeps the first and the next line within %i characters and counts the rest', (limit) => {
    const fitted = fitLines(text, limit, 'in the structured result');
    const lines = fitted.split('\n');
    expect(fitted.length).toBeLessThanOrEqual(limit);
    expect(lines[0]).toBe('RED: 100 rows');
    expect(lines.at(-1)).toBe('advice: profile both sides');
    const shown = lines.filter((line) => line.startsWith('row')).length;
    expect(lines.at(-2)).toBe(`… ${100 - shown} more rows: in the structured result`);
    for (const line of lines.filter((each) => each.startsWith('row'))) expect(rows).toContain(line);
  });

  it('keeps calls whole, however long, and leaves out rows for them', () => {
    const call = `next: bench_diff {"baseline":"${'x'.repeat(300)}"}`;
    const fitted = fitLines(text, 500, 'in the structured result', ['or: job_list {}', call]);
    expect(Buffer.byteLength(fitted)).toBeLessThanOrEqual(500);
    expect(fitted.split('\n').slice(-2)).toEqual(['or: job_list {}', call]);
  });

  it('counts bytes, not characters', () => {
    expect(
      Buffer.byteLength(fitLines(['first', ...rows.map(() => '↑'.repeat(20))].join('\n'), 200)),
    ).toBeLessThanOrEqual(200);
  });

  it('cuts a single line that is too long by itself', () => {
    expect(fitLines('y'.repeat(4000), 100)).toHaveLength(82);
  });
});
