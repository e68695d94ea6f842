// Tables on a terminal: what gives way when it is narrow, and what never does.
import { describe, expect, it } from 'vitest';
import { cellWidth, cutMiddle, wrapCells } from '../../src/render/cell-width.ts';
import type { Column } from '../../src/render/document.ts';
import { textTable } from '../../src/render/table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'Kernel', fit: 'cut' },
  { title: 'Time', align: 'right' },
  { title: 'Note', fit: 'wrap' },
];
const ROWS = [
  ['void cutlass::gemm_sm100<bf16, 128x256x64>', '1234567.891 ms', 'slower by half in every decode step of the run'],
  ['量化内核_int8', '2.5 ms', 'ok'],
];
const widest = (text: string): number => Math.max(...text.split('\n').map(cellWidth));

describe('a table', () => {
  it('has its natural width where nobody says how much room there is', () => {
    const [head, first] = textTable(COLUMNS, ROWS).split('\n');
    expect(head).toMatch(/^Kernel\s+Time\s+Note$/);
    expect(first).toBe(ROWS[0]?.join('  '));
  });

  it.each([120, 80, 60, 48])('fits %i cells, with every number whole', (width) => {
    const text = textTable(COLUMNS, ROWS, width);
    expect(widest(text)).toBeLessThanOrEqual(width);
    expect(text).toContain('1234567.891 ms');
    expect(text).toContain('2.5 ms');
  });

  it('cuts names in the middle and wraps sentences whole', () => {
    const text = textTable(COLUMNS, ROWS, 60);
    expect(text).toMatch(/void cu\S*….*64>/);
    expect(text.replace(/\s+/g, ' ')).toContain('ok');
    for (const word of 'slower by half in every decode step of the run'.split(' ')) expect(text).toContain(word);
  });

  it('is wider than the terminal rather than without its numbers', () => {
    expect(textTable(COLUMNS, ROWS, 10)).toContain('1234567.891 ms');
  });

  it('aligns columns after wide characters, which take two cells', () => {
    const [, ...lines] = textTable(
      [{ title: 'K' }, { title: 'V' }],
      [
        ['量化', 'x'],
        ['ab', 'x'],
      ],
    ).split('\n');
    expect(lines).toEqual(['量化  x', 'ab    x']);
  });
});

describe('text in cells', () => {
  it.each([
    ['ttft_p99_ms', 11],
    ['量化', 4],
    ['é', 1],
    ['👩‍🔧', 2],
    ['', 0],
  ])('%j takes %i', (text, cells) => expect(cellWidth(text)).toBe(cells));

  it.each([
    ['abcdefghij', 10, 'abcdefghij'],
    ['abcdefghij', 7, 'abc…hij'],
    ['abcdefghij', 6, 'abc…ij'],
    ['abcdefghij', 1, '…'],
    ['量化内核名称', 7, '量…称'],
  ])('%j is cut to %i as %j', (text, cells, cut) => {
    expect(cutMiddle(text, cells)).toBe(cut);
    expect(cellWidth(cut)).toBeLessThanOrEqual(cells);
  });

  it('breaks a word only where it is wider than a line', () => {
    expect(wrapCells('a verylongword b', 6)).toEqual(['a', 'verylo', 'ngword', 'b']);
  });
});
