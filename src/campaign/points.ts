// Which runs are repeats of one point. Runs that differ in concurrency, rate, data set or lengths are different points, however
// their files are named: they are never trials of one another.
import { nameOf } from '../metrics/catalogue.ts';
import { groupKey, type FileRun } from './point-runs.ts';

/** Share by which the measured lengths of repeats may differ: prompts are drawn anew. */
const SAME_LENGTH = 0.05;

const differs = (a: number | null | undefined, b: number | null | undefined, share: number): boolean =>
  typeof a === 'number' && typeof b === 'number' && Math.abs(a - b) > share * Math.max(a, b);

/** True where neither the lengths that were asked for nor the measured ones tell the runs apart. */
const sameLengths = (a: FileRun, b: FileRun): boolean =>
  !differs(a.context.isl, b.context.isl, 0) &&
  !differs(a.context.osl, b.context.osl, 0) &&
  !differs(a.values[nameOf('promptLength')], b.values[nameOf('promptLength')], SAME_LENGTH) &&
  !differs(a.values[nameOf('outputLength')], b.values[nameOf('outputLength')], SAME_LENGTH);

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
    const repeats = alike.find(
      ([first]) => first !== undefined && datasetOf(first) === datasetOf(run) && sameLengths(first, run),
    );
    if (repeats === undefined) points.push([run]);
    else repeats.push(run);
    if (repeats === undefined && alike.length > 0) split.add(run.concurrency);
  }
  return { points: points.toSorted(([a], [b]) => (a?.concurrency ?? 0) - (b?.concurrency ?? 0)), split: [...split] };
};
