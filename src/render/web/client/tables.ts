// Makes the tables of a page sort by their columns and copy as CSV. Without it they are plain tables.
import { csvCell } from '../../escape.ts';
import { compareKeys, sortKey } from '../sort-key.ts';
import { copyButton } from './copy.ts';
import { element, say } from './elements.ts';
import { searchBox } from './search.ts';

const textsOf = (row: HTMLTableRowElement): string[] => [...row.cells].map((cell) => cell.textContent.trim());

/** The rows that are shown, in their present order. */
const tableCsv = (table: HTMLTableElement): string =>
  [...table.rows]
    .filter(({ hidden }) => !hidden)
    .map((row) => `${textsOf(row).map(csvCell).join(',')}\r\n`)
    .join('');

const sortRows = (table: HTMLTableElement, column: number, descending: boolean): void => {
  for (const body of table.tBodies) {
    const keyed = [...body.rows].map((row) => ({ row, key: sortKey(row.cells[column]?.textContent ?? '') }));
    body.append(...keyed.sort((a, b) => compareKeys(a.key, b.key, descending)).map(({ row }) => row));
  }
};

/** The heading becomes a button; the first press sorts numbers with the largest first, words from A. */
const makeSortable = (table: HTMLTableElement, heading: HTMLTableCellElement, column: number): void => {
  const name = heading.textContent.trim();
  if (name === '') return;
  const isNumeric = heading.classList.contains('number');
  const press = element('button', { type: 'button', class: 'sort' }, name);
  heading.replaceChildren(press);
  press.addEventListener('click', () => {
    const before = heading.getAttribute('aria-sort');
    const descending = before === null ? isNumeric : before === 'ascending';
    for (const other of table.tHead?.rows[0]?.cells ?? []) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    sortRows(table, column, descending);
    say(`sorted by ${name}, ${descending ? 'descending' : 'ascending'}`);
  });
};

/** All tables below `root` that say they may be sorted. */
export const enhanceTables = (root: ParentNode): void => {
  for (const table of root.querySelectorAll<HTMLTableElement>('table[data-table]')) {
    const headings = [...(table.tHead?.rows[0]?.cells ?? [])];
    headings.forEach((heading, column) => makeSortable(table, heading, column));
    const name = table.dataset['table'] ?? 'table';
    if ('searched' in table.dataset) table.parentElement?.before(searchBox(table, name));
    table.parentElement?.after(
      element(
        'div',
        { class: 'tools' },
        copyButton(name, () => tableCsv(table)),
      ),
    );
  }
};
