// What a report is made of, before it becomes Markdown, HTML or a typeset page: plain data without any markup, so that every
// renderer escapes for itself. Holds words and values, never rules about them.

/** Where a shown number comes from. It is not shown: whoever checks or explores a report reads it. */
export interface Origin {
  /** Ids of rows; of what lies beside the rows the cell and its file, `cell/kernels.json`. */
  readonly rows: readonly string[];
  /** Fields of each. */
  readonly fields: readonly string[];
}

/** A stretch of text. Strings are shown as they are; nothing in them is interpreted. */
export type Span =
  | string
  | { readonly strong: string }
  | { readonly code: string }
  | { readonly link: string; readonly href: string }
  | { readonly figure: string; readonly from: Origin }
  /** A word of a few that states how something stands; its ground says the same again. */
  | { readonly badge: string; readonly ground: Ground }
  /** A picture as small as a word, for pages; `says` stands in its place everywhere else. */
  | { readonly says: string; readonly svg: string };

/** What a badge lies on; `plain` is for what is neither good nor bad. */
export type Ground = 'good' | 'doubt' | 'bad' | 'plain';

export type Text = Span | readonly Span[];

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** How cells give way where a terminal is too narrow: names are cut in the middle, sentences wrapped; numbers say nothing here. */
  readonly fit?: 'cut' | 'wrap';
}

/** A column of words. */
export const leftColumn = (title: string): Column => ({ title });
/** A column of numbers. */
export const rightColumn = (title: string): Column => ({ title, align: 'right' });

/** A number or setting that the reader must find first: `Speedup: 1.23×`. */
export type KeyFigure = { readonly label: string } & ({ readonly value: Text } | { readonly values: readonly Text[] });

export type Block =
  | { readonly kind: 'heading'; readonly level: 2 | 3; readonly text: Text }
  | { readonly kind: 'paragraph'; readonly text: Text }
  /** Something that the reader must not miss. */
  | { readonly kind: 'note'; readonly text: Text }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  | { readonly kind: 'figures'; readonly items: readonly KeyFigure[]; readonly bulleted?: boolean }
  | {
      readonly kind: 'table';
      readonly columns: readonly Column[];
      readonly rows: readonly (readonly Text[])[];
      /** Words that narrow its rows, where a page can. */
      readonly searched?: boolean;
    }
  /** Opened by whoever wants to read it. */
  | { readonly kind: 'folded'; readonly title: string; readonly blocks: readonly Block[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  /** `href` is the file of the picture beside the report; `svg` its content, for a page that holds everything. */
  | {
      readonly kind: 'picture';
      readonly title: string;
      readonly href: string;
      readonly svg: string;
      /** The values that it draws. */
      readonly points?: readonly DrawnPoint[];
    };

/** A value of a picture, in words as a pointer on its mark shows them. */
export interface DrawnPoint {
  readonly text: string;
  readonly from: Origin;
}

export interface Document {
  readonly title: string;
  readonly blocks: readonly Block[];
}

/** A number that says where it comes from. */
export const figure = (text: string, rows: readonly string[], fields: readonly string[]): Span => ({
  figure: text,
  from: { rows, fields },
});

export const heading = (text: Text, level: 2 | 3 = 2): Block => ({ kind: 'heading', level, text });
export const paragraph = (text: Text): Block => ({ kind: 'paragraph', text });
export const list = (items: readonly Text[]): Block => ({ kind: 'list', items });
export const table = (columns: readonly Column[], rows: readonly (readonly Text[])[]): Block => ({
  kind: 'table',
  columns,
  rows,
});

const isList = (text: Text): text is readonly Span[] => Array.isArray(text);

/** A long table, whose rows a reader narrows by words where a page can. */
export const searchedTable = (columns: readonly Column[], rows: readonly (readonly Text[])[]): Block => ({
  kind: 'table',
  columns,
  rows,
  searched: true,
});

/** The spans of a text. */
export const spansOf = (text: Text): readonly Span[] => (isList(text) ? text : [text]);

const shownOf = (span: Span): string => {
  if (typeof span === 'string') return span;
  if ('strong' in span) return span.strong;
  if ('code' in span) return span.code;
  if ('badge' in span) return span.badge;
  if ('svg' in span) return span.says;
  return 'figure' in span ? span.figure : span.link;
};

/** What is read of a text, without what it leads to. */
export const plainText = (text: Text): string => spansOf(text).map(shownOf).join('');
