// Models of how repeated trials scatter, kind and unkind, for the simulations of the decision. Figures are log-normal
// around 100 for a lower-is-better metric; the candidate is worse by a stated fraction.
import type { Sample } from '../src/verdict/decision.ts';
import type { Random } from '../src/stats/random.ts';
import { type Drawn, logSpread } from '../src/verdict/verdict-odds.ts';

/** Draws one comparison with `n` trials a side and a true worsening. */
export type Noise = (n: number, worsening: number) => (random: Random) => Drawn;

/** Log-scale noise of the trials in the order they were run, one figure each. */
type Course = (slots: number, random: Random) => number[];

const trial = (log: number, worsening: number, block: number | null): Sample => ({
  value: 100 * Math.exp(log) * (1 + worsening),
  block,
  excluded: false,
});

const count = (n: number): number[] => Array.from({ length: n }, (_, index) => index);

/** All baseline trials first, then all candidate trials: what most people do. */
export const oneAfterTheOther =
  (course: Course): Noise =>
  (n, worsening) =>
  (random) => {
    const logs = course(2 * n, random);
    return {
      baseline: logs.slice(0, n).map((log) => trial(log, 0, null)),
      candidate: logs.slice(n).map((log) => trial(log, worsening, null)),
    };
  };

/** ABBA order in blocks of one pair: AB, BA, AB, … */
export const interleaved =
  (course: Course): Noise =>
  (n, worsening) =>
  (random) => {
    const logs = course(2 * n, random);
    const at = (block: number, second: boolean): number => logs[2 * block + (second ? 1 : 0)] ?? 0;
    return {
      baseline: count(n).map((block) => trial(at(block, block % 2 === 1), 0, block)),
      candidate: count(n).map((block) => trial(at(block, block % 2 === 0), worsening, block)),
    };
  };

/** Adds to every trial of a side what one start of its server brought along. */
export const withSideEffect =
  (noise: Noise, effect: (random: Random) => number): Noise =>
  (n, worsening) =>
  (random) => {
    const { baseline, candidate } = noise(n, worsening)(random);
    const shifted = (trials: readonly Sample[]): Sample[] => {
      const factor = Math.exp(effect(random));
      return trials.map((one) => ({ ...one, value: one.value === null ? null : one.value * factor }));
    };
    return { baseline: shifted(baseline), candidate: shifted(candidate) };
  };

const spread = logSpread;

/** Independent noise of one cv. */
export const independent =
  (cv: number): Course =>
  (slots, random) =>
    count(slots).map(() => spread(cv) * random.normal());

/** Values (not their logarithms) that scatter normally. */
export const normal =
  (cv: number): Course =>
  (slots, random) =>
    count(slots).map(() => Math.log(Math.max(1 + cv * random.normal(), 1e-3)));

/** Values that scatter like Student's t with 3 degrees of freedom: now and then one far away. */
export const heavyTailed =
  (cv: number): Course =>
  (slots, random) =>
    count(slots).map(() => {
      const chiSquare = random.normal() ** 2 + random.normal() ** 2 + random.normal() ** 2;
      return Math.log(Math.max(1 + (cv * random.normal()) / Math.sqrt(chiSquare), 1e-3));
    });

/** First-order autoregressive noise: each trial keeps the share `rho` of the last one's deviation. */
export const autocorrelated =
  (cv: number, rho: number): Course =>
  (slots, random) => {
    let state = spread(cv) * random.normal();
    return count(slots).map((slot) => {
      if (slot > 0) state = rho * state + Math.sqrt(1 - rho * rho) * spread(cv) * random.normal();
      return state;
    });
  };

/** Independent noise on top of a machine that slows by `perTrial` from one trial to the next. */
export const drifting =
  (cv: number, perTrial: number): Course =>
  (slots, random) =>
    independent(cv)(slots, random).map((log, slot) => log + slot * Math.log1p(perTrial));

/** Each trial lands on one of two levels, `apart` from each other, with a little noise. */
export const bimodal =
  (cv: number, apart: number): Course =>
  (slots, random) =>
    independent(cv)(slots, random).map((log) => log + (random.uniform() < 0.5 ? Math.log1p(apart) : 0));

/** One trial in ten is slower by up to 40 percent. */
export const spiky =
  (cv: number): Course =>
  (slots, random) =>
    independent(cv)(slots, random).map(
      (log) => log + (random.uniform() < 0.1 ? Math.log1p(0.4 * random.uniform()) : 0),
    );

/** The candidate scatters `times` as widely as the baseline, which has `more` trials for each of its own. */
export const unequal =
  (cv: number, times: number, more: number): Noise =>
  (n, worsening) =>
  (random) => ({
    baseline: independent(cv)(n * more, random).map((log) => trial(log, 0, null)),
    candidate: independent(cv * times)(n, random).map((log) => trial(log, worsening, null)),
  });

/** Values printed in steps of `tick` (a share of their level), wherever between two steps the level lies. */
export const roundedToTick =
  (noise: Noise, tick: number): Noise =>
  (n, worsening) =>
  (random) => {
    const step = 100 * tick;
    const level = 1 + tick * random.uniform();
    const { baseline, candidate } = noise(n, worsening)(random);
    const rounded = (trials: readonly Sample[]): Sample[] =>
      trials.map((one) => ({
        ...one,
        value: one.value === null ? null : Math.max(1, Math.round((one.value * level) / step)) * step,
      }));
    return { baseline: rounded(baseline), candidate: rounded(candidate) };
  };
