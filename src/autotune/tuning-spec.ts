// The parameter space and the commands of one tuning run, parsed from YAML or JSON. Everything that can be wrong with them is
// found here, before anything is built.
import type { Direction } from '../stats/decision.ts';
import { inputFault } from '../text/fault.ts';
import { describeJson, isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { nearestName } from '../text/nearest.ts';
import type { Combination, Parameter, ParameterSpace, Setting } from './parameter-space.ts';
import { placeholders } from './template.ts';

export interface BuildStep {
  /** Argument list; `{defines}` stands for `-DNAME=VALUE` of every parameter. */
  readonly command: readonly string[];
  /** File that the build makes, relative to the working folder; with `{key}` each combination keeps its own. */
  readonly artifact: string;
  readonly timeoutMs: number;
}

export interface BenchStep {
  readonly command: readonly string[];
  /** Path of the value in the JSON that the benchmark prints: `performance.median_ms`. */
  readonly value: string;
  readonly unit: string;
  readonly direction: Exclude<Direction, 'two-sided'>;
  readonly timeoutMs: number;
}

export interface TuningSpec extends ParameterSpace {
  /** Name of the configuration that is tuned. */
  readonly config: string;
  /** Null when all parameters are arguments of the benchmark. */
  readonly build: BuildStep | null;
  readonly bench: BenchStep;
  /** Trials of each combination while searching, and pairs of trials that confirm the winner. */
  readonly screenTrials: number;
  readonly confirmPairs: number;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const SAFE = /^[A-Za-z0-9][A-Za-z0-9._+=-]{0,127}$/;

/** Fewest pairs from which an interval follows. */
const FEWEST_PAIRS = 5;

interface Place {
  readonly path: string;
  readonly at: string;
}

const fault = ({ path, at }: Place, message: string, fix: string) =>
  inputFault('tuning_spec', `${path}: ${at} ${message}`, { path, at, fix });

const objectAt = (holder: JsonObject, key: string, path: string): JsonObject => {
  const value = holder[key];
  if (isJsonObject(value)) return value;
  throw fault(
    { path, at: key },
    value === undefined ? 'is missing' : `is ${describeJson(value)}`,
    `write ${key} as an object`,
  );
};

const refuseUnknown = (holder: JsonObject, known: readonly string[], place: Place): void => {
  const unknown = Object.keys(holder).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const near = nearestName(unknown, known);
  throw fault(
    place,
    `has an unknown field ${unknown}`,
    near === undefined ? `use ${known.join(', ')}` : `did you mean ${near}?`,
  );
};

const isSetting = (value: JsonValue | undefined): value is Setting =>
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && SAFE.test(value));

const parseParameters = (document: JsonObject, path: string): Parameter[] => {
  const parameters = Object.entries(objectAt(document, 'parameters', path)).map(([name, listed]): Parameter => {
    const place = { path, at: `parameters.${name}` };
    if (!NAME.test(name)) throw fault(place, 'is no identifier', 'use letters, digits and _');
    const values = Array.isArray(listed) ? listed.filter(isSetting) : [];
    if (!Array.isArray(listed) || values.length === 0 || values.length < listed.length)
      throw fault(place, `is ${describeJson(listed)}`, 'list its values: numbers, true/false, or plain words');
    if (new Set(values.map(String)).size < values.length)
      throw fault(place, 'lists a value twice', 'list each value once');
    return { name, values };
  });
  if (parameters.length === 0) throw fault({ path, at: 'parameters' }, 'is empty', 'name at least one parameter');
  return parameters;
};

/** Settings by name; each must be a known parameter with one of its values. */
const parseSettings = (settings: JsonObject, parameters: readonly Parameter[], place: Place): Combination =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const parameter = parameters.find((known) => known.name === name);
      if (parameter === undefined)
        throw fault(place, `names ${name}, which is no parameter`, 'use the names under parameters');
      if (!isSetting(value) || !parameter.values.includes(value))
        throw fault(place, `sets ${name} to ${JSON.stringify(value)}`, `use one of ${parameter.values.join(', ')}`);
      return [name, value];
    }),
  );

const parseBaseline = (document: JsonObject, parameters: readonly Parameter[], path: string): Combination => {
  const place = { path, at: 'baseline' };
  const baseline = parseSettings(objectAt(document, 'baseline', path), parameters, place);
  const missing = parameters.find(({ name }) => !(name in baseline));
  if (missing !== undefined)
    throw fault(place, `does not set ${missing.name}`, 'give the present value of every parameter');
  return baseline;
};

const parseCommand = (step: JsonObject, allowed: readonly string[], place: Place): string[] => {
  const listed = step['command'];
  const words = Array.isArray(listed) ? listed.filter((word) => typeof word === 'string') : [];
  if (!Array.isArray(listed) || words.length < listed.length || words.length === 0)
    throw fault(place, 'is not a list of words', 'write the command as a list: [nvcc, -O3, ...]');
  for (const name of words.flatMap(placeholders))
    if (!allowed.includes(name))
      throw fault(place, `holds the unknown placeholder {${name}}`, `use {${allowed.join('}, {')}}`);
  return words;
};

