// Brings a call into the typed form: unwraps `params`, reads `args` as flags, keeps the acknowledgement where it belongs.
import { Fault } from '../text/fault.ts';
import { shellWords } from '../text/shell-line.ts';
import { parseFlags } from './flags.ts';
import type { ManifestEntry } from './manifest.ts';
import { ACK_FIELD } from './vocabulary.ts';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const argumentList = (value: unknown): string[] => {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return value.startsWith('-') ? (shellWords(value) ?? [value]) : [value];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number'))
    return value.map(String);
  throw new Fault('usage', 'args_not_strings', 'args must be a list of strings', {
    fix: 'send typed fields, or args: ["--flag", "value"]',
  });
};

/** Merges the two forms; a field named differently in both is an error. */
const merge = (typed: Record<string, unknown>, parsed: Record<string, unknown>): Record<string, unknown> => {
  for (const [field, value] of Object.entries(parsed)) {
    const other = typed[field];
    if (other !== undefined && JSON.stringify(other) !== JSON.stringify(value))
      throw new Fault('usage', 'field_given_twice', `${field} differs between args and the typed field`, {
        fix: `give ${field} once`,
      });
  }
  return { ...typed, ...parsed };
};

/** The argument list of a call that sent `args`, as it was sent; null for typed calls. */
export const sentArguments = (raw: unknown): readonly string[] | null => {
  if (!isRecord(raw)) return null;
  const args = raw['args'] ?? (isRecord(raw['params']) ? raw['params']['args'] : undefined);
  if (args === undefined || args === null) return null;
  return Array.isArray(args) ? args.map(String) : [String(args)];
};

/** More fields than these are a mistake that is not worth going through. */
const MOST_FIELDS = 1000;

const refuseMany = (entry: ManifestEntry, raw: Readonly<Record<string, unknown>>): void => {
  const count = Object.keys(raw).length;
  if (count > MOST_FIELDS)
    throw new Fault('usage', 'too_many_fields', `${entry.name}: the call has ${count} fields`, {
      fix: `send at most ${MOST_FIELDS}; ${entry.name} knows ${Object.keys(entry.input_schema.properties).length}`,
    });
};

/** Typed fields of a call in any accepted form. Does not validate values; unknown fields stay for the validator to name. */
export const normaliseCall = async (entry: ManifestEntry, raw: unknown): Promise<Readonly<Record<string, unknown>>> => {
  if (raw !== undefined && raw !== null && !isRecord(raw))
    throw new Fault('usage', 'arguments_not_object', 'arguments must be an object', { fix: 'send {"field": value}' });
  if (isRecord(raw)) refuseMany(entry, raw);
  const { params, ...outer } = { ...raw };
  if (params !== undefined && params !== null && !isRecord(params))
    throw new Fault('usage', 'params_not_object', 'params must be an object', { fix: 'send the fields directly' });
  if (isRecord(params)) refuseMany(entry, params);
  const { args, allow_nonzero: _readsExitCodes, ...typed } = merge(outer, params ?? {});
  for (const [field, value] of Object.entries(typed)) if (value === null) delete typed[field];
  if ('json' in typed && !('json' in entry.input_schema.properties)) delete typed['json'];
  const list = argumentList(args);
  const parsed = list.length === 0 ? {} : await parseFlags(entry, list, { allowAck: false });
  return merge(typed, parsed);
};

/**
 * The acknowledgement of a verb that needs one, and the fields without it unless it is the one value that counts: the literal
 * true. Another value is no wrong type but no acknowledgement.
 */
export const takeAcknowledgement = (
  { safety }: ManifestEntry,
  fields: Readonly<Record<string, unknown>>,
): { readonly fields: Readonly<Record<string, unknown>>; readonly ack: unknown } => {
  const { [ACK_FIELD]: ack, ...rest } = fields;
  return safety === 'submits_jobs' && ack !== true ? { fields: rest, ack } : { fields, ack };
};
