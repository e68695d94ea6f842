// Plans a comparison before time is spent on it: how many trials, in which order, how long it takes, and how likely each verdict
// is. A design that cannot decide is refused.
import { describe } from '../stats/describe.ts';
import { changePoints } from '../stats/e-divisive.ts';
import type { Direction } from '../stats/direction.ts';
import { DEFAULT_GOAL, FEWEST_TRIALS, TRIALS_CAP, trialsToSettle, type Analysis } from '../stats/power.ts';
import { ratioScale } from '../stats/worsening-scale.ts';
import { familyOdds, type FamilyDesign } from './family-odds.ts';
import { DEFAULT_TRIALS } from './scaled-judgement.ts';
import { Fault } from '../text/fault.ts';
import { formatShare, plural } from '../render/numbers.ts';

export interface TrialPlanQuestion {
  /** Tolerated worsening as a fraction, above zero. */
  readonly tolerance: number;
  /** Coefficient of variation of one trial as a fraction, or the values of past trials in one context to take it from. */
  readonly noise: { readonly cv: number } | { readonly history: readonly number[] };
  /** Number of metrics that gate. */
  readonly gatingMetrics: number;
  /** Wall time of one trial in minutes, with start and warm-up. */
  readonly minutesPerTrial: number;
  readonly analysis: Analysis;
  /** Which way is worse; default lower-is-better. */
  readonly direction?: Direction;
  /** Trials a side (or pairs) that the caller has in mind; null asks for the number that is needed. */
  readonly trials: number | null;
  /** Longest time allowed in minutes; null for no limit. */
  readonly minutesAllowed: number | null;
}

/** Odds of each verdict of the whole comparison when one gating metric is worse by `times_tolerance` times the tolerance. */
export interface PlannedOdds {
  readonly times_tolerance: number;
  readonly pass: number;
  readonly fail_proven: number;
  readonly fail_likely: number;
  readonly inconclusive: number;
}

export interface TrialPlan {
  readonly analysis: Analysis;
  /** Trials a side, or pairs. */
  readonly trials: number;
  /** Run order of all trials, A the baseline and B the candidate: interleaved so that drift of the host falls on both. */
  readonly order: string;
  readonly minutes: number;
  readonly cv: number;
  readonly tolerance: number;
  readonly gating_metrics: number;
  /** Smallest worsening of one metric that makes the comparison FAIL with a chance of 80 percent, as a fraction; null without one. */
  readonly mde: number | null;
  /** Trials a side, or pairs, with which an unchanged candidate passes with a chance of 80 percent; null when no practical number does. */
  readonly trials_to_pass: number | null;
  readonly odds: readonly PlannedOdds[];
}

/** Fewest past values from which noise is estimated. */
const NOISE_HISTORY = 5;

const TIMES_TOLERANCE = [0, 0.5, 0.8, 1, 2];

/** Simulated comparisons behind each figure: a chance of 80 percent is known to about 2 points, to 4 for very many trials. */
const repetitions = ({ n }: FamilyDesign): number => Math.max(100, Math.min(600, Math.round(20_000 / n)));

/** The larger of passing unchanged and failing at twice the tolerance below which a plan is not worth its time. */
const LEAST_CHANCE = 0.2;

const refuse = (code: string, message: string, fix: string): Fault => new Fault('refused', code, message, { fix });

/** Coefficient of variation of the last stable stretch of the history. */
const noiseOf = (noise: TrialPlanQuestion['noise']): number => {
  if ('cv' in noise) return noise.cv;
  const start = changePoints(noise.history).accepted.at(-1)?.index ?? 0;
  const stable = noise.history.slice(start);
  const cv = stable.length < NOISE_HISTORY ? null : describe(stable).cv;
  if (cv !== null) return cv;
  throw refuse(
    'noise_unknown',
    `the last stable stretch holds ${stable.length} values; noise needs ${NOISE_HISTORY}`,
    'record more trials of the unchanged baseline, or give the coefficient of variation',
  );
};

