// Tables for people: GitHub-flavoured Markdown and aligned plain text. Cells are escaped, never interpreted.

export type Align = 'left' | 'right';

export interface Column {
  readonly title: string;
  readonly align?: Align;
}

/** Text that stays inside one Markdown table cell: pipes escaped, line breaks and control characters turned to spaces. */
export const markdownCell = (text: string): string =>
  text
    .replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|');

/** A Markdown table; ends without a newline. */
export const markdownTable = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownCell).join(' | ')} |`;
  const rule = columns.map((column) => (column.align === 'right' ? '---:' : '---'));
  return [line(columns.map((column) => column.title)), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
};

/** A plain table with two spaces between columns; ends without a newline. */
export const textTable = (columns: readonly Column[], rows: readonly (readonly string[])[]): string => {
  const all = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? '').length)));
  const cell = (text: string, index: number): string =>
    columns[index]?.align === 'right' ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  return all.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
};
