// Reads atlas.jsonl and normalized.json: one row per operating point of a campaign cell, keyed by cell, concurrency, ISL, OSL
// and phase, with its repeats as trials. Rows of cells that failed or were evicted hold no measurement.
import { rowOfToday } from './atlas-row-age.ts';
import { rowSamples } from './atlas-samples.ts';
import { type RowTrials, atlasTrials, trialsIn } from './atlas-trials.ts';
import { USUAL_NAMES, contextFrom, contextOf, loadLabels } from './context-fields.ts';
import { trialContradictions } from './contradictions.ts';
import { hasMembers, numberAt, objectAt, parseObjects, textAt } from './json-fields.ts';
import { type Point, assemble, noMeasurement } from './point.ts';
import type { Labels } from '../metrics/metric.ts';
import { metricKey } from '../metrics/metric.ts';
import type { Reading, ReadOutcome, Reader } from '../metrics/reading.ts';
import type { Context } from '../metrics/context.ts';
import { type Trial, isValidTrial } from '../metrics/trial.ts';
import { inputFault } from '../text/fault.ts';
import type { JsonObject } from '../text/json.ts';

/**
 * A length that names the point: the one that was asked for, or a mean that is a whole number, as with prompts of one length.
 * A mean of mixed lengths moves from run to run and names nothing; it stays a metric.
 */
const lengthLabel = (row: JsonObject, requested: string, mean: string, path: string): number | undefined => {
  const asked = numberAt(objectAt(row, 'extra'), requested, path);
  const achieved = numberAt(row, mean, path);
  return asked ?? (achieved !== undefined && Number.isInteger(achieved) ? achieved : undefined);
};

const rateOf = (row: JsonObject, path: string): number | 'inf' | undefined =>
  row['request_rate'] === 'inf' ? 'inf' : numberAt(row, 'request_rate', path);

const labelsOf = (row: JsonObject, path: string): Labels => {
  const concurrency = numberAt(row, 'concurrency', path);
  const rate = rateOf(row, path);
  const isl = lengthLabel(row, 'isl', 'mean_input_tokens', path);
  const osl = lengthLabel(row, 'osl', 'mean_output_tokens', path);
  const phase = textAt(objectAt(row, 'extra'), 'phase');
  return {
    cell_id: textAt(row, 'cell_id') ?? '',
    ...loadLabels({ concurrency, request_rate: rate }),
    ...(isl === undefined ? {} : { isl }),
    ...(osl === undefined ? {} : { osl }),
    ...(phase === undefined ? {} : { phase }),
  };
};

/** What tells rows of one cell and load apart where nothing else does. */
const furtherLabels = (row: JsonObject, path: string): Labels => {
  const tokens = numberAt(row, 'num_speculative_tokens', path);
  const dataset = textAt(row, 'dataset');
  const cacheMode = textAt(row, 'cache_mode');
  return {
    ...(dataset === undefined ? {} : { dataset }),
    ...(cacheMode === undefined ? {} : { cache_mode: cacheMode }),
    ...(tokens === undefined ? {} : { spec_tokens: tokens }),
  };
};

/** How the code under test came, and whether its configuration is one of production: rows keep both among their extra entries. */
const markedIn = (row: JsonObject): Context => {
  const { delivery, production_representative } = objectAt(row, 'extra');
  return contextOf({ delivery, production_representative });
};

/** All that counted GPUs served; what was only computed from the parallel sizes is no record. */
const contextOfRow = (row: JsonObject): Context => {
  const { n_gpus: gpus, gpu_uuids: uuids, ...context } = contextFrom(row, ATLAS_NAMES);
  return {
    ...context,
    ...markedIn(row),
    ...(gpus === undefined || row['n_gpus_source'] === 'derived' ? {} : { n_gpus: gpus }),
    ...(uuids === undefined ? {} : { gpu_uuids: uuids }),
  };
};

const ATLAS_NAMES = {
  ...USUAL_NAMES,
  ep: ['expert_parallel'],
  spec_tokens: ['num_speculative_tokens'],
  gpu_uuids: ['gpu_uuids'],
  isl: [],
  osl: [],
};

