// How many cells of a terminal text takes, and text cut to fit: wide characters take two cells, combining marks none. Measures and
// cuts plain text only: colours are put on afterwards.
import stringWidth from 'string-width';

/** Text in which every character takes one cell. */
const PLAIN = /^[\x20-\x7e]*$/;
const ELLIPSIS = '…';

/** Width in cells. */
export const cellWidth = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text));

/** What a reader takes for one character: a letter with its marks, an emoji with its modifiers. */
const lettersOf = (text: string): string[] =>
  PLAIN.test(text)
    ? [...text]
    : Array.from(new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text), ({ segment }) => segment);

/** As many letters from the front as fit into `cells`. */
const front = (letters: readonly string[], cells: number): string => {
  let used = 0;
  const end = letters.findIndex((letter) => (used += cellWidth(letter)) > cells);
  return (end < 0 ? letters : letters.slice(0, end)).join('');
};

/** As many letters from the end as fit into `cells`. */
const back = (letters: readonly string[], cells: number): string => {
  let used = 0;
  const start = letters.findLastIndex((letter) => (used += cellWidth(letter)) > cells);
  return letters.slice(start + 1).join('');
};

/** The text, shortened in the middle to at most `cells` (1 or more): names differ at both ends. */
export const cutMiddle = (text: string, cells: number): string => {
  if (cellWidth(text) <= cells) return text;
  const letters = lettersOf(text);
  const kept = cells - 1;
  return `${front(letters, Math.ceil(kept / 2))}${ELLIPSIS}${back(letters, Math.floor(kept / 2))}`;
};

/** Lines of at most `cells`, broken at blanks; a word that is wider alone is broken where the line ends. */
export const wrapCells = (text: string, cells: number): string[] => {
  if (cellWidth(text) <= cells) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && cellWidth(`${last} ${word}`) <= cells) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(...brokenWord(word, cells));
  }
  return lines;
};

const brokenWord = (word: string, cells: number): string[] => {
  const parts: string[] = [];
  let rest = lettersOf(word);
  while (rest.length > 1 && cellWidth(rest.join('')) > cells) {
    const part = front(rest, cells);
    const taken = Math.max(1, lettersOf(part).length);
    parts.push(rest.slice(0, taken).join(''));
    rest = rest.slice(taken);
  }
  return [...parts, rest.join('')];
};

/** The text with blanks before or after it, up to `cells`. */
export const padCells = (text: string, cells: number, align: 'left' | 'right'): string => {
  const blanks = ' '.repeat(Math.max(0, cells - cellWidth(text)));
  return align === 'right' ? blanks + text : text + blanks;
};
