// When an answer goes through a pager, and through which.
import { describe, expect, it } from 'vitest';
import { pagerWords, screenLines } from '../../src/cli/pager.ts';

describe('the pager', () => {
  it.each([
    [undefined, ['less', '-FRX']],
    ['less -S', ['less', '-S']],
    [`"/opt/my less" '-P the end'`, ['/opt/my less', '-P the end']],
    ['', null],
    ['cat', null],
    ['less | tee log', null],
    ['less $(touch x)', null],
    ['less; rm x', null],
  ])('that PAGER=%j names is %j, never through a shell', (named, words) => {
    expect(pagerWords(named === undefined ? {} : { PAGER: named })).toEqual(words);
  });

  it.each([
    ['a\nb\n', 80, 2],
    ['x'.repeat(200), 80, 3],
    ['量'.repeat(50), 80, 2],
    ['', 80, 1],
  ])('is asked by lines of the screen: %j at %i columns takes %i', (text, columns, lines) => {
    expect(screenLines(text, columns)).toBe(lines);
  });
});
