// Plans a comparison before time is spent on it: how many trials, in which order, how long it takes, and how likely each verdict
// is. A design that cannot decide is refused.
import { describe } from '../stats/describe.ts';
import { changePoints } from '../stats/e-divisive.ts';
import {
  DEFAULT_GOAL,
  detectablePairedShift,
  detectableShift,
  fewestTrials,
  trialsToSee,
  type Analysis,
} from '../stats/power.ts';
import { logNormalTrials, verdictOdds } from '../verdict/verdict-odds.ts';
import { Fault } from '../text/fault.ts';

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
  /** Trials a side (or pairs) that the caller has in mind; null asks for the number that is needed. */
  readonly trials: number | null;
  /** Longest time allowed in minutes; null for no limit. */
  readonly minutesAllowed: number | null;
}

/** Odds of each verdict for one metric whose true worsening is `times_tolerance` times the tolerance. */
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
  /** Smallest worsening seen with a chance of 80 percent, as a fraction. */
  readonly mde: number;
  readonly odds: readonly PlannedOdds[];
}

/** Fewest past values from which noise is estimated. */
const NOISE_HISTORY = 5;

/** Defaults that hold even where fewer trials would do: one bad trial must not leave the comparison undecided. */
const USUAL_TRIALS: Readonly<Record<Analysis, number>> = { unpaired: 5, paired: 6 };

const TIMES_TOLERANCE = [0, 0.5, 0.8, 1, 2];

const REPETITIONS = { repetitions: 1000, seed: 1 };

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

/** Noise of the quantity that is tested: a trial, or a difference of two. */
const testedNoise = (analysis: Analysis, cv: number): number => (analysis === 'paired' ? Math.SQRT2 * cv : cv);

const unit = (analysis: Analysis): string => (analysis === 'paired' ? 'pairs' : 'trials a side');

/** Trials that prove an unchanged candidate to be within the tolerance, and that let a FAIL survive Holm's correction. */
const trialsNeeded = ({ analysis, tolerance, gatingMetrics }: TrialPlanQuestion, cv: number): number => {
  const floor = Math.max(USUAL_TRIALS[analysis], fewestTrials(analysis, DEFAULT_GOAL.alpha / gatingMetrics));
  if (cv === 0) return floor;
  const needed = trialsToSee(analysis, Math.log1p(tolerance) / testedNoise(analysis, cv));
  if (needed !== null) return Math.max(floor, needed);
  throw refuse(
    'noise_too_large',
    `a tolerance of ${(100 * tolerance).toFixed(1)}% cannot be resolved at a noise of ${(100 * cv).toFixed(1)}% by any practical number of trials`,
    'lower the noise (lock clocks, longer windows), or tolerate more',
  );
};

const checkTrials = (trials: number, { analysis, gatingMetrics }: TrialPlanQuestion): void => {
  const fewest = fewestTrials(analysis, DEFAULT_GOAL.alpha);
  const forAll = fewestTrials(analysis, DEFAULT_GOAL.alpha / gatingMetrics);
  if (trials >= forAll) return;
  const why =
    trials < fewest
      ? `${trials} ${unit(analysis)} give no interval at all`
      : `${trials} ${unit(analysis)} with ${gatingMetrics} gating metrics can never fail`;
  throw refuse('design_cannot_decide', why, `plan at least ${forAll} ${unit(analysis)}, or gate on fewer metrics`);
};

/** `ABBAABBA…`: each pair starts with the other side than the one before. */
export const interleavedOrder = (trials: number): string =>
  Array.from({ length: trials }, (_, pair) => (pair % 2 === 0 ? 'AB' : 'BA')).join('');

const oddsOf = (analysis: Analysis, trials: number, cv: number, tolerance: number): PlannedOdds[] =>
  TIMES_TOLERANCE.map((times) => {
    const { pass, failProven, failLikely, inconclusive } = verdictOdds(
      logNormalTrials({ n: trials, cv, worsening: times * tolerance, blockCv: analysis === 'paired' ? 0 : null }),
      { direction: 'lower-is-better', tolerance: { relative: tolerance, absolute: null }, analysis },
      REPETITIONS,
    );
    return { times_tolerance: times, pass, fail_proven: failProven, fail_likely: failLikely, inconclusive };
  });

/**
 * The plan. Throws a Fault `plan_number` for numbers that make no sense, and `design_cannot_decide`, `noise_unknown`,
 * `noise_too_large` or `no_time` where the answer would be worth nothing.
 */
export const planTrials = (question: TrialPlanQuestion): TrialPlan => {
  const { analysis, tolerance, gatingMetrics, minutesPerTrial, minutesAllowed } = question;
  const cv = noiseOf(question.noise);
  checkNumbers(question, cv);
  const trials = question.trials ?? trialsNeeded(question, cv);
  checkTrials(trials, question);
  const minutes = 2 * trials * minutesPerTrial;
  const detectable =
    (analysis === 'paired' ? detectablePairedShift(trials) : detectableShift(trials, trials)) ?? Infinity;
  const mde = Math.expm1(detectable * testedNoise(analysis, cv));
  if (minutesAllowed !== null && minutes > minutesAllowed)
    throw refuse(
      'no_time',
      `${trials} ${unit(analysis)} take ${minutes} minutes, ${minutesAllowed} are allowed`,
      'allow more time, shorten a trial, or tolerate more',
    );
  return {
    analysis,
    trials,
    order: interleavedOrder(trials),
    minutes,
    cv,
    tolerance,
    gating_metrics: gatingMetrics,
    mde,
    odds: oddsOf(analysis, trials, cv, tolerance),
  };
};
