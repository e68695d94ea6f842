// How much of a page is left for a picture below its title and the line of its shape, and above its notes. Counts lines as the
// typesetter sets them; places nothing.
import type { Page } from '../render/page.ts';
import { plainText } from '../render/document.ts';
import { PAGE_MARGIN, PAGE_SIZES } from '../render/typst-template.ts';
import { lineCount } from '../render/text-width.ts';

type Orientation = Page['orientation'];

/** Points between the side margins. */
export const pageWidth = (orientation: Orientation): number => PAGE_SIZES[orientation].width - 2 * PAGE_MARGIN;

/** Points above and below what a page says, and between its parts. */
const EDGES = 82;
const BETWEEN = 34;
/** Height of a line over the size of its letters: capitals and what is between lines. */
const LINE = 1.36;

const linesHigh = (text: string, width: number, size: number, bold = false): number =>
  text === '' ? 0 : lineCount(text, width, { size, bold }) * size * LINE;

/** Points of height for a picture between these words. */
export const pictureRoom = ({ orientation, title, subtitle }: Pick<Page, 'orientation' | 'title' | 'subtitle'>, notes: string): number => {
  const width = pageWidth(orientation);
  const words = linesHigh(title, width, 19, true) + linesHigh(plainText(subtitle), width, 11) + linesHigh(notes, width, 11);
  return PAGE_SIZES[orientation].height - EDGES - BETWEEN - words;
}; // prettier-ignore

/** Points of height that the items of a list take across a page. */
export const listHeight = (items: readonly string[], orientation: Orientation): number =>
  items.reduce((sum, text) => sum + linesHigh(text, pageWidth(orientation) - LIST_INDENT, 11) + LIST_GAP, 0);

const LIST_INDENT = 18;
const LIST_GAP = 5;
