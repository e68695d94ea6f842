// Brings a call into the typed form: unwraps `params`, reads `args` as flags, keeps the acknowledgement where it belongs.
import { Fault } from '../text/fault.ts';
import { ACK_FIELD } from './define-verb.ts';
import { parseFlags } from './flags.ts';
import type { ManifestEntry } from './manifest.ts';

export interface NormalCall {
  readonly input: Readonly<Record<string, unknown>>;
  /** The argument list of a call that sent `args`; null for typed calls. */
  readonly args: readonly string[] | null;
  /** `allow_nonzero`: such callers read an exit code and want a failure as data. */
  readonly allowNonzero: boolean;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const argumentList = (value: unknown): string[] => {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [value];
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

/** Typed fields of a call in any accepted form. Does not validate values; unknown fields stay for the validator to name. */
export const normaliseCall = async (entry: ManifestEntry, raw: unknown): Promise<NormalCall> => {
  if (raw !== undefined && raw !== null && !isRecord(raw))
    throw new Fault('usage', 'arguments_not_object', 'arguments must be an object', { fix: 'send {"field": value}' });
  const { params, ...outer } = { ...raw };
  if (params !== undefined && params !== null && !isRecord(params))
    throw new Fault('usage', 'params_not_object', 'params must be an object', { fix: 'send the fields directly' });
  const { args, allow_nonzero: allowNonzero, ...typed } = merge(outer, params ?? {});
  for (const [field, value] of Object.entries(typed)) if (value === null) delete typed[field];
  if ('json' in typed && !('json' in entry.input_schema.properties)) delete typed['json'];
  const list = argumentList(args);
  const parsed = list.length === 0 ? {} : await parseFlags(entry, list, { allowAck: false });
  return {
    input: merge(typed, parsed),
    args: args === undefined || args === null ? null : list,
    allowNonzero: allowNonzero === true,
  };
};

/** True when the caller acknowledged, in the one field that counts and with the one value that counts. */
export const isAcknowledged = (input: Readonly<Record<string, unknown>>): boolean => input[ACK_FIELD] === true;
