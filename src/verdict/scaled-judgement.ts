// Judges two sides of usable values on the scale or scales that a tolerance asks for, and picks the one that decides.
// The last step before a decision is written down; knows nothing of invalid trials, contexts or names.
import {
  type FailRule,
  type IntervalVerdict,
  changeVerdict,
  inconclusive,
  likely,
  worseningVerdict,
} from './interval-verdict.ts';
import type { Pairing } from '../stats/pair-trials.ts';
import { type Analysis, DEFAULT_GOAL, smallestP, trialsToSettle } from '../stats/power.ts';
import { rankSumCdf } from '../stats/rank-sum-null.ts';
import {
  type ShiftEvidence,
  type Tails,
  certainEvidence,
  pairedEvidence,
  unpairedEvidence,
} from '../stats/shift-evidence.ts';
import { type WorseningScale, differenceScale, ratioScale } from '../stats/worsening-scale.ts';
import type { Direction } from '../stats/direction.ts';

/** A trial that holds a finite value. */
export interface Usable {
  readonly value: number;
  readonly block: string | number | null;
}

/** Tolerated worsening. With both given, a change must exceed both to count. */
export interface ScaledTolerance {
  /** Fraction ≥ 0. */
  readonly relative: number | null;
  /** ≥ 0, in the metric's unit. */
  readonly absolute: number | null;
}

/** Two non-empty sides and how to judge them. */
export interface Case {
  readonly baseline: readonly Usable[];
  readonly candidate: readonly Usable[];
  readonly direction: Direction;
  readonly tolerance: ScaledTolerance;
  /** Null for an unpaired analysis. */
  readonly pairing: Pairing<Usable> | null;
  /** Neither side varies and the metric is a counter: the shift is known without error. */
  readonly exact: boolean;
  readonly alpha: number;
  readonly failRule: FailRule;
}

export interface Judgement {
  readonly scale: WorseningScale;
  readonly evidence: ShiftEvidence;
  readonly verdict: IntervalVerdict;
}

/** Trials a side, or pairs, to ask for where nothing is known about the noise. */
export const DEFAULT_TRIALS: Readonly<Record<Analysis, number>> = { unpaired: 5, paired: 6 };

/** Error allowed on each side of the interval: a two-sided metric can go wrong on both. */
const alphaPerSide = ({ alpha, direction }: Case): number => (direction === 'two-sided' ? alpha / 2 : alpha);

/**
 * The ratio where all values allow it; the difference where an absolute tolerance asks for it or nothing else can be.
 */
const scalesFor = ({
  baseline,
  candidate,
  direction,
  tolerance: { relative, absolute },
}: Case): [WorseningScale, ...WorseningScale[]] => {
  const values = [...baseline, ...candidate].map(({ value }) => value);
  const difference = differenceScale(direction, absolute ?? 0, values);
  if (values.some((value) => value <= 0) || (relative === null && absolute !== null)) return [difference];
  const ratio = ratioScale(direction, relative ?? 0);
  return absolute === null ? [ratio] : [ratio, difference];
};

const evidenceOn = (scale: WorseningScale, asked: Case): ShiftEvidence => {
  const place = ({ value }: Usable): number => scale.place(value);
  const shift = (a: Usable | undefined, b: Usable | undefined): number =>
    a === undefined || b === undefined ? Number.NaN : place(b) - place(a);
  const [baseline, candidate] = [asked.baseline, asked.candidate];
  if (asked.exact)
    return certainEvidence(shift(baseline[0], candidate[0]), [baseline.length, candidate.length], scale.grain);
  const alpha = alphaPerSide(asked);
  return asked.pairing === null
    ? unpairedEvidence(baseline.map(place), candidate.map(place), alpha, scale.grain)
    : pairedEvidence(
        asked.pairing.pairs.map(([a, b]) => shift(a, b)),
        alpha,
        scale.grain,
      );
};

/**
 * `x`, or the landmark (no change, the tolerance either way) that rounding alone keeps it from: "exactly 5 percent" is
 * 5 percent.
 */
const settled = (x: number, { limit, reverseLimit, grain }: WorseningScale): number =>
  [0, limit, -reverseLimit].find((mark) => Math.abs(x - mark) <= grain) ?? x;

/** Two values a side: what their own interval leaves open, the steadier pooled variance may still call likely. */
const withPooled = (
  verdict: IntervalVerdict,
  { pooled, estimate }: ShiftEvidence,
  { limit, reverseLimit }: WorseningScale,
  asked: Case,
): IntervalVerdict => {
  if (pooled === null || verdict.status !== 'INCONCLUSIVE' || asked.failRule === 'proven') return verdict;
  const alpha = alphaPerSide(asked);
  const { greater, less } = pooled.tails(0);
  if (asked.direction !== 'two-sided')
    return estimate > limit && greater <= alpha ? likely('regression_likely_beyond_tolerance') : verdict;
  const isBeyond = (estimate > limit && greater <= alpha) || (estimate < -reverseLimit && less <= alpha);
  return isBeyond ? likely('change_likely_beyond_tolerance') : verdict;
};