const keyOf = (labels: Labels): string => metricKey({ name: '', labels });

interface AtlasPoint extends Point {
  readonly row: JsonObject;
  readonly at: string;
}

/** Rows that share a key get what else differs between them into it. */
const distinguished = (points: readonly AtlasPoint[], path: string): AtlasPoint[] => {
  const keys = points.map(({ labels }) => keyOf(labels));
  const seen = new Set<string>();
  const repeated = new Set(keys.filter((key) => seen.size === seen.add(key).size));
  if (repeated.size === 0) return [...points];
  return points.map((point, index) => {
    if (!repeated.has(keys[index] ?? '')) return point;
    return { ...point, labels: { ...point.labels, ...furtherLabels(point.row, path) } };
  });
};

/** Two rows with one key would be taken for repeats, which an atlas keeps inside of a row. */
const checkUnique = (points: readonly Point[], path: string): void => {
  const seen = new Set<string>();
  for (const { labels } of points) {
    const key = keyOf(labels);
    if (seen.has(key))
      throw inputFault('duplicate_point', `${path}: two rows describe the same point ${key}`, {
        path,
        at: key,
        fix: 'keep one row for each cell, load, ISL, OSL, phase, dataset and cache mode',
      });
    seen.add(key);
  }
};

const pointsIn = (rows: readonly JsonObject[], path: string): AtlasPoint[] =>
  rows.flatMap((row, index) => {
    if (row['status'] === 'failed' || row['status'] === 'evicted') return [];
    const samples = rowSamples(row, path);
    if (samples.length === 0) return [];
    const number = (key: string): number | undefined => numberAt(row, key, path);
    const counts = {
      completed: number('completed_requests'),
      failed: number('failed_requests'),
      requested: number('num_prompts'),
      duration_s: number('duration_s'),
    };
    const isCounted = counts.completed !== undefined;
    const point = { labels: labelsOf(row, path), samples, context: contextOfRow(row), row, at: String(index) };
    return [isCounted ? { ...point, counts } : point];
  });

const trialsOf = (points: readonly AtlasPoint[], path: string): Trial[] =>
  atlasTrials(
    points.map(({ labels, samples, row, at, context }): RowTrials => ({
      labels,
      samples,
      trials: trialsIn(row, at, path),
      gpus: numberAt(row, 'n_gpus', path) ?? null,
      gpuUuids: context.gpu_uuids ?? null,
    })),
  );

/** The values of each metric in the trials that count. */
const countedValues = (trials: readonly Trial[]): ReadonlyMap<string, readonly number[]> => {
  const valid = trials.filter(isValidTrial);
  const values = new Map<string, number[]>();
  for (const trial of valid)
    for (const [key, value] of Object.entries(trial.values)) {
      const found = values.get(key);
      if (found === undefined) values.set(key, [value]);
      else found.push(value);
    }
  return values;
};

const withTrials = (reading: Reading, trials: readonly Trial[]): Reading => {
  if (trials.length === 0) return reading;
  const values = countedValues(trials);
  const contradictions = trialContradictions(reading.metrics, (key) => values.get(key) ?? []);
  return { ...reading, trials, ...(contradictions.length === 0 ? {} : { contradictions }) };
};

const parse = (text: string, path: string): ReadOutcome => {
  const rows = parseObjects(text, path).map(rowOfToday);
  const points = distinguished(pointsIn(rows, path), path);
  if (points.length === 0) return noMeasurement('atlas', `none of ${rows.length} rows holds a measurement`);
  checkUnique(points, path);
  const left = rows.length - points.length;
  const outcome = assemble({
    format: 'atlas',
    path,
    points,
    warnings: left > 0 ? [`${left} of ${rows.length} rows hold no measurement and are left out`] : [],
  });
  if (outcome.kind !== 'measured') return outcome;
  return { ...outcome, reading: withTrials(outcome.reading, trialsOf(points, path)) };
};

/** Rows of a campaign. */
export const atlas: Reader = {
  format: 'atlas',
  sniff: (_path, head) => (hasMembers(head, 'cell_id', 'parallel_strategy', 'concurrency', 'status') ? 0.95 : 0),
  parse,
};
