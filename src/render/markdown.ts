// A document as GitHub-flavoured Markdown. Everything that comes from outside is escaped, so that a cell stays one cell and a
// line starts no heading.
import { spansOf, type Block, type Column, type Document, type KeyFigure, type Span, type Text } from './document.ts';
import { markdownCode, markdownHref, markdownLine, markdownText, markupText, safeHref, visibleText } from './escape.ts';

/** The text of a link or picture, which a bracket would end. */
const label = (text: string): string =>
  markdownText(text.replace(/[[\]]/g, (bracket) => (bracket === '[' ? '(' : ')')));

const spanMarkdown = (span: Span, inCell: boolean): string => {
  if (typeof span === 'string') return markdownText(span);
  if ('strong' in span) return span.strong === '' ? '' : `**${markdownText(span.strong)}**`;
  if ('figure' in span) return markdownText(span.figure);
  if ('code' in span) return markdownCode(span.code, inCell);
  if ('badge' in span) return spanMarkdown({ strong: span.badge }, inCell);
  if ('svg' in span) return markdownText(span.says);
  const href = safeHref(span.href);
  return href === null ? markdownText(span.link) : `[${label(span.link)}](${markdownHref(href)})`;
};

const inline = (text: Text, inCell = false): string =>
  spansOf(text)
    .map((span) => spanMarkdown(span, inCell))
    .join('');

/** A table; ends without a newline. */
export const markdownTable = (columns: readonly Column[], rows: readonly (readonly Text[])[]): string => {
  const line = (cells: readonly Text[]): string => `| ${cells.map((cell) => inline(cell, true)).join(' | ')} |`;
  const rule = columns.map((column) => (column.align === 'right' ? '---:' : '---'));
  return [line(columns.map((column) => column.title)), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n');
};

/** A block in which nothing is interpreted; `language` colours it. */
export const codeBlock = (text: string, language = ''): string => {
  const shown = text.split('\n').map(visibleText).join('\n');
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${shown}\n${fence}`;
};

const keyFigure = (figure: KeyFigure): string => {
  const label = `**${markdownText(figure.label)}**:`;
  if ('value' in figure) return `${label} ${inline(figure.value)}`;
  return [label, ...figure.values.map((value) => `- ${markdownLine(inline(value))}`)].join('\n');
};

const blockMarkdown = (block: Block): string => {
  switch (block.kind) {
    case 'heading':
      return `${'#'.repeat(block.level)} ${inline(block.text)}`;
    case 'paragraph':
      return markdownLine(inline(block.text));
    case 'note':
      return `> ${markdownLine(inline(block.text))}`;
    case 'list':
      return block.items.map((item) => `- ${markdownLine(inline(item))}`).join('\n');
    case 'figures':
      return block.items.map((item) => `${block.bulleted === true ? '- ' : ''}${keyFigure(item)}`).join('\n');
    case 'table':
      return markdownTable(block.columns, block.rows);
    case 'folded':
      return `<details><summary>${markupText(block.title)}</summary>\n\n${blocksMarkdown(block.blocks)}\n\n</details>`;
    case 'code':
      return codeBlock(block.text, block.language);
    case 'picture':
      return `![${label(block.title)}](${markdownHref(block.href)})`;
  }
};

/** Blocks that stand right below their heading, as a heading of its parts does; others have an empty line between. */
const TIGHT: readonly Block['kind'][] = ['list', 'figures', 'code'];

const gapBefore = (block: Block, before: Block | undefined): string => {
  const isSubheading = block.kind === 'heading' && block.level === 3;
  return before?.kind === 'heading' && (isSubheading || TIGHT.includes(block.kind)) ? '\n' : '\n\n';
};

/** Blocks that stand in a page of somebody else, as a comment or a summary does; ends without a newline. */
export const blocksMarkdown = (blocks: readonly Block[]): string =>
  blocks
    .map((block, index) => `${index === 0 ? '' : gapBefore(block, blocks[index - 1])}${blockMarkdown(block)}`)
    .join('');

/** Ends with a newline. */
export const documentMarkdown = ({ title, blocks }: Document): string =>
  `# ${inline(title)}${blocks.length === 0 ? '' : '\n\n'}${blocksMarkdown(blocks)}\n`;
