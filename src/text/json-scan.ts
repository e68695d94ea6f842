// Reads one JSON object member by member, without building it: a document of a million members costs no dictionary of a million
// keys. Understands plain JSON only; wherever a text is unusual, wrong or repeats a key it gives up, and `parseJson` says what
// it is. Never reports a member of a text that `parseJson` would refuse and then claims to have understood it.
import { type JsonValue, parseJson } from './json.ts';
import { createKeyTable } from './key-table.ts';

/** Receives the members in the order of the text. `false` gives the reading up. */
export interface MemberVisitor {
  readonly onNumber: (key: string, value: number) => void;
  readonly onText: (key: string, value: string) => boolean;
  /** Arrays are handed over whole. */
  readonly onArray: (key: string, value: readonly JsonValue[]) => void;
  /** Members up to the matching `onClose` are those of the object under `key`. */
  readonly onOpen: (key: string) => boolean;
  readonly onClose: () => void;
}

const QUOTE = 34;
const PLUS = 43;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
const LARGE_E = 69;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const SMALL_E = 101;
const OPEN = 123;
const CLOSE = 125;

/** Powers of ten that a double holds exactly. */
const TENS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
/** So many digits fit a double exactly; their quotient with an exact power of ten is then rounded once, as it should be. */
const EXACT_DIGITS = 15;

/** A place in the text; reading moves it on. */
interface Cursor {
  readonly text: string;
  at: number;
}

/** Moves to what is no white space, and returns its code; NaN at the end. */
const skipSpace = (cursor: Cursor): number => {
  let code = cursor.text.charCodeAt(cursor.at);
  while (code === 32 || code === 10 || code === 13 || code === 9) code = cursor.text.charCodeAt((cursor.at += 1));
  return code;
};

const isDigit = (code: number): boolean => code >= ZERO && code <= 57;

/** The text that begins behind the quote; undefined when it has escapes or no end. */
const readText = (cursor: Cursor): string | undefined => {
  const { text } = cursor;
  const from = cursor.at + 1;
  let end = from;
  for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt((end += 1)))
    if (code === BACKSLASH || !(code >= 32)) return undefined;
  cursor.at = end + 1;
  return text.slice(from, end);
};

/** Behind the exponent whose letter stands at `at`; -1 when it has no digits. */
const endOfExponent = (text: string, at: number): number => {
  let end = at + 1;
  let code = text.charCodeAt(end);
  if (code === MINUS || code === PLUS) code = text.charCodeAt((end += 1));
  if (!isDigit(code)) return -1;
  while (isDigit(code)) code = text.charCodeAt((end += 1));
  return end;
};

/** The number at the cursor; NaN when there is none. */
const readNumber = (cursor: Cursor): number => {
  const { text, at: from } = cursor;
  let end = text.charCodeAt(from) === MINUS ? from + 1 : from;
  const first = end;
  let code = text.charCodeAt(end);
  let mantissa = 0;
  for (; isDigit(code); code = text.charCodeAt((end += 1))) mantissa = 10 * mantissa + (code - ZERO);
  let digits = end - first;
  if (digits === 0 || (digits > 1 && text.charCodeAt(first) === ZERO)) return Number.NaN;
  let decimals = 0;
  if (code === POINT) {
    const point = end;
    code = text.charCodeAt((end += 1));
    for (; isDigit(code); code = text.charCodeAt((end += 1))) mantissa = 10 * mantissa + (code - ZERO);
    decimals = end - point - 1;
    if (decimals === 0) return Number.NaN;
    digits += decimals;
  }
  const isScientific = code === SMALL_E || code === LARGE_E;
  if (isScientific) end = endOfExponent(text, end);
  if (end < 0) return Number.NaN;
  cursor.at = end;
  if (isScientific || digits > EXACT_DIGITS) return Number(text.slice(from, end));
  const size = mantissa / (TENS[decimals] ?? 1);
  return first === from ? size : -size;
};

/** Where the array that begins at `from` ends, or -1. Whether what lies between is JSON is not looked at. */
const endOfArray = (text: string, from: number): number => {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === OPEN_ARRAY) depth += 1;
    else if (code === CLOSE_ARRAY && (depth -= 1) === 0) return at + 1;
    else if (code === QUOTE)
      for (at += 1; at < text.length && text.charCodeAt(at) !== QUOTE; at += 1)
        if (text.charCodeAt(at) === BACKSLASH) at += 1;
  }
  return -1;
};

const readArray = (cursor: Cursor): readonly JsonValue[] | undefined => {
  const end = endOfArray(cursor.text, cursor.at);
  if (end < 0) return undefined;
  try {
    const value = parseJson(cursor.text.slice(cursor.at, end));
    cursor.at = end;
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

const readLiteral = (cursor: Cursor): boolean => {
  const word = ['true', 'false', 'null'].find((literal) => cursor.text.startsWith(literal, cursor.at));
  cursor.at += word?.length ?? 0;
  return word !== undefined;
};

/** Reads the object that is the whole of `text`. False when the text must be read by `parseJson` instead. */
export const scanObject = (text: string, visitor: MemberVisitor): boolean => {
  const table = createKeyTable(text.length);
  const cursor: Cursor = { text, at: 0 };
  let objects = 0;

  /** The key behind the quote; undefined when it has escapes or stands in the object already. */
  const readKey = (owner: number): string | undefined => {
    const from = cursor.at + 1;
    let end = from;
    let hash = owner;
    for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt((end += 1))) {
      if (code === BACKSLASH || !(code >= 32)) return undefined;
      hash = Math.imul(hash ^ code, 0x01000193);
    }
    cursor.at = end + 1;
    const key = text.slice(from, end);
    return table.add(key, owner, hash) ? key : undefined;
  };
  const readValue = (key: string, code: number): boolean => {
    if (code === MINUS || isDigit(code)) {
      const value = readNumber(cursor);
      if (Number.isNaN(value)) return false;
      visitor.onNumber(key, value);
      return true;
    }
    if (code === QUOTE) {
      const value = readText(cursor);
      return value !== undefined && visitor.onText(key, value);
    }
    if (code === OPEN) {
      if (!visitor.onOpen(key) || !readObject()) return false;
      visitor.onClose();
      return true;
    }
    if (code !== OPEN_ARRAY) return readLiteral(cursor);
    const value = readArray(cursor);
    if (value === undefined) return false;
    visitor.onArray(key, value);
    return true;
  };
  const readObject = (): boolean => {
    const owner = (objects += 1);
    cursor.at += 1;
    let code = skipSpace(cursor);
    if (code === CLOSE) {
      cursor.at += 1;
      return true;
    }
    for (;;) {
      if (code !== QUOTE) return false;
      const key = readKey(owner);
      if (key === undefined || skipSpace(cursor) !== COLON) return false;
      cursor.at += 1;
      if (!readValue(key, skipSpace(cursor))) return false;
      code = skipSpace(cursor);
      cursor.at += 1;
      if (code === CLOSE) return true;
      if (code !== COMMA) return false;
      code = skipSpace(cursor);
    }
  };
  if (skipSpace(cursor) !== OPEN || !readObject()) return false;
  skipSpace(cursor);
  return cursor.at === text.length;
};
