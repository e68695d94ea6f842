// A document as one HTML file that needs nothing else: styles and pictures are inside, no script, no font, no request. Light or dark
// as its reader.
import { spansOf, type Block, type Column, type Document, type KeyFigure, type Span, type Text } from './document.ts';
import { markupText, safeHref } from './escape.ts';
import { originData } from './origin-data.ts';
import { pageColours } from './palette.ts';

const spanHtml = (span: Span): string => {
  if (typeof span === 'string') return markupText(span);
  if ('strong' in span) return `<strong>${markupText(span.strong)}</strong>`;
  if ('figure' in span) return `<span${originData(span.from)}>${markupText(span.figure)}</span>`;
  if ('code' in span) return `<code>${markupText(span.code)}</code>`;
  if ('badge' in span) return `<span class="badge ${span.ground}">${markupText(span.badge)}</span>`;
  if ('svg' in span) return span.svg.trim();
  const href = safeHref(span.href);
  return href === null
    ? markupText(span.link)
    : `<a href="${markupText(href)}" rel="noreferrer">${markupText(span.link)}</a>`;
};

export const inlineHtml = (text: Text): string => spansOf(text).map(spanHtml).join('');

const cell = (tag: 'th' | 'td', { align }: Column, content: string): string =>
  `<${tag}${align === 'right' ? ' class="number"' : ''}>${content}</${tag}>`;

const tableHtml = (columns: readonly Column[], rows: readonly (readonly Text[])[]): string => {
  const head = columns.map((column) => cell('th', column, markupText(column.title))).join('');
  const body = rows.map(
    (row) => `<tr>${columns.map((column, index) => cell('td', column, inlineHtml(row[index] ?? ''))).join('')}</tr>`,
  );
  return `<div class="table"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table></div>`;
};

const listHtml = (items: readonly Text[], data = ''): string =>
  `<ul${data}>${items.map((item) => `<li>${inlineHtml(item)}</li>`).join('')}</ul>`;

const keyFigure = (figure: KeyFigure): string =>
  `<dt>${markupText(figure.label)}</dt><dd>${'value' in figure ? inlineHtml(figure.value) : listHtml(figure.values)}</dd>`;

/** A block as an element; `data` are attributes of it, beginning with a blank. */
export const blockHtml = (block: Block, data = ''): string => {
  switch (block.kind) {
    case 'heading':
      return `<h${block.level}${data}>${inlineHtml(block.text)}</h${block.level}>`;
    case 'paragraph':
      return `<p${data}>${inlineHtml(block.text)}</p>`;
    case 'note':
      return `<p class="note"${data}>${inlineHtml(block.text)}</p>`;
    case 'list':
      return listHtml(block.items, data);
    case 'figures':
      return `<dl${data}>${block.items.map(keyFigure).join('')}</dl>`;
    case 'table':
      return tableHtml(block.columns, block.rows);
    case 'folded':
      return `<details><summary>${markupText(block.title)}</summary>${block.blocks.map((each) => blockHtml(each)).join('\n')}</details>`;
    case 'code':
      return `<pre${data}><code>${block.text.split('\n').map(markupText).join('\n')}</code></pre>`;
    case 'picture':
      return `<figure>${block.svg.trim()}</figure>`;
  }
};

const STYLE = `${pageColours()}
body{margin:0 auto;padding:24px;max-width:1080px;background:var(--paper);color:var(--ink);font:15px/1.5 "DejaVu Sans",Verdana,sans-serif}
h1{font-size:24px}h2{font-size:19px;margin-top:36px}h3{font-size:16px;margin-top:28px}
a{color:var(--blue)}code,pre{font-family:"DejaVu Sans Mono",monospace;font-size:13px}
pre{overflow-x:auto;padding:12px;border:1px solid var(--grid)}
.note{border-left:4px solid var(--doubt);padding:4px 12px}
.table{overflow-x:auto}.table+.table{margin-top:20px}table{border-collapse:collapse;font-size:13px}
th,td{padding:5px 12px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
th{color:var(--quiet);font-weight:normal;border-bottom:1.5px solid var(--base)}
.number{text-align:right;font-variant-numeric:tabular-nums}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 20px}dt{color:var(--quiet)}dd{margin:0}
figure{margin:16px 0}figure svg{max-width:100%;height:auto}`;

/** A whole page that ends in a newline. */
export const documentHtml = ({ title, blocks }: Document): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="color-scheme" content="light dark">',
    `<title>${markupText(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${markupText(title)}</h1>`,
    ...blocks.map((block) => blockHtml(block)),
    '</body>',
    '</html>\n',
  ].join('\n');
