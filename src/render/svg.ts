// The SVG elements that pictures are made of. All text is escaped; no script, font or style sheet is referred to; the same values
// give the same bytes.
import {
  line,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
  symbolWye,
} from 'd3-shape';
import type { Origin } from './document.ts';
import { markupText } from './escape.ts';
import { originData } from './origin-data.ts';
import { darkStyle, paint, type Paint, type Role } from './palette.ts';

export type Point = readonly [x: number, y: number];

/** A coordinate to a tenth of a pixel. */
export const pixel = (value: number): string => value.toFixed(1);

export interface TextStyle {
  readonly fill?: Role;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly bold?: boolean;
}

export const svgText = (x: number, y: number, content: string, style: TextStyle = {}): string => {
  const { fill = 'ink', anchor = 'start', size, bold = false } = style;
  const attributes = [
    ...(anchor === 'start' ? [] : [`text-anchor="${anchor}"`]),
    ...(size === undefined ? [] : [`font-size="${size}"`]),
    ...(bold ? ['font-weight="bold"'] : []),
    paint({ fill }),
  ];
  return `<text x="${pixel(x)}" y="${pixel(y)}" ${attributes.join(' ')}>${markupText(content)}</text>`;
};

export interface LineStyle {
  readonly width?: number;
  /** Lengths of dash and gap. */
  readonly dash?: string;
}

const strokeStyle = ({ width, dash }: LineStyle): string =>
  [
    ...(width === undefined ? [] : [`stroke-width="${width}"`]),
    ...(dash === undefined ? [] : [`stroke-dasharray="${dash}"`]),
  ]
    .map((attribute) => ` ${attribute}`)
    .join('');

export const svgLine = (from: Point, to: Point, stroke: Role, style: LineStyle = {}): string =>
  `<line x1="${pixel(from[0])}" y1="${pixel(from[1])}" x2="${pixel(to[0])}" y2="${pixel(to[1])}" ${paint({ stroke })}${strokeStyle(style)}/>`;

/** A line through all points. */
export const svgPath = (points: readonly Point[], stroke: Role, style: LineStyle = {}): string =>
  `<path d="${line().digits(1)(points.map(([x, y]): [number, number] => [x, y])) ?? ''}" ${paint({ fill: 'none', stroke })}${strokeStyle(style)}/>`;

export interface RectStyle extends Paint {
  readonly radius?: number;
  readonly title?: string;
}

/** `title` shows where a pointer rests on it. */
export const svgRect = (x: number, y: number, width: number, height: number, style: RectStyle): string => {
  const { radius, title } = style;
  const start = `<rect x="${pixel(x)}" y="${pixel(y)}" width="${pixel(width)}" height="${pixel(height)}"${radius === undefined ? '' : ` rx="${radius}"`} ${paint(style)}`;
  return title === undefined ? `${start}/>` : `${start}><title>${markupText(title)}</title></rect>`;
};

/** Shapes in the order in which series get them. */
const SHAPES = {
  circle: symbolCircle,
  square: symbolSquare,
  triangle: symbolTriangle,
  diamond: symbolDiamond,
  cross: symbolCross,
  star: symbolStar,
  wye: symbolWye,
  /** An upright cross, turned: `svgMark` turns it. */
  x: symbolCross,
} as const;

export type Shape = keyof typeof SHAPES;

export const SHAPE_NAMES = [
  'circle',
  'square',
  'triangle',
  'diamond',
  'cross',
  'star',
  'wye',
] as const satisfies readonly Shape[];

export interface MarkStyle {
  readonly role: Role;
  readonly shape?: Shape;
  /** Radius of the circle of the same area, in pixels. */
  readonly radius?: number;
  /** Only its outline. */
  readonly hollow?: boolean;
  readonly title?: string;
  /** Where its values come from. */
  readonly from?: Origin | undefined;
}

/** The mark of one value; `title` shows where a pointer rests on it. */
export const svgMark = (
  [x, y]: Point,
  { role, shape = 'circle', radius = 4, hollow = false, title, from }: MarkStyle,
): string => {
  const outline = symbol(SHAPES[shape], Math.PI * radius ** 2).digits(1)() ?? '';
  const fill = hollow ? 'paper' : role;
  const start = `<path d="${outline}" transform="translate(${pixel(x)} ${pixel(y)})${shape === 'x' ? ' rotate(45)' : ''}" ${paint({ fill, stroke: role })} stroke-width="1.5"`;
  return `<g data-mark="${shape}"${originData(from)}>${title === undefined ? `${start}/>` : `${start}><title>${markupText(title)}</title></path>`}</g>`;
};

/** Two thin strokes: the mark of a value that is not to be believed. */
export const svgCross = ([x, y]: Point, radius: number, stroke: Role, title: string): string => {
  const [left, right, top, bottom] = [x - radius, x + radius, y - radius, y + radius].map(pixel);
  return `<g data-mark="cross"><path d="M${left},${top}L${right},${bottom}M${left},${bottom}L${right},${top}" ${paint({ fill: 'none', stroke })} stroke-width="1.2"><title>${markupText(title)}</title></path></g>`;
};

export const FONT_SIZE = 12;

/** A whole document that ends in a newline, light or dark as its reader; `label` is what a screen reader says. */
export const svgDocument = (width: number, height: number, label: string, body: readonly string[]): string => {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const elements = [svgRect(0, 0, w, h, { fill: 'paper' }), ...body.filter((element) => element !== '')].join('\n');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="DejaVu Sans, Verdana, sans-serif" font-size="${FONT_SIZE}" role="img" aria-label="${markupText(label)}">`,
    darkStyle(elements),
    elements,
    '</svg>\n',
  ].join('\n');
};
