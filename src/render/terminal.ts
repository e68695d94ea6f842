// A document as plain text for a terminal: the one place where text of a terminal is laid out, so that its width and its colours are
// decided here. Control characters become visible; nothing in a span is interpreted.
import { spansOf, type Block, type KeyFigure, type Span, type Text } from './document.ts';
import { visibleText } from './escape.ts';
import { textTable } from './table.ts';

const spanText = (span: Span): string => {
  if (typeof span === 'string') return visibleText(span);
  if ('strong' in span) return visibleText(span.strong);
  if ('figure' in span) return visibleText(span.figure);
  if ('code' in span) return visibleText(span.code);
  if ('badge' in span) return visibleText(span.badge);
  if ('svg' in span) return visibleText(span.says);
  return visibleText(span.href === span.link ? span.link : `${span.link} (${span.href})`);
};

const inline = (text: Text): string => spansOf(text).map(spanText).join('');

const keyFigure = (figure: KeyFigure): string =>
  'value' in figure
    ? `${visibleText(figure.label)}: ${inline(figure.value)}`
    : [`${visibleText(figure.label)}:`, ...figure.values.map((value) => `  ${inline(value)}`)].join('\n');

const blockText = (block: Block, width: number): string => {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return inline(block.text);
    case 'note':
      return `! ${inline(block.text)}`;
    case 'list':
      return block.items.map((item) => `- ${inline(item)}`).join('\n');
    case 'figures':
      return block.items.map(keyFigure).join('\n');
    case 'table':
      return textTable(
        block.columns,
        block.rows.map((row) => row.map(inline)),
        width,
      );
    case 'folded':
      return `${visibleText(block.title)}\n${blocksText(block.blocks, width)}`;
    case 'code':
      return block.text.split('\n').map(visibleText).join('\n');
    case 'picture':
      return visibleText(`${block.title}: ${block.href}`);
  }
};

/**
 * Blocks with an empty line between them; a heading stands right above what it heads. Ends without a newline. Tables fit `width`
 * cells where their columns may give way.
 */
export const blocksText = (blocks: readonly Block[], width = Infinity): string =>
  blocks
    .map((block, index) => {
      const gap = index === 0 ? '' : blocks[index - 1]?.kind === 'heading' ? '\n' : '\n\n';
      return `${gap}${blockText(block, width)}`;
    })
    .join('');
