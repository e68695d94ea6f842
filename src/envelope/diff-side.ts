// Joins the files of one side at one load point into what a comparison takes: files of the same context are trials of one
// another, files of different contexts are refused.
import { compareContexts } from '../verdict/context-match.ts';
import { attestedOfContext, attestedOfTrials, joinAttested, originOf } from '../source/fact-origin.ts';
import type { Side } from '../source/side.ts';
import type { AttestedFact } from '../metrics/attested.ts';
import { metricKey, type Metric } from '../metrics/metric.ts';
import type { Trial } from '../metrics/trial.ts';
import { Fault } from '../text/fault.ts';
import type { PointReading } from './load-point.ts';

/** A file without trials of its own is one trial: one run, of which nobody said whether the server was started anew. */
const fileAsTrial = ({ reading }: PointReading): Trial => ({
  index: 0,
  block: null,
  started_at: null,
  replicate_level: null,
  values: Object.fromEntries(reading.metrics.map((metric) => [metricKey(metric), metric.value])),
  validity: ['no_telemetry'],
  gpu_uuids: null,
});

/** Blocks of different files are different blocks, and the n-th files of both sides belong together. */
const BLOCKS_PER_FILE = 1_000_000;

const trialsOf = (files: readonly PointReading[]): Trial[] => {
  if (files.length === 1) return [...(files[0]?.reading.trials ?? [])];
  return files.flatMap((file, position) => {
    const own = file.reading.trials.length > 0 ? file.reading.trials : [fileAsTrial(file)];
    return own.map((trial) => ({
      ...trial,
      block: trial.block === null ? null : trial.block + position * BLOCKS_PER_FILE,
    }));
  });
};

/** All metrics that any file has, each once. */
const metricsOf = (files: readonly PointReading[]): Metric[] => {
  const found = new Map<string, Metric>();
  for (const { reading } of files)
    for (const metric of reading.metrics) if (!found.has(metricKey(metric))) found.set(metricKey(metric), metric);
  return [...found.values()];
};

/** Throws a Fault `trials_differ` when two files of one side were not measured under the same circumstances. */
const requireOneContext = (first: PointReading, others: readonly PointReading[]): void => {
  for (const other of others) {
    const [mismatch] = compareContexts(first.reading.context, other.reading.context).mismatches;
    if (mismatch === undefined) continue;
    throw new Fault(
      'not_comparable',
      'trials_differ',
      `${first.path} and ${other.path} are no trials of one measurement: ${mismatch.field} is ${JSON.stringify(mismatch.baseline)} and ${JSON.stringify(mismatch.current)}`,
      { fix: 'compare them one at a time', data: { field: mismatch.field } },
    );
  }
};

/** What of a file somebody typed and nobody recorded. */
const attestedOf = ({ reading }: PointReading): readonly AttestedFact[] =>
  joinAttested(
    attestedOfTrials(originOf(reading), reading.trials, undefined),
    attestedOfContext(originOf(reading), reading.context),
  );

/** What any of the files contradicts; where they are several, with its name. */
const contradictionsOf = (files: readonly PointReading[]): Side['contradictions'] =>
  files.flatMap(({ path, reading }) =>
    (reading.contradictions ?? []).map((found) =>
      files.length === 1 ? found : { ...found, text: `${path}: ${found.text}` },
    ),
  );

/** `files` is not empty. */
export const joinFiles = (files: readonly PointReading[]): Side => {
  const [first, ...others] = files;
  if (first === undefined) throw new Fault('internal', 'no_files', 'a side without files');
  requireOneContext(first, others);
  return {
    metrics: metricsOf(files),
    trials: trialsOf(files).map((trial, index) => ({ ...trial, index })),
    context: first.reading.context,
    attested: joinAttested(...files.map(attestedOf)),
    contradictions: contradictionsOf(files),
  };
};
