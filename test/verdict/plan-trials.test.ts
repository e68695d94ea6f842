import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/stats/random.ts';
import { renderPlanText } from '../../src/trend/plan-text.ts';
import { decideMetric } from '../../src/verdict/decide-metric.ts';
import { decideOverall } from '../../src/verdict/overall.ts';
import { logNormalTrials } from '../../src/verdict/verdict-odds.ts';
import { interleavedOrder, planTrials, type TrialPlanQuestion } from '../../src/verdict/plan-trials.ts';

const question: TrialPlanQuestion = {
  tolerance: 0.05,
  noise: { cv: 0.02 },
  gatingMetrics: 1,
  minutesPerTrial: 6,
  analysis: 'unpaired',
  trials: null,
  minutesAllowed: null,
};
const plan = (more: Partial<TrialPlanQuestion> = {}) => planTrials({ ...question, ...more });

describe('the number of trials', () => {
  test.each([
    [0.015, 5],
    [0.03, 6],
    [0.06, 20],
  ])('noise %d at a tolerance of 5 percent takes %d a side', (cv, trials) => {
    expect(plan({ noise: { cv } }).trials).toBe(trials);
  });

  test('more gating metrics need more trials, because every one of them must pass', () => {
    const few = plan({ noise: { cv: 0.025 } }).trials;
    expect(plan({ noise: { cv: 0.025 }, gatingMetrics: 20 }).trials).toBeGreaterThan(few + 2);
  });

  test('minutes count both sides', () => {
    expect(plan({ trials: 5 }).minutes).toBe(60);
  });

  test('noise comes from the last stable stretch of a history, not from its steps', () => {
    const random = seededRandom(5);
    const stretch = (centre: number): number[] =>
      Array.from({ length: 20 }, () => centre * Math.exp(0.02 * random.normal()));
    const { cv } = plan({ noise: { history: [...stretch(10), ...stretch(14)] } });
    expect(cv).toBeGreaterThan(0.01);
    expect(cv).toBeLessThan(0.03);
  });
});

describe('the order', () => {
  test('alternates which side goes first, and holds each side equally often', () => {
    expect(interleavedOrder(5)).toBe('ABBAABBAAB');
    expect(plan({ analysis: 'paired' }).order).toHaveLength(2 * plan({ analysis: 'paired' }).trials);
  });
});

describe('the odds', () => {
  const { odds } = plan({ noise: { cv: 0.03 } });

  test('add up, and hold the stated error rates at no change and at the tolerance', () => {
    for (const { pass, fail_proven, fail_likely, inconclusive } of odds)
      expect(pass + fail_proven + fail_likely + inconclusive).toBeCloseTo(1, 9);
    const [none, , , edge, twice] = odds;
    expect((none?.fail_proven ?? 1) + (none?.fail_likely ?? 1)).toBeLessThanOrEqual(0.06);
    expect(edge?.pass).toBeLessThanOrEqual(0.07);
    expect(none?.pass).toBeGreaterThan(0.8);
    expect((twice?.fail_proven ?? 0) + (twice?.fail_likely ?? 0)).toBeGreaterThan(0.8);
  });

  test('are reported in the text', () => {
    const text = renderPlanText(plan({ analysis: 'paired', trials: 6 }));
    expect(text).toContain('6 pairs, 72 minutes, in the order ABBAABBAABBA');
    expect(text).toMatch(/no change +\d+% +\d+% +\d+% +\d+%/);
  });

  test.each([
    ['lower-is-better', 0.04, 0.015],
    ['higher-is-better', 0.075, 0.02],
  ] as const)(
    'of 20 %s metrics at half the tolerance are those of 20,000 comparisons simulated anew',
    (direction, pass, off) => {
      const { odds: found } = plan({ noise: { cv: 0.025 }, gatingMetrics: 20, trials: 5, direction });
      expect(Math.abs((found[0]?.pass ?? 1) - pass)).toBeLessThan(off);
    },
  );

  test('of many gating metrics say what the family can reach, and what it would take', () => {
    const planned = plan({ noise: { cv: 0.025 }, gatingMetrics: 20, trials: 5 });
    expect(planned.odds[0]?.pass).toBeLessThan(0.1);
    expect(renderPlanText(planned)).toMatch(
      /20 unchanged gating metrics pass together in \d%; 80% takes \d+ trials a side/,
    );
  });
});

