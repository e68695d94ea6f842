// What comes after a call: further calls that work as they are printed, in the dialect of whoever called. Pure; a step names only
// what exists, and one that needs something of the caller's says so and is no next call yet.
import { z } from 'zod';
import { shellLine } from '../text/shell-line.ts';
import { type Program, programWords } from './program.ts';

export interface NextStep {
  readonly verb: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What the caller must have first; its places in the input are written `<…>`: `a new result`. */
  readonly with?: string | undefined;
}

/** How calls are written: fields as JSON over MCP, flags of a program on a command line. */
export type Dialect = 'fields' | Program;

/** As a step stands in the structured answer, and in the result of a job. */
export const nextStepSchema = z.object({
  verb: z.string(),
  /** Fields of that verb, whichever it is: its input schema says what they are. */
  input: z.record(z.string(), z.unknown()),
  with: z.string().optional(),
});

/** `ttft_ms` as a flag: `--ttft-ms`. */
export const flagOf = (name: string): string => `--${name.replaceAll('_', '-')}`;

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** The words of one field: a flag for a switch, one flag for each value of a list, or for all of its numbers. */
const wordsOf = (name: string, value: unknown): string[] => {
  const flag = flagOf(name);
  if (value === true) return [flag];
  if (value === false) return [`--no-${flag.slice(2)}`];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const values = list.every((item) => typeof item === 'number') ? [list.join(',')] : list;
  return values.map(textOf).flatMap((text) => (text.startsWith('-') ? [`${flag}=${text}`] : [flag, text]));
};

/** A list of one value as that value: shorter, and every list field takes it. */
const plain = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);

const given = (input: NextStep['input']): [name: string, value: unknown][] =>
  Object.entries(input).flatMap(([name, value]) => (value === undefined ? [] : [[name, plain(value)]]));

/** The step without absent fields. */
export const completeStep = ({ verb, input, with: needs }: NextStep): z.output<typeof nextStepSchema> => ({
  verb,
  input: Object.fromEntries(given(input)),
  ...(needs === undefined ? {} : { with: needs }),
});

/** `perf_baseline_show {"entry":"a/b"}`, or `profile-and-optimize perf_baseline_show --entry a/b`, quoted for a shell. */
export const callText = ({ verb, input }: NextStep, dialect: Dialect): string =>
  dialect === 'fields'
    ? `${verb} ${JSON.stringify(Object.fromEntries(given(input)))}`
    : shellLine([...programWords(verb, dialect), ...given(input).flatMap(([name, value]) => wordsOf(name, value))]);

/** `next: <call>` for what can be called now, `with a new result: <call>` for what cannot yet; those first. */
export const stepLines = (steps: readonly NextStep[], dialect: Dialect): string[] => {
  const later = steps.filter((step) => step.with !== undefined);
  const now = steps.filter((step) => step.with === undefined);
  return [
    ...later.map((step) => `with ${step.with}: ${callText(step, dialect)}`),
    ...now.map((step, index) => `${index === 0 ? 'next' : 'or'}: ${callText(step, dialect)}`),
  ];
};
