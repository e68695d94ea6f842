// Turns values that a caller plausibly sends into those that a verb means: "5" for 5, "true" for true, one value for a list of one,
// JSON text for an object. Never guesses where two readings differ, and never touches the acknowledgement.
import { numberParts } from './number-list.ts';
import { dimensionOf } from '../metrics/units.ts';
import { Fault } from '../text/fault.ts';
import { isRoundedInteger } from '../text/json.ts';
import { shellWords } from '../text/shell-line.ts';
import type { FieldSchema, ManifestEntry } from './manifest.ts';
import { ACK_FIELD } from './vocabulary.ts';

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const YES: readonly unknown[] = ['true', 'yes', 'on', '1', 1];
const NO: readonly unknown[] = ['false', 'no', 'off', '0', 0];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A share of one: by its description, or because it lies between 0 and 1. */
const isFraction = ({ description = '', minimum, maximum }: FieldSchema): boolean =>
  description.startsWith('Fraction') || (minimum === 0 && maximum === 1);

const isPercent = (name: string, { description = '' }: FieldSchema): boolean =>
  /percent/i.test(`${name} ${description}`);

/** `5` and `5%` as a number; a percent sign only where the field counts in percent or is a fraction. Else undefined. */
export const numberOf = (text: string, name: string, schema: FieldSchema): number | undefined => {
  const trimmed = text.trim();
  if (NUMBER.test(trimmed))
    return isRoundedInteger(trimmed) || !Number.isFinite(Number(trimmed)) ? undefined : Number(trimmed);
  const share = trimmed.endsWith('%') ? trimmed.slice(0, -1).trim() : '';
  if (!NUMBER.test(share)) return undefined;
  if (isFraction(schema)) return Number(share) / 100;
  return isPercent(name, schema) ? Number(share) : undefined;
};

/** `"yes"`, `"true"`, `1` as true and their opposites as false, else undefined. */
export const booleanOf = (value: unknown): boolean | undefined => {
  const plain = typeof value === 'string' ? value.trim().toLowerCase() : value;
  return YES.includes(plain) ? true : NO.includes(plain) ? false : undefined;
};

const healBoolean = (value: unknown): unknown => booleanOf(value) ?? value;

/** The option that differs from the value only by case, blanks and dashes, or the only one that begins with it as a word. */
const healOption = (value: unknown, options: readonly unknown[]): unknown => {
  const plain = (text: unknown): string => String(text).trim().toLowerCase().replaceAll(/[-_ ]/g, '_');
  if (options.includes(value)) return value;
  const same = options.find((option) => plain(option) === plain(value));
  const begin = options.filter((option) => plain(option).startsWith(`${plain(value)}_`));
  return same ?? (begin.length === 1 ? begin[0] : value);
};

/** A command written as one line, as the list that it is. Throws a Fault `command_words` where only a shell could read it. */
const healCommand = (name: string, line: string): string[] => {
  const words = shellWords(line);
  if (words !== null) return words;
  throw new Fault(
    'usage',
    'command_words',
    `${name}: ${JSON.stringify(line)} holds shell syntax, and no shell reads it`,
    {
      fix: `give ${name} as a list of words: ["python3", "bench.py"], or name the shell yourself: ["sh", "-c", "…"]`,
    },
  );
};

const itemsOf = (value: unknown, items: FieldSchema): unknown[] => {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return [value];
  const list = value.trimStart().startsWith('[') ? parsed(value) : undefined;
  if (Array.isArray(list)) return list;
  if (items.type === 'number' || items.type === 'integer') return numberParts(value);
  return items.enum === undefined ? [value] : value.split(',').filter((part) => part.trim() !== '');
};

/** A field of one value. */
const isSingle = ({ type, anyOf }: FieldSchema): boolean =>
  anyOf === undefined && (type === 'number' || type === 'integer' || type === 'string' || type === 'boolean');

/** `{ percent: 3 }` for 3 where an object of such a field is meant. */
const healObject = (value: unknown, schema: FieldSchema): unknown => {
  const object = typeof value === 'string' && value.trimStart().startsWith('{') ? parsed(value) : value;
  const properties: Readonly<Record<string, FieldSchema>> = Object(schema['properties'] ?? {});
  const percent = properties['percent'];
  if (!isRecord(object)) {
    if (percent === undefined || (typeof object !== 'number' && typeof object !== 'string')) return value;
    const share = healField('percent', object, percent);
    return typeof share === 'number' ? { percent: share } : value;
  }
  const rest = schema['additionalProperties'];
  const healed = Object.entries(object).map(([key, member]) => {
    const known = properties[key] ?? (isRecord(rest) ? rest : undefined);
    return [key, known === undefined ? member : healField(key, member, known)];
  });
  return Object.fromEntries(healed);
};

