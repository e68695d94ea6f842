// A typeset page as a section of a web page: its finding as heading, its exact shape below, then its blocks.
import { markupText } from '../escape.ts';
import { inlineHtml } from '../html.ts';
import type { Page } from '../page.ts';
import { valueData, webBlocks } from './web-blocks.ts';
import type { WebLink } from './web-page.ts';

interface Named {
  readonly page: Page;
  /** Unique in the document: `scatter`, `scatter-2`. */
  readonly name: string;
}

/** The pages with a name each; parts of one page are counted. */
const named = (pages: readonly Page[]): readonly Named[] => {
  const counts = new Map<string, number>();
  return pages.map((page) => {
    const count = (counts.get(page.id) ?? 0) + 1;
    counts.set(page.id, count);
    return { page, name: count === 1 ? page.id : `${page.id}-${count}` };
  });
};

const sectionHtml = ({ page, name }: Named): string => {
  const { title, subtitle, blocks } = page;
  const [id, words] = [markupText(name), markupText(name.replaceAll(/[-_]/g, ' '))];
  return [
    `<section id="${id}" data-page="${id}" aria-labelledby="${id}-finding">`,
    `<p class="kicker">${words}</p><h2 id="${id}-finding"${valueData(`${name}/title`, page.from)}>${markupText(title)}</h2>`,
    `<p class="shape"${valueData(`${name}/subtitle`)}>${inlineHtml(subtitle)}</p>`,
    webBlocks(blocks, name, page.title),
    '</section>',
  ].join('\n');
};

/** Pages as sections in their order, and the links to them. */
export const webSections = (
  pages: readonly Page[],
): { readonly sections: readonly string[]; readonly links: readonly WebLink[] } => {
  const all = named(pages);
  return {
    sections: all.map(sectionHtml),
    links: all.map(({ name }) => ({ href: `#${name}`, text: name.replaceAll(/[-_]/g, ' ') })),
  };
};
