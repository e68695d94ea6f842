// How often a comparison of several gating metrics comes to each verdict, by seeded simulation of the decisions themselves: every
// metric through decideMetric, all of them through decideOverall. The metrics are taken as independent, which is the hardest case
// for a PASS; the odds are those of the model, not of anybody's machine.
import { type MetricDecision } from './decision.ts';
import { decideMetric } from './decide-metric.ts';
import { type JudgedMetric, decideOverall } from './overall.ts';
import { type VerdictOdds, logNormalTrials } from './verdict-odds.ts';
import type { Direction } from '../stats/direction.ts';
import { seededRandom } from '../stats/random.ts';
import type { Analysis } from '../stats/power.ts';

/** A planned comparison: so many gating metrics of the same noise and tolerance. */
export interface FamilyDesign {
  readonly analysis: Analysis;
  readonly direction: Direction;
  /** Tolerated worsening, a fraction of the baseline. */
  readonly tolerance: number;
  /** Coefficient of variation of one trial, as a fraction. */
  readonly cv: number;
  /** Trials a side, or pairs. */
  readonly n: number;
  readonly gatingMetrics: number;
}

const SEED = 1;

/**
 * Decisions about unchanged metrics for each repetition. All of a family must pass, so an error in the share of one metric counts
 * once for each of them: from as many as there are repetitions, 20 metrics would pass in 2 percent where 4 is right.
 */
const UNCHANGED_PER_REPETITION = 5;

/** Decisions about one metric that is worse by `worsening`, one for each repetition. */
const decisionsAt = (design: FamilyDesign, worsening: number, repetitions: number, seed: number): MetricDecision[] => {
  const { analysis, direction, tolerance, cv, n } = design;
  const change = direction === 'higher-is-better' ? -worsening : worsening;
  const draw = logNormalTrials({ n, cv, worsening: change, blockCv: analysis === 'paired' ? 0 : null });
  const random = seededRandom(seed);
  return Array.from({ length: repetitions }, () =>
    decideMetric({ ...draw(random), direction, tolerance: { relative: tolerance, absolute: null }, analysis }),
  );
};

const asRow = (decision: MetricDecision, at: number, { tolerance, direction }: FamilyDesign): JudgedMetric => {
  const worsening = decision.worsening ?? 0;
  return {
    key: `metric_${at}`,
    gating: true,
    beyond: (direction === 'two-sided' ? Math.abs(worsening) : worsening) > tolerance,
    decision,
  };
};

/**
 * Odds of the overall verdict when one metric of the family is worse by a fraction and the others are unchanged. The unchanged
 * ones are drawn once and combined anew for each repetition. Same design, same figures, on every machine.
 */
export const familyOdds = (design: FamilyDesign, repetitions: number): ((worsening: number) => VerdictOdds) => {
  const others = design.gatingMetrics - 1;
  const pool = UNCHANGED_PER_REPETITION * repetitions;
  const unchanged = others === 0 ? [] : decisionsAt(design, 0, pool, SEED + 1);
  return (worsening) => {
    const random = seededRandom(SEED + 2);
    const verdicts = decisionsAt(design, worsening, repetitions, SEED).map((changed) => {
      const family = Array.from({ length: others }, () => unchanged[random.below(pool)] ?? changed);
      return decideOverall([changed, ...family].map((decision, at) => asRow(decision, at, design)));
    });
    const share = (of: (verdict: (typeof verdicts)[number]) => boolean): number =>
      verdicts.filter(of).length / repetitions;
    return {
      pass: share(({ status }) => status === 'PASS'),
      failProven: share(({ strength }) => strength === 'proven'),
      failLikely: share(({ strength }) => strength === 'likely'),
      inconclusive: share(({ status }) => status === 'INCONCLUSIVE'),
    };
  };
};
