// How wide the columns of a table are on a page of fixed width: as wide as their content where all fit, else no column narrower than its
// longest word and the rest by what each has to say. Knows texts and points, no markup.
import { textWidth } from './text-width.ts';

export interface ColumnText {
  readonly title: string;
  readonly cells: readonly string[];
}

/** Points on both sides of a cell's text. */
const INSET = 8;
/** A word is broken rather than have a column wider than this share of the page. */
const WIDEST_WORD = 0.3;

const widest = (texts: readonly string[], size: number): number =>
  Math.max(0, ...texts.map((text) => textWidth(text, { size })));

/** Where a line may break: at blanks and after hyphens. */
const wordsOf = (text: string): string[] => text.split(/\s+|(?<=-)/);

/** Widths in points, of texts of `size` points; null for a column that may be as wide as its content. */
export const columnWidths = (columns: readonly ColumnText[], page: number, size: number): (number | null)[] => {
  const wishes = columns.map(({ title, cells }) => widest([title, ...cells], size) + INSET);
  if (wishes.reduce((sum, wish) => sum + wish, 0) <= page) return columns.map(() => null);
  const least = columns.map(
    ({ title, cells }) => Math.min(widest([title, ...cells].flatMap(wordsOf), size), page * WIDEST_WORD) + INSET,
  );
  const taken = least.reduce((sum, width) => sum + width, 0);
  if (taken >= page) return least.map((width) => (width / taken) * page);
  // By the root of what is missing: one long sentence must not take all the room from names.
  const missing = wishes.map((wish, index) => Math.sqrt(Math.max(0, wish - (least[index] ?? 0))));
  const all = missing.reduce((sum, each) => sum + each, 0);
  return least.map((width, index) => width + ((missing[index] ?? 0) / all) * (page - taken));
};
