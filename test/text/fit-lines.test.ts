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
    expect(lines.at(-2)).toBe(`… ${100 - shown} more linesin the structured result`);
    for (const line of lines.filter((each) => each.startsWith('row'))) expect(rows).toContain(line);
  });

  it('cuts a single line that is too long by itself', () => {
    expect(fitLines('y'.repeat(4000), 100)).toHaveLength(100 - '… 0 more lines'.length - 1);
  });
});
