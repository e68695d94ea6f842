// Refuses a PDF that could harm its reader, before it is read: what expands beyond measure, what is packed in ways that our typesetter
// never uses, what runs something. Scans bytes for words; whatever looks like a packed stream is measured, whether it is one or not.
import { constants, inflateSync } from 'node:zlib';
import { systemCode } from '../text/fault.ts';
import { formatBytes } from './numbers.ts';

export interface PdfLimits {
  /** Of the file. */
  readonly bytes: number;
  /** Of all streams together once they are unpacked. */
  readonly unpackedBytes: number;
  readonly streams: number;
  /** Of what all pages draw, unpacked; a report of 10,000 rows has 5 MB of it. */
  readonly drawnBytes: number;
}

export const PDF_LIMITS: PdfLimits = {
  bytes: 160 * 1024 * 1024,
  unpackedBytes: 320 * 1024 * 1024,
  streams: 20_000,
  drawnBytes: 24 * 1024 * 1024,
};

/** Words of a PDF that none of ours holds, and what they mean. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['Encrypt', 'it is encrypted'],
  ['ObjStm', 'it hides objects in streams'],
  ...['JavaScript', 'Launch', 'SubmitForm', 'ImportData', 'RichMedia'].map((word) => [word, 'it holds what runs or opens something'] as const),
  // One such picture that draws others, each many times, is endless work from a few bytes.
  ...['XObject', 'Form', 'SMask', 'Pattern', 'Type3'].map((word) => [word, `it holds pictures that are drawn again and again (${word})`] as const),
  ...['LZWDecode', 'RunLengthDecode', 'ASCIIHexDecode', 'ASCII85Decode', 'JBIG2Decode', 'JPXDecode', 'CCITTFaxDecode', 'DCTDecode'].map(
    (word) => [word, `a stream is packed as ${word}`] as const,
  ),
]); // prettier-ignore

/** Names by which readers know how a stream is packed and which ones a page draws, however they are spelled. */
const PLAIN = new Set(['Filter', 'FlateDecode', 'Fl', 'Contents']);

