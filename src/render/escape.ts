// Makes foreign text (kernel names, notes, host names) safe to stand in Markdown, markup, CSV or a terminal: one escaper for each,
// used by every renderer. Never drops a character silently: what cannot be seen becomes a mark that can.

/** C0, DEL, C1 and the separators that end a line somewhere. */
const BREAKS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/**
 * What is not seen but changes what is read: format characters (bidirectional controls, zero width, soft hyphen, tags), blank
 * letters, halves of surrogate pairs, and code points that no XML may hold.
 */
const HIDDEN = /[\p{Cf}\p{Cs}\u115f\u1160\u3164\uffa0\ufffe\uffff]/gu;
const MARK = '\ufffd';

/** Printable ASCII, which is all that most texts hold: one look at it is cheaper than to search it for what it cannot hold. */
const PLAIN = /^[ -~]*$/;

/** One line in which every character shows: line breaks and control characters become one blank, hidden ones `\ufffd`. */
export const visibleText = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(BREAKS, ' ').replace(HIDDEN, MARK);

/** Text of several lines for a terminal or a log: keeps line ends and tabs, and no other control character. */
export const terminalText = (text: string): string =>
  text
    .replace(/\r\n/g, '\n')
    .split('\n')
    .map((line) => line.split('\t').map(visibleText).join('\t'))
    .join('\n');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an HTML or SVG element or attribute. */
export const markupText = (text: string): string =>
  visibleText(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

/**
 * Text inside a Markdown paragraph, list or table cell (CommonMark and GitHub's tables, strikethrough and mathematics). An
 * underscore inside a word (`ttft_p99_ms`) and brackets that no address follows (`busbw[size=1GB]`) mean nothing and stay.
 */
export const markdownText = (text: string): string => {
  const shown = visibleText(text);
  return MARKDOWN_SIGN.test(shown) ? escapedSigns(shown) : shown;
};

/** What any rule of `escapedSigns` begins with. */
const MARKDOWN_SIGN = /[\\`*<|~$\]_&]/;

const escapedSigns = (shown: string): string =>
  shown
    .replace(/[\\`*<|~$]|](?=[([:])/g, '\\$&')
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replace(/&(?=#?\w+;)/g, '\\&');

/** What would start a heading, list, quote or rule, where inline Markdown stands first on its line. */
const BLOCK_START = /^(?:#{1,6}(?=\s|$)|>|[-+](?=\s|$)|-{2,}\s*$|={1,}\s*$|:?-+:?(?=\s*$))/;

/** Inline Markdown that starts a line and must stay a paragraph. */
export const markdownLine = (inline: string): string => {
  const line = inline.trimStart();
  return BLOCK_START.test(line) ? `\\${line}` : line.replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2');
};

/**
 * A code span; in a table cell its pipes are escaped, which only a cell takes back. A cell has no code span for a pipe behind a
 * backslash: that text stands there without one.
 */
export const markdownCode = (text: string, inCell: boolean): string => {
  const shown = visibleText(text);
  if (inCell && shown.includes('\\|')) return markdownText(text);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const padded = /^`|`$|^ .* $/.test(shown) || shown === '' ? ` ${shown} ` : shown;
  return `${fence}${inCell ? padded.replaceAll('|', '\\|') : padded}${fence}`;
};

/** An address that a page may link to: http, https or a relative path; null for any other scheme. */
export const safeHref = (href: string): string | null => {
  const shown = visibleText(href).trim();
  if (/^[^/?#]*:/.test(shown)) return /^https?:\/\//i.test(shown) ? shown : null;
  return shown.startsWith('//') ? null : shown;
};

/** An address inside the parentheses of a Markdown link. */
export const markdownHref = (href: string): string =>
  visibleText(href).replace(/[\s()<>|\\`[\]]/g, (character) =>
    character === '(' ? '%28' : character === ')' ? '%29' : encodeURIComponent(character),
  );

/**
 * A cell of a CSV file (RFC 4180), quoted where it must be. Text with a leading sign that a spreadsheet would take for a formula
 * gets an apostrophe; numbers keep every digit.
 */
export const csvCell = (value: string | number | null): string => {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const shown = visibleText(value);
  const plain = /^\s*[=+\-@]/.test(shown) ? `'${shown}` : shown;
  return /[",]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
};
