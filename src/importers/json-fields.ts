// Typed access to the members of parsed JSON, and the two ways a file holds JSON (one document, or one per line). A member
// of the wrong type is a Fault that names its place, never a zero.
import { Fault, inputFault } from '../text/fault.ts';
import {
  type JsonObject,
  type JsonValue,
  describeJson,
  isJsonObject,
  parseJson,
  writtenInteger,
} from '../text/json.ts';

/** The value, or a Fault `number_overflow`: text such as `1e400` parses to infinity. */
export const finite = (value: number, path: string, at: string): number => {
  if (Number.isFinite(value)) return value;
  throw inputFault('number_overflow', `${path}: ${at} is too large for a number`, {
    path,
    at,
    fix: 'write a number that a double can hold',
  });
};

/** The Fault `number_inexact`: a measured integer of which only a neighbour could be kept. */
export const inexact = (written: string, path: string, at: string): Fault =>
  inputFault('number_inexact', `${path}: ${at} is ${written}, an integer that a double cannot hold`, {
    path,
    at,
    fix: 'give it in a larger unit',
  });

/** The finite number under `key`; undefined when absent or null. Throws `not_a_number`, `number_inexact` or `number_overflow`. */
export const numberAt = (object: JsonObject, key: string, path: string): number | undefined => {
  const value = object[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number')
    throw inputFault('not_a_number', `${path}: ${key} is ${JSON.stringify(value).slice(0, 60)}, not a number`, {
      path,
      at: key,
      fix: 'give the file as the tool wrote it',
    });
  const written = writtenInteger(object, value);
  if (written !== undefined) throw inexact(written, path, key);
  return finite(value, path, key);
};

/** The object under `key`, or an empty one. */
export const objectAt = (object: JsonObject, key: string): JsonObject => {
  const value = object[key];
  return isJsonObject(value) ? value : {};
};

/** The array under `key`, or an empty one. */
export const arrayAt = (object: JsonObject, key: string): readonly JsonValue[] => {
  const value = object[key];
  return Array.isArray(value) ? value : [];
};

/** The text under `key`, if it is text. */
export const textAt = (object: JsonObject, key: string): string | undefined => {
  const value = object[key];
  return typeof value === 'string' ? value : undefined;
};

/** The member at a chain of keys, if every step is an object. */
export const memberAt = (value: JsonValue | undefined, ...keys: readonly string[]): JsonValue | undefined =>
  keys.reduce<JsonValue | undefined>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);

/** Parses one JSON document. Adds `json_too_deep` to the faults of `parseJson`. */
export const parseDocument = (text: string, path: string): JsonValue => {
  try {
    return parseJson(text, path);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw inputFault('json_too_deep', `${path} nests deeper than can be read`, { path, cause });
  }
};

/** True when the text is JSON Lines: its first line is a whole object or array and more follows, or a `#` line comes first. */
export const looksLikeJsonLines = (text: string): boolean => {
  const start = /^(?:\s+|#[^\n]*\n)*/.exec(text)?.[0].length ?? 0;
  const commented = /^\s*#/.test(text);
  const newline = text.indexOf('\n', start);
  const end = newline < 0 ? text.length : newline;
  const line = text.slice(start, end).trimEnd();
  const whole = (line.startsWith('{') && line.endsWith('}')) || (line.startsWith('[') && line.endsWith(']'));
  return whole && (commented || /\S/.test(text.slice(end)));
};

const atLine = (fault: Fault, number: number): Fault =>
  new Fault(fault.kind, fault.code, fault.message.replace(/at line 1, column/, `at line ${number}, column`), {
    ...fault.details,
    at: fault.details.at?.replace(/^1:/, `${number}:`) ?? `${number}:1`,
  });

/** Parses JSON Lines; blank lines and lines that start with `#` are skipped. Faults carry the line of the file. */
export const parseJsonLines = (text: string, path: string): JsonValue[] =>
  text.split('\n').flatMap((line, index) => {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return [];
    try {
      return [parseDocument(trimmed, path)];
    } catch (error) {
      throw error instanceof Fault ? atLine(error, index + 1) : error;
    }
  });

/** The objects of a file that holds one object, an array of objects, or one object per line. */
export const parseObjects = (text: string, path: string): JsonObject[] => {
  const document = looksLikeJsonLines(text) ? parseJsonLines(text, path) : parseDocument(text, path);
  const items = Array.isArray(document) ? document : [document];
  return items.map((item, index) => {
    if (isJsonObject(item)) return item;
    throw inputFault('json_not_object', `${path}: entry ${index} is ${describeJson(item)}, not an object`, {
      path,
      at: `[${index}]`,
    });
  });
};

/** A name of a JSON text and the colon behind it. */
const MEMBER = /"([^"\\]*)"\s{0,31}:/g;

/** The head that was looked at last: every reader is asked about the same one. */
let lastHead: { readonly head: string; readonly names: ReadonlySet<string> } = { head: '', names: new Set() };

/** The names of members in `head`, at any depth. */
const membersIn = (head: string): ReadonlySet<string> => {
  if (lastHead.head !== head)
    lastHead = { head, names: new Set(Array.from(head.matchAll(MEMBER), ([, name = '']) => name)) };
  return lastHead.names;
};

/** True when `head` names every one of these members. Works on JSON that is cut off. */
export const hasMembers = (head: string, ...keys: readonly string[]): boolean => {
  const names = membersIn(head);
  return keys.every((key) => names.has(key));
};
