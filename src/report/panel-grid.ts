// Panels of different heights set side by side and below each other, as many on a page as its room takes: one picture for each page.
import type { DrawnPoint } from '../render/document.ts';
import type { Page, PageBlock } from '../render/page.ts';
import { svgDocument } from '../render/svg.ts';
import { PAGE_MARGIN, PAGE_SIZES } from '../render/typst-template.ts';
import type { CellHardware } from './cell-hardware.ts';
import type { ReportData } from './report-data.ts';
import { pageShape } from './shape-line.ts';

export interface GridPanel {
  readonly height: number;
  readonly draw: (place: { readonly left: number; readonly top: number; readonly width: number }) => {
    readonly elements: readonly string[];
    readonly points: readonly DrawnPoint[];
  };
}

/** What a title of two lines, a line under it and a note leave of a page. */
const ROOM = { landscape: 340, portrait: 740 } as const;
const GUTTER = 22;
const BELOW = 14;

/** Above this many panels a page stands upright. */
const FEW = 2;

interface Sheet {
  readonly rows: readonly (readonly GridPanel[])[];
}

const heightOf = (row: readonly GridPanel[]): number => Math.max(...row.map(({ height }) => height)) + BELOW;

const sheetsOf = (panels: readonly GridPanel[], columns: number, room: number): readonly Sheet[] => {
  const sheets: GridPanel[][][] = [];
  let left = 0;
  for (let at = 0; at < panels.length; at += columns) {
    const row = panels.slice(at, at + columns);
    const height = heightOf(row);
    const sheet = sheets.at(-1);
    if (sheet === undefined || height > left) {
      sheets.push([row]);
      left = room - height;
    } else {
      sheet.push(row);
      left -= height;
    }
  }
  return sheets.map((rows) => ({ rows }));
};

const pictureOf = ({ rows }: Sheet, { width, columns, alt, href }: { readonly width: number; readonly columns: number; readonly alt: string; readonly href: string }): PageBlock => {
  const each = (width - GUTTER * (columns - 1)) / columns;
  let top = 0;
  const drawn = rows.flatMap((row) => {
    const panels = row.map(({ draw }, column) => draw({ left: column * (each + GUTTER), top, width: each }));
    top += heightOf(row);
    return panels;
  });
  return {
    kind: 'picture',
    title: alt,
    href,
    svg: svgDocument(width, top, alt, drawn.flatMap(({ elements }) => elements)),
    points: drawn.flatMap(({ points }) => points),
  };
}; // prettier-ignore

/** The panels as pictures, one for each page, and how those pages stand. */
export const panelGrid = (
  panels: readonly GridPanel[],
  { alt, href }: { readonly alt: string; readonly href: string },
): { readonly pictures: readonly PageBlock[]; readonly orientation: Page['orientation'] } => {
  const orientation = panels.length > FEW ? 'portrait' : 'landscape';
  const columns = panels.length === 1 ? 1 : 2;
  const width = PAGE_SIZES[orientation].width - 2 * PAGE_MARGIN;
  const sheets = sheetsOf(panels, columns, ROOM[orientation]);
  return { pictures: sheets.map((sheet) => pictureOf(sheet, { width, columns, alt, href })), orientation };
};

/** What a grid of cells shows, the shape of the rows of those cells, and which part of it a page is. */
export const gridSubtitle = (
  data: ReportData,
  cells: readonly CellHardware[],
  what: string,
  [index, pages]: readonly [index: number, pages: number],
): string => {
  const rows = cells.flatMap((cell) => cell.rows);
  const shape = rows.length === 0 ? [] : [pageShape(data, rows)];
  return [what, ...shape, ...(pages > 1 ? [`part ${index + 1} of ${pages}`] : [])].join(' · ');
};
