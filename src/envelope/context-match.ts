// The six facts of which `bench diff` says whether both sides agree (the fields of the envelope tool's own output), and
// whether anything else in the context differs. Never calls two unknowns a difference.
import type { ContextDifference } from '../verdict/context-match.ts';
import type { Context, ContextField } from '../metrics/context.ts';
import { isJsonObject, type JsonValue } from '../text/json.ts';
import type { DiffFile } from './diff-files.ts';

export interface FactMatch {
  readonly baseline: string | null;
  readonly candidate: string | null;
  readonly match: boolean;
}

const FIELDS = [
  'suite_id',
  'model_id',
  'engine_name',
  'engine_version',
  'quantization_format',
  'hardware_fingerprint',
] as const;
type FactField = (typeof FIELDS)[number];

export type ContextMatch = Readonly<Record<FactField, FactMatch>> & { readonly all_match: boolean };

export interface FactComparison {
  readonly context_match: ContextMatch;
  /** Facts that only envelopes hold, stated by both sides, different, and not changed on purpose: one line each. */
  readonly differences: readonly string[];
}

const inEnvelope = (file: DiffFile, ...path: readonly string[]): string | null => {
  let value: JsonValue | undefined = file.envelope ?? undefined;
  for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
  return typeof value === 'string' ? value : null;
};

/** A fingerprint names one machine; without one the name of the GPU has to do. */
const hardwareOf = (file: DiffFile): string | null =>
  inEnvelope(file, 'hardware_fingerprint', 'fingerprint_sha256') ?? file.reading.context.hardware ?? null;

const CONTEXT_FACTS: Readonly<Record<Exclude<FactField, 'suite_id' | 'hardware_fingerprint'>, keyof Context>> = {
  model_id: 'model',
  engine_name: 'engine',
  engine_version: 'engine_version',
  quantization_format: 'quant',
};

const factOf = (file: DiffFile, field: FactField): string | null => {
  if (field === 'suite_id') return inEnvelope(file, 'suite_id');
  if (field === 'hardware_fingerprint') return hardwareOf(file);
  const value = file.reading.context[CONTEXT_FACTS[field]];
  return typeof value === 'string' ? value : null;
};

/** What all files of a side say, or all that they say when they do not agree. */
const sideFact = (files: readonly DiffFile[], field: FactField): string | null => {
  const values = [...new Set(files.flatMap((file) => factOf(file, field) ?? []))];
  return values.length === 0 ? null : values.join(', ');
};

/** Facts that no field of the context holds, and the axis under which a change of them is on purpose. */
const ENVELOPE_FACTS = [
  ['suite_id', 'dataset'],
  ['hardware_fingerprint', 'hardware'],
] as const;

/** `mismatches` are those of the whole context outside the declared axis. */
export const compareFacts = (
  baseline: readonly DiffFile[],
  candidate: readonly DiffFile[],
  mismatches: readonly ContextDifference[],
  axis: readonly ContextField[],
): FactComparison => {
  const fact = (field: FactField): FactMatch => {
    const [before, after] = [sideFact(baseline, field), sideFact(candidate, field)];
    return { baseline: before, candidate: after, match: before === after };
  };
  const facts = Object.fromEntries(FIELDS.map((field) => [field, fact(field)])) as Record<FactField, FactMatch>; // checked boundary: every field is filled
  const differences = ENVELOPE_FACTS.flatMap(([field, onAxis]) => {
    const { baseline: before, candidate: after, match } = facts[field];
    return match || before === null || after === null || axis.includes(onAxis)
      ? []
      : [`context differs: ${field} ${before} -> ${after}`];
  });
  const all_match = FIELDS.every((field) => facts[field].match) && mismatches.length === 0;
  return { context_match: { ...facts, all_match }, differences };
};
