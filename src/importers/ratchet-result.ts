// Reads what a kernel benchmark wrote for the ratchet: one time per named configuration, with samples where there are any; a
// single result (`{name, performance}`), the older `{kernel_name, metrics}`, several under `configs`, or the ratchet's own
// baseline, whose `configs` go by name. Never invents a name, never takes a mean for a median, and refuses a time that its own
// samples contradict.
import { requireAgreement } from './agree-with-samples.ts';
import { contextOf } from './context-fields.ts';
import { hasMembers, inexact, parseDocument } from './json-fields.ts';
import { type Labels, type Metric, metricKey } from '../metrics/metric.ts';
import type { PointFacts, ReadOutcome, Reader, Reading } from '../metrics/reading.ts';
import type { Trial } from '../metrics/trial.ts';
import { median } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';
import { shapeHint } from '../text/file-shape.ts';
import { describeJson, isJsonObject, type JsonObject, type JsonValue, writtenInteger } from '../text/json.ts';

const objectAt = (value: JsonValue | undefined): JsonObject | null => (isJsonObject(value) ? value : null);
const textAt = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value : null;

/** A commit that is really one: all zeros and `unknown` are placeholders. */
const commitAt = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && /^[0-9a-f]{7,64}$/.test(value) && !/^0+$/.test(value) ? value : null;

/** Where something stands, for errors. */
interface Place {
  readonly path: string;
  readonly where: string;
}

/** A number above zero, null when absent; anything else is a fault. */
const positiveAt = (holder: JsonObject, key: string, { path, where }: Place): number | null => {
  const value = holder[key];
  if (value === undefined || value === null) return null;
  const written = typeof value === 'number' ? writtenInteger(holder, value) : undefined;
  if (written !== undefined) throw inexact(written, path, `${where}.${key}`);
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  throw inputFault(
    'impossible_value',
    `${path}: ${where}.${key} is ${JSON.stringify(value)}, not a number above zero`,
    {
      path,
      at: `${where}.${key}`,
      fix: 'measure again; leave the key out when it was not measured',
    },
  );
};

const samplesAt = (holder: JsonObject, { path, where }: Place): readonly number[] => {
  const value = holder['samples_ms'] ?? null;
  if (value === null) return [];
  const samples = Array.isArray(value) ? value.filter((sample) => typeof sample === 'number') : [];
  if (Array.isArray(value) && samples.length === value.length && samples.every((sample) => sample > 0)) return samples;
  throw inputFault('impossible_value', `${path}: ${where}.samples_ms is not a list of numbers above zero`, {
    path,
    at: `${where}.samples_ms`,
    fix: 'write one time in ms per trial',
  });
};

/** Name of the time of one iteration by its statistic; baselines of tools that mixed the two do not say which it is. */
const TIME_NAMES = { median: 'time_p50_ms', mean: 'time_mean_ms', unknown: 'time_ms' } as const;

interface Time {
  readonly key: string;
  readonly value: number;
  readonly statistic: keyof typeof TIME_NAMES;
}

const statisticOf = (stated: JsonValue | undefined, isOwnBaseline: boolean): Time['statistic'] => {
  if (!isOwnBaseline) return 'median';
  return stated === 'median' || stated === 'mean' ? stated : 'unknown';
};

/** The time and its statistic: the declared median, else the median of the samples, else the mean. */
const timeOf = (figures: JsonObject, samples: readonly number[], place: Place, isOwnBaseline: boolean): Time => {
  const { path, where } = place;
  const declared = positiveAt(figures, 'median_ms', place);
  if (declared !== null) {
    return { key: 'median_ms', value: declared, statistic: statisticOf(figures['statistic'], isOwnBaseline) };
  }
  if (samples.length > 0) return { key: 'samples_ms', value: median(samples), statistic: 'median' };
  for (const key of ['mean_time_ms', 'mean_ms']) {
    const mean = positiveAt(figures, key, place);
    if (mean !== null) return { key, value: mean, statistic: 'mean' };
  }
  throw inputFault('time_missing', `${path}: ${where} has none of median_ms, samples_ms, mean_time_ms`, {
    path,
    at: where,
    fix: 'write the time per iteration in ms',
  });
};

