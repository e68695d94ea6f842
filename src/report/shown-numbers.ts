// Every text of a report's pages that holds a number, with its place and, where the page says so, the rows and fields that it comes from.
// What a reader of the report checks it by.
import { z } from 'zod';
import { plainText, spansOf, type Origin, type Text } from '../render/document.ts';
import type { Page, PageBlock, PageCell } from '../render/page.ts';

export const shownNumberSchema = z.strictObject({
  /** Its id; of several alike with its number: `scatter 2`. On which sheet of paper it stands is the typesetter's. */
  page: z.string(),
  /** `title`, `table 2, row 3, column 4`, `picture 1, point 7`. */
  place: z.string(),
  text: z.string(),
  rows: z.array(z.string()),
  fields: z.array(z.string()),
});

export type ShownNumber = z.output<typeof shownNumberSchema>;

const NOWHERE: Origin = { rows: [], fields: [] };

const originOf = (text: Text): Origin => {
  for (const span of spansOf(text)) if (typeof span === 'object' && 'figure' in span) return span.from;
  return NOWHERE;
};

type Found = Omit<ShownNumber, 'page'>;

const shown = (place: string, text: Text, from: Origin = originOf(text)): Found[] => {
  const words = plainText(text);
  return /\d/.test(words) ? [{ place, text: words, rows: [...from.rows], fields: [...from.fields] }] : [];
};

const tableNumbers = (place: string, rows: readonly (readonly PageCell[])[]): Found[] =>
  rows.flatMap((row, at) =>
    row.flatMap(({ text, from }, column) => shown(`${place}, row ${at + 1}, column ${column + 1}`, text, from)),
  );

/** Blocks of one kind are counted over the page: `table 2` is its second table. */
const blockNumbers = (block: PageBlock, count: (kind: string) => string): Found[] => {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
    case 'note':
    case 'banner':
      return shown(count(block.kind), block.text);
    case 'list': {
      const place = count('list');
      return block.items.flatMap((item, at) => shown(`${place}, item ${at + 1}`, item));
    }
    case 'figures': {
      const place = count('figures');
      return block.items.flatMap((item) =>
        ('value' in item ? [item.value] : item.values).flatMap((value) => shown(`${place}, ${item.label}`, value)),
      );
    }
    case 'table': {
      const place = count('table');
      return tableNumbers(place, block.rows.map((row) => row.map((text) => ({ text }))));
    }
    case 'page-table':
      return tableNumbers(count('table'), block.rows);
    case 'folded':
      return block.blocks.flatMap((each) => blockNumbers(each, count));
    case 'code':
      return shown(count('code'), block.text);
    case 'picture': {
      const place = count('picture');
      return [
        ...shown(place, block.title),
        ...(block.points ?? []).map(({ text, from }, at) => ({
          place: `${place}, point ${at + 1}`, text, rows: [...from.rows], fields: [...from.fields],
        })),
      ];
    }
    case 'columns':
      return block.parts.flatMap((part) => part.flatMap((each) => blockNumbers(each, count)));
  }
}; // prettier-ignore

const pageNumbers = ({ title, from, subtitle, blocks }: Page): Found[] => {
  const counts = new Map<string, number>();
  const count = (kind: string): string => {
    const at = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, at);
    return `${kind} ${at}`;
  };
  return [
    ...shown('title', title, from),
    ...shown('subtitle', subtitle),
    ...blocks.flatMap((block) => blockNumbers(block, count)),
  ];
};

/** In the order of the pages. */
export const shownNumbers = (pages: readonly Page[]): ShownNumber[] => {
  const counts = new Map<string, number>();
  return pages.flatMap((page) => {
    const at = (counts.get(page.id) ?? 0) + 1;
    counts.set(page.id, at);
    const name = at === 1 ? page.id : `${page.id} ${at}`;
    return pageNumbers(page).map((found) => ({ page: name, ...found }));
  });
};

/** `heatmap: table 1, row 2, column 3`. */
export const placeOfNumber = ({ page, place }: ShownNumber): string => `${page}: ${place}`;
