// The script of the report's page: filters, axes, the point under the pointer or the keys, what is open, and the two cells that are
// compared. Keeps what the reader chose; asks for nothing.
import { element, say } from '../../../render/web/client/elements.ts';
import { button } from '../../../render/web/client/elements.ts';
import { enhanceTables } from '../../../render/web/client/tables.ts';
import type { ScaleOptions } from '../../../render/scale.ts';
import type { ColumnId } from '../explorer-model.ts';
import { cellView, comparisonView } from './open-cell.ts';
import { drawnPlaces, drawPlot, forgetColours, nearestRow, plotCanvas } from './plot.ts';
import { pointTable } from './point-table.ts';
import { data, impossible, off, rowsOfCell, short, valueText, visibleRows, word } from './points.ts';

const part = (id: string): HTMLElement => document.getElementById(id) ?? document.body;
const select = (id: string): HTMLSelectElement => part(id) as HTMLSelectElement; // checked boundary: of our own section

let rows = visibleRows();
let focus: number | null = null;
let open: string | null = null;
const pair: (string | null)[] = [null, null];

const marked = (): ReadonlySet<number> =>
  new Set([open, ...pair].flatMap((cell) => (cell === null ? [] : rowsOfCell(cell))));

const draw = (): void => {
  const kind = (axis: string) => select(`${axis}-kind`).value as NonNullable<ScaleOptions['kind']>; // checked boundary: our own options
  drawPlot({
    x: +select('x').value,
    y: +select('y').value,
    xKind: kind('x'),
    yKind: kind('y'),
    rows,
    focus,
    marked: marked(),
  });
};

const sentence = (row: number): readonly [string, string] => [
  `${word('arm', row)}, ${word('load', row)}`,
  [
    ...data.measures.flatMap(({ name, field }, at) => (valueText(at, row) === '' || field === 'concurrency' ? [] : [`${name} ${valueText(at, row)}`])).slice(0, 8),
    ...(['model', 'engine', 'batch', 'shape', 'dataset', 'cache', 'trials', 'cell'] as const).flatMap((id) => (word(id, row) === '' ? [] : [`${data.columns[id].name} ${word(id, row)}`])),
    ...(short.has(row) ? ['window too short: throughput too low'] : []),
    ...(impossible.has(row) ? ['cannot be true: excluded'] : []),
  ].join('\n'),
]; // prettier-ignore

const tip = part('tip');
const showTip = (row: number | null): void => {
  const place = drawnPlaces().find((each) => each.row === row);
  tip.hidden = place === undefined;
  if (place === undefined || row === null) return;
  const [title, more] = sentence(row);
  tip.replaceChildren(
    element('b', {}, title),
    ...more.split('\n').flatMap((line) => [element('span', {}, line), element('br')]),
  );
  const isRight = place.x > plotCanvas.clientWidth / 2;
  tip.style.left = `${isRight ? place.x - tip.offsetWidth - 14 : place.x + 14}px`;
  tip.style.top = `${Math.max(0, Math.min(place.y - 20, plotCanvas.clientHeight - tip.offsetHeight))}px`;
};

const table = pointTable(part('points'), (row) => openRow(row));

const refresh = (): void => {
  draw();
  table(rows, marked());
};

const fillPart = (id: string, nodes: readonly Node[]): HTMLElement => {
  const place = part(id);
  place.replaceChildren(...nodes);
  place.hidden = false;
  return place;
};

const compare = (): void => {
  const [one, other] = pair;
  const word = (cell: string | null | undefined): string => cell ?? 'not chosen';
  fillPart('pair', [
    element('span', {}, `Baseline: ${word(one)}`),
    element('span', {}, `Candidate: ${word(other)}`),
    button('Swap', () => {
      pair.reverse();
      compare();
    }),
    button('Clear', () => {
      pair.fill(null);
      part('pair').hidden = part('comparison').hidden = true;
      refresh();
    }),
  ]);
  refresh();
  document.dispatchEvent(new CustomEvent('report:pair', { detail: { baseline: one, candidate: other } }));
  if (typeof one === 'string' && typeof other === 'string') fillPart('comparison', comparisonView(one, other)).focus();
};