/** Throws a Fault `config_name_invalid` for a name that cannot be shown on one line. */
const checkName = (name: string, { path, where }: Place): void => {
  if (name.length <= 200 && !/\p{Cc}/u.test(name)) return;
  throw inputFault('config_name_invalid', `${path}: ${where} has the name ${JSON.stringify(name.slice(0, 200))}`, {
    path,
    at: where,
    fix: 'use at most 200 printable characters',
  });
};

const nameOf = (entry: JsonObject, place: Place): string => {
  const name = textAt(entry['name']) ?? textAt(objectAt(entry['config'])?.['name']) ?? textAt(entry['kernel_name']);
  if (name === null)
    throw inputFault('config_name_missing', `${place.path}: ${place.where} has no name`, {
      path: place.path,
      at: place.where,
      fix: `give every configuration a name, nameless ones would be taken for each other; ${shapeHint('ratchet-result')}`,
    });
  checkName(name, place);
  return name;
};

/** One configuration of the file. */
interface Entry {
  readonly name: string;
  readonly entry: JsonObject;
  readonly place: Place;
}

interface Config {
  readonly metrics: readonly Metric[];
  readonly samples: readonly number[];
  readonly facts: PointFacts;
}

/** Members in which benchmarks write how many iterations a figure is made from. */
const COUNTS = ['iterations', 'num_iterations', 'iters', 'repetitions', 'completed', 'n'];

const countOf = (figures: JsonObject): number | null => {
  const stated = COUNTS.map((key) => figures[key]).find((value) => typeof value === 'number');
  return typeof stated === 'number' ? stated : null;
};

const RATES = [
  ['throughput_gflops', 'throughput_gflops', 'GFLOPS'],
  ['bandwidth_gb_s', 'bandwidth_gb_per_s', 'GB/s'],
] as const;

const ratesOf = (figures: JsonObject, place: Place, labels: Labels): Metric[] =>
  RATES.flatMap(([key, name, unit]) => {
    const value = positiveAt(figures, key, place);
    if (value === null) return [];
    return [{ name, source_key: key, unit, value, direction: 'higher-is-better' as const, statistic: null, labels }];
  });

const checkSamples = (figures: JsonObject, samples: readonly number[], place: Place): void => {
  const count = countOf(figures);
  if (samples.length === 0 || (count !== null && count !== samples.length)) return;
  for (const [key, statistic] of [
    ['median_ms', 'median'],
    ['mean_time_ms', 'mean'],
    ['mean_ms', 'mean'],
  ] as const) {
    const stated = positiveAt(figures, key, place);
    if (stated !== null) requireAgreement({ stated, statistic, samples, ...place, key });
  }
};

const configOf = ({ name, entry, place }: Entry, shared: JsonObject, isOwnBaseline: boolean): Config => {
  const figures = objectAt(entry['performance']) ?? objectAt(entry['metrics']) ?? entry;
  const samples = samplesAt(figures, place);
  const time = timeOf(figures, samples, place, isOwnBaseline);
  if (time.statistic !== 'unknown' && !isOwnBaseline) checkSamples(figures, samples, place);
  const labels = { config: name };
  const gpu = textAt(entry['gpu']) ?? textAt(shared['gpu']);
  return {
    metrics: [
      {
        name: TIME_NAMES[time.statistic],
        source_key: time.key,
        unit: 'ms',
        value: time.value,
        direction: 'lower-is-better',
        statistic: time.statistic === 'unknown' ? null : time.statistic,
        labels,
      },
      ...ratesOf(figures, place, labels),
    ],
    samples,
    facts: {
      labels,
      context: contextOf({ hardware: gpu }),
      settings: objectAt(figures['config']) ?? objectAt(entry['config']),
      git_commit: commitAt(entry['git_commit']) ?? commitAt(shared['git_commit']),
      measured_at: textAt(entry['timestamp']) ?? textAt(shared['timestamp']),
      invalid: objectAt(entry['correctness'])?.['passed'] === false ? 'correctness_failed' : null,
    },
  };
};

/** Throws when two configurations share a name, which would make one stand for the other. */
const refuseRepeats = (names: readonly string[], path: string): void => {
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated === undefined) return;
  throw inputFault('config_name_repeated', `${path}: configuration ${JSON.stringify(repeated)} appears twice`, {
    path,
    at: repeated,
    fix: 'name each configuration once',
  });
};

