// Shows the pages of a report to a caller who looks at pictures, the most telling first: the first page, then what to ship, then what is
// missing. Short pages on one sheet are one picture. Costs nothing where nobody looks.
import type { Page } from '../render/page.ts';
import type { Typeset } from '../render/pdf.ts';
import { grouped } from '../text/lists.ts';
import type { VerbContext } from '../verb/context.ts';
import type { Report } from './compose.ts';

/** How much a page has to say to whoever sees only two: the lower the sooner. */
const rankOf = ({ id, blocks }: Page, index: number): number => {
  if (index === 0) return 0;
  if (id === 'champion') return 1;
  return blocks.some(({ kind }) => kind === 'banner') ? 2 : 3;
};

export const showPages = ({ pages }: Report, typeset: Typeset, { show }: Pick<VerbContext, 'show'>): void => {
  if (show === null) return;
  const [pictures, starts] = [typeset.pictures(), typeset.starts()];
  const sheets = grouped(pages.map((page, index) => ({ page, rank: rankOf(page, index), at: starts[index] ?? index })), ({ at }) => `${at}`);
  const shown = [...sheets.values()].flatMap((parts) => {
    const at = parts[0]?.at ?? 0;
    const picture = pictures[at];
    const title = `page ${at + 1} of ${pictures.length}: ${parts.map(({ page: { id } }) => id).join(', ')}`;
    return picture === undefined ? [] : [{ title, svg: picture.svg, rank: Math.min(...parts.map(({ rank }) => rank)) }];
  });
  show(shown.toSorted((a, b) => a.rank - b.rank).map(({ title, svg }) => ({ title, svg })));
}; // prettier-ignore