const checkNumbers = ({ tolerance, gatingMetrics, minutesPerTrial, trials }: TrialPlanQuestion, cv: number): void => {
  const wrong = (name: string, value: number, fix: string): Fault =>
    new Fault('usage', 'plan_number', `${name} is ${value}`, { fix });
  if (!(tolerance > 0 && tolerance < 1)) throw wrong('tolerance', tolerance, 'give a fraction such as 0.05');
  if (!(cv >= 0 && cv < 1)) throw wrong('the coefficient of variation', cv, 'give a fraction such as 0.02');
  if (!(Number.isInteger(gatingMetrics) && gatingMetrics > 0))
    throw wrong('gating metrics', gatingMetrics, 'gate on at least one');
  if (!(minutesPerTrial > 0)) throw wrong('minutes per trial', minutesPerTrial, 'give the wall time of one trial');
  if (trials !== null && !(Number.isInteger(trials) && trials > 0))
    throw wrong('trials', trials, 'give a whole number');
};

const counted = (trials: number, analysis: Analysis): string =>
  analysis === 'paired' ? plural(trials, 'pair') : `${plural(trials, 'trial')} a side`;

const directionOf = ({ direction = 'lower-is-better' }: TrialPlanQuestion): Direction => direction;

const designOf = (question: TrialPlanQuestion, cv: number, n: number): FamilyDesign => {
  const { analysis, tolerance, gatingMetrics } = question;
  return { analysis, tolerance, gatingMetrics, cv, n, direction: directionOf(question) };
};

const passesUnchanged = (design: FamilyDesign): boolean =>
  familyOdds(design, repetitions(design))(0).pass >= DEFAULT_GOAL.power;

/** Where the t test puts the number: every one of the gating metrics must pass. Null beyond any practical number. */
const firstGuess = (question: TrialPlanQuestion, cv: number): number | null => {
  const { analysis, tolerance, gatingMetrics } = question;
  const { limit, reverseLimit } = ratioScale(directionOf(question), tolerance);
  const [nearest, sides] = directionOf(question) === 'two-sided' ? [Math.min(limit, reverseLimit), 2] : [limit, 1];
  const noise = analysis === 'paired' ? Math.SQRT2 * cv : cv;
  const goal = { alpha: DEFAULT_GOAL.alpha / sides, power: DEFAULT_GOAL.power ** (1 / gatingMetrics) };
  return trialsToSettle({ analysis, shift: 0, limit: nearest, noise, provenOnly: false }, goal);
};

/** Fewest trials with which an unchanged candidate passes with a chance of 80 percent, by simulation from the first guess on. */
const trialsToPass = (question: TrialPlanQuestion, cv: number): number | null => {
  if (cv === 0) return FEWEST_TRIALS;
  const guess = firstGuess(question, cv);
  if (guess === null) return null;
  const enough = (n: number): boolean => passesUnchanged(designOf(question, cv, n));
  const step = Math.max(1, Math.round(guess / 20));
  let n = guess;
  if (enough(n)) while (n - step >= FEWEST_TRIALS && enough(n - step)) n -= step;
  else while (n <= TRIALS_CAP && !enough(n)) n += step;
  return n;
};

/** The number to plan for; fewer than usual is never proposed: one bad trial must not leave the comparison undecided. */
const trialsNeeded = ({ analysis, tolerance }: TrialPlanQuestion, cv: number, toPass: number | null): number => {
  if (toPass !== null) return Math.max(DEFAULT_TRIALS[analysis], toPass);
  throw refuse(
    'noise_too_large',
    `a tolerance of ${formatShare(100 * tolerance)} cannot be resolved at a noise of ${formatShare(100 * cv)} by any practical number of trials`,
    'lower the noise (lock clocks, longer windows), or tolerate more',
  );
};

