// Which circumstances of a side somebody typed and nobody recorded: with the call, or into a document of no known tool. Such facts
// are attested; what a reader of a known format, a driver or telemetry recorded is measured. Never guesses in favour of measured.
import type { AttestedFact } from '../metrics/attested.ts';
import type { Context } from '../metrics/context.ts';
import type { Reading } from '../metrics/reading.ts';
import type { ReplicateLevel, Trial } from '../metrics/trial.ts';

/** Formats that anybody writes by hand; null stands for numbers that no file holds. */
const TYPED_FORMATS: readonly (string | null)[] = [null, 'json_document', 'scalar', 'stated'];

/** The format that decides what of a reading was typed: one file that anybody may have written is enough. */
export const originOf = ({ format, joined_formats = [format] }: Reading): string =>
  joined_formats.find((each) => TYPED_FORMATS.includes(each)) ?? format;

const CONTEXT_FACTS: readonly (readonly [AttestedFact, keyof Context])[] = [
  ['n_gpus', 'n_gpus'],
  ['cache_state', 'cache_mode'],
  ['cache_state', 'regime'],
  ['placement', 'gpu_uuids'],
  ['placement', 'node'],
];

const TRIAL_FACTS: readonly AttestedFact[] = ['replicate_level', 'validity'];

const sorted = (facts: Iterable<AttestedFact>): AttestedFact[] => [...new Set(facts)].sort();

const says = (context: Context, field: keyof Context): boolean => (context[field] ?? null) !== null;

const factsIn = (context: Context, counts: (field: keyof Context) => boolean): AttestedFact[] =>
  sorted(CONTEXT_FACTS.flatMap(([fact, field]) => (says(context, field) && counts(field) ? [fact] : [])));

/** Facts of the context in a file: none of a known tool's, all of a typed document's. */
export const attestedOfContext = (format: string | null, context: Context): AttestedFact[] =>
  TYPED_FORMATS.includes(format) ? factsIn(context, () => true) : [];

/** Facts of a context that came with the call and that the file does not state. */
export const attestedOfCall = (fromFile: Context, given: Context): AttestedFact[] =>
  factsIn(given, (field) => !says(fromFile, field));

/**
 * Facts of trials that were typed: of trials that came with the call or in a typed document all, of trials from a known tool the
 * replicate level where only the caller states it.
 */
export const attestedOfTrials = (
  format: string | null,
  fromFile: readonly Trial[],
  level: ReplicateLevel | undefined,
  typed = false,
): AttestedFact[] => {
  if (typed || TYPED_FORMATS.includes(format)) {
    const placed = fromFile.some(({ gpu_uuids }) => gpu_uuids !== null);
    return sorted(placed ? [...TRIAL_FACTS, 'placement'] : TRIAL_FACTS);
  }
  const isStated = level !== undefined && fromFile.some(({ replicate_level }) => replicate_level === null);
  return isStated ? ['replicate_level'] : [];
};

/** All of them; the order is that of the alphabet. */
export const joinAttested = (...facts: readonly (readonly AttestedFact[] | undefined)[]): AttestedFact[] =>
  sorted(facts.flatMap((each) => each ?? []));
