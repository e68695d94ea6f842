// Reads what a kernel benchmark wrote: one time per named configuration, with samples where there are any. Never invents a
// name, never takes a mean for a median, and never clamps a figure that is too good to be true.
import { inputFault } from '../text/fault.ts';
import { describeJson, isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { median } from '../stats/describe.ts';

/** Highest rates that the hardware can reach; a measurement above them is invalid. Null where nobody said. */
export interface RatePeaks {
  readonly bandwidthGbPerS: number | null;
  readonly throughputGflops: number | null;
}

export const NO_PEAKS: RatePeaks = { bandwidthGbPerS: null, throughputGflops: null };

export interface ConfigResult {
  readonly name: string;
  /** Time of one iteration in ms, always above zero. */
  readonly timeMs: number;
  /** Which statistic `timeMs` is; null in baselines written by tools that mixed the two. */
  readonly statistic: 'median' | 'mean' | null;
  /** One value per trial in ms; empty when the benchmark kept none. */
  readonly samplesMs: readonly number[];
  readonly throughputGflops: number | null;
  readonly bandwidthGbPerS: number | null;
  /** Shape and type that were run (`batch`, `seq`, `dtype`, …); null when the file does not say. */
  readonly shape: JsonObject | null;
  readonly gpu: string | null;
  readonly gitCommit: string | null;
  readonly timestamp: string | null;
  /** Why the figure cannot count; null when it can. */
  readonly invalid: string | null;
}

const objectAt = (value: JsonValue | undefined): JsonObject | null => (isJsonObject(value) ? value : null);
const textAt = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value : null;

/** A commit that is really one: all zeros and `unknown` are placeholders. */
export const commitAt = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && /^[0-9a-f]{7,64}$/.test(value) && !/^0+$/.test(value) ? value : null;

/** A number above zero, null when absent; anything else is a fault. */
export const positiveAt = (holder: JsonObject, key: string, where: string, path: string): number | null => {
  const value = holder[key];
  if (value === undefined || value === null) return null;
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

export const samplesAt = (holder: JsonObject, where: string, path: string): number[] => {
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

/** The time and its statistic: the declared median, else the median of the samples, else the mean. */
const timeOf = (
  figures: JsonObject,
  samples: readonly number[],
  where: string,
  path: string,
): Pick<ConfigResult, 'timeMs' | 'statistic'> => {
  const declared = positiveAt(figures, 'median_ms', where, path);
  if (declared !== null) return { timeMs: declared, statistic: 'median' };
  if (samples.length > 0) return { timeMs: median(samples), statistic: 'median' };
  const mean = positiveAt(figures, 'mean_time_ms', where, path) ?? positiveAt(figures, 'mean_ms', where, path);
  if (mean !== null) return { timeMs: mean, statistic: 'mean' };
  throw inputFault('time_missing', `${path}: ${where} has none of median_ms, samples_ms, mean_time_ms`, {
    path,
    at: where,
    fix: 'write the time per iteration in ms',
  });
};

/** Throws a Fault `config_name_invalid` for a name that cannot be shown on one line. */
export const checkName = (name: string, where: string, path: string): void => {
  if (name.length <= 200 && !/\p{Cc}/u.test(name)) return;
  throw inputFault('config_name_invalid', `${path}: ${where} has the name ${JSON.stringify(name.slice(0, 200))}`, {
    path,
    at: where,
    fix: 'use at most 200 printable characters',
  });
};

const nameOf = (entry: JsonObject, where: string, path: string): string => {
  const name = textAt(entry['name']) ?? textAt(objectAt(entry['config'])?.['name']) ?? textAt(entry['kernel_name']);
  if (name === null)
    throw inputFault('config_name_missing', `${path}: ${where} has no name`, {
      path,
      at: where,
      fix: 'give every configuration a name; nameless ones would be taken for each other',
    });
  checkName(name, where, path);
  return name;
};

const invalidReason = (
  entry: JsonObject,
  rates: Pick<ConfigResult, 'throughputGflops' | 'bandwidthGbPerS'>,
  peaks: RatePeaks,
): string | null => {
  if (objectAt(entry['correctness'])?.['passed'] === false) return 'correctness_failed';
  const above = (value: number | null, peak: number | null): boolean => value !== null && peak !== null && value > peak;
  if (above(rates.bandwidthGbPerS, peaks.bandwidthGbPerS)) return 'bandwidth_above_peak';
  return above(rates.throughputGflops, peaks.throughputGflops) ? 'throughput_above_peak' : null;
};

const parseEntry = (
  entry: JsonObject,
  shared: JsonObject,
  where: string,
  path: string,
  peaks: RatePeaks,
): ConfigResult => {
  const figures = objectAt(entry['performance']) ?? objectAt(entry['metrics']) ?? entry;
  const samplesMs = samplesAt(figures, where, path);
  const rates = {
    throughputGflops: positiveAt(figures, 'throughput_gflops', where, path),
    bandwidthGbPerS: positiveAt(figures, 'bandwidth_gb_s', where, path),
  };
  return {
    name: nameOf(entry, where, path),
    ...timeOf(figures, samplesMs, where, path),
    samplesMs,
    ...rates,
    shape: objectAt(figures['config']) ?? objectAt(entry['config']),
    gpu: textAt(entry['gpu']) ?? textAt(shared['gpu']),
    gitCommit: commitAt(entry['git_commit']) ?? commitAt(shared['git_commit']),
    timestamp: textAt(entry['timestamp']) ?? textAt(shared['timestamp']),
    invalid: invalidReason(entry, rates, peaks),
  };
};

/** Throws when two configurations share a name, which would make one stand for the other. */
const refuseRepeats = (results: readonly ConfigResult[], path: string): void => {
  const seen = new Set<string>();
  for (const { name } of results) {
    if (seen.has(name))
      throw inputFault('config_name_repeated', `${path}: configuration ${JSON.stringify(name)} appears twice`, {
        path,
        at: name,
        fix: 'name each configuration once',
      });
    seen.add(name);
  }
};

/**
 * The configurations of a benchmark result: a single result (`{name, performance}`), the older `{kernel_name, metrics}`, or
 * several under `configs`. Throws a Fault `no_configs`, `config_name_missing`, `config_name_invalid`,
 * `config_name_repeated`, `time_missing` or
 * `impossible_value` that names the place.
 */
export const parseResult = (document: JsonValue, path: string, peaks: RatePeaks = NO_PEAKS): ConfigResult[] => {
  const shared = objectAt(document);
  if (shared === null)
    throw inputFault('no_configs', `${path} holds ${describeJson(document)}, not a benchmark result`, { path });
  const listed = shared['configs'];
  const entries = Array.isArray(listed) ? listed : [shared];
  if (entries.length === 0)
    throw inputFault('no_configs', `${path} lists no configuration`, {
      path,
      fix: 'check that the benchmark finished',
    });
  const results = entries.map((entry, index) => {
    const where = Array.isArray(listed) ? `configs[${index}]` : 'result';
    if (!isJsonObject(entry))
      throw inputFault('no_configs', `${path}: ${where} is ${describeJson(entry)}, not an object`, { path, at: where });
    return parseEntry(entry, shared, where, path, peaks);
  });
  refuseRepeats(results, path);
  return results;
};
