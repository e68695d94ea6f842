// Compares the reference with every other implementation in every scenario: how many times better, with a bootstrap interval, how
// often, and whether chance over all comparisons explains it.
import { bootstrapChangeOfMeans } from '../stats/bca.ts';
import { cliffsDelta, cliffsDeltaBand } from '../stats/cliffs-delta.ts';
import { describe, type Summary } from '../stats/describe.ts';
import { mannWhitney } from '../stats/mann-whitney.ts';
import { holm } from '../stats/multiple-testing.ts';
import { smallestP, TRIALS_CAP } from '../stats/power.ts';
import { canonicalJson } from '../text/json.ts';
import type { Cell } from './collect-samples.ts';
import type { Comparison, Scenario } from './comparison-spec.ts';

export type PairVerdict =
  /** The reference is better, or worse, beyond chance over all comparisons. */
  'better' | 'worse' | 'not_distinguishable' | 'not_comparable' | 'no_measurement';

/** The reference against one other implementation in one scenario. */
export interface PairResult {
  readonly scenario: string;
  readonly against: string;
  readonly verdict: PairVerdict;
  /** Facts that differ, or the problem of a cell. */
  readonly reason: string | null;
  /** How many times better the reference is by its mean: above 1 is better, whatever the direction. */
  readonly ratio: number | null;
  /** 95 percent bias-corrected bootstrap interval of the ratio. */
  readonly low: number | null;
  readonly high: number | null;
  /** 1 when every trial of the reference is better than every other. */
  readonly cliffs_delta: number | null;
  readonly effect: ReturnType<typeof cliffsDeltaBand> | null;
  readonly p: number | null;
  /** Adjusted by Holm over all comparisons that were made. */
  readonly p_holm: number | null;
}

export interface CellSummary extends Cell {
  readonly summary: Summary | null;
}

export interface ComparisonResult {
  readonly pairs: readonly PairResult[];
  readonly cells: readonly CellSummary[];
  readonly counts: Readonly<Record<PairVerdict, number>>;
  /** Trials a cell from which a difference could survive the correction; null when these suffice. */
  readonly trials_needed: number | null;
}

const ALPHA = 0.05;

const EMPTY = {
  reason: null,
  ratio: null,
  low: null,
  high: null,
  cliffs_delta: null,
  effect: null,
  p: null,
  p_holm: null,
} as const;

const differing = (a: Cell, b: Cell): string[] =>
  Object.keys(a.facts).filter((fact) => {
    const [left, right] = [a.facts[fact] ?? null, b.facts[fact] ?? null];
    return left === 'several' || right === 'several' || canonicalJson(left) !== canonicalJson(right);
  });

/** Reference and rival so that a larger ratio means a better reference: times are divided by the reference's, rates the other way. */
const comparePair = (reference: Cell, rival: Cell, { name, direction }: Scenario): PairResult => {
  const pair = { ...EMPTY, scenario: name, against: rival.implementation };
  const problem = [reference, rival].find((cell) => cell.samples.length < 2 || cell.problem !== null);
  if (problem !== undefined) {
    const why = problem.problem ?? `${problem.samples.length} trials`;
    return { ...pair, verdict: 'no_measurement', reason: `${problem.implementation}: ${why}` };
  }
  const facts = differing(reference, rival);
  if (facts.length > 0) return { ...pair, verdict: 'not_comparable', reason: `differs in ${facts.join(', ')}` };
  const faster = direction === 'lower-is-better';
  const [below, above] = faster ? [reference, rival] : [rival, reference];
  const change = bootstrapChangeOfMeans(below.samples, above.samples);
  const delta = cliffsDelta(below.samples, above.samples);
  return {
    ...pair,
    verdict: 'not_distinguishable',
    ratio: change === null ? null : 1 + change.estimate,
    low: change === null ? null : 1 + change.bca[0],
    high: change === null ? null : 1 + change.bca[1],
    cliffs_delta: delta,
    effect: cliffsDeltaBand(delta),
    p: mannWhitney(reference.samples, rival.samples).pTwoSided,
  };
};

/** Verdicts from the corrected p-values: only what survives is called better or worse. */
const correct = (pairs: readonly PairResult[]): PairResult[] => {
  const tested = pairs.filter(({ p }) => p !== null);
  const adjusted = holm(tested.map(({ p }) => p ?? 1));
  const byPair = new Map(tested.map((pair, index) => [pair, adjusted[index] ?? 1]));
  return pairs.map((pair) => {
    const p_holm = byPair.get(pair) ?? null;
    if (p_holm === null || p_holm > ALPHA) return { ...pair, p_holm };
    return { ...pair, p_holm, verdict: (pair.cliffs_delta ?? 0) > 0 ? 'better' : 'worse' };
  });
};

/** Fewest trials with which the smallest possible two-sided p survives Holm over `tests`. */
const trialsFor = (tests: number): number => {
  for (let n = 3; n < TRIALS_CAP; n += 1) if (2 * smallestP('unpaired', n) * tests <= ALPHA) return n;
  return TRIALS_CAP;
};

const trialsNeeded = (pairs: readonly PairResult[], cells: readonly Cell[]): number | null => {
  const tests = pairs.filter(({ p }) => p !== null).length;
  const fewest = Math.min(...cells.filter(({ samples }) => samples.length > 1).map(({ samples }) => samples.length));
  const needed = trialsFor(Math.max(1, tests));
  return tests > 0 && fewest < needed ? needed : null;
};

/** Compares everything that was collected. */
export const compareImplementations = (comparison: Comparison, cells: readonly Cell[]): ComparisonResult => {
  const pairs = correct(
    comparison.scenarios.flatMap((scenario) => {
      const row = cells.filter((cell) => cell.scenario === scenario.name);
      const reference = row.find(({ implementation }) => implementation === comparison.reference);
      if (reference === undefined) return [];
      return row.filter((cell) => cell !== reference).map((rival) => comparePair(reference, rival, scenario));
    }),
  );
  const counts = { better: 0, worse: 0, not_distinguishable: 0, not_comparable: 0, no_measurement: 0 };
  for (const { verdict } of pairs) counts[verdict] += 1;
  return {
    pairs,
    cells: cells.map((cell) => ({ ...cell, summary: cell.samples.length === 0 ? null : describe(cell.samples) })),
    counts,
    trials_needed: trialsNeeded(pairs, cells),
  };
};
