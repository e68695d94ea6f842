// A web page as one file that works from disk: style, pictures, data and script are inside, and its policy lets nothing else run or
// load. What a page says comes as fragments that are escaped already.
import { createHash } from 'node:crypto';
import type { Text } from '../document.ts';
import { markupText } from '../escape.ts';
import { inlineHtml } from '../html.ts';
import { webStyle } from './web-style.ts';

export interface WebLink {
  /** `#heatmap`, or the relative path of a page beside this one. */
  readonly href: string;
  readonly text: string;
  /** This page itself. */
  readonly current?: boolean;
}

export interface WebPage {
  readonly title: string;
  /** The second line of the head: by it whoever made the file knows it again from its first bytes. */
  readonly mark: string;
  /** Under the title: what it is in a sentence. */
  readonly lead: Text;
  /** Small print under the lead. */
  readonly meta: Text;
  /** Where a reader may go. */
  readonly links: readonly WebLink[];
  /** Sections of HTML. */
  readonly sections: readonly string[];
  readonly foot: Text;
  /** Style of the parts that only this page has. */
  readonly style?: string;
  /** Elements with data, from `jsonIsland`. */
  readonly islands?: readonly string[];
  /** Built by us; null for a page without one. */
  readonly script: string | null;
  /** Scripts that this page may take in later, word for word. */
  readonly adopted?: readonly string[];
}

/** Digests of the last few styles and scripts: the pages of a site have the same ones. */
const sources = new Map<string, string>();
const MOST_SOURCES = 4;

const sourceOf = (text: string): string => {
  const known = sources.get(text);
  if (known !== undefined) return known;
  const source = `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const [oldest] = sources.keys();
  if (sources.size >= MOST_SOURCES && oldest !== undefined) sources.delete(oldest);
  sources.set(text, source);
  return source;
};

/** Nothing but this style and this script; neither frames, forms nor requests. */
const policyOf = (style: string, scripts: readonly string[]): string =>
  [
    "default-src 'none'",
    `style-src ${sourceOf(style)}`,
    `script-src ${scripts.length === 0 ? "'none'" : scripts.map(sourceOf).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

const linkHtml = ({ href, text, current = false }: WebLink): string =>
  `<li><a href="${markupText(href)}"${current ? ' aria-current="page"' : ''}>${markupText(text)}</a></li>`;

const scriptText = (script: string): string => {
  if (/<\/script|<!--/i.test(script)) throw new Error('a script must not hold the end of its element');
  return script;
};

/** The file; ends in a newline. The same page gives the same bytes. */
export const webPage = ({ title, mark, lead, meta, links, sections, foot, style = '', islands = [], script, adopted = [] }: WebPage): string => {
  const sheet = `${webStyle()}\n${style}`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta name="generator" content="${markupText(mark)}">`,
    `<meta http-equiv="Content-Security-Policy" content="${policyOf(sheet, [...(script === null ? [] : [script]), ...adopted])}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${markupText(title)}</title>`,
    `<style>${sheet}</style>`,
    '</head>',
    '<body>',
    '<a class="skip" href="#main">Skip to the content</a>',
    `<header class="masthead"><h1>${markupText(title)}</h1><p class="lead">${inlineHtml(lead)}</p><p class="meta">${inlineHtml(meta)}</p></header>`,
    '<div class="frame">',
    `<nav class="pages" aria-label="Pages"><ol>${links.map(linkHtml).join('')}</ol></nav>`,
    '<main id="main">',
    ...sections,
    '</main>',
    '</div>',
    `<footer class="foot">${inlineHtml(foot)}</footer>`,
    ...islands,
    ...(script === null ? [] : [`<script>${scriptText(script)}</script>`]),
    '</body>',
    '</html>\n',
  ].join('\n');
}; // prettier-ignore