const noConfigs = (message: string, path: string, at?: string) =>
  inputFault('no_configs', message, {
    path,
    ...(at === undefined ? {} : { at }),
    fix: `check that the benchmark finished; ${shapeHint('ratchet-result')}`,
  });

const entryAt = (entry: JsonValue, place: Place): JsonObject => {
  if (isJsonObject(entry)) return entry;
  throw noConfigs(`${place.path}: ${place.where} is ${describeJson(entry)}, not an object`, place.path, place.where);
};

/** The configurations: of the ratchet's own baseline by name, of a result one or several. */
const entriesOf = (document: JsonObject, path: string): Entry[] => {
  const { configs } = document;
  if (isJsonObject(configs))
    return Object.entries(configs).map(([name, stored]) => {
      const place = { path, where: `configs.${name}` };
      checkName(name, { path, where: 'configs' });
      return { name, entry: entryAt(stored, place), place };
    });
  const listed = Array.isArray(configs) ? configs : [document];
  return listed.map((each, index) => {
    const place = { path, where: Array.isArray(configs) ? `configs[${index}]` : 'result' };
    const entry = entryAt(each, place);
    return { name: nameOf(entry, place), entry, place };
  });
};

const trialAt = (configs: readonly Config[], index: number): Trial => ({
  index,
  block: null,
  started_at: null,
  replicate_level: null,
  values: Object.fromEntries(
    configs.flatMap(({ metrics: [time, ...rates], samples }) => {
      const sample = samples[index];
      if (time === undefined || sample === undefined) return [];
      const beside = samples.length === 1 ? rates.map((rate) => [metricKey(rate), rate.value] as const) : [];
      return [[metricKey(time), sample] as const, ...beside];
    }),
  ),
  validity: ['no_telemetry'],
  gpu_uuids: null,
});

const readingOf = (configs: readonly Config[]): Reading => {
  const longest = Math.max(...configs.map(({ samples }) => samples.length));
  const facts = configs.map((config) => config.facts);
  const gpus = new Set(facts.map(({ context }) => context.hardware ?? null));
  return {
    format: 'ratchet_result',
    metrics: configs.flatMap(({ metrics }) => metrics),
    trials: Array.from({ length: longest }, (_, index) => trialAt(configs, index)),
    context: gpus.size === 1 ? (facts[0]?.context ?? {}) : {},
    warnings: facts.flatMap(({ labels, invalid }) =>
      invalid === null ? [] : [`${labels['config']}: ${invalid}; its figures do not count`],
    ),
    points: facts,
    policy: [{ match: 'time_*', headline: true }],
  };
};

/**
 * The configurations of a document as points with their facts. Throws a Fault `no_configs`, `config_name_missing`,
 * `config_name_invalid`, `config_name_repeated`, `time_missing`, `impossible_value` or `samples_contradict` that names the place.
 */
export const readRatchetDocument = (document: JsonValue, path: string): Reading => {
  if (!isJsonObject(document)) throw noConfigs(`${path} holds ${describeJson(document)}, not a benchmark result`, path);
  const entries = entriesOf(document, path);
  if (entries.length === 0) throw noConfigs(`${path} lists no configuration`, path);
  const isOwnBaseline = isJsonObject(document['configs']);
  const configs = entries.map((entry) => configOf(entry, document, isOwnBaseline));
  refuseRepeats(
    entries.map(({ name }) => name),
    path,
  );
  return readingOf(configs);
};

const parse = (text: string, path: string): ReadOutcome => ({
  kind: 'measured',
  reading: readRatchetDocument(parseDocument(text, path), path),
});

const hasTime = (head: string): boolean =>
  ['median_ms', 'samples_ms', 'mean_time_ms'].some((key) => hasMembers(head, key));

/** Results of kernel benchmarks and the baselines that `ratchet_check` keeps of them. */
export const ratchetResult: Reader = {
  format: 'ratchet_result',
  sniff: (_path, head) => {
    if (!/^\s*\{/.test(head) || !hasTime(head)) return 0;
    if (hasMembers(head, 'name', 'performance') || hasMembers(head, 'kernel_name', 'metrics')) return 0.9;
    return hasMembers(head, 'configs') ? 0.9 : 0;
  },
  parse,
};
