// Reads result envelopes, v1 and v1.1: one load point a file, with the trials inside where there are any. Strings among the
// metrics are labels of old producers and are not read; a null was not measured. Placeholder hashes are not known facts.
import { z } from 'zod';
import { trialContradictions } from './contradictions.ts';
import { CONTEXT_FIELDS, contextOf, isPlaceholder, loadLabels } from './context-fields.ts';
import { arrayAt, hasMembers, memberAt, objectAt, textAt } from './json-fields.ts';
import { type Sample, assemble, noMeasurement } from './point.ts';
import { isLatencyName, serving } from './serving-metrics.ts';
import { latenciesWrittenBy, latencyName, metricNamed, nameOf, writtenBy } from '../metrics/catalogue.ts';
import { factsOfName } from '../metrics/name-facts.ts';
import { CONTEXT_NAMES, type Context, type ContextField } from '../metrics/context.ts';
import { type Labels, metricKey } from '../metrics/metric.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { type Trial, VALIDITY_CODES, isValidTrial } from '../metrics/trial.ts';
import { inputFault } from '../text/fault.ts';
import { type JsonObject, type JsonValue, isJsonObject, parseJsonObject } from '../text/json.ts';

const RENAMED = writtenBy('envelope');
const LATENCIES = latenciesWrittenBy('envelope');

/** `total_p50_ms` is the time to the last chunk: `e2e_p50_ms`. */
const canonicalName = (name: string): string => {
  const [, kind = '', statistic = ''] = /^([a-z0-9]+)_(p[\d_]+|mean)_ms$/.exec(name) ?? [];
  const latency = LATENCIES.get(kind);
  if (latency !== undefined) return latencyName(latency, statistic);
  const id = RENAMED.get(name);
  return id === undefined ? name : nameOf(id);
};

const statisticOf = (name: string): string | null =>
  /_(p\d+(?:_\d+)?|mean|avg|peak|std)_/.exec(name)?.[1]?.replace('avg', 'mean').replace('_', '.') ?? null;

/** A metric of the catalogue, else what its name says; policy decides what that leaves open. */
const sampleOf = (key: string, value: number): Sample => {
  const name = canonicalName(key);
  const id = metricNamed(name);
  const known = id === undefined ? undefined : serving(id, value, key);
  const { unit, direction } = factsOfName(name);
  return known ?? { name, source_key: key, unit, value, direction, statistic: statisticOf(name) };
};

/** The finite numbers of a metrics map. A latency of zero was not measured. */
const samplesOf = (metrics: JsonObject): Sample[] =>
  Object.entries(metrics).flatMap(([key, value]) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return [];
    const sample = sampleOf(key, value);
    return isLatencyName(sample.name) && value === 0 ? [] : [sample];
  });

/** The facts of CONTEXT_NAMES, and in v1.1 a `context` object in our own names, which wins. */
const contextOfEnvelope = (envelope: JsonObject): Context => {
  const fields: Partial<Record<ContextField, JsonValue | undefined>> = {};
  for (const field of CONTEXT_FIELDS) {
    const place = CONTEXT_NAMES[field]?.envelope;
    if (place !== undefined) fields[field] = place.split('.').reduce<JsonValue | undefined>(stepInto, envelope);
  }
  return { ...contextOf(fields), ...contextOf(objectAt(envelope, 'context')) };
};

const stepInto = (inner: JsonValue | undefined, key: string): JsonValue | undefined =>
  Array.isArray(inner) ? inner[Number(key)] : isJsonObject(inner) ? inner[key] : undefined;

/** Unknown validity codes are a fault: a trial must not count because its reason was not understood. */
const trialSchema = z.looseObject({
  index: z.number().int().nonnegative(),
  block: z.number().int().nonnegative().nullable().default(null),
  started_at: z.string().nullable().default(null),
  replicate_level: z.enum(['request', 'window', 'process', 'placement']).nullable().default(null),
  metrics: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  /** A trial that does not say was not watched. */
  validity: z.array(z.enum(VALIDITY_CODES)).default(['no_telemetry']),
  gpu_uuids: z.array(z.string()).nullable().default(null),
  requests: z.number().int().nonnegative().optional(),
  failures: z.record(z.string(), z.number()).default({}),
});

