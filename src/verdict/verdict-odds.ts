// How often each verdict comes out under a stated model of the noise, by seeded simulation of the decision itself. For
// planning trials and for stating error rates; the odds are those of the model, not of anybody's machine.
import { type MetricDecision, type MetricQuestion, type Sample } from './decision.ts';
import { decideMetric } from './decide-metric.ts';
import { type Random, seededRandom } from '../stats/random.ts';

/** The trials of one simulated comparison. */
export interface Drawn {
  readonly baseline: readonly Sample[];
  readonly candidate: readonly Sample[];
}

/** Shares of the repetitions; they add up to 1. */
export interface VerdictOdds {
  readonly pass: number;
  readonly failProven: number;
  readonly failLikely: number;
  readonly inconclusive: number;
}

export interface NoiseModel {
  /** Trials a side. */
  readonly n: number;
  /** Coefficient of variation of one trial, as a fraction. */
  readonly cv: number;
  /** True worsening of a lower-is-better metric, as a fraction. */
  readonly worsening: number;
  /** Coefficient of variation that both trials of a block share; null draws trials without blocks. */
  readonly blockCv: number | null;
}

/** Standard deviation of ln x for a log-normal x with this coefficient of variation. */
export const logSpread = (cv: number): number => Math.sqrt(Math.log1p(cv * cv));

/** Independent log-normal trials around 100, in blocks of one pair where the model has blocks. */
export const logNormalTrials =
  ({ n, cv, worsening, blockCv }: NoiseModel) =>
  (random: Random): Drawn => {
    const [spread, blockSpread] = [logSpread(cv), blockCv === null ? 0 : logSpread(blockCv)];
    const baseline: Sample[] = [];
    const candidate: Sample[] = [];
    for (let index = 0; index < n; index += 1) {
      const level = 100 * Math.exp(blockSpread === 0 ? 0 : blockSpread * random.normal());
      const block = blockCv === null ? null : index;
      const trial = (centre: number): Sample => ({
        value: centre * Math.exp(spread * random.normal()),
        block,
        excluded: false,
      });
      baseline.push(trial(level));
      candidate.push(trial(level * (1 + worsening)));
    }
    return { baseline, candidate };
  };

export interface Repetition {
  readonly repetitions: number;
  readonly seed: number;
}

/** Decides `repetitions` drawn comparisons by the rule in `question` and hands each to `see`. */
export const simulate = (
  draw: (random: Random) => Drawn,
  question: Omit<MetricQuestion, keyof Drawn>,
  { repetitions, seed }: Repetition,
  see: (decision: MetricDecision, drawn: Drawn, random: Random) => void,
): void => {
  const random = seededRandom(seed);
  for (let done = 0; done < repetitions; done += 1) {
    const drawn = draw(random);
    see(decideMetric({ ...question, ...drawn }), drawn, random);
  }
};

export const verdictOdds = (
  draw: (random: Random) => Drawn,
  question: Omit<MetricQuestion, keyof Drawn>,
  repetition: Repetition,
): VerdictOdds => {
  let [pass, failProven, failLikely] = [0, 0, 0];
  simulate(draw, question, repetition, ({ status, strength }) => {
    if (status === 'PASS') pass += 1;
    if (strength === 'proven') failProven += 1;
    if (strength === 'likely') failLikely += 1;
  });
  const share = (count: number): number => count / repetition.repetitions;
  const inconclusive = share(repetition.repetitions - pass - failProven - failLikely);
  return { pass: share(pass), failProven: share(failProven), failLikely: share(failLikely), inconclusive };
};
