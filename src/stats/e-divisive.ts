// Finds where a series changed level: deterministic E-divisive segmentation with a significance test that pays for
// having searched. Never uses random permutations, so the same series always gives the same answer.
import { mean, standardDeviation } from 'simple-statistics';
import { median } from './describe.ts';
import { studentTTwoSided } from './student-t.ts';

export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly index: number;
  /** p of the pooled t test between the neighbouring segments times the number of places the change could have been. */
  readonly pAdjusted: number;
  readonly medianBefore: number;
  readonly medianAfter: number;
}

export interface ChangePoints {
  readonly accepted: readonly ChangePoint[];
  /**
   * Splits of the first pass that are significant at ten times alpha, down from the whole series: candidates for a
   * closer look.
   */
  readonly weak: readonly number[];
}

/** Fewest values in a segment. */
const MIN_SEGMENT = 2;

const distanceTo = (values: readonly number[], from: number): number =>
  values.reduce((sum, value) => sum + Math.abs(value - from), 0);

/**
 * Energy statistic between-minus-within for mean absolute distances (Matteson and James 2014, alpha = 1), up to its
 * weights.
 */
const energy = (between: number, left: number, right: number, n: number, m: number): number =>
  (2 * between) / (n + m) - (2 * m * left) / ((n + m) * (n - 1)) - (2 * n * right) / ((n + m) * (m - 1));

/**
 * The split of a segment of at least 4 values with the largest energy, the first of equals: length of the left part.
 */
const bestSplit = (values: readonly number[]): number => {
  let [left, right, between] = [
    0,
    values.reduce((sum, value, i) => sum + distanceTo(values.slice(i + 1), value), 0),
    0,
  ];
  let [best, bestEnergy] = [MIN_SEGMENT, Number.NEGATIVE_INFINITY];
  for (const [n, moved] of values.slice(0, -MIN_SEGMENT).entries()) {
    const [toLeft, toRight] = [distanceTo(values.slice(0, n), moved), distanceTo(values.slice(n + 1), moved)];
    left += toLeft;
    right -= toRight;
    between += toRight - toLeft;
    const length = n + 1;
    const score =
      length < MIN_SEGMENT ? Number.NEGATIVE_INFINITY : energy(between, left, right, length, values.length - length);
    if (score > bestEnergy) [best, bestEnergy] = [length, score];
  }
  return best;
};

/** Two-sided p of Student's equal-variance test between two segments. */
const pooledP = (before: readonly number[], after: readonly number[]): number => {
  const [n, m] = [before.length, after.length];
  const squares = n * standardDeviation([...before]) ** 2 + m * standardDeviation([...after]) ** 2;
  const difference = mean([...after]) - mean([...before]);
  if (squares === 0) return difference === 0 ? 1 : 0;
  return studentTTwoSided(difference / Math.sqrt((squares / (n + m - 2)) * (1 / n + 1 / m)), n + m - 2);
};

/** p of a split, times the number of admissible splits of the segment it was chosen from (Bonferroni). */
const adjustedP = (before: readonly number[], after: readonly number[]): number =>
  Math.min(1, pooledP(before, after) * (before.length + after.length - 2 * MIN_SEGMENT + 1));

interface Split {
  readonly index: number;
  /** Significant at ten times alpha, and so are all splits above it. */
  readonly weak: boolean;
}

/** Splits every segment at its best place, down to the smallest. */
const allSplits = (values: readonly number[], offset: number, limit: number, reached: boolean): Split[] => {
  if (values.length < 2 * MIN_SEGMENT) return [];
  const at = bestSplit(values);
  const [before, after] = [values.slice(0, at), values.slice(at)];
  const weak = reached && adjustedP(before, after) <= limit;
  const split = { index: offset + at, weak };
  return [...allSplits(before, offset, limit, weak), split, ...allSplits(after, offset + at, limit, weak)];
};

/** The change points at `indices`, each judged between its neighbours. */
const judge = (series: readonly number[], indices: readonly number[]): ChangePoint[] =>
  indices.map((index, i) => {
    const before = series.slice(indices[i - 1] ?? 0, index);
    const after = series.slice(index, indices[i + 1] ?? series.length);
    const [medianBefore, medianAfter] = [median(before), median(after)];
    return { index, pAdjusted: adjustedP(before, after), medianBefore, medianAfter };
  });

const magnitude = (point: ChangePoint): number => Math.abs(point.medianAfter / point.medianBefore - 1);

/**
 * Drops the point with the largest `excess` above `limit` until none is left, judging its neighbours anew each time.
 */
const prune = (
  series: readonly number[],
  indices: readonly number[],
  excess: (point: ChangePoint) => number,
  limit: number,
): ChangePoint[] => {
  let points = judge(series, indices);
  for (;;) {
    const most = Math.max(limit, ...points.map(excess));
    const worst = points.findIndex((point) => excess(point) === most && most > limit);
    if (worst === -1) return points;
    points = judge(
      series,
      points.flatMap(({ index }, i) => (i === worst ? [] : [index])),
    );
  }
};

/**
 * Change points of a series of finite numbers. First pass: split at the largest energy, from the whole series down,
 * while p ≤ 10·alpha. Second pass: drop the weakest point until all have p ≤ alpha, then the smallest until all change
 * the median by at least `minMagnitude` (a fraction). Where nothing is found, opposite steps may hide each other in the
 * segment that holds both, so all splits down to the smallest get the second pass. Quadratic in the length.
 */
export const changePoints = (series: readonly number[], alpha = 0.01, minMagnitude = 0): ChangePoints => {
  const splits = allSplits(series, 0, 10 * alpha, true);
  const weak = splits.flatMap((split) => (split.weak ? [split.index] : []));
  const pass = (indices: readonly number[]): ChangePoint[] => prune(series, indices, (point) => point.pAdjusted, alpha);
  const reached = pass(weak);
  const significant = reached.length > 0 ? reached : pass(splits.map(({ index }) => index));
  const large = prune(
    series,
    significant.map(({ index }) => index),
    (point) => -magnitude(point),
    -minMagnitude,
  );
  return { accepted: large, weak };
};
