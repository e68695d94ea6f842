// Validates a call against the verb's schema and says all that is wrong at once, in the caller's terms: field, value seen, what to
// give instead.
import type { z } from 'zod';
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import type { Verb } from './define-verb.ts';
import { fullMeaning, shortMeaning, typeText } from './field-text.ts';
import type { FieldSchema, ManifestEntry } from './manifest.ts';
import { flagOf, type Dialect } from './next-step.ts';
import { commonFields } from './vocabulary.ts';

/** More problems than these are counted, not listed. */
const MOST_PROBLEMS = 20;
const LONGEST_VALUE = 80;

/** One thing that is wrong, and what to do about it. */
interface Problem {
  readonly field: string;
  readonly message: string;
  readonly fix: string;
  /** No field is like it: all fields are named instead. */
  readonly lost?: true;
}

type Path = readonly PropertyKey[];

const seenValue = (input: unknown, path: Path): unknown => {
  let value = input;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
};

const seenAt = (input: unknown, path: Path): string => {
  const value = seenValue(input, path);
  if (value === undefined) return '';
  const text = JSON.stringify(value) ?? typeof value;
  return ` (got ${text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 3)}…` : text})`;
};

/** Where a value stands, as the caller writes it: `tolerances.ttft_*`, or `--tolerance-percent` for a field of a command line. */
const placeOf = (path: Path, dialect: Dialect): string => {
  const [field, ...inner] = path;
  const isFlag = inner.every((key) => typeof key === 'number');
  if (dialect !== 'fields' && typeof field === 'string' && isFlag) return flagOf(field);
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? String(key) : `.${String(key)}`))
    .join('');
};

const limitsText = ({ minimum, maximum, exclusiveMinimum }: FieldSchema): string => {
  const least = typeof minimum === 'number' ? `at least ${minimum}` : '';
  const above = typeof exclusiveMinimum === 'number' ? `above ${exclusiveMinimum}` : '';
  const most = typeof maximum === 'number' ? `at most ${maximum}` : '';
  const limits = [least, above, most].filter((text) => text !== '');
  return limits.length === 0 ? '' : ` ${limits.join(' and ')}`;
};

/** What a field takes: `a number at least 1 and at most 1000`, `one of low, high`, `an object, as {"a": 1}`. */
const expected = (name: string, schema: FieldSchema): string => {
  const [example = ''] = /^\{.*\}(?=\.)|^\[.*\](?=\.)/.exec(schema.description ?? '') ?? [];
  const as = example === '' ? '' : `, as ${example}`;
  if (schema.enum !== undefined) return `one of ${schema.enum.join(', ')}`;
  const article = /^[aeio]/.test(typeText(schema)) ? 'an' : 'a';
  const meaning = as === '' && name !== '' ? shortMeaning(name, schema) : '';
  return `${article} ${typeText(schema)}${limitsText(schema)}${as}${meaning === '' ? '' : ` (${meaning})`}`;
};

const unknownFields = (keys: readonly string[], path: Path, known: readonly string[], dialect: Dialect): Problem[] =>
  keys.slice(0, MOST_PROBLEMS).map((sent) => {
    const key = sent.length > LONGEST_VALUE ? `${sent.slice(0, LONGEST_VALUE - 1)}…` : sent;
    const field = placeOf([...path, key], dialect);
    const near = nearestName(key, known);
    return near === undefined
      ? { field, message: `unknown field ${field}`, fix: `leave ${field} out`, lost: true }
      : { field, message: `unknown field ${field} (did you mean ${near}?)`, fix: `rename ${field} to ${near}` };
  });

/** Keys of the object at `path` that the schema knows; none where it takes any. */
const knownKeys = (schema: FieldSchema, path: Path): readonly string[] => {
  if (path.length === 0) return Object.keys(Object(schema['properties'] ?? {}));
  const [first, ...rest] = path;
  const properties: Readonly<Record<string, FieldSchema>> = Object(schema['properties'] ?? {});
  const next = typeof first === 'number' ? schema.items : (properties[String(first)] ?? schema['additionalProperties']);
  return typeof next === 'object' && next !== null ? knownKeys({ ...next }, rest) : [];
};

/** Names the options, the one that was perhaps meant, and what they stand for. */
const unknownOption = (
  field: string,
  value: unknown,
  options: readonly string[],
  seen: string,
  schema: FieldSchema,
): Problem => {
  const near = typeof value === 'string' ? nearestName(value, options) : undefined;
  const meaning = schema.enum === undefined ? '' : fullMeaning('', schema);
  return {
    field,
    message: `${field} is not known${seen}${near === undefined ? '' : `, did you mean ${near}?`}`,
    fix: `give ${field} as one of ${options.join(', ')}${meaning.includes(':') ? ` (${meaning})` : ''}`,
  };
};

/** What a schema finds wrong with a value, in words. */
const complaint = (field: string, issue: z.core.$ZodIssue, seen: string): string =>
  issue.code === 'too_small' && issue.origin === 'string' && issue.minimum === 1
    ? `${field} is empty`
    : `${field}: ${issue.message.replace(/^Invalid input: /, '')}${seen}`;

const problemsOf = (
  issue: z.core.$ZodIssue,
  input: unknown,
  { input_schema: schema }: ManifestEntry,
  dialect: Dialect,
): Problem[] => {
  if (issue.code === 'unrecognized_keys')
    return unknownFields(issue.keys, issue.path, knownKeys(schema as unknown as FieldSchema, issue.path), dialect); // checked boundary: a schema of an object
  const field = placeOf(issue.path, dialect);
  const seen = seenAt(input, issue.path);
  const [name] = issue.path;
  const own = schema.properties[String(name)] ?? {};
  const isWhole = issue.path.length === 1 || field === flagOf(String(name));
  const whole = isWhole ? expected(String(name), own) : undefined;
  if (issue.code === 'invalid_value' && issue.values.length > 1 && seen !== '')
    return [unknownOption(field, seenValue(input, issue.path), issue.values.map(String), seen, own)];
  if (seen === '') return [{ field, message: `${field} is required`, fix: `give ${field}: ${whole ?? issue.message}` }];
  return [
    {
      field,
      message: complaint(field, issue, seen),
      fix:
        issue.code === 'custom'
          ? `give ${field} otherwise: it ${issue.message}`
          : `give ${field} as ${whole ?? `part of ${expected(String(name), own)}`}`,
    },
  ];
};

/** The fields that a wrong name may have meant. */
const fieldsLine = ({ input_schema: { properties }, safety }: ManifestEntry): string => {
  const common = commonFields(safety).filter((name) => name in properties);
  const own = Object.keys(properties).filter((name) => !common.includes(name));
  return `use one of these fields: ${[...own, ...common].join(', ')}`;
};

/** How many problems an issue stands for. */
const problemsIn = (issue: z.core.$ZodIssue): number => (issue.code === 'unrecognized_keys' ? issue.keys.length : 1);

const inputFault = (entry: ManifestEntry, problems: readonly Problem[], count: number): Fault => {
  const listed = problems.slice(0, MOST_PROBLEMS);
  const rest = count - listed.length;
  const more = rest === 0 ? [] : [`… ${rest} more problems`];
  const fixes = [...new Set(listed.map(({ fix, lost }) => (lost === true ? fieldsLine(entry) : fix)))];
  return new Fault(
    'usage',
    'invalid_input',
    `${entry.name}: ${[...listed.map(({ message }) => message), ...more].join('; ')}`,
    {
      fix: fixes.join('; '),
      data: {
        problems: listed.map(({ field, message, fix }) => ({ field, message, fix })),
        problems_count: count,
      },
    },
  );
};

/** The parsed input. Throws a usage Fault `invalid_input` that lists every problem (at most 20) with its fix, in the caller's dialect. */
export const validateInput = (
  verb: Verb,
  entry: ManifestEntry,
  input: unknown,
  dialect: Dialect,
): Record<string, unknown> => {
  const parsed = verb.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const count = issues.reduce((sum, issue) => sum + problemsIn(issue), 0);
  throw inputFault(
    entry,
    issues.slice(0, MOST_PROBLEMS).flatMap((issue) => problemsOf(issue, input, entry, dialect)),
    count,
  );
};
