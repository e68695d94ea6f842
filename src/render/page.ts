// A page of a typeset document: what it says first, then blocks. More than a document of text has: tinted cells, banners, parts
// side by side. Plain data without markup, as `document.ts`.
import type { Block, Column, Origin, Text } from './document.ts';
import type { Tint } from './tint.ts';

/** A cell of a table on a page. An outlined cell holds words in place of a value: why there is none. */
export interface PageCell {
  readonly text: Text;
  readonly tint?: Tint;
  readonly bold?: boolean;
  readonly outlined?: boolean;
  /** Where its number comes from. */
  readonly from?: Origin;
}

export interface PageTable {
  readonly kind: 'page-table';
  /** `share` is the part of the free width; without one a column is as wide as its content. */
  readonly columns: readonly (Column & { readonly share?: number })[];
  readonly rows: readonly (readonly PageCell[])[];
  /** Points; default 9. */
  readonly size?: number;
  /** Points above and below the text of a row; default by the size. */
  readonly pad?: number;
}

export interface Banner {
  readonly kind: 'banner';
  readonly text: Text;
  readonly ground: 'good' | 'doubt' | 'bad';
}

export interface SideBySide {
  readonly kind: 'columns';
  readonly parts: readonly (readonly PageBlock[])[];
}

export type PageBlock = Block | PageTable | Banner | SideBySide;

export interface Page {
  /** What a status calls it: `scatter`. */
  readonly id: string;
  /** The finding in a sentence with its number. */
  readonly title: string;
  /** Where the number of the title comes from. */
  readonly from?: Origin;
  /** The exact shape of what is shown. */
  readonly subtitle: Text;
  readonly orientation: 'landscape' | 'portrait';
  readonly blocks: readonly PageBlock[];
}

export const cell = (text: Text): PageCell => ({ text });

/** Tables of plain texts on a page. */
export const pageTable = (
  columns: PageTable['columns'],
  rows: readonly (readonly Text[])[],
  size?: number,
): PageTable => ({
  kind: 'page-table',
  columns,
  rows: rows.map((row) => row.map(cell)),
  ...(size === undefined ? {} : { size }),
});