const answered = (requests: number, failures: Readonly<Record<string, number>>): number =>
  Math.max(
    0,
    Object.values(failures).reduce((left, count) => left - count, requests),
  );

const trialOf = (entry: JsonValue, position: number, labels: Labels, path: string): Trial => {
  const checked = trialSchema.safeParse(entry);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const at = ['trials', position, ...(issue?.path ?? [])].join('.');
    throw inputFault('schema_mismatch', `${path}: ${at}: ${issue?.message ?? 'not valid'}`, { path, at });
  }
  const { metrics, ...trial } = checked.data;
  const values = samplesOf(metrics).map((sample) => [metricKey({ name: sample.name, labels }), sample.value] as const);
  return {
    index: trial.index,
    block: trial.block,
    started_at: trial.started_at,
    replicate_level: trial.replicate_level,
    values: Object.fromEntries(values),
    validity: trial.validity,
    gpu_uuids: trial.gpu_uuids,
    ...(trial.requests === undefined ? {} : { requests: answered(trial.requests, trial.failures) }),
  };
};

const warningsOf = (envelope: JsonObject, metrics: JsonObject): string[] => {
  const nulls = Object.keys(metrics).filter((key) => metrics[key] === null);
  const hashes = ['engine.config_hash', 'dataset.hash', 'software_provenance.pip_freeze_hash', 'model.revision'].filter(
    (place) => {
      const value = memberAt(envelope, ...place.split('.'));
      return typeof value === 'string' && isPlaceholder(value);
    },
  );
  return [
    ...nulls.map((key) => `${key} is null: not measured`),
    ...(hashes.length > 0 ? [`placeholders, not facts: ${hashes.join(', ')}`] : []),
    ...arrayAt(envelope, 'warnings').filter((warning) => typeof warning === 'string'),
  ];
};

const checkVersion = (envelope: JsonObject, path: string): void => {
  const version = textAt(envelope, 'envelope_version');
  if (version === 'v1' || version === 'v1.1') return;
  throw inputFault(
    'format_version',
    `${path}: envelope_version is ${JSON.stringify(envelope['envelope_version'] ?? null)}`,
    {
      path,
      at: 'envelope_version',
      fix: 'give an envelope of version v1 or v1.1',
    },
  );
};

const parse = (text: string, path: string): ReadOutcome => {
  const envelope = parseJsonObject(text, path);
  checkVersion(envelope, path);
  const metrics = objectAt(envelope, 'metrics');
  const warnings = warningsOf(envelope, metrics);
  if (metrics[nameOf('okRate')] === 0) return noMeasurement('envelope', 'ok_rate is 0: every request failed', warnings);
  const context = contextOfEnvelope(envelope);
  const labels = loadLabels(context);
  const outcome = assemble({
    format: 'envelope',
    path,
    points: [{ labels, samples: samplesOf(metrics), context }],
    warnings,
  });
  const trials = arrayAt(envelope, 'trials').map((entry, position) => trialOf(entry, position, labels, path));
  if (outcome.kind !== 'measured') return outcome;
  const valid = trials.filter(isValidTrial);
  const counted = valid.length > 0 ? valid : trials;
  const contradictions = trialContradictions(outcome.reading.metrics, (key) =>
    counted.flatMap(({ values }) => values[key] ?? []),
  );
  return {
    ...outcome,
    reading: { ...outcome.reading, trials, ...(contradictions.length === 0 ? {} : { contradictions }) },
  };
};

/** Result envelope of `bench run`. */
export const envelope: Reader = {
  format: 'envelope',
  sniff: (_path, head) =>
    hasMembers(head, 'envelope_version', 'suite_id') || hasMembers(head, 'envelope_version', 'metrics') ? 1 : 0,
  parse,
};
