// Aligned plain text for terminals. Cells are made visible, never interpreted; a column gives way to the width of the terminal
// only where it says how, so that no number is ever cut.
import { cellWidth, cutMiddle, padCells, wrapCells } from './cell-width.ts';
import type { Column } from './document.ts';
import { visibleText } from './escape.ts';

const GAP = 2;
/** Fewest cells that a column keeps: less says nothing. */
const LEAST = { cut: 9, wrap: 16 } as const;

/** Widths that sum up to what there is room for, taken from the widest column that may give way. */
const fittedWidths = (columns: readonly Column[], natural: readonly number[], room: number): number[] => {
  const widths = [...natural];
  const least = columns.map(({ fit }, index) =>
    fit === undefined ? Infinity : Math.min(LEAST[fit], natural[index] ?? 0),
  );
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const spare = widths.map((width, index) => (width > (least[index] ?? Infinity) ? width : 0));
    const widest = spare.indexOf(Math.max(...spare));
    if ((spare[widest] ?? 0) === 0) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
};

const cellLines = (text: string, { fit }: Column, width: number): string[] => {
  if (fit === 'wrap') return wrapCells(text, width);
  return [fit === 'cut' ? cutMiddle(text, width) : text];
};

/**
 * A plain table with two spaces between columns; ends without a newline. `width` is that of the terminal in cells: columns that
 * may be cut or wrapped become narrower until the table fits.
 */
export const textTable = (
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string => {
  const all = [columns.map((column) => column.title), ...rows].map((row) => row.map(visibleText));
  const natural = columns.map((_, index) =>
    all.reduce((widest, row) => Math.max(widest, cellWidth(row[index] ?? '')), 0),
  );
  const widths = width === Infinity ? natural : fittedWidths(columns, natural, width - GAP * (columns.length - 1));
  const lineOf = (parts: readonly string[]): string =>
    parts
      .map((part, index) => padCells(part, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(' '.repeat(GAP))
      .trimEnd();
  return all
    .flatMap((row) => {
      const cells = columns.map((column, index) => cellLines(row[index] ?? '', column, widths[index] ?? 0));
      const height = Math.max(1, ...cells.map((lines) => lines.length));
      return Array.from({ length: height }, (_, at) => lineOf(cells.map((lines) => lines[at] ?? '')));
    })
    .join('\n');
};
