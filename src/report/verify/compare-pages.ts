// The pages of a report beside the pages that its rows give: words with their places, what is drawn, links, sizes and the facts of the
// document. Compares what a reader sees, so that files of two typesetters can be compared too.
import { formatFixed } from '../../render/numbers.ts';
import type { PdfContent, PdfPage, PdfWords } from '../../render/read-pdf.ts';
import { placeOfNumber, type ShownNumber } from '../shown-numbers.ts';
import { difference, fieldDifferences, type Difference } from './difference.ts';

/** Differences of one page that are listed; the others are counted. */
const LISTED = 20;

/** Points by which a word may stand elsewhere without being another. */
const NEAR = 0.2;

const distance = (one: PdfWords, other: PdfWords): number => Math.hypot(one.x - other.x, one.y - other.y);

/** Of each side the words that the other does not have at that place. */
const unmatched = (words: readonly PdfWords[], others: readonly PdfWords[]): PdfWords[] => {
  const left = new Map<string, PdfWords[]>();
  for (const word of others) left.set(word.text, [...(left.get(word.text) ?? []), word]);
  return words.filter((word) => {
    const alike = left.get(word.text) ?? [];
    const at = alike.findIndex((other) => distance(word, other) <= NEAR);
    if (at < 0) return true;
    alike.splice(at, 1);
    return false;
  });
};

/** The place of the page model that holds these words, else where they stand on the sheet. */
const placeOf = ({ text, x, y }: PdfWords, numbers: readonly ShownNumber[]): string => {
  const whole = numbers.find((each) => each.text === text.trim());
  const part = whole ?? numbers.find((each) => each.place !== 'subtitle' && text.trim().length > 2 && each.text.includes(text.trim()));
  return part === undefined ? `the words ${Math.round(x)} pt from the left, ${Math.round(y)} pt from the bottom` : placeOfNumber(part);
}; // prettier-ignore

const wordDifferences = (number: number, shown: PdfPage, derived: PdfPage, numbers: readonly ShownNumber[]): Difference[] => {
  const extra = unmatched(shown.words, derived.words);
  const missing = unmatched(derived.words, shown.words);
  const free = new Set(extra);
  const pairs = missing.map((word) => {
    const nearest = [...free].reduce<PdfWords | null>((best, each) => (best === null || distance(each, word) < distance(best, word) ? each : best), null);
    const taken = nearest !== null && distance(nearest, word) < 60 ? nearest : null;
    if (taken !== null) free.delete(taken);
    return difference('page', number, placeOf(word, numbers), taken?.text ?? 'nothing', word.text);
  });
  return [...pairs, ...[...free].map((word) => difference('page', number, placeOf(word, []), word.text, 'nothing'))];
}; // prettier-ignore

const drawingDifferences = (number: number, shown: PdfPage, derived: PdfPage): Difference[] => {
  const [one, other] = [shown.operations, derived.operations];
  const length = Math.max(one.length, other.length);
  const at = Array.from({ length }, (_, index) => index).filter((index) => one[index] !== other[index]);
  if (one.length !== other.length) {
    const first = at[0] ?? 0;
    return [difference('drawing', number, `from operation ${first + 1} on: ${one.length} operations beside ${other.length}`, one[first] ?? 'nothing', other[first] ?? 'nothing')];
  }
  return at.map((index) => difference('drawing', number, `operation ${index + 1}`, one[index] ?? '', other[index] ?? ''));
}; // prettier-ignore

/** Letters that read alike and are drawn otherwise. */
const letterDifferences = (number: number, shown: PdfPage, derived: PdfPage): Difference[] => {
  const [has, due] = [new Set(shown.letters), new Set(derived.letters)];
  const forms = (letters: ReadonlySet<string>, letter: string): string =>
    [...letters].filter((each) => each.startsWith(`${letter}: `)).map((each) => each.slice(letter.length + 2)).join(' and ') || 'nothing';
  const others = [...has, ...due].filter((each) => !has.has(each) || !due.has(each));
  return [...new Set(others.map((each) => each.slice(0, each.lastIndexOf(': '))))].map((letter) =>
    difference('drawing', number, `the shape of the letter ${letter}`, forms(has, letter), forms(due, letter)),
  );
}; // prettier-ignore

const listed = (found: readonly Difference[], number: number): Difference[] => {
  const rest = found.length - LISTED;
  const more = rest > 0 ? [difference('page', number, 'further places', `${rest} more`, '')] : [];
  return [...found.slice(0, LISTED), ...more];
};

const pageDifferences = (number: number, shown: PdfPage, derived: PdfPage, numbers: readonly ShownNumber[]): Difference[] => {
  const words = wordDifferences(number, shown, derived, numbers);
  const size = ({ width, height }: PdfPage): string => `${formatFixed(width, 1)} x ${formatFixed(height, 1)} pt`;
  return [
    ...(size(shown) === size(derived) ? [] : [difference('page', number, 'size', size(shown), size(derived))]),
    ...listed(words, number),
    // Other words are of other letters.
    ...(words.length > 0 ? [] : listed(letterDifferences(number, shown, derived), number)),
    ...listed(drawingDifferences(number, shown, derived), number),
    ...(shown.annotations.join('\n') === derived.annotations.join('\n') ? [] : [difference('page', number, 'links and notes', shown.annotations.join(' '), derived.annotations.join(' '))]),
  ];
}; // prettier-ignore

/** What two documents show differently; `numbers` are those of the derived one. */
export const documentDifferences = async (
  shown: PdfContent,
  derived: PdfContent,
  numbers: readonly ShownNumber[],
  signal: AbortSignal,
): Promise<Difference[]> => {
  const found = fieldDifferences('document', 'metadata', shown.facts, derived.facts);
  if (shown.pageCount !== derived.pageCount)
    found.push(difference('document', null, 'pages', String(shown.pageCount), String(derived.pageCount)));
  for (let number = 1; number <= Math.min(shown.pageCount, derived.pageCount); number++) {
    signal.throwIfAborted();
    const [one, other] = [await shown.page(number), await derived.page(number)];
    found.push(...pageDifferences(number, one, other, numbers));
  }
  return found;
};
