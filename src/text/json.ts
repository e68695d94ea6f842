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

/**
 * Parses JSON text. `path` only names the file in errors. Throws a Fault `json_syntax`, `json_non_finite`,
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

const sorted = (value: unknown): unknown => {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new Fault('internal', 'non_finite_number', `refusing to write ${value} as JSON`);
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
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
