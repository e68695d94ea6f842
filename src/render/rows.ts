// Rows of an answer for other programs and pages: the one place that writes them as CSV or as a Markdown table. Values stay whole in
// CSV; nothing in a cell is interpreted in either.
import { formatNumber } from './numbers.ts';
import type { Column } from './document.ts';
import { csvCell } from './escape.ts';
import { markdownTable } from './markdown.ts';

export type Cell = string | number | null;

export interface Rows {
  readonly columns: readonly Column[];
  /** As many cells each as there are columns; null is empty. */
  readonly rows: readonly (readonly Cell[])[];
}

const CRLF = '\r\n';

/** RFC 4180 with a line of titles; ends with a line end. */
export const rowsCsv = ({ columns, rows }: Rows): string =>
  [columns.map(({ title }) => title), ...rows].map((row) => row.map(csvCell).join(',') + CRLF).join('');

const shown = (cell: Cell): string => (typeof cell === 'number' ? formatNumber(cell) : (cell ?? ''));

/** A table of GitHub-flavoured Markdown; ends without a newline. */
export const rowsMarkdown = ({ columns, rows }: Rows): string =>
  markdownTable(
    columns,
    rows.map((row) => row.map(shown)),
  );
