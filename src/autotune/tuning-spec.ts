// The parameter space and the commands of one tuning run, parsed from YAML or JSON. Everything that can be wrong with them is
// found here, before anything is built.
import { z } from 'zod';
import { inputFault, type Fault } from '../text/fault.ts';
import { shapeHint } from '../text/file-shape.ts';
import type { JsonValue } from '../text/json.ts';
import type { Combination, Parameter, ParameterSpace } from './parameter-space.ts';
import { placeholders } from './template.ts';

/** Safe in a path, a command and a compiler definition. */
const SAFE = /^[A-Za-z0-9][A-Za-z0-9._+=-]{0,127}$/;

/** Fewest pairs from which an interval follows. */
const FEWEST_PAIRS = 5;

const word = z.string().regex(SAFE, 'must be a plain word of letters, digits and . _ + = -');
const setting = z.union([z.number(), z.boolean(), word]);
const settings = z.record(z.string(), setting);
const command = z.array(z.string()).min(1);
const seconds = z.number().positive();

const isInside = (path: string): boolean => path !== '' && !path.startsWith('/') && !path.split('/').includes('..');
const areDistinct = (values: readonly unknown[]): boolean => new Set(values.map(String)).size === values.length;

const buildSchema = z.strictObject({
  /** Argument list; `{defines}` stands for `-DNAME=VALUE` of every parameter. */
  command,
  /** File that the build makes, relative to the working folder; with `{key}` each combination keeps its own. */
  artifact: z.string().refine(isInside, 'must be a path inside the working folder'),
  timeout_s: seconds.default(300),
});

const benchSchema = z.strictObject({
  command,
  /** Path of the value in the JSON that the benchmark prints: `performance.median_ms`. */
  value: z.string().min(1),
  unit: z.string().min(1).default('ms'),
  direction: z.enum(['lower-is-better', 'higher-is-better']).default('lower-is-better'),
  timeout_s: seconds.default(60),
});

const trialsSchema = z.strictObject({
  /** Trials of each combination while searching. */
  screen: z.number().int().positive().default(3),
  /** Interleaved pairs that confirm the winner. */
  confirm: z
    .number()
    .int()
    .min(FEWEST_PAIRS, `must be at least ${FEWEST_PAIRS}: no interval follows from fewer`)
    .default(6),
});

export const tuningFileSchema = z.strictObject({
  /** Name of the configuration that is tuned. */
  config: word,
  parameters: z.record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be an identifier'),
    z.array(setting).min(1).refine(areDistinct, 'must list each value once'),
  ),
  baseline: settings,
  exclude: z.array(settings).default([]),
  /** Null when all parameters are arguments of the benchmark. */
  build: buildSchema.nullable().default(null),
  bench: benchSchema,
  trials: trialsSchema.prefault({}),
});

export interface TuningSpec extends ParameterSpace {
  readonly config: string;
  readonly build: z.infer<typeof buildSchema> | null;
  readonly bench: z.infer<typeof benchSchema>;
  readonly trials: z.infer<typeof trialsSchema>;
}

interface Place {
  readonly path: string;
  readonly at: string;
}

const fault = ({ path, at }: Place, message: string, fix: string): Fault =>
  inputFault('tuning_spec', `${path}: ${at} ${message}`, { path, at, fix });

const readShape = (document: JsonValue, path: string): z.infer<typeof tuningFileSchema> => {
  const parsed = tuningFileSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const at = issue === undefined || issue.path.length === 0 ? 'the file' : issue.path.join('.');
  throw fault({ path, at }, issue?.message ?? 'is wrong', `correct that field; ${shapeHint('tuning')}`);
};

/** Every setting must name a parameter and be one of its values. */
const checkSettings = (chosen: Combination, parameters: readonly Parameter[], place: Place): void => {
  for (const [name, value] of Object.entries(chosen)) {
    const parameter = parameters.find((known) => known.name === name);
    if (parameter === undefined)
      throw fault(place, `names ${name}, which is no parameter`, 'use the names under parameters');
    if (!parameter.values.includes(value))
      throw fault(place, `sets ${name} to ${JSON.stringify(value)}`, `use one of ${parameter.values.join(', ')}`);
  }
};

const checkBaseline = (baseline: Combination, parameters: readonly Parameter[], path: string): void => {
  const place = { path, at: 'baseline' };
  checkSettings(baseline, parameters, place);
  const missing = parameters.find(({ name }) => !(name in baseline));
  if (missing !== undefined)
    throw fault(place, `does not set ${missing.name}`, 'give the present value of every parameter');
};

const checkPlaceholders = (words: readonly string[], allowed: readonly string[], place: Place): void => {
  const unknown = words.flatMap(placeholders).find((name) => !allowed.includes(name));
  if (unknown !== undefined)
    throw fault(place, `holds the unknown placeholder {${unknown}}`, `use {${allowed.join('}, {')}}`);
};

/** Both commands may use only what they will be given, and every parameter must be used by one of them. */
const checkCommands = (
  { build, bench }: Pick<TuningSpec, 'build' | 'bench'>,
  names: readonly string[],
  path: string,
): void => {
  const built = build?.command ?? [];
  checkPlaceholders(built, [...names, 'defines', 'artifact', 'config', 'key'], { path, at: 'build.command' });
  const forBench = [...names, 'config', ...(build === null ? [] : ['artifact'])];
  checkPlaceholders(bench.command, forBench, { path, at: 'bench.command' });
  const used = new Set([...built, ...bench.command].flatMap(placeholders));
  const unused = names.find((name) => !used.has(name) && !used.has('defines'));
  if (unused !== undefined)
    throw fault(
      { path, at: `parameters.${unused}` },
      'is used by neither command',
      `put {defines} or {${unused}} into one of them`,
    );
};

/** Parses a tuning file. Throws a Fault `tuning_spec` that names the field and the fix. */
export const parseTuningSpec = (document: JsonValue, path: string): TuningSpec => {
  const { parameters: listed, ...file } = readShape(document, path);
  const parameters = Object.entries(listed).map(([name, values]) => ({ name, values }));
  if (parameters.length === 0) throw fault({ path, at: 'parameters' }, 'is empty', 'name at least one parameter');
  checkBaseline(file.baseline, parameters, path);
  for (const [index, partial] of file.exclude.entries())
    checkSettings(partial, parameters, { path, at: `exclude[${index}]` });
  checkCommands(
    file,
    parameters.map(({ name }) => name),
    path,
  );
  return { ...file, parameters };
};
