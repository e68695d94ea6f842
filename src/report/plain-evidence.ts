// Evidence as plain JSON and back: maps and sets keep what they are, secrets are taken out, and folders of the machine are not named.
import type { JsonValue } from '../text/json.ts';
import { redacted } from '../text/redact.ts';

const MAP = '$map';
const SET = '$set';

/** A folder by its absolute path; units (`tok/s/GPU`) and relative paths begin otherwise. */
const FOLDER = /(?<![\w/.:\-])\/(?:[\w.@~+-]+\/)+/g;

const plain = (value: unknown): unknown => {
  if (typeof value === 'string') return value.replace(FOLDER, '');
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map) return { [MAP]: [...value].map(([key, member]) => [plain(key), plain(member)]) };
  if (value instanceof Set) return { [SET]: [...value].map(plain) };
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
};

/** Evidence as it may leave the house. */
export const plainEvidence = (evidence: object, secrets: readonly string[] = []): object =>
  redacted(plain(evidence) as object, secrets); // checked boundary: an object stays one

const isPair = (value: unknown): value is readonly [unknown, unknown] => Array.isArray(value) && value.length === 2;

const whole = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(whole);
  const entries = Object.entries(value);
  const [[name, members] = ['', null]] = entries;
  if (entries.length === 1 && Array.isArray(members)) {
    if (name === MAP) return new Map(members.filter(isPair).map(([key, member]) => [whole(key), whole(member)]));
    if (name === SET) return new Set(members.map(whole));
  }
  return Object.fromEntries(entries.map(([key, member]) => [key, whole(member)]));
};

/** The value that `plainEvidence` was made from, as far as it left the house. */
export const wholeEvidence = (value: JsonValue | object): object => whole(value) as object; // checked boundary: an object stays one
