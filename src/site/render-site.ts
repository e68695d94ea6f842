// Pages of a site as files: each holds all that it needs and links to the others by relative paths.
import { webBlocks } from '../render/web/web-blocks.ts';
import { webPage } from '../render/web/web-page.ts';
import type { Text } from '../render/document.ts';
import { joined, pageLink, type Section, type SiteCopy, type SitePage } from './site-page.ts';
import { CAMPAIGNS, DIFFS, HOME, linkFrom, PROFILE_DIFFS } from './site-paths.ts';
import type { SiteFile } from './write-site.ts';

const SECTIONS: readonly (readonly [section: Section, title: string, path: string])[] = [
  ['measurements', 'Measurements', HOME],
  ['diffs', 'Diffs', DIFFS],
  ['profile-diffs', 'Profile diffs', PROFILE_DIFFS],
  ['campaigns', 'Campaigns', CAMPAIGNS],
];

/** Stands in the head of every page. */
const PAGE_MARK = 'profile-and-optimize site';

/** Sections stand in a line above the page: tables have the whole width. */
const STYLE = `.frame{display:block}
.pages{position:static;max-height:none;overflow:visible;margin:0 0 6px;padding:0;border-bottom:1px solid var(--grid)}
.pages ol{display:flex;flex-wrap:wrap;gap:0 6px;border:0;margin:0}
.pages a,.pages a[aria-current]{margin:0 0 -1px;padding:7px 12px 8px;border:0;border-bottom:3px solid transparent}
.pages a[aria-current]{border-bottom-color:var(--blue)}
.whole h2{margin-top:34px}.whole h2:first-child{margin-top:16px}
.whole td,.whole th{vertical-align:middle}.whole td .badge+a{white-space:nowrap}`;

export interface RenderOptions {
  readonly productVersion: string;
  /** The built script of pages with tables. */
  readonly script: string;
}

const trailText = ({ path, trail }: SitePage): Text =>
  trail.length === 0
    ? 'Performance registry'
    : joined(trail.map((crumb) => pageLink(path, crumb.title, crumb.path)), ' / '); // prettier-ignore

const pageText = (page: SitePage, { productVersion, script }: RenderOptions): string =>
  webPage({
    title: page.title,
    mark: PAGE_MARK,
    lead: page.lead,
    meta: trailText(page),
    links: SECTIONS.map(([section, text, path]) => ({
      href: linkFrom(page.path, path),
      text,
      current: section === page.section,
    })),
    sections: [`<section class="whole">\n${webBlocks(page.blocks, 'page', page.title)}\n</section>`],
    foot: `profile-and-optimize ${productVersion}; all times UTC`,
    style: STYLE,
    script: page.blocks.some(({ kind }) => kind === 'table') ? script : null,
  });

/** The files of a site. The same pages give the same bytes. */
export async function* renderSite(
  pages: AsyncIterable<SitePage | SiteCopy>,
  options: RenderOptions,
): AsyncGenerator<SiteFile> {
  for await (const page of pages)
    yield page.kind === 'copy' ? page : { path: page.path, text: pageText(page, options) };
}
