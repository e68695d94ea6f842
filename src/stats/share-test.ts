// Shares of requests (answered, within their SLO) on two sides, from the counts of every run. Requests of one run are not
// independent, so the pooled score test is widened by what the runs of a side scatter beyond chance.
import { studentTQuantile, studentTUpper } from './student-t.ts';

/** One run: `hits` of `of` requests. */
export interface RunCount {
  readonly hits: number;
  readonly of: number;
}

export interface ShareEvidence {
  /** Share of the baseline less that of the candidate: positive is worse. */
  readonly drop: number;
  /** Interval of the drop that errs by at most `alpha` on each side. */
  readonly low: number;
  readonly high: number;
  /** How much more the runs of a side scatter than independent requests would; at least 1. */
  readonly phi: number;
  readonly df: number;
  /** Chances of evidence this strong that the drop is above or below `margin`, were it equal to it. */
  readonly tails: (margin: number) => { readonly greater: number; readonly less: number };
}

const total = (runs: readonly RunCount[]): RunCount => ({
  hits: runs.reduce((sum, { hits }) => sum + hits, 0),
  of: runs.reduce((sum, { of }) => sum + of, 0),
});

const BISECTIONS = 60;

/** Share of the candidate that fits both samples best when the baseline's lies `margin` above it: the root of the score. */
const restrictedShare = (a: RunCount, b: RunCount, margin: number): number => {
  const score = (share: number): number => {
    const before = share + margin;
    return (
      b.hits / Math.max(share, 1e-15) -
      (b.of - b.hits) / Math.max(1 - share, 1e-15) +
      a.hits / Math.max(before, 1e-15) -
      (a.of - a.hits) / Math.max(1 - before, 1e-15)
    );
  };
  let [low, high] = [Math.max(0, -margin), Math.min(1, 1 - margin)];
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (score(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

/** Score statistic of Farrington and Manning 1990 for a drop of `margin`; 0 where neither side leaves room for doubt. */
const scoreZ = (a: RunCount, b: RunCount, margin: number): number => {
  const after = restrictedShare(a, b, margin);
  const before = after + margin;
  const spread = Math.sqrt((before * (1 - before)) / a.of + (after * (1 - after)) / b.of);
  const gap = a.hits / a.of - b.hits / b.of - margin;
  if (spread < 1e-12) return Math.abs(gap) < 1e-12 ? 0 : Math.sign(gap) * Infinity;
  return gap / spread;
};

/** Pearson's chi square of the runs of one side against their common share. */
const scatter = (runs: readonly RunCount[]): number => {
  const { hits, of } = total(runs);
  const share = hits / of;
  if (share <= 0 || share >= 1) return 0;
  return runs.reduce((sum, run) => sum + (run.hits - run.of * share) ** 2 / (run.of * share * (1 - share)), 0);
};

const boundary = (holds: (margin: number) => boolean): number => {
  let [low, high] = [-1, 1];
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

/** Evidence from two or more runs a side; every run holds requests. `alpha` is the error allowed on each side. */
export const shareEvidence = (
  baseline: readonly RunCount[],
  candidate: readonly RunCount[],
  alpha: number,
): ShareEvidence => {
  const [a, b] = [total(baseline), total(candidate)];
  const df = baseline.length + candidate.length - 2;
  const phi = Math.max(1, (scatter(baseline) + scatter(candidate)) / df);
  const t = (margin: number): number => scoreZ(a, b, margin) / Math.sqrt(phi);
  const reach = studentTQuantile(1 - alpha, df);
  return {
    drop: a.hits / a.of - b.hits / b.of,
    low: boundary((margin) => t(margin) > reach),
    high: boundary((margin) => t(margin) > -reach),
    phi,
    df,
    tails: (margin) => ({ greater: studentTUpper(t(margin), df), less: studentTUpper(-t(margin), df) }),
  };
};
