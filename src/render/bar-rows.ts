// Rows of a picture whose values are bars beside their words: what a table cannot show at a glance. Every column has a width of its own and
// every text is cut to it, so that nothing lies over anything. Knows values and names, nothing of what was measured.
import type { DrawnPoint, Origin } from './document.ts';
import type { Role } from './palette.ts';
import { svgRect, svgText, type TextStyle } from './svg.ts';
import { fitText, textWidth } from './text-width.ts';

/** Part of a bar, in the unit of its column. */
export interface BarPart {
  readonly value: number;
  readonly role: Role;
  /** Shows where a pointer rests on it. */
  readonly title: string;
}

export type BarField =
  | { readonly kind: 'bar'; readonly parts: readonly BarPart[]; readonly text: string; readonly from?: Origin }
  /** `span`: over so many columns, which have no fields of their own. */
  | {
      readonly kind: 'words';
      readonly text: string;
      readonly quiet?: boolean;
      readonly span?: number;
      readonly from?: Origin;
    };

export interface BarColumn {
  readonly title: string;
  /** Part of the width. */
  readonly share: number;
  /** Value of a whole bar. */
  readonly most?: number;
  readonly align?: 'right';
}

export interface BarRow {
  readonly label: string;
  /** One for each column, from the left. */
  readonly fields: readonly BarField[];
}

export interface BarRows {
  /** Part of the width that the labels take. */
  readonly labelShare: number;
  readonly columns: readonly BarColumn[];
  readonly rows: readonly BarRow[];
}

export interface BarPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

export interface DrawnBars {
  readonly elements: readonly string[];
  readonly points: readonly DrawnPoint[];
}

const TYPE = { size: 9.5 } as const;
const ROW = 15;
const HEAD = 16;
const GAP = 8;
const BAR = 9;

/** Pixels of a head and so many rows. */
export const barRowsHeight = (rows: number): number => HEAD + rows * ROW;

interface Lane {
  readonly left: number;
  readonly width: number;
}

const lanesOf = ({ labelShare, columns }: BarRows, { left, width }: BarPlace): { readonly label: Lane; readonly lanes: readonly Lane[] } => {
  const free = width - GAP * columns.length;
  const whole = labelShare + columns.reduce((sum, { share }) => sum + share, 0);
  let at = left;
  const lanes = [labelShare, ...columns.map(({ share }) => share)].map((share): Lane => {
    const lane = { left: at, width: (free * share) / whole };
    at += lane.width + GAP;
    return lane;
  });
  const [label = { left, width }, ...rest] = lanes;
  return { label, lanes: rest };
}; // prettier-ignore

/** From the left of one to the right of the other. */
const joined = ({ left, width }: Lane, last: Lane | undefined): Lane => ({
  left,
  width: last === undefined ? width : last.left + last.width - left,
});

const wordsIn = ({ left, width }: Lane, y: number, text: string, align: BarColumn['align'], style: TextStyle): string =>
  svgText(align === 'right' ? left + width : left, y, fitText(text, width, TYPE), {
    ...TYPE,
    ...style,
    ...(align === 'right' ? { anchor: 'end' } : {}),
  });

/** What the texts of a column's bars take of its width. */
const textRoom = (rows: readonly BarRow[], column: number): number =>
  Math.max(
    0,
    ...rows.map(({ fields }) => {
      const field = fields[column];
      return field?.kind === 'bar' && field.text !== '' ? textWidth(field.text, TYPE) + 5 : 0;
    }),
  );

const barIn = ({ left, width }: Lane, y: number, { parts, text }: Extract<BarField, { kind: 'bar' }>, { most, room }: { readonly most: number; readonly room: number }): string[] => {
  const track = Math.max(width - room, 0);
  const pixels = (value: number): number => (track * Math.min(Math.max(value, 0), most)) / most;
  let at = left;
  const drawn = parts.map(({ value, role, title }) => {
    const long = Math.min(pixels(value), left + track - at);
    const rect = svgRect(at, y - BAR + 1, long, BAR, { fill: role, title });
    at += long;
    return rect;
  });
  return [
    svgRect(left, y - BAR + 1, track, BAR, { fill: 'grid' }),
    ...drawn,
    ...(text === '' ? [] : [svgText(left + track + 5, y, fitText(text, width, TYPE), TYPE)]),
  ];
}; // prettier-ignore

/** Head and rows in their place. */
export const barRows = (rows: BarRows, place: BarPlace): DrawnBars => {
  const { label, lanes } = lanesOf(rows, place);
  const rooms = rows.columns.map((_, index) => textRoom(rows.rows, index));
  const head = rows.columns.flatMap(({ title, align }, index) => {
    const lane = lanes[index];
    return lane === undefined ? [] : [wordsIn(lane, place.top + 9, title, align, { fill: 'quiet' })];
  });
  const body = rows.rows.flatMap(({ label: name, fields }, row) => {
    const y = place.top + HEAD + row * ROW + 10;
    const drawn = fields.flatMap((field, index) => {
      const [lane, column] = [lanes[index], rows.columns[index]];
      if (lane === undefined || column === undefined) return [];
      if (field.kind === 'words') return [wordsIn(joined(lane, lanes[index + (field.span ?? 1) - 1]), y, field.text, column.align, field.quiet === true ? { fill: 'quiet' } : {})];
      return barIn(lane, y, field, { most: column.most ?? 100, room: rooms[index] ?? 0 });
    });
    return [wordsIn(label, y, name, undefined, {}), ...drawn];
  });
  const points = rows.rows.flatMap(({ label: name, fields }) =>
    fields.flatMap(({ text, from }): DrawnPoint[] => (from === undefined ? [] : [{ text: `${name}: ${text}`, from }])),
  );
  return { elements: [...head, ...body], points };
}; // prettier-ignore