const verdictOn = (scale: WorseningScale, evidence: ShiftEvidence, asked: Case): IntervalVerdict => {
  const { interval, estimate } = evidence;
  if (interval === null) return inconclusive('insufficient_n');
  const reading = {
    low: settled(interval.low, scale),
    estimate: settled(estimate, scale),
    high: settled(interval.high, scale),
    limit: scale.limit,
    reverseLimit: scale.reverseLimit,
  };
  const judged = asked.direction === 'two-sided' ? changeVerdict : worseningVerdict;
  if (evidence.method === 't' && evidence.constant) {
    // Two to four equal values a side: the change itself is known, only rounding may have made it, so it can pass as it stands.
    const asItStands = judged({ ...reading, low: reading.estimate, high: reading.estimate }, asked.failRule);
    if (asItStands.status === 'PASS') return asItStands;
  }
  return withPooled(judged(reading, asked.failRule), evidence, scale, asked);
};

const LENIENCE = ['PASS', 'INCONCLUSIVE', 'likely', 'proven'] as const;
const severity = ({ verdict }: Judgement): number =>
  LENIENCE.findIndex((level) => level === (verdict.strength ?? verdict.status));

const judgeOn = (scale: WorseningScale, asked: Case): Judgement => {
  const evidence = evidenceOn(scale, asked);
  return { scale, evidence, verdict: verdictOn(scale, evidence, asked) };
};

/** A change must exceed every tolerance given, so the most lenient scale decides; of equals the ratio. */
export const judgeSides = (asked: Case): Judgement => {
  const [first, ...others] = scalesFor(asked);
  return others
    .map((scale) => judgeOn(scale, asked))
    .reduce((lenient, next) => (severity(next) < severity(lenient) ? next : lenient), judgeOn(first, asked));
};

/** p-values: against no change, and against a change of just the tolerance from either side. */
export interface PValues {
  readonly worse: number;
  readonly beyondTolerance: number;
  readonly withinTolerance: number;
}

/** No value lies beyond an infinite limit, which a fall by 100 percent or more is. */
const tailsAt = (tails: Tails, limit: number): ReturnType<Tails> =>
  Number.isFinite(limit) ? tails(limit) : limit > 0 ? { greater: 1, less: 0 } : { greater: 0, less: 1 };

export const pValues = (tails: Tails, { limit, reverseLimit }: WorseningScale, direction: Direction): PValues => {
  const [none, above] = [tails(0), tailsAt(tails, limit)];
  if (direction !== 'two-sided')
    return { worse: none.greater, beyondTolerance: above.greater, withinTolerance: above.less };
  const below = tailsAt(tails, -reverseLimit);
  return {
    worse: Math.min(1, 2 * Math.min(none.greater, none.less)),
    beyondTolerance: Math.min(1, 2 * Math.min(above.greater, below.less)),
    withinTolerance: Math.max(above.less, below.greater),
  };
};

/** Most that the p-value of ranks may be for a row of few trials to stay suspect. */
const SUSPECT_P = 0.1;

/**
 * Fewer than five trials whose estimate of ranks lies beyond the tolerance while ranks cannot put it down to chance: not a FAIL,
 * but never part of a PASS.
 */
export const isSuspectByRanks = ({ evidence, scale }: Judgement, direction: Direction): boolean => {
  if (evidence.method !== 't') return false;
  const shift = settled(evidence.ranks.estimate, scale);
  const { greater, less } = evidence.ranks.tails(0);
  const limit = Math.max(SUSPECT_P, smallestReachableP(evidence)) * (1 + 1e-9);
  if (shift > scale.limit) return greater <= limit;
  return direction === 'two-sided' && shift < -scale.reverseLimit && less <= limit;
};

/** The smallest one-sided p that ranks of this many values can have. */
export const smallestReachableP = ({ analysis, sizes }: Pick<ShiftEvidence, 'analysis' | 'sizes'>): number =>
  analysis === 'paired' ? smallestP('paired', sizes[0]) : (rankSumCdf(...sizes)[0] ?? 1);

/**
 * Trials a side (or pairs) that should settle an open judgement if its estimate is right; null when no practical number
 * would.
 */
export const trialsNeeded = ({ evidence, scale }: Judgement, asked: Case): number | null => {
  const { analysis, noise, n } = evidence;
  const shift = settled(evidence.estimate, scale);
  const upwards = asked.direction !== 'two-sided' || shift >= 0;
  const limit = upwards ? scale.limit : scale.reverseLimit;
  const goal = { ...DEFAULT_GOAL, alpha: alphaPerSide(asked) };
  const provenOnly = asked.failRule === 'proven';
  const needed =
    noise === null
      ? null
      : trialsToSettle({ analysis, shift: upwards ? shift : -shift, limit, noise, provenOnly }, goal);
  const trials = needed ?? (evidence.interval === null ? DEFAULT_TRIALS[analysis] : null);
  return trials === null ? null : Math.max(trials, n + 1);
};