describe('the plan keeps its word in families simulated anew', () => {
  const REPETITIONS = 200;

  /** Share of comparisons with `status` when the first of the gating metrics is worse by `worsening`. */
  const simulated = (asked: TrialPlanQuestion, n: number, cv: number, worsening: number, status: string): number => {
    const random = seededRandom(77);
    const { tolerance, analysis, direction = 'lower-is-better' } = asked;
    const sign = direction === 'higher-is-better' ? -1 : 1;
    const overall = Array.from({ length: REPETITIONS }, () =>
      decideOverall(
        Array.from({ length: asked.gatingMetrics }, (_, at) => {
          const blockCv = analysis === 'paired' ? 0.02 : null;
          const trials = logNormalTrials({ n, cv, worsening: at === 0 ? sign * worsening : 0, blockCv })(random);
          const decision = decideMetric({ ...trials, direction, tolerance: { relative: tolerance, absolute: null } });
          return { key: `m${at}`, gating: true, beyond: false, decision };
        }),
      ),
    );
    return overall.filter((decision) => decision.status === status).length / REPETITIONS;
  };

  test.each([
    { cv: 0.02, tolerance: 0.05, gatingMetrics: 1 },
    { cv: 0.03, tolerance: 0.05, gatingMetrics: 1, direction: 'higher-is-better' },
    { cv: 0.02, tolerance: 0.02, gatingMetrics: 1 },
    { cv: 0.02, tolerance: 0.05, gatingMetrics: 1, trials: 2 },
    { cv: 0.015, tolerance: 0.03, gatingMetrics: 4 },
    { cv: 0.02, tolerance: 0.05, gatingMetrics: 4, analysis: 'paired' },
    { cv: 0.025, tolerance: 0.05, gatingMetrics: 12 },
  ] as const)('%j', ({ cv, ...more }) => {
    const asked = { ...question, ...more, noise: { cv } };
    const { trials, mde } = planTrials(asked);
    if (!('trials' in more)) expect(simulated(asked, trials, cv, 0, 'PASS')).toBeGreaterThanOrEqual(0.75);
    const seen = simulated(asked, trials, cv, mde ?? 0, 'FAIL');
    expect(seen).toBeGreaterThanOrEqual(0.7);
    expect(seen).toBeLessThanOrEqual(0.9);
  });
});

describe('designs that cannot decide are refused', () => {
  test.each([
    [{ trials: 1 }, 'design_cannot_decide', 'no interval at all'],
    [{ trials: 2, noise: { cv: 0.1 } }, 'design_cannot_decide', '2 trials a side decide in'],
    [{ trials: 1, analysis: 'paired' }, 'design_cannot_decide', 'no interval at all'],
    [{ noise: { cv: 0.5 }, tolerance: 0.01 }, 'noise_too_large', 'any practical number'],
    [{ noise: { history: [1, 2, 3] } }, 'noise_unknown', 'noise needs 5'],
    [{ trials: 5, minutesAllowed: 59 }, 'no_time', '59 are allowed'],
    [{ tolerance: 0 }, 'plan_number', 'tolerance is 0'],
    [{ tolerance: 5 }, 'plan_number', 'tolerance is 5'],
    [{ gatingMetrics: 0 }, 'plan_number', 'gating metrics is 0'],
    [{ minutesPerTrial: 0 }, 'plan_number', 'minutes per trial is 0'],
    [{ trials: 2.5 }, 'plan_number', 'trials is 2.5'],
    [{ noise: { cv: Number.NaN } }, 'plan_number', 'coefficient of variation is NaN'],
  ] as const)('%j', (more, code, message) => {
    expect(() => plan(more)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  test.each([
    [{ trials: 2 }, 2],
    [{ trials: 3, gatingMetrics: 2 }, 3],
    [{ trials: 4, analysis: 'paired' }, 4],
    [{ trials: 5, analysis: 'paired' }, 5],
    [{ trials: 5, gatingMetrics: 2 }, 5],
  ] as const)('%j can', (more, trials) => {
    expect(plan(more).trials).toBe(trials);
  });
});