const positive = (holder: JsonObject, key: string, fallback: number, place: Place): number => {
  const value = holder[key] ?? fallback;
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw fault({ ...place, at: `${place.at}.${key}` }, `is ${JSON.stringify(value)}`, 'give a number above zero');
};

const parseBuild = (document: JsonObject, names: readonly string[], path: string): BuildStep | null => {
  if ((document['build'] ?? null) === null) return null;
  const build = objectAt(document, 'build', path);
  const place = { path, at: 'build' };
  refuseUnknown(build, ['command', 'artifact', 'timeout_s'], place);
  const artifact = build['artifact'];
  if (typeof artifact !== 'string' || artifact === '' || artifact.startsWith('/') || artifact.split('/').includes('..'))
    throw fault(
      { path, at: 'build.artifact' },
      'is no path inside the working folder',
      'name the file that the build makes',
    );
  return {
    command: parseCommand(build, [...names, 'defines', 'artifact', 'config', 'key'], { path, at: 'build.command' }),
    artifact,
    timeoutMs: 1000 * positive(build, 'timeout_s', 300, place),
  };
};

const parseBench = (document: JsonObject, names: readonly string[], built: boolean, path: string): BenchStep => {
  const bench = objectAt(document, 'bench', path);
  const place = { path, at: 'bench' };
  refuseUnknown(bench, ['command', 'value', 'unit', 'direction', 'timeout_s'], place);
  const { value, unit = 'ms', direction = 'lower-is-better' } = bench;
  if (typeof value !== 'string' || value === '')
    throw fault(
      { path, at: 'bench.value' },
      'is missing',
      'name the value in the JSON it prints, such as performance.median_ms',
    );
  if (typeof unit !== 'string') throw fault({ path, at: 'bench.unit' }, 'is no text', 'write the unit, such as ms');
  if (direction !== 'lower-is-better' && direction !== 'higher-is-better')
    throw fault(
      { path, at: 'bench.direction' },
      `is ${JSON.stringify(direction)}`,
      'use lower-is-better or higher-is-better',
    );
  const allowed = [...names, 'config', ...(built ? ['artifact'] : [])];
  const command = parseCommand(bench, allowed, { path, at: 'bench.command' });
  return { command, value, unit, direction, timeoutMs: 1000 * positive(bench, 'timeout_s', 60, place) };
};

/** A parameter that neither command mentions could never change anything. */
const refuseUnused = (names: readonly string[], build: BuildStep | null, bench: BenchStep, path: string): void => {
  const used = new Set([...(build?.command ?? []), ...bench.command].flatMap(placeholders));
  const unused = names.find((name) => !used.has(name) && !used.has('defines'));
  if (unused !== undefined)
    throw fault(
      { path, at: `parameters.${unused}` },
      'is used by neither command',
      `put {defines} or {${unused}} into one of them`,
    );
};

/** Parses a tuning file. Throws a Fault `tuning_spec` that names the field and the mend. */
export const parseTuningSpec = (document: JsonValue, path: string): TuningSpec => {
  if (!isJsonObject(document))
    throw fault({ path, at: 'the file' }, `holds ${describeJson(document)}`, 'write an object');
  refuseUnknown(document, ['config', 'parameters', 'baseline', 'exclude', 'build', 'bench', 'trials'], {
    path,
    at: 'the file',
  });
  const { config, exclude = [], trials = {} } = document;
  if (typeof config !== 'string' || !SAFE.test(config))
    throw fault(
      { path, at: 'config' },
      `is ${JSON.stringify(config)}`,
      'name the configuration with letters, digits and . _ + = -',
    );
  const parameters = parseParameters(document, path);
  const names = parameters.map(({ name }) => name);
  const build = parseBuild(document, names, path);
  const bench = parseBench(document, names, build !== null, path);
  refuseUnused(names, build, bench, path);
  if (!Array.isArray(exclude) || !exclude.every(isJsonObject))
    throw fault({ path, at: 'exclude' }, 'is no list of settings', 'write exclude as [{NAME: value, ...}, ...]');
  if (!isJsonObject(trials))
    throw fault({ path, at: 'trials' }, 'is no object', 'write trials as {screen: 3, confirm: 6}');
  refuseUnknown(trials, ['screen', 'confirm'], { path, at: 'trials' });
  const screenTrials = Math.ceil(positive(trials, 'screen', 3, { path, at: 'trials' }));
  const confirmPairs = Math.ceil(positive(trials, 'confirm', 6, { path, at: 'trials' }));
  if (confirmPairs < FEWEST_PAIRS)
    throw fault(
      { path, at: 'trials.confirm' },
      `is ${confirmPairs}, from which no interval follows`,
      `use at least ${FEWEST_PAIRS}`,
    );
  const baseline = parseBaseline(document, parameters, path);
  const refused = exclude.map((settings, index) =>
    parseSettings(settings, parameters, { path, at: `exclude[${index}]` }),
  );
  return { config, parameters, baseline, exclude: refused, build, bench, screenTrials, confirmPairs };
};