/** Refuses a plan whose comparison would stay open whatever is true. */
const checkChances = (
  trials: number,
  { analysis, gatingMetrics }: TrialPlanQuestion,
  odds: readonly PlannedOdds[],
  toPass: number | null,
): void => {
  const chance = Math.max(...odds.map(({ pass, fail_proven, fail_likely }) => pass + fail_proven + fail_likely));
  if (trials >= FEWEST_TRIALS && chance >= LEAST_CHANCE) return;
  const what = `${counted(trials, analysis)}${gatingMetrics === 1 ? '' : ` with ${gatingMetrics} gating metrics`}`;
  throw refuse(
    'design_cannot_decide',
    trials < FEWEST_TRIALS
      ? `${what} can give no interval at all`
      : `${what} decide in ${formatShare(100 * chance, 0)} at best`,
    toPass === null
      ? 'lower the noise (lock clocks, longer windows), or tolerate more'
      : `plan at least ${counted(Math.max(DEFAULT_TRIALS[analysis], toPass), analysis)}, or gate on fewer metrics`,
  );
};

/** `ABBAABBA…`: each pair starts with the other side than the one before. */
export const interleavedOrder = (trials: number): string =>
  Array.from({ length: trials }, (_, pair) => (pair % 2 === 0 ? 'AB' : 'BA')).join('');

/** Odds of the design by the worsening of one metric. */
type Odds = ReturnType<typeof familyOdds>;

const oddsOf = (design: FamilyDesign, at: Odds): PlannedOdds[] =>
  TIMES_TOLERANCE.map((times) => {
    const { pass, failProven, failLikely, inconclusive } = at(times * design.tolerance);
    return { times_tolerance: times, pass, fail_proven: failProven, fail_likely: failLikely, inconclusive };
  });

/** Halvings between a worsening that is not found often enough and one that is. */
const HALVINGS = 7;

/** Doublings of the tolerance after which nothing is found. */
const DOUBLINGS = 8;

/** Smallest worsening of one metric that the simulated comparisons fail on with the goal's chance; null where none is found. */
const smallestSeen = (design: FamilyDesign, at: Odds): number | null => {
  const higher = design.direction === 'higher-is-better';
  const worsening = (shift: number): number => (higher ? -Math.expm1(-shift) : Math.expm1(shift));
  const isSeen = (shift: number): boolean => {
    const { failProven, failLikely } = at(worsening(shift));
    return failProven + failLikely >= DEFAULT_GOAL.power;
  };
  let low = ratioScale(design.direction, design.tolerance).limit;
  if (design.cv === 0) return design.tolerance;
  let high = low + 2 * design.cv;
  for (let doubled = 0; !isSeen(high); doubled += 1) {
    if (doubled === DOUBLINGS) return null;
    [low, high] = [high, 2 * high];
  }
  for (let halved = 0; halved < HALVINGS; halved += 1) {
    const middle = (low + high) / 2;
    if (isSeen(middle)) high = middle;
    else low = middle;
  }
  return worsening(high);
};

/**
 * The plan. Its number of trials, its smallest change and its odds come from one simulation of the decisions. Throws a Fault
 * `plan_number` for numbers that make no sense, and `design_cannot_decide`, `noise_unknown`, `noise_too_large` or `no_time` where
 * the answer would be worth nothing.
 */
export const planTrials = (question: TrialPlanQuestion): TrialPlan => {
  const { analysis, tolerance, gatingMetrics, minutesPerTrial, minutesAllowed } = question;
  const cv = noiseOf(question.noise);
  checkNumbers(question, cv);
  const toPass = trialsToPass(question, cv);
  const trials = question.trials ?? trialsNeeded(question, cv, toPass);
  if (trials < FEWEST_TRIALS) checkChances(trials, question, [], toPass);
  const minutes = 2 * trials * minutesPerTrial;
  if (minutesAllowed !== null && minutes > minutesAllowed)
    throw refuse(
      'no_time',
      `${counted(trials, analysis)} take ${minutes} minutes, ${minutesAllowed} are allowed`,
      'allow more time, shorten a trial, or tolerate more',
    );
  const design = designOf(question, cv, trials);
  const at = familyOdds(design, repetitions(design));
  const odds = oddsOf(design, at);
  checkChances(trials, question, odds, toPass);
  return {
    analysis,
    trials,
    order: interleavedOrder(trials),
    minutes,
    cv,
    tolerance,
    gating_metrics: gatingMetrics,
    mde: smallestSeen(design, at),
    trials_to_pass: toPass,
    odds,
  };
};