const openRow = (row: number): void => {
  const cell = word('cell', row);
  [open, focus] = [cell, row];
  refresh();
  fillPart('cell', cellView(cell, (role) => {
    pair[role] = cell;
    compare();
  })).focus(); // prettier-ignore
  document.dispatchEvent(new CustomEvent('report:open', { detail: { cell, row: data.ids[row] } }));
};

const filter = (): void => {
  off.clear();
  for (const box of document.querySelectorAll<HTMLInputElement>('[data-filter]'))
    if (!box.checked) {
      const id = box.dataset['filter'] as ColumnId; // checked boundary: of our own section
      off.set(id, (off.get(id) ?? new Set()).add(+box.value));
    }
  rows = visibleRows();
  part('count').textContent = `${rows.length} of ${data.ids.length} points shown`;
  showTip(null);
  refresh();
};

const step = (by: number): void => {
  const places = drawnPlaces();
  const at = places.findIndex(({ row }) => row === focus);
  const next = places[Math.min(Math.max(0, at < 0 ? 0 : at + by), places.length - 1)];
  if (next === undefined) return;
  focus = next.row;
  draw();
  showTip(focus);
  say(sentence(focus).join('; ').replaceAll('\n', '; '));
};

const KEYS: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  Home: -1e9,
  End: 1e9,
};

const legend = (): Node[] => {
  const named = new Map<string, string>();
  data.ids.forEach((_, row) => {
    const look = data.looks[data.columns.arm.at[row] ?? 0];
    named.set(`${word('hardware', row)} ${word('strategy', row).split(' ')[0] ?? ''}`, look?.role ?? 'ink');
  });
  return [
    ...[...named].map(([text, role]) => {
      const sample = element('i');
      sample.style.background = `var(--${role})`;
      return element('span', {}, sample, text);
    }),
    element('span', {}, '\u25cf EP  \u2715 TP  \u25cb hollow: MTP'),
    ...(short.size > 0 ? [element('span', {}, 'grey ring: window too short')] : []),
    ...(impossible.size > 0 ? [element('span', {}, 'small red cross: cannot be true')] : []),
  ];
};

const start = (): void => {
  part('explore').hidden = false;
  part('legend').append(...legend());
  for (const id of ['x', 'y', 'x-kind', 'y-kind']) select(id).addEventListener('change', refresh);
  part('swap').addEventListener('click', () => {
    for (const end of ['', '-kind']) [select(`x${end}`).value, select(`y${end}`).value] = [select(`y${end}`).value, select(`x${end}`).value];
    refresh();
  });
  document.querySelector('.filters')?.addEventListener('change', filter);
  part('all').addEventListener('click', () => {
    for (const box of document.querySelectorAll<HTMLInputElement>('[data-filter]')) box.checked = true;
    filter();
  });
  const under = (event: MouseEvent) => nearestRow(event.offsetX, event.offsetY);
  plotCanvas.addEventListener('mousemove', (event) => {
    const row = under(event);
    plotCanvas.style.cursor = row === null ? '' : 'pointer';
    showTip(row);
  });
  plotCanvas.addEventListener('mouseleave', () => showTip(null));
  plotCanvas.addEventListener('blur', () => showTip(null));
  plotCanvas.addEventListener('click', (event) => {
    const row = under(event);
    if (row !== null) openRow(row);
  });
  plotCanvas.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && focus !== null) openRow(focus);
    else if (KEYS[event.key] !== undefined) step(KEYS[event.key] ?? 0);
    else return;
    event.preventDefault();
  });
  const redraw = (): void => {
    forgetColours();
    draw();
  };
  addEventListener('resize', redraw);
  for (const query of ['(prefers-color-scheme:dark)', 'print']) matchMedia(query).addEventListener('change', redraw);
  filter();
}; // prettier-ignore

enhanceTables(document);
start();
