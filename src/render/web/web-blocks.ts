// Blocks of a typeset page as elements of a web page, with tables that a script can sort and copy. Every value carries the place
// where it stands, so that a program finds each shown number again.
import { plainText, type Column, type Origin } from '../document.ts';
import { markupText } from '../escape.ts';
import { blockHtml, inlineHtml } from '../html.ts';
import { originData } from '../origin-data.ts';
import type { PageBlock, PageCell } from '../page.ts';
import { tintClass } from './web-tints.ts';

/** Where a block stands: the page, and a path of numbers in it (`scatter/2/1`). */
export type Place = string;

const classes = (names: readonly (string | false)[]): string => {
  const given = names.filter((name) => name !== false);
  return given.length === 0 ? '' : ` class="${given.join(' ')}"`;
};

/** What a shown value says of itself besides its text. The one place where it is written. */
export const valueData = (place: Place, from?: Origin): string => ` data-at="${markupText(place)}"${originData(from)}`;

const cellHtml = (cell: PageCell, { align }: Column, place: Place, isName: boolean): string => {
  const { text, tint, bold = false, outlined = false, from } = cell;
  const named = classes([
    align === 'right' && 'number',
    tint !== undefined && tintClass(tint),
    bold && 'best',
    outlined && 'absent',
  ]);
  const [tag, scope] = isName ? ['th', ' scope="row"'] : ['td', ''];
  return `<${tag}${scope}${named}${valueData(place, from)}>${inlineHtml(text)}</${tag}>`;
};

const headHtml = (columns: readonly Column[]): string =>
  columns
    .map(({ title, align }) => `<th scope="col"${align === 'right' ? ' class="number"' : ''}>${markupText(title)}</th>`)
    .join('');

/** A table that is sorted and copied where scripts run; `name` is what the reader hears it called. */
export const webTable = (
  columns: readonly Column[],
  rows: readonly (readonly PageCell[])[],
  name: string,
  place: Place,
  searched = false,
): string => {
  const isHeat = rows.some((row) => row.some(({ tint }) => tint !== undefined));
  const lines = rows.map((row, line) => {
    const cells = columns.map((column, at) => {
      const cell = row[at] ?? { text: '' };
      const isName = at === 0 && column.align !== 'right' && plainText(cell.text) !== '';
      return cellHtml(cell, column, `${place}/${line + 1}/${at + 1}`, isName);
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  const title = markupText(name);
  return [
    `<div class="table" tabindex="0" role="group" aria-label="${title}">`,
    `<table${isHeat ? ' class="heat"' : ''} data-table="${title}"${searched ? ' data-searched' : ''}><thead><tr>${headHtml(columns)}</tr></thead>`,
    `<tbody>\n${lines.join('\n')}\n</tbody></table></div>`,
  ].join('\n');
};

/** Above this many marks their words for a pointer are left out: they would take most of the time in which the page opens. */
const MANY_MARKS = 2000;

/** The rules for dark ground stand in the page's own style sheet. */
const bareSvg = (svg: string): string => {
  const bare = svg.trim().replace(/\n<style>[^<]*<\/style>/, '');
  return bare.split('<title>').length > MANY_MARKS ? bare.replace(/<title>[^<]*<\/title>/g, '') : bare;
};

const headingsIn = (blocks: readonly PageBlock[], at: number): string | undefined => {
  const before = blocks[at - 1];
  return before?.kind === 'heading' ? plainText(before.text) : undefined;
};

const oneBlock = (block: PageBlock, place: Place, name: string): string => {
  switch (block.kind) {
    case 'page-table':
      return webTable(block.columns, block.rows, name, place);
    case 'table':
      return webTable(block.columns, block.rows.map((row) => row.map((text) => ({ text }))), name, place, block.searched);
    case 'banner':
      return `<p class="banner ${block.ground}"${valueData(place)}>${inlineHtml(block.text)}</p>`;
    case 'columns': {
      const parts = block.parts.map((part, at) => `<div>${webBlocks(part, `${place}/${at + 1}`, name)}</div>`);
      return `<div class="columns">${parts.join('\n')}</div>`;
    }
    case 'folded':
      return `<details><summary>${markupText(block.title)}</summary>${webBlocks(block.blocks, place, block.title)}</details>`;
    case 'picture':
      return `<figure tabindex="0"${valueData(place)}>${bareSvg(block.svg)}</figure>`;
    case 'code':
      return blockHtml(block, ` tabindex="0"${valueData(place)}`);
    default:
      return blockHtml(block, valueData(place));
  }
}; // prettier-ignore

/** Blocks one after the other; a table is called by the heading above it, else by `name`. */
export const webBlocks = (blocks: readonly PageBlock[], place: Place, name: string): string =>
  blocks.map((block, at) => oneBlock(block, `${place}/${at + 1}`, headingsIn(blocks, at) ?? name)).join('\n');
