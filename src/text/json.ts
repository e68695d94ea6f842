// The one JSON reader and writer: strict on the way in (place of every fault, duplicate keys, NaN), deterministic on the
// way out. Never accepts what RFC 8259 does not allow and never writes a number that is not finite.
import { Fault, inputFault } from './fault.ts';
import { findJsonFault } from './json-fault.ts';

export type JsonValue = null | boolean | number | string | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const byteOrderMark = '\uFEFF';

/** Number of `:` outside strings, which is the number of members a JSON text spells out. */
const countMembers = (text: string): number => {
  let members = 0;
  let from = 0;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote < 0) return members;
    let end = quote + 1;
    for (;;) {
      end = text.indexOf('"', end);
      let backslashes = 0;
      while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes += 1;
      if (backslashes % 2 === 0) break;
      end += 1;
    }
    from = end + 1;
    let next = text.charCodeAt(from);
    while (next === 32 || next === 10 || next === 13 || next === 9) next = text.charCodeAt((from += 1));
    if (next === 58) members += 1;
  }
};

/** Members that parsing kept. `for … in` beats `Object.values` on dictionaries of a million keys. */
const countKept = (value: JsonValue): number => {
  let kept = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) kept += countKept(item);
    return kept;
  }
  if (typeof value !== 'object' || value === null) return 0;
  for (const key in value) {
    kept += 1;
    const member = value[key];
    if (typeof member === 'object' && member !== null) kept += countKept(member);
  }
  return kept;
};

const faultAt = (text: string, path: string | undefined): Fault | undefined => {
  const found = findJsonFault(text);
  if (found === undefined) return undefined;
  const before = text.slice(0, found.offset);
  const line = before.split('\n').length;
  const column = found.offset - before.lastIndexOf('\n');
  const where = path === undefined ? '' : `${path}: `;
  return inputFault(found.code, `${where}${found.message} at line ${line}, column ${column}`, {
    fix: found.fix,
    at: `${line}:${column}`,
    ...(path === undefined ? {} : { path }),
  });
};

/** A long integer behind what may stand before a number; what may stand behind it. */
const LONG_INTEGER = /(?:^|[[:,\s])(-?\d{16,})/g;
const AFTER_NUMBER = /[\s,\]}]/;

/** True for an integer in decimal digits that no double holds: parsing takes another one in its place. */
export const isRoundedInteger = (literal: string): boolean =>
  /^[+-]?\d{16,}$/.test(literal) &&
  Math.abs(Number(literal)) <= Number.MAX_VALUE &&
  BigInt(Number(literal)) !== BigInt(literal.replace('+', ''));

/** The integers of a JSON text that no double holds: what parsing makes of each, and how it is written. */
export const roundedIntegers = (text: string): ReadonlyMap<number, string> => {
  const rounded = new Map<number, string>();
  for (const { 0: found, 1: literal = '', index } of text.matchAll(LONG_INTEGER)) {
    const end = index + found.length;
    if (end < text.length && !AFTER_NUMBER.test(text.charAt(end))) continue;
    if (isRoundedInteger(literal)) rounded.set(Number(literal), literal);
  }
  return rounded;
};

/** Objects and arrays of parsed texts that hold integers which no double holds. */
const roundedMembers = new WeakMap<object, ReadonlyMap<number, string>>();

const markRounded = (value: JsonValue, rounded: ReadonlyMap<number, string>): void => {
  if (typeof value !== 'object' || value === null) return;
  const members = Array.isArray(value) ? value : Object.values(value);
  if (members.some((member) => typeof member === 'number' && rounded.has(member))) roundedMembers.set(value, rounded);
  for (const member of members) markRounded(member, rounded);
};

/** How a member of parsed JSON is written where its number is not the written one; else undefined. */
export const writtenInteger = (container: object, value: number): string | undefined =>
  Number.isSafeInteger(value) ? undefined : roundedMembers.get(container)?.get(value);

/**
 * Parses JSON text. An integer that no double holds is rounded, as every reader of JSON does: who measures by it asks
 * `writtenInteger`. `path` only names the file in errors. Throws a Fault `json_syntax`, `json_non_finite`,
 * `json_duplicate_key` or `json_empty` with line and column.
 */
export const parseJson = (input: string, path?: string): JsonValue => {
  const text = input.startsWith(byteOrderMark) ? input.slice(1) : input;
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue; // checked boundary: JSON.parse returns JSON
  } catch (cause) {
    throw faultAt(text, path) ?? inputFault('json_syntax', `${path ?? 'text'} is not JSON`, { cause });
  }
  if (countMembers(text) !== countKept(value)) {
    const fault = faultAt(text, path);
    if (fault !== undefined) throw fault;
  }
  const rounded = roundedIntegers(text);
  if (rounded.size > 0) markRounded(value, rounded);
  return value;
};

/** Parses JSON and demands an object at the top. */
export const parseJsonObject = (text: string, path?: string): JsonObject => {
  const value = parseJson(text, path);
  if (isJsonObject(value)) return value;
  throw inputFault('json_not_object', `${path ?? 'text'} holds ${describeJson(value)}, not a JSON object`, {
    ...(path === undefined ? {} : { path }),
  });
};

/** `an array of 3`, `a string`: what a JSON value is, for error messages. */
export const describeJson = (value: JsonValue): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return `an object of ${Object.keys(value).length} keys`;
  return `a ${typeof value}`;
};

/** `__proto__` is a name like any other in JSON; assigning it would set the prototype instead. */
const setMember = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, writable: true });
  else object[key] = value;
};

/** The value with the keys of every object in UTF-16 code unit order. Members that are undefined are left to the serialiser. */
const sorted = (value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Fault('internal', 'non_finite_number', `refusing to write ${value} as JSON`);
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) setMember(members, key, sorted(Reflect.get(value, key)));
  return members;
};

/** JSON for files: sorted keys, two spaces, one newline at the end. Throws on NaN and Infinity. */
export const jsonFile = (value: unknown): string => `${JSON.stringify(sorted(value), null, 2)}\n`;

/** One line of JSON Lines: sorted keys, no spaces, newline. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(sorted(value))}\n`;

/**
 * Canonical JSON (RFC 8785) for hashing: keys in UTF-16 code unit order, shortest number text, no spaces. ECMAScript's
 * own number and string serialisation is the one that the RFC prescribes.
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));
