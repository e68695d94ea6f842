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
}

export const PDF_LIMITS: PdfLimits = {
  bytes: 160 * 1024 * 1024,
  unpackedBytes: 320 * 1024 * 1024,
  streams: 20_000,
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

/** Names by which readers know how a stream is packed, however they are spelled. */
const PACKING = new Set(['Filter', 'FlateDecode', 'Fl']);

const FOREIGN_NAME = new RegExp(`/(${[...FOREIGN.keys()].join('|')})(?![A-Za-z0-9])`);
const ESCAPED_NAME = /\/[A-Za-z0-9]{0,20}(?:#[0-9A-Fa-f]{2}[A-Za-z0-9]{0,20})+/g;
/** The short names, where they stand as readers look for them; two letters alone stand in any data. */
const SHORT_PACKING = /\/F\s*(?:\[\s*\/|\/)Fl(?:ate)?|\/#46\s*[[/]|(?:\bobj|\[)\s*\/Fl(?![A-Za-z])/;

const foreignWord = (text: string): string | null => {
  const found = FOREIGN_NAME.exec(text)?.[1];
  if (found !== undefined) return FOREIGN.get(found) ?? null;
  for (const [name] of text.matchAll(ESCAPED_NAME)) {
    const plain = name.slice(1).replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (FOREIGN.has(plain) || PACKING.has(plain)) return 'it spells names in a way that hides them';
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

const streamProblem = (pdf: Buffer, text: string, limits: PdfLimits): string | null => {
  let [streams, left] = [0, limits.unpackedBytes];
  for (let at = text.indexOf('stream'); at >= 0; at = text.indexOf('stream', at + 6)) {
    if (text.startsWith('end', at - 3)) continue;
    const lineEnd = /\r\n|\r|\n/g;
    lineEnd.lastIndex = at + 6;
    const end = lineEnd.exec(text);
    if (end === null) break;
    const from = end.index + end[0].length;
    if (!beginsPacked(pdf[from] ?? 0, pdf[from + 1] ?? 0)) continue;
    if (++streams > limits.streams) return `it has more than ${limits.streams} streams`;
    const bytes = unpackedBytes(pdf.subarray(from), left + 1);
    if (bytes === null || bytes > left) return `its streams unpack to more than ${formatBytes(limits.unpackedBytes)}`;
    left -= bytes;
  }
  return null;
};

/** Why this file is not read; null where it may be. */
export const pdfProblem = (pdf: Buffer, limits: PdfLimits = PDF_LIMITS): string | null => {
  if (pdf.byteLength > limits.bytes)
    return `it has ${formatBytes(pdf.byteLength)}, the limit is ${formatBytes(limits.bytes)}`;
  const text = pdf.toString('latin1');
  return foreignWord(text) ?? packingProblem(text) ?? streamProblem(pdf, text, limits);
};
