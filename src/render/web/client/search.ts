// Narrows the rows of a table to those that hold every word a reader types. Without it the table is whole.
import { element, say } from './elements.ts';

/** Milliseconds without a key after which a listener is told. */
const PAUSE = 600;

/** What a row is searched in: its words, and what its pictures say of themselves. */
const wordsOf = (row: HTMLTableRowElement): string =>
  [row.textContent, ...[...row.querySelectorAll('[aria-label]')].map((each) => each.getAttribute('aria-label') ?? '')]
    .join(' ')
    .toLowerCase();

/** The box, with the number of rows that are left beside it. */
export const searchBox = (table: HTMLTableElement, name: string): HTMLElement => {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]).map((row) => ({ row, words: wordsOf(row) }));
  const counted = (shown: number): string => `${shown} of ${rows.length} rows`;
  const count = element('span', { class: 'count' }, counted(rows.length));
  const box = element('input', { type: 'search', 'aria-label': `Filter ${name}`, placeholder: 'Filter', autocomplete: 'off', spellcheck: 'false' });
  let pause: ReturnType<typeof setTimeout> | undefined;
  const narrow = (): void => {
    const wanted = box.value.toLowerCase().split(/\s+/).filter((word) => word !== '');
    let shown = 0;
    for (const { row, words } of rows) {
      row.hidden = !wanted.every((word) => words.includes(word));
      if (!row.hidden) shown += 1;
    }
    count.textContent = counted(shown);
    clearTimeout(pause);
    pause = setTimeout(() => say(counted(shown)), PAUSE);
  };
  box.addEventListener('input', narrow);
  return element('div', { class: 'search only-screen' }, box, count);
}; // prettier-ignore
