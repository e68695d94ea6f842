// Makes the manifest entry of a verb from its definition: lean JSON Schema, hints, flags.
import { z } from 'zod';
import type { Verb } from '../src/verb/define-verb.ts';
import type { Safety } from '../src/verb/vocabulary.ts';
import type { Annotations, InputSchema, ManifestEntry } from '../src/verb/manifest.ts';

/** Bounds on the length of a text, which no caller plans by; the server still checks them and says what it saw. */
const isLengthOfText = (key: string, member: unknown): boolean =>
  (key === 'minLength' || key === 'maxLength') && typeof member === 'number';

/** Removes what costs tokens and says nothing: `$schema`, safe-integer bounds, lengths of texts. */
const lean = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(lean);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, member]) =>
      key !== '$schema' &&
      !isLengthOfText(key, member) &&
      !(key === 'maximum' && member === Number.MAX_SAFE_INTEGER) &&
      !(key === 'minimum' && member === Number.MIN_SAFE_INTEGER) &&
      !(key === 'propertyNames' && JSON.stringify(member) === '{"type":"string"}'),
  );
  return Object.fromEntries(entries.map(([key, member]) => [key, lean(member)]));
};

const hints = (safety: Safety, verb: Verb): Annotations => ({
  title: verb.title,
  readOnlyHint: safety === 'read_only',
  destructiveHint: safety === 'submits_jobs',
  idempotentHint: verb.idempotent ?? safety === 'read_only',
  openWorldHint: verb.open_world ?? safety === 'submits_jobs',
});

/** The manifest entry of a verb. */
export const manifestEntry = (verb: Verb): ManifestEntry => ({
  name: verb.name,
  family: verb.family,
  library: verb.library,
  verb: verb.verb,
  safety: verb.safety,
  description: verb.description,
  annotations: hints(verb.safety, verb),
  input_schema: lean(z.toJSONSchema(verb.input, { io: 'input' })) as InputSchema,
  ...(verb.seldom === undefined ? {} : { seldom: verb.seldom }),
  ...(verb.explored === true ? { explored: true as const } : {}),
  positionals: verb.positionals ?? [],
  aliases: verb.aliases ?? {},
  keyed_flags: verb.keyed_flags ?? {},
  ...(verb.lists === undefined ? {} : { lists: verb.lists }),
  time_limit_s: verb.time_limit_s ?? 600,
  examples: verb.examples.map(({ input, ...rest }) => ({ ...rest, input: input as Record<string, unknown> })),
});
