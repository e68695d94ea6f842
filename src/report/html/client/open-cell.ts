// What is open: the rows of a cell with their raw files, and the comparison of two cells as the judge decides it.
import { formatPercent, formatNumber } from '../../../render/numbers.ts';
import { decisionText, spanText } from '../../../verdict/wording.ts';
import { element, button } from '../../../render/web/client/elements.ts';
import { comparePoints, type PointPair } from '../compare-points.ts';
import { COLUMNS, type ColumnId } from '../explorer-model.ts';
import { data, impossible, measured, policyOf, rowsOfCell, short, valueText, word } from './points.ts';

const table = (name: string, heads: readonly string[], rows: readonly (readonly string[])[], numbers: number): HTMLElement =>
  element('div', { class: 'table', tabindex: '0', role: 'group', 'aria-label': name },
    element('table', {},
      element('thead', {}, element('tr', {}, ...heads.map((head, at) => element('th', { scope: 'col', ...(at >= numbers ? { class: 'number' } : {}) }, head)))),
      element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map((text, at) => element('td', at >= numbers ? { class: 'number' } : {}, text))))))); // prettier-ignore

const SAID: readonly ColumnId[] = [
  'arm',
  'model',
  'hardware',
  'engine',
  'quant',
  'strategy',
  'batch',
  'shape',
  'dataset',
  'cache',
  'trials',
  'captured',
  'notes',
];

/** The rows of a cell: what it is, each value, and the file that it was read from. */
export const cellView = (cell: string, choose: (role: 0 | 1) => void): Node[] => {
  const rows = rowsOfCell(cell);
  const [first = 0] = rows;
  const facts = SAID.filter((id) => word(id, first) !== '').flatMap((id) => [
    element('dt', {}, COLUMNS[id]),
    element('dd', {}, [...new Set(rows.map((row) => word(id, row)))].filter((text) => text !== '').join('; ')),
  ]);
  const named = data.measures
    .map(({ name, field }, at) => ({ name, field, at }))
    .filter(({ field, at }) => field !== 'concurrency' && rows.some((row) => valueText(at, row) !== ''));
  const lines = rows.map((row) => [
    data.ids[row] ?? '',
    `${word('load', row)}${short.has(row) ? ', window too short' : ''}${impossible.has(row) ? ', cannot be true' : ''}`,
    word('file', row) || 'not stated',
    ...named.map(({ at }) => valueText(at, row)),
  ]);
  return [
    element('h3', {}, cell),
    element(
      'div',
      { class: 'tools' },
      button('Use as baseline', () => choose(0)),
      button('Use as candidate', () => choose(1)),
    ),
    element('dl', {}, ...facts),
    table(`Rows of ${cell}`, ['row', 'load', 'raw file', ...named.map(({ name }) => name)], lines, 3),
  ];
};

const pairsOf = (one: string, other: string): PointPair[] =>
  rowsOfCell(one).flatMap((row) => {
    const match = rowsOfCell(other).find((candidate) => word('pair', candidate) === word('pair', row));
    const [baseline, candidate] = [measured(row), match === undefined ? null : measured(match)];
    const isOut = impossible.has(row) || (match !== undefined && impossible.has(match));
    return baseline === null || candidate === null || isOut ? [] : [{ point: word('load', row), baseline, candidate }];
  });

/** Both cells side by side under the decision about them. */
export const comparisonView = (one: string, other: string): Node[] => {
  const heading = element('h3', {}, `${other} against ${one}`);
  const [a = 0, b = 0] = [rowsOfCell(one)[0], rowsOfCell(other)[0]];
  const pairs = pairsOf(one, other);
  const found = comparePoints(pairs, policyOf);
  if (found === null) return [heading, element('p', { class: 'note' }, 'Nothing to judge: no load with the same lengths, data set and cache was measured for both, or its rows cannot be true.')];
  const { verdict, decision, rows } = found;
  const differing = SAID.slice(1, 10).filter((id) => word(id, a) !== word(id, b));
  return [
    heading,
    element('p', { class: `decision ${verdict}`, 'data-status': decision.status, 'data-verdict': verdict }, `${verdict}: ${decisionText(decision, rows)}`),
    element('p', { class: 'shape' }, `${pairs.length} loads in common: ${pairs.map(({ point }) => point).join(', ')}; rule ${decision.rule}; differs in ${differing.map((id) => `${COLUMNS[id]} (${word(id, a)} to ${word(id, b)})`).join(', ') || 'nothing but the cell'}`),
    table('Comparison by metric', ['metric', 'load', 'stands', 'baseline', 'candidate', 'change', 'interval'],
      rows.map((row) => [row.key, row.point ?? pairs[0]?.point ?? '', row.standing, formatNumber(row.baseline, 5), formatNumber(row.candidate, 5), formatPercent(row.delta_pct), spanText(row)]), 3),
  ];
}; // prettier-ignore
