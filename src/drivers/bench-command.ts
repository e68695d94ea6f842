// A benchmark or build command of the user: an argument list, never a shell line, and what it printed as a value. A bad end is a
// reason, only a cancel ends the work around it.
import { isAbsolute, join } from 'node:path';
import type { Runner } from '../exec/run-process.ts';
import { howItEnded, outputTail } from '../exec/tool-fault.ts';
import { Fault } from '../text/fault.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';

/** A result, or the reason of a failure that concerns this one only. */
export type Attempt<T> = { readonly ok: T } | { readonly failed: string };

/** Where commands run. */
export interface CommandPlace {
  readonly run: Runner;
  /** Working folder of the commands; a program given by a relative path stands in it. */
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
}

const locate = ([program = '', ...rest]: readonly string[], cwd: string): string[] => [
  program.includes('/') && !isAbsolute(program) ? join(cwd, program) : program,
  ...rest,
];

/** What the command printed, or how it ended otherwise. Throws a Fault `cancelled`, and what the runner throws for a missing tool. */
export const runCommand = async (
  argv: readonly string[],
  timeoutMs: number,
  { run, cwd, signal }: CommandPlace,
): Promise<Attempt<string>> => {
  const result = await run(locate(argv, cwd), { cwd, timeoutMs, ...(signal === undefined ? {} : { signal }) });
  if (result.cancelled) throw new Fault('interrupted', 'cancelled', 'the run was cancelled');
  if (result.timedOut) return { failed: `stopped after ${timeoutMs / 1000} s` };
  if (result.code === 0) return { ok: result.stdout };
  return { failed: `${howItEnded(result)}: ${outputTail(result, [], 1)}` };
};

const parsed = (text: string): JsonValue | undefined => {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined; // not JSON: a log line
  }
};

/** What a program printed among its log lines, the last first. */
export interface Printed {
  readonly objects: readonly JsonObject[];
  readonly numbers: readonly number[];
}

/** JSON objects and numbers, each alone on its line; an object may also be all of the output, over several lines. */
export const printedResults = (stdout: string): Printed => {
  const whole = stdout.trim();
  const lines = whole.split('\n').reverse();
  const values = (lines.length > 1 ? [whole, ...lines] : lines).map(parsed);
  return {
    objects: values.filter(isJsonObject),
    numbers: values.filter((value): value is number => typeof value === 'number'),
  };
};

/** The value at a path of keys; `*` goes over all items of a list and gives a list. */
export const valueAt = (document: JsonValue, path: string): JsonValue | undefined => {
  const [key = '', ...rest] = path.split('.');
  const step = (value: JsonValue | undefined): JsonValue | undefined =>
    rest.length === 0 || value === undefined ? value : valueAt(value, rest.join('.'));
  if (key === '*' && Array.isArray(document)) return document.map((item) => step(item) ?? null);
  return isJsonObject(document) ? step(document[key]) : undefined;
};

const isAmount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value > 0;

const notFound = (value: JsonValue | undefined, path: string): { readonly failed: string } => ({
  failed:
    value === undefined
      ? `the result holds no ${path}`
      : `${path} is ${JSON.stringify(value)}, not a number above zero`,
});

/** The number above zero that was found at `path`, or why it is none. */
export const amount = (value: JsonValue | undefined, path: string): Attempt<number> =>
  isAmount(value) ? { ok: value } : notFound(value, path);

/** The same for one number or a list of them. */
export const amounts = (value: JsonValue | undefined, path: string): Attempt<readonly number[]> => {
  const listed = Array.isArray(value) ? value : [value];
  const good = listed.filter(isAmount);
  return good.length === listed.length && good.length > 0 ? { ok: good } : notFound(value, path);
};

/** The value at `path` of the last object that has one there, else the last number that was printed alone. */
export const printedAmount = (stdout: string, path: string): Attempt<number> => {
  const { objects, numbers } = printedResults(stdout);
  const [found = numbers[0]] = objects.flatMap((object) => valueAt(object, path) ?? []);
  const nothing = found === undefined && objects.length === 0;
  return nothing ? { failed: 'it printed neither a JSON object nor a number' } : amount(found, path);
};
