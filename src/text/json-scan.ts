// Reads one JSON object member by member, without building it: a document of a million members costs no dictionary of a million
// keys. Understands plain JSON only; wherever a text is unusual, wrong or repeats a key it gives up, and `parseJson` says what
// it is. Never reports a member of a text that `parseJson` would refuse and then claims to have understood it.
import { type JsonValue, parseJson } from './json.ts';

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
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN = 123;
const CLOSE = 125;

/** Powers of ten that a double holds exactly. */
const TENS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
/** So many digits fit a double exactly; their quotient with an exact power of ten is then rounded once, as it should be. */
const EXACT_DIGITS = 15;

/** Most keys that are looked at for one; a text whose keys meet more often was made to be slow. */
const MOST_PROBES = 64;

/** The keys met so far, each with the object it stands in: a hash table without an object per key. */
interface KeyTable {
  /** False when the object `owner` has the key already, or when that takes too long to find out. `hash` is made from both. */
  readonly add: (key: string, owner: number, hash: number) => boolean;
}

const spread = (hash: number): number => {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
};

/** Characters that a member takes, as a first guess of how many members there are. */
const MEMBER_LENGTH = 32;

const createKeyTable = (characters: number): KeyTable => {
  const keys: string[] = [];
  const room = Math.max(16, 2 ** Math.ceil(Math.log2(characters / MEMBER_LENGTH)));
  let owners = new Int32Array(room);
  let hashes = new Int32Array(room);
  /** Position of the key plus one; 0 is free. */
  let slots = new Int32Array(2 * room);

  const place = (hash: number, position: number): void => {
    const mask = slots.length - 1;
    let slot = spread(hash) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = position + 1;
  };
  const grow = (): void => {
    const wider = (from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const to = new Int32Array(2 * from.length);
      to.set(from);
      return to;
    };
    [owners, hashes] = [wider(owners), wider(hashes)];
    slots = new Int32Array(2 * slots.length);
    for (let position = 0; position < keys.length; position += 1) place(hashes[position] ?? 0, position);
  };
  return {
    add: (key, owner, hash) => {
      const mask = slots.length - 1;
      let slot = spread(hash) & mask;
      let probes = 0;
      for (let at = slots[slot] ?? 0; at !== 0; at = slots[(slot = (slot + 1) & mask)] ?? 0) {
        if (hashes[at - 1] === hash && owners[at - 1] === owner && keys[at - 1] === key) return false;
        if ((probes += 1) > MOST_PROBES) return false;
      }
      const position = keys.push(key) - 1;
      owners[position] = owner;
      hashes[position] = hash;
      slots[slot] = position + 1;
      if (keys.length === owners.length) grow();
      return true;
    },
  };
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

const isDigit = (code: number): boolean => code >= ZERO && code <= 57;

/** Reads the object that is the whole of `text`. False when the text must be read by `parseJson` instead. */
export const scanObject = (text: string, visitor: MemberVisitor): boolean => {
  const table = createKeyTable(text.length);
  let at = 0;
  let objects = 0;

  const skipSpace = (): number => {
    let code = text.charCodeAt(at);
    while (code === 32 || code === 10 || code === 13 || code === 9) code = text.charCodeAt((at += 1));
    return code;
  };
  /** The key that begins behind the quote at `at`; undefined when it has escapes or stands in the object already. */
  const readKey = (owner: number): string | undefined => {
    const from = at + 1;
    let end = from;
    let hash = owner;
    for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt((end += 1))) {
      if (code === BACKSLASH || !(code >= 32)) return undefined;
      hash = Math.imul(hash ^ code, 0x01000193);
    }
    at = end + 1;
    const key = text.slice(from, end);
    return table.add(key, owner, hash) ? key : undefined;
  };
  const readText = (): string | undefined => {
    const from = at + 1;
    let end = from;
    for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt((end += 1)))
      if (code === BACKSLASH || !(code >= 32)) return undefined;
    at = end + 1;
    return text.slice(from, end);
  };
  /** The number at `at`; NaN when there is none. */
  const readNumber = (): number => {
    const from = at;
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
    const isScientific = code === 101 || code === 69;
    if (isScientific) {
      code = text.charCodeAt((end += 1));
      if (code === MINUS || code === 43) code = text.charCodeAt((end += 1));
      if (!isDigit(code)) return Number.NaN;
      while (isDigit(code)) code = text.charCodeAt((end += 1));
    }
    at = end;
    if (isScientific || digits > EXACT_DIGITS) return Number(text.slice(from, end));
    const size = mantissa / (TENS[decimals] ?? 1);
    return first === from ? size : -size;
  };
  const readArray = (): readonly JsonValue[] | undefined => {
    const end = endOfArray(text, at);
    if (end < 0) return undefined;
    try {
      const value = parseJson(text.slice(at, end));
      at = end;
      return Array.isArray(value) ? value : undefined;
    } catch {
      return undefined;
    }
  };
  const readLiteral = (): boolean => {
    const word = ['true', 'false', 'null'].find((literal) => text.startsWith(literal, at));
    at += word?.length ?? 0;
    return word !== undefined;
  };
  const readValue = (key: string, code: number): boolean => {
    if (code === MINUS || isDigit(code)) {
      const value = readNumber();
      if (Number.isNaN(value)) return false;
      visitor.onNumber(key, value);
      return true;
    }
    if (code === QUOTE) {
      const value = readText();
      return value !== undefined && visitor.onText(key, value);
    }
    if (code === OPEN) {
      if (!visitor.onOpen(key) || !readObject()) return false;
      visitor.onClose();
      return true;
    }
    if (code !== OPEN_ARRAY) return readLiteral();
    const value = readArray();
    if (value === undefined) return false;
    visitor.onArray(key, value);
    return true;
  };
  const readObject = (): boolean => {
    const owner = (objects += 1);
    at += 1;
    let code = skipSpace();
    if (code === CLOSE) {
      at += 1;
      return true;
    }
    for (;;) {
      if (code !== QUOTE) return false;
      const key = readKey(owner);
      if (key === undefined || skipSpace() !== COLON) return false;
      at += 1;
      if (!readValue(key, skipSpace())) return false;
      code = skipSpace();
      at += 1;
      if (code === CLOSE) return true;
      if (code !== COMMA) return false;
      code = skipSpace();
    }
  };
  if (skipSpace() !== OPEN || !readObject()) return false;
  skipSpace();
  return at === text.length;
};