/** One field; what cannot be healed stays as it is for the validator to name. */
export const healField = (name: string, value: unknown, schema: FieldSchema): unknown => {
  if (isSingle(schema) && Array.isArray(value) && value.length === 1) return healField(name, value[0], schema);
  if (schema.anyOf !== undefined) {
    const list = schema.anyOf.find(({ type }) => type === 'array');
    const textual = typeof value === 'string' && value.trimStart().startsWith('[');
    if (list !== undefined && (Array.isArray(value) || textual || typeof value === 'number'))
      return healField(name, value, list);
    return value;
  }
  if (schema.enum !== undefined) return healOption(value, schema.enum);
  switch (schema.type) {
    case 'array': {
      const items = schema.items ?? {};
      if (name === 'command' && typeof value === 'string' && !value.trimStart().startsWith('['))
        return healCommand(name, value);
      return isRecord(value) && items.type !== 'object'
        ? value
        : itemsOf(value, items).map((item) => healField(name, item, items));
    }
    case 'number':
    case 'integer':
      return typeof value === 'string' ? (numberOf(value, name, schema) ?? value) : value;
    case 'boolean':
      return healBoolean(value);
    case 'object':
      return healObject(value, schema);
    case 'string':
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    default:
      return value;
  }
};

/** The field that another spelling (`repo-root`, `repoRoot`) or an old name means; the name itself where none is. */
const fieldOf = (name: string, { input_schema: { properties }, aliases }: ManifestEntry): string => {
  if (name in properties) return name;
  const snake = name
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
  const found = snake in properties ? snake : (aliases[snake] ?? name);
  return found === ACK_FIELD ? name : found;
};

/** The field that takes several of what this one takes one of, where several were sent. */
const fieldOfSeveral = (name: string, value: unknown, { lists = {} }: ManifestEntry): string => {
  const several = Array.isArray(value) ? value.length > 1 : typeof value === 'string' && /\d\s*,\s*\d/.test(value);
  return several ? (lists[name] ?? name) : name;
};

const AMOUNT = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([^\d\s.,].*)$/;

/** `44.1 ms` as its two parts; undefined where what follows the number is no unit. */
const amountOf = (value: unknown): readonly [amount: number, unit: string] | undefined => {
  const [, amount, unit = ''] = typeof value === 'string' ? (AMOUNT.exec(value.trim()) ?? []) : [];
  return amount === undefined || dimensionOf(unit) === null ? undefined : [Number(amount), unit];
};

/** `value: 44.1, unit: "ms"` for `value: "44.1 ms"`, where the verb takes both and no other unit was sent. */
const splitUnit = (
  call: Readonly<Record<string, unknown>>,
  entry: ManifestEntry,
): Readonly<Record<string, unknown>> => {
  const { properties } = entry.input_schema;
  const name = ['value', 'values', 'current_value'].find((field) => field in call) ?? 'value';
  if (!('unit' in properties && name in properties && name in call)) return call;
  const sent = call[name];
  const amounts = (Array.isArray(sent) ? sent : [sent]).map(amountOf);
  const [unit, ...others] = new Set([...amounts.map((amount) => amount?.[1]), call['unit'] ?? amounts[0]?.[1]]);
  if (unit === undefined || others.length > 0) return call;
  const numbers = amounts.map((amount) => amount?.[0]);
  return { ...call, [name]: Array.isArray(sent) ? numbers : numbers[0], unit };
};

/** `tolerance: "5%"` for `tolerance_percent: 5`, where the verb takes that share as a fraction. */
const shareOfPercent = (
  call: Readonly<Record<string, unknown>>,
  { input_schema: { properties } }: ManifestEntry,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(call).map(([sent, value]) => {
      const name = sent.replace(/_percent$/, '');
      const fraction = properties[name];
      if (name === sent || sent in properties || fraction === undefined || !isFraction(fraction) || name in call)
        return [sent, value];
      return NUMBER.test(String(value).trim()) ? [name, `${String(value).trim()}%`] : [name, value];
    }),
  );

/** All fields of a call. The acknowledgement counts only as it was sent; a field given under two names stays unknown. */
export const healCall = (
  call: Readonly<Record<string, unknown>>,
  entry: ManifestEntry,
): Readonly<Record<string, unknown>> => {
  const healed = Object.entries(splitUnit(shareOfPercent(call, entry), entry)).map(([sent, value]) => {
    const meant = fieldOfSeveral(fieldOf(sent, entry), value, entry);
    const name = meant !== sent && meant in call ? sent : meant;
    const schema = entry.input_schema.properties[name];
    return [name, schema === undefined || name === ACK_FIELD ? value : healField(name, value, schema)] as const;
  });
  return Object.fromEntries(healed);
};
