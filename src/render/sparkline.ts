// A history as small as a word: the line of the newest values and a mark on the last. Without axes, so it stands beside the number
// that it is of and never in place of it.
import { extent } from 'd3-array';
import { pixel, svgMark, svgPath, type Point } from './svg.ts';
import { markupText } from './escape.ts';

const [WIDTH, HEIGHT] = [112, 26];
const PADDING = 4;

/** Most values that are drawn: the newest. */
const MOST = 40;

/** An SVG element, oldest value first; empty for fewer than two values. `label` is what a screen reader says. */
export const sparklineSvg = (values: readonly number[], label: string): string => {
  const shown = values.slice(-MOST);
  const [low, high] = extent(shown);
  if (low === undefined || high === undefined || shown.length < 2) return '';
  const x = (index: number): number => PADDING + ((WIDTH - 2 * PADDING) * index) / (shown.length - 1);
  const y = (value: number): number =>
    high === low ? HEIGHT / 2 : HEIGHT - PADDING - ((HEIGHT - 2 * PADDING) * (value - low)) / (high - low);
  const points = shown.map((value, index): Point => [x(index), y(value)]);
  const last = points.at(-1) ?? [0, 0];
  return [
    `<svg class="spark" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${pixel(WIDTH)} ${pixel(HEIGHT)}" role="img" aria-label="${markupText(label)}">`,
    svgPath(points, 'slate', { width: 1.5 }),
    svgMark(last, { role: 'blue', radius: 2.8 }),
    '</svg>',
  ].join('');
};
