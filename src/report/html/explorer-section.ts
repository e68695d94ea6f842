// The part of the page that is explored: controls, the plot, what is open, and the table that holds the same points. Written whole, so
// that the script has nothing to build but what the reader asks for; hidden where no script runs.
import { markupText } from '../../render/escape.ts';
import { plural } from '../../render/numbers.ts';
import { jsonIsland } from '../../render/web/json-island.ts';
import { COLUMNS, FILTERS, type ColumnId, type ExplorerData, type Measure } from './explorer-model.ts';

const option = (value: number | string, text: string, chosen: boolean): string =>
  `<option value="${value}"${chosen ? ' selected' : ''}>${markupText(text)}</option>`;

const measureName = ({ name, unit }: Measure): string => (unit === '' ? name : `${name}, ${unit}`);

const axisControl = (axis: 'x' | 'y', words: string, { measures }: ExplorerData, chosen: number): string =>
  [
    `<span class="axis"><label for="${axis}">${words}</label>`,
    `<select id="${axis}">${measures.map((measure, at) => option(at, measureName(measure), at === chosen)).join('')}</select>`,
    `<select id="${axis}-kind" aria-label="Scale of the ${words.toLowerCase()}">${['auto', 'linear', 'log'].map((kind) => option(kind, kind, kind === 'auto')).join('')}</select></span>`,
  ].join('');

const filterControl = (id: ColumnId, { columns }: ExplorerData): string => {
  const { words } = columns[id];
  if (words.length < 2) return '';
  const order = words.map((word, at) => ({ word, at })).sort((a, b) => a.word.localeCompare(b.word, 'en', { numeric: true }));
  const boxes = order.map(({ word, at }) => `<label><input type="checkbox" data-filter="${id}" value="${at}" checked>${markupText(word)}</label>`);
  return `<fieldset><legend>${COLUMNS[id]}</legend><div class="chips">${boxes.join('')}</div></fieldset>`;
}; // prettier-ignore

/** Output per GPU against the speed of a user where both were measured: the trade-off that serving is about. */
const firstAxes = ({ measures }: ExplorerData): readonly [number, number] => {
  const at = (field: string): number => measures.findIndex((measure) => measure.field === field);
  for (const [x, y] of [['output_tps_per_user', 'output_tps_per_gpu'], ['request_throughput_avg', 'ttft_avg_ms']] as const)
    if (at(x) >= 0 && at(y) >= 0) return [at(x), at(y)];
  return [0, Math.min(1, measures.length - 1)];
}; // prettier-ignore

/** The section and its data. */
export const explorerSection = (data: ExplorerData): { readonly section: string; readonly island: string } => {
  const [x, y] = firstAxes(data);
  const filters = FILTERS.map((id) => filterControl(id, data)).join('');
  const section = [
    '<section id="explore" aria-labelledby="explore-heading" hidden>',
    `<p class="kicker">explore</p><h2 id="explore-heading">${plural(data.ids.length, 'point')} of ${plural(data.columns.cell.words.length, 'cell')}</h2>`,
    '<p class="shape">Every measured point, excluded ones marked. Open a point for its rows and raw files; choose a baseline and a candidate to have them judged.</p>',
    `<div class="controls only-screen">${axisControl('y', 'Vertical axis', data, y)}${axisControl('x', 'Horizontal axis', data, x)}<button type="button" id="swap">Swap axes</button></div>`,
    `<div class="filters only-screen"${filters === '' ? ' hidden' : ''}>${filters}<button type="button" id="all" class="quiet">Show all</button></div>`,
    '<p id="count" role="status"></p>',
    '<div class="plot"><div class="canvas"><canvas id="plot" tabindex="0" role="application" aria-roledescription="scatter plot" aria-label="Points; arrow keys go from point to point, Enter opens one" aria-describedby="plot-help"></canvas><div id="tip" hidden></div></div>',
    '<div id="legend" class="legend"></div><p id="plot-help" class="shape">Arrow keys go from point to point, Enter opens one; the table below holds the same points.</p></div>',
    '<div id="pair" class="pair" hidden></div>',
    '<div id="comparison" role="region" aria-label="Comparison" tabindex="-1" hidden></div>',
    '<div id="cell" role="region" aria-label="Open cell" tabindex="-1" hidden></div>',
    '<h3 id="points-heading">Points</h3><div id="points"></div>',
    '</section>',
  ].join('\n');
  return { section, island: jsonIsland('explorer-data', data) };
};
