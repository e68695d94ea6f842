// Compares the reference with every other implementation in every scenario: how many times better, with a bootstrap interval, and
// how often. Whether chance over all comparisons explains it is judged in the verdict room, never here.
import { bootstrapChangeOfMeans } from '../stats/bca.ts';
import { cliffsDelta, cliffsDeltaBand } from '../stats/cliffs-delta.ts';
import { describe, type Summary } from '../stats/describe.ts';
import { USUAL_NAMES } from '../importers/context-fields.ts';
import { sameContextValue } from '../verdict/context-match.ts';
import type { Decision, MetricDecision } from '../verdict/decision.ts';
import type { Verdict } from '../verdict/delta-row.ts';
import { rankAll, type Rank, type RankQuestion, type Ranked } from '../verdict/ranking.ts';
import type { Cell } from './collect-samples.ts';
import type { Comparison, Scenario } from './comparison-spec.ts';

/** `better` and `worse`: the reference is, beyond chance over all comparisons. */
export type PairVerdict = Rank | 'no_measurement';

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
  readonly strength: MetricDecision['strength'];
  /** The rule by which the pair was judged; null where it was not. */
  readonly rule: MetricDecision['rule'] | null;
  /** Trials a cell that should settle what cannot be distinguished; null when settled, or when no practical number would. */
  readonly trials_needed: number | null;
}

export interface CellSummary extends Cell {
  readonly summary: Summary | null;
}

export interface ComparisonResult {
  readonly pairs: readonly PairResult[];
  readonly cells: readonly CellSummary[];
  readonly counts: Readonly<Record<PairVerdict, number>>;
  /** Over all pairs: FAIL where the reference is worse in any, PASS where it is better in all. */
  readonly decision: Decision;
  readonly verdict: Verdict;
  /** Trials a cell that should settle the pairs that cannot be distinguished; null where none is open or nobody can say. */
  readonly trials_needed: number | null;
}

const EMPTY = {
  reason: null,
  ratio: null,
  low: null,
  high: null,
  cliffs_delta: null,
  effect: null,
  p: null,
  p_holm: null,
  strength: null,
  rule: null,
  trials_needed: null,
} as const;

/** The part of a context that a path such as `environment.gpu` states; the last word of the path where it is none. */
const fieldOf = (path: string): string => {
  const word = path.replace(/^.*\./, '').toLowerCase();
  if (word === 'gpu' || word === 'device') return 'hardware';
  return Object.entries(USUAL_NAMES).find(([, names]) => names.includes(word))?.[0] ?? word;
};

const differing = (a: Cell, b: Cell): string[] =>
  Object.keys(a.facts).filter((fact) => {
    const [left, right] = [a.facts[fact] ?? null, b.facts[fact] ?? null];
    return left === 'several' || right === 'several' || !sameContextValue(fieldOf(fact), left, right);
  });

/** A pair of cells, before it is judged. */
interface Pair {
  readonly scenario: Scenario;
  readonly reference: Cell;
  readonly rival: Cell;
}

const pairsOf = ({ scenarios, reference: name }: Comparison, cells: readonly Cell[]): Pair[] =>
  scenarios.flatMap((scenario) => {
    const row = cells.filter((cell) => cell.scenario === scenario.name);
    const reference = row.find(({ implementation }) => implementation === name);
    if (reference === undefined) return [];
    return row.filter((cell) => cell !== reference).map((rival) => ({ scenario, reference, rival }));
  });

/** Why there is nothing to compare; null where there is. */
const problemOf = ({ reference, rival }: Pair): string | null => {
  const cell = [reference, rival].find(({ samples, problem }) => samples.length < 2 || problem !== null);
  return cell === undefined ? null : `${cell.implementation}: ${cell.problem ?? `${cell.samples.length} trials`}`;
};

const questionOf = ({ scenario, reference, rival }: Pair): RankQuestion => ({
  name: `${scenario.name}: ${rival.implementation}`,
  subject: reference.samples,
  rival: rival.samples,
  direction: scenario.direction,
  mismatch: differing(reference, rival),
});

/** So that a larger ratio means a better reference: times are divided by the reference's, rates the other way. */
const figuresOf = ({ scenario, reference, rival }: Pair) => {
  const faster = scenario.direction === 'lower-is-better';
  const [below, above] = faster ? [reference, rival] : [rival, reference];
  const change = bootstrapChangeOfMeans(below.samples, above.samples);
  const delta = cliffsDelta(below.samples, above.samples);
  return {
    ratio: change === null ? null : 1 + change.estimate,
    low: change === null ? null : 1 + change.bca[0],
    high: change === null ? null : 1 + change.bca[1],
    cliffs_delta: delta,
    effect: cliffsDeltaBand(delta),
  };
};

const resultOf = (pair: Pair, ranked: Ranked | undefined): PairResult => {
  const head = { ...EMPTY, scenario: pair.scenario.name, against: pair.rival.implementation };
  if (ranked === undefined) return { ...head, verdict: 'no_measurement', reason: problemOf(pair) };
  const { rank, decision, member, trials_needed } = ranked;
  if (rank === 'not_comparable')
    return {
      ...head,
      verdict: rank,
      reason: `differs in ${differing(pair.reference, pair.rival).join(', ')}`,
      rule: decision.rule,
    };
  return {
    ...head,
    ...figuresOf(pair),
    verdict: rank,
    p: decision.p_worse,
    p_holm: member?.p_worse_holm ?? null,
    strength: member?.holds ?? null,
    rule: decision.rule,
    trials_needed,
  };
};

const countVerdicts = (pairs: readonly PairResult[]): Record<PairVerdict, number> => {
  const counts = { better: 0, worse: 0, not_distinguishable: 0, not_comparable: 0, no_measurement: 0 };
  for (const { verdict } of pairs) counts[verdict] += 1;
  return counts;
};

/** Compares everything that was collected. */
export const compareImplementations = (comparison: Comparison, cells: readonly Cell[]): ComparisonResult => {
  const all = pairsOf(comparison, cells);
  const measured = all.filter((pair) => problemOf(pair) === null);
  const { ranked, decision, verdict } = rankAll(measured.map(questionOf));
  const rankedOf = new Map(measured.map((pair, at) => [pair, ranked[at]]));
  const pairs = all.map((pair) => resultOf(pair, rankedOf.get(pair)));
  const needed = pairs.flatMap(({ trials_needed }) => trials_needed ?? []);
  return {
    pairs,
    cells: cells.map((cell) => ({ ...cell, summary: cell.samples.length === 0 ? null : describe(cell.samples) })),
    counts: countVerdicts(pairs),
    decision,
    verdict,
    trials_needed: needed.length === 0 ? null : Math.max(...needed),
  };
};
