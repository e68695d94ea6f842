// The table of the points that are shown: sorted over all of them, a part of it on the page at a time, copied whole.
import { compareKeys } from '../../../render/web/sort-key.ts';
import { csvCell } from '../../../render/escape.ts';
import { copyButton } from '../../../render/web/client/copy.ts';
import { button, element, say } from '../../../render/web/client/elements.ts';
import type { ColumnId } from '../explorer-model.ts';
import { cellNumber, data, valueOf, word } from './points.ts';

const PART = 20;
const WORDS = (['arm', 'batch', 'load', 'shape'] as const).filter((id) => data.columns[id].words.length > 1);

interface Heading {
  readonly name: string;
  readonly isNumber: boolean;
  readonly text: (row: number) => string;
  readonly key: (row: number) => number | string;
}

const ofWords = (id: ColumnId): Heading => ({
  name: data.columns[id].name,
  isNumber: false,
  text: (row) => word(id, row),
  key: (row) => word(id, row),
});

const HEADINGS: readonly Heading[] = [
  ...WORDS.map(ofWords),
  ...data.measures.flatMap(({ field, name, unit }, at) =>
    field === 'concurrency' ? [] : [{
      name: `${name}, ${unit}`,
      isNumber: true,
      text: (row: number) => cellNumber(at, row),
      key: (row: number) => valueOf(at, row) ?? '',
    }]),
]; // prettier-ignore

let sorted = { column: -1, descending: false };
let start = 0;
let shown: readonly number[] = [];

const ordered = (): readonly number[] => {
  const heading = HEADINGS[sorted.column];
  if (heading === undefined) return shown;
  const keyed = shown.map((row) => ({ row, key: heading.key(row) }));
  return keyed.sort((a, b) => compareKeys(a.key, b.key, sorted.descending)).map(({ row }) => row);
};

const csv = (): string =>
  [
    ['row', ...HEADINGS.map(({ name }) => name), 'raw file'],
    ...ordered().map((row) => [data.ids[row] ?? '', ...HEADINGS.map(({ key }) => key(row)), word('file', row)]),
  ]
    .map((cells) => `${cells.map(csvCell).join(',')}\r\n`)
    .join('');

/** Fills the table; `open` is called with the row that a reader wants to see. */
export const pointTable = (place: HTMLElement, open: (row: number) => void): ((rows: readonly number[], marked: ReadonlySet<number>) => void) => {
  let marks: ReadonlySet<number> = new Set();
  const body = element('tbody');
  const where = element('span');
  const go = (by: number) => () => {
    start = Math.min(Math.max(0, start + by), Math.floor(Math.max(0, shown.length - 1) / PART) * PART);
    fill();
    say(where.textContent);
  };
  const heads = HEADINGS.map(({ name, isNumber }, column) => {
    const head = element('th', { scope: 'col', ...(isNumber ? { class: 'number' } : {}) });
    head.append(button(name, () => {
      const descending = sorted.column === column ? !sorted.descending : isNumber;
      sorted = { column, descending };
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
      start = 0;
      fill();
      say(`sorted by ${name}, ${descending ? 'descending' : 'ascending'}`);
    }, { class: 'sort' }));
    return head;
  });
  const fill = (): void => {
    const rows = ordered().slice(start, start + PART);
    body.replaceChildren(...rows.map((row) =>
      element('tr', { 'data-rows': data.ids[row] ?? '', ...(marks.has(row) ? { class: 'chosen' } : {}) }, ...HEADINGS.map(({ isNumber, text }, at) =>
        element('td', isNumber ? { class: 'number' } : {}, at === 0 ? button(text(row), () => open(row), { class: 'link' }) : text(row))))));
    where.textContent = shown.length === 0 ? 'no points' : `${start + 1} to ${Math.min(start + PART, shown.length)} of ${shown.length}`;
  };
  place.append(
    element('div', { class: 'table', tabindex: '0', role: 'group', 'aria-labelledby': 'points-heading' },
      element('table', {}, element('thead', {}, element('tr', {}, ...heads)), body)),
    element('div', { class: 'pager' }, button('Previous', go(-PART)), where, button('Next', go(PART)), copyButton('the points', csv)),
  );
  return (rows, marked) => {
    if (rows !== shown) start = 0;
    [shown, marks] = [rows, marked];
    fill();
  };
}; // prettier-ignore