const FOREIGN_NAME = new RegExp(`/(${[...FOREIGN.keys()].join('|')})(?![A-Za-z0-9])`);
const ESCAPED_NAME = /\/[A-Za-z0-9]{0,20}(?:#[0-9A-Fa-f]{2}[A-Za-z0-9]{0,20})+/g;
/** The short names, where they stand as readers look for them; two letters alone stand in any data. */
const SHORT_PACKING = /\/F\s*(?:\[\s*\/|\/)Fl(?:ate)?|\/#46\s*[[/]|(?:\bobj|\[)\s*\/Fl(?![A-Za-z])/;

const foreignWord = (text: string): string | null => {
  const found = FOREIGN_NAME.exec(text)?.[1];
  if (found !== undefined) return FOREIGN.get(found) ?? null;
  for (const [name] of text.matchAll(ESCAPED_NAME)) {
    const plain = name.slice(1).replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (FOREIGN.has(plain) || PLAIN.has(plain)) return 'it spells names in a way that hides them';
  }
  return null;
}; // prettier-ignore

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Every stream that is packed is packed once and says so plainly. */
const packingProblem = (text: string): string | null => {
  const plain = count(text, /\/Filter\s*\/FlateDecode(?![A-Za-z0-9])/g);
  const isPlain = plain === count(text, /\/Filter(?![A-Za-z0-9])/g) && plain === count(text, /\/FlateDecode/g);
  return isPlain && !SHORT_PACKING.test(text) ? null : 'a stream is packed more than once, or in a way that it does not name';
}; // prettier-ignore

/** True of the two bytes that a packed stream begins with (RFC 1950). */
const beginsPacked = (first: number, second: number): boolean =>
  (first & 15) === 8 && first >> 4 <= 7 && (256 * first + second) % 31 === 0;

/** Unpacked bytes, null where there are more than `limit`; what is damaged counts as far as it goes. */
const unpackedBytes = (packed: Buffer, limit: number): number | null => {
  try {
    return inflateSync(packed, { maxOutputLength: limit, finishFlush: constants.Z_SYNC_FLUSH }).byteLength;
  } catch (error) {
    return systemCode(error) === 'ERR_BUFFER_TOO_LARGE' ? null : 0;
  }
};

/** Where the data of the stream begin whose object begins at `at`; null where there is none. */
const streamBegin = (text: string, at: number): number | null => {
  const word = text.indexOf('stream', at);
  const lineEnd = /\r\n|\r|\n/g;
  lineEnd.lastIndex = word + 6;
  const end = word < 0 ? null : lineEnd.exec(text);
  return end === null ? null : end.index + end[0].length;
};

const streamProblem = (pdf: Buffer, text: string, limits: PdfLimits): string | null => {
  let [streams, left] = [0, limits.unpackedBytes];
  for (let at = text.indexOf('stream'); at >= 0; at = text.indexOf('stream', at + 6)) {
    if (text.startsWith('end', at - 3)) continue;
    const from = streamBegin(text, at);
    if (from === null) break;
    if (!beginsPacked(pdf[from] ?? 0, pdf[from + 1] ?? 0)) continue;
    if (++streams > limits.streams) return `it has more than ${limits.streams} streams`;
    const bytes = unpackedBytes(pdf.subarray(from), left + 1);
    if (bytes === null || bytes > left) return `its streams unpack to more than ${formatBytes(limits.unpackedBytes)}`;
    left -= bytes;
  }
  return null;
};

/** Bytes that the object of this number draws, however often it is there; null where there are more than `limit`. */
const drawnBy = (pdf: Buffer, text: string, object: string, limit: number): number | null => {
  let sum = 0;
  for (const { index } of text.matchAll(new RegExp(`(?<!\\d)0*${object}\\s+\\d+\\s+obj`, 'g'))) {
    const from = streamBegin(text, index);
    if (from === null) continue;
    const isPacked = beginsPacked(pdf[from] ?? 0, pdf[from + 1] ?? 0);
    const plain = text.indexOf('endstream', from);
    const bytes = isPacked ? unpackedBytes(pdf.subarray(from), limit + 1) : (plain < 0 ? pdf.byteLength : plain) - from;
    if (bytes === null || (sum += bytes) > limit) return null;
  }
  return sum;
};

/** A page of ours draws one stream that no other page draws: a stream that is drawn again and again is endless work. */
const drawnProblem = (pdf: Buffer, text: string, { drawnBytes }: PdfLimits): string | null => {
  let left = drawnBytes;
  const seen = new Set<string>();
  for (const [, follows = ''] of text.matchAll(/\/Contents(?![A-Za-z0-9])\s*(?=([^]{0,24}))/g)) {
    if (/^[(<]/.test(follows)) continue; // the words of a link
    const object = /^0*(\d+)\s+\d+\s+R/.exec(follows)?.[1];
    if (object === undefined || seen.has(object)) return 'a page draws what our typesetter never puts together';
    seen.add(object);
    const bytes = drawnBy(pdf, text, object, left);
    if (bytes === null) return `its pages draw more than ${formatBytes(drawnBytes)}`;
    left -= bytes;
  }
  return null;
};

/** Why this file is not read; null where it may be. */
export const pdfProblem = (pdf: Buffer, limits: PdfLimits = PDF_LIMITS): string | null => {
  if (pdf.byteLength > limits.bytes)
    return `it has ${formatBytes(pdf.byteLength)}, the limit is ${formatBytes(limits.bytes)}`;
  const text = pdf.toString('latin1');
  return (
    foreignWord(text) ?? packingProblem(text) ?? streamProblem(pdf, text, limits) ?? drawnProblem(pdf, text, limits)
  );
};
