// Aligned plain text for terminals. Cells are made visible, never interpreted.
import type { Column } from './document.ts';
import { visibleText } from './escape.ts';

/** A plain table with two spaces between columns; ends without a newline. */
export const textTable = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const all = [columns.map((column) => column.title), ...rows].map((row) => row.map(visibleText));
  const widths = columns.map((_, index) => all.reduce((widest, row) => Math.max(widest, (row[index] ?? '').length), 0));
  const cell = (text: string, index: number): string =>
    columns[index]?.align === 'right' ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  return all.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
};
