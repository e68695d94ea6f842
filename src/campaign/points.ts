// Which runs are repeats of one point. Runs that differ in concurrency, rate, data set or lengths are different points, however
// their files are named: they are never trials of one another.
import { nameOf } from '../metrics/catalogue.ts';
import { groupKey, type FileRun } from './point-runs.ts';

/** Share by which the measured lengths of repeats may differ: prompts are drawn anew. */
const SAME_LENGTH = 0.05;

const differs = (a: number | null | undefined, b: number | null | undefined, share: number): boolean =>
  typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) > share * Math.max(a, b);

const measuredAlike = (a: number | undefined, b: number | undefined): boolean =>
  (a === undefined) === (b === undefined) && !differs(a, b, SAME_LENGTH);

/** True where neither the lengths that were asked for nor the measured ones tell the runs apart. Unknown is not alike to known. */
const sameLengths = (a: FileRun, b: FileRun): boolean =>
  !differs(a.context.isl, b.context.isl, 0) &&
  !differs(a.context.osl, b.context.osl, 0) &&
  measuredAlike(a.values[nameOf('promptLength')], b.values[nameOf('promptLength')]) &&
  measuredAlike(a.values[nameOf('outputLength')], b.values[nameOf('outputLength')]);

/** A log has two decimals of the seconds that the JSON of the same run has whole. */
const SAME_SECONDS = 0.006;

const isLog = ({ path }: FileRun): boolean => /\.(txt|log)(\.gz)?$/i.test(path);

/** The run whose JSON lies beside its log; undefined where there is none. */
const savedRun = (log: FileRun, runs: readonly FileRun[]): FileRun | undefined =>
  runs.find(
    (run) =>
      !isLog(run) &&
      run.counts.completed !== undefined &&
      run.counts.completed === log.counts.completed &&
      Math.abs((run.counts.duration_s ?? NaN) - (log.counts.duration_s ?? NaN)) <= SAME_SECONDS,
  );

export interface Saved {
  /** Each run once. */
  readonly runs: readonly FileRun[];
  /** Logs of runs that are there as JSON, and that JSON. */
  readonly logs: readonly { readonly path: string; readonly of: string }[];
}

/** Leaves out the console output of runs that were saved too: one run is one trial. */
export const savedOnce = (runs: readonly FileRun[]): Saved => {
  const found = runs.map((run) => ({ run, saved: isLog(run) ? savedRun(run, runs) : undefined }));
  return {
    runs: found.filter(({ saved }) => saved === undefined).map(({ run }) => run),
    logs: found.flatMap(({ run, saved }) => (saved === undefined ? [] : [{ path: run.path, of: saved.path }])),
  };
};

export interface Points {
  /** Runs of one point, in the order in which their files were read; at least one run each. */
  readonly points: readonly (readonly FileRun[])[];
  /** Concurrencies at which runs looked like repeats and are not. */
  readonly split: readonly number[];
}

/** Groups the runs of a cell; `datasetOf` is what the row will name as the data set of a run. */
export const pointsOf = (runs: readonly FileRun[], datasetOf: (run: FileRun) => string | undefined): Points => {
  const points: FileRun[][] = [];
  const split = new Set<number>();
  const looksSame = ([first]: readonly FileRun[], run: FileRun): boolean =>
    first?.concurrency === run.concurrency && groupKey(first.labels) === groupKey(run.labels);
  for (const run of runs) {
    const alike = points.filter((point) => looksSame(point, run));
    const repeats = alike.find((point) =>
      point.every((other) => datasetOf(other) === datasetOf(run) && sameLengths(other, run)),
    );
    if (repeats === undefined) points.push([run]);
    else repeats.push(run);
    if (repeats === undefined && alike.length > 0) split.add(run.concurrency);
  }
  return { points: points.toSorted(([a], [b]) => (a?.concurrency ?? 0) - (b?.concurrency ?? 0)), split: [...split] };
};
