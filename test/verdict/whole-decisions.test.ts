// Decisions about chosen trials, whole: every figure of one metric, what a family leaves of its members, ranks, and the words for
// them. The texts were read through when they were written; one that changes is a change of behaviour (`npx vitest run <file> -u`).
import { expect, test } from 'vitest';
import { decideMetric } from '../../src/verdict/decide-metric.ts';
import type { MetricDecision, MetricQuestion, Sample } from '../../src/verdict/decision.ts';
import { familyOdds } from '../../src/verdict/family-odds.ts';
import { type JudgedMetric, correctFamily, decideOverall } from '../../src/verdict/overall.ts';
import { type RankQuestion, rankAll } from '../../src/verdict/ranking.ts';
import { type Decided, decisionLine, decisionText, spanText } from '../../src/verdict/wording.ts';
import { blocked, trials } from '../stats/sample.ts';

const FOLDER = new URL('../fixtures/decisions/', import.meta.url).pathname;

const NINE_DIGITS = (_: string, value: unknown): unknown =>
  typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(9)) + 0 : value;

/** A decision without the summaries of its sides, which are those of the statistics. */
const figures = ({ baseline: _was, candidate: _is, ...decision }: MetricDecision): string =>
  JSON.stringify(decision, NINE_DIGITS);

const CALM = [10.1, 10.2, 9.9, 10.0, 10.05, 9.95, 10.15, 9.85];
const WILD = [10, 12.9, 9.1, 11.6, 8.7, 10.4, 9.6, 12];
const OTHER_CALM = [10.02, 9.93, 10.08, 9.97, 10.12, 10.01, 9.9, 10.06];

const scaled = (values: readonly number[], by: number, count: number): number[] =>
  values.slice(0, count).map((value) => value * by);

const LATENCY = { direction: 'lower-is-better', tolerance: { relative: 0.05, absolute: null } } as const;
const RATE = { ...LATENCY, direction: 'higher-is-better' } as const;
const BOTH_WAYS = { ...LATENCY, direction: 'two-sided' } as const;

const QUESTIONS: [string, MetricQuestion][] = [];
const ask = (name: string, question: MetricQuestion): void => void QUESTIONS.push([name, question]);

for (const [word, rule] of [
  ['latency', LATENCY],
  ['rate', RATE],
  ['two-sided', BOTH_WAYS],
] as const) {
  for (const n of [1, 2, 3, 5, 8])
    for (const by of [0.8, 0.97, 1, 1.03, 1.08, 1.5])
      ask(`${word}, n ${n}, times ${by}`, {
        ...rule,
        baseline: trials(scaled(CALM, 1, n)),
        candidate: trials(scaled(OTHER_CALM, by, n)),
      });
  for (const n of [2, 4, 5, 7])
    ask(`${word}, ${n} noisy ones, times 1.1`, {
      ...rule,
      baseline: trials(scaled(WILD, 1, n)),
      candidate: trials(scaled(CALM, 1.1, n)),
    });
  for (const n of [1, 2, 3, 6])
    for (const by of [0.9, 1.03, 1.1])
      ask(`${word}, ${n} pairs, times ${by}`, {
        ...rule,
        baseline: blocked(scaled(WILD, 1, n)),
        candidate: blocked(scaled(WILD, by, n).map((value, at) => value * (OTHER_CALM[at] ?? 1) * 0.1)),
      });
}
ask('5 against 3', { ...LATENCY, baseline: trials(scaled(CALM, 1, 5)), candidate: trials(scaled(WILD, 1, 3)) });
ask('3 against 8', { ...LATENCY, baseline: trials(scaled(WILD, 1, 3)), candidate: trials(scaled(CALM, 1.2, 8)) });
ask('proven only', {
  ...LATENCY,
  failRule: 'proven',
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 1.06, 5)),
});
ask('at 1 percent', {
  ...LATENCY,
  alpha: 0.01,
  baseline: trials(scaled(CALM, 1, 8)),
  candidate: trials(scaled(OTHER_CALM, 1.06, 8)),
});
ask('values of zero', { ...LATENCY, baseline: trials([0, 1, 2, 1, 0]), candidate: trials([3, 4, 3, 5, 4]) });
ask('all of zero', { ...LATENCY, baseline: trials([0, 0, 0]), candidate: trials([0, 0, 0]) });
ask('below zero', {
  ...RATE,
  tolerance: { relative: null, absolute: 0.5 },
  baseline: trials([-5, -5.2, -4.9]),
  candidate: trials([-6.1, -6, -6.2]),
});
ask('absolute', {
  ...LATENCY,
  tolerance: { relative: null, absolute: 0.5 },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 1.1, 5)),
});
ask('absolute, better', {
  ...LATENCY,
  tolerance: { relative: null, absolute: 0.5 },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 0.8, 5)),
});
ask('both tolerances, values of zero', {
  ...LATENCY,
  tolerance: { relative: 0.05, absolute: 0.5 },
  baseline: trials([0, 1, 0.5]),
  candidate: trials([1, 2, 1.5]),
});
ask('absolute, a rate', {
  ...RATE,
  tolerance: { relative: null, absolute: 0.5 },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 0.9, 5)),
});
ask('both tolerances, the ratio decides', {
  ...LATENCY,
  tolerance: { relative: 0.05, absolute: 0.1 },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 1.04, 5)),
});
ask('both tolerances, the difference decides', {
  ...LATENCY,
  tolerance: { relative: 0.05, absolute: 3 },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 1.2, 5)),
});
ask('both tolerances, beyond both', {
  ...LATENCY,
  tolerance: { relative: 0.05, absolute: 0.1 },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 1.2, 5)),
});
ask('a rate that may fall by all', {
  ...RATE,
  tolerance: { relative: 1, absolute: null },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 0.2, 5)),
});
ask('both ways by all', {
  ...BOTH_WAYS,
  tolerance: { relative: 1, absolute: null },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 0.2, 5)),
});
ask('a counter, equal', { ...LATENCY, counter: true, baseline: trials([100]), candidate: trials([100]) });
ask('a counter, grown', { ...LATENCY, counter: true, baseline: trials([100, 100]), candidate: trials([106]) });
ask('a counter, both ways', { ...BOTH_WAYS, counter: true, baseline: trials([100]), candidate: trials([94]) });
ask('a counter that varies', {
  ...LATENCY,
  counter: true,
  baseline: trials([100, 101, 100]),
  candidate: trials([100, 100, 101]),
});
ask('a paired counter', {
  ...LATENCY,
  counter: true,
  analysis: 'paired',
  baseline: blocked([100, 100]),
  candidate: blocked([103, 103]),
});
ask('a thin tail', {
  ...LATENCY,
  tail: { quantile: 0.99, requests: 40 },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 1.04, 5)),
});
ask('a tail of enough', {
  ...LATENCY,
  tail: { quantile: 0.99, requests: 4000 },
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 1.04, 5)),
});
ask('blocks lost', {
  ...LATENCY,
  analysis: 'paired',
  baseline: trials(scaled(CALM, 1, 5)),
  candidate: trials(scaled(CALM, 1, 5)),
});
ask('blocks ignored', {
  ...LATENCY,
  analysis: 'unpaired',
  baseline: blocked(scaled(WILD, 1, 6)),
  candidate: blocked(scaled(WILD, 1.1, 6)),
});
ask('a partner missing', {
  ...LATENCY,
  baseline: blocked(scaled(WILD, 1, 6)),
  candidate: blocked(scaled(WILD, 1.1, 5)),
});
ask('other context', { ...LATENCY, mismatch: ['isl', 'osl'], baseline: trials([1, 2]), candidate: trials([1, 2]) });
ask('lost', { ...LATENCY, baseline: trials([1, 2, 3]), candidate: [{ value: null, block: null, excluded: false }] });
ask('invalid', {
  ...LATENCY,
  baseline: trials([1, 2]).map((trial) => ({ ...trial, excluded: true })),
  candidate: trials([1, 2, 3]),
});
ask('no direction', { ...LATENCY, direction: null, baseline: trials([1]), candidate: trials([1, 2]) }); // prettier-ignore

/** Shares of runs, with the requests behind each. */
const shares = (of: readonly number[], requests: number | null): Sample[] =>
  trials(of).map((trial) => ({ ...trial, requests }));

const SHARE = { direction: 'higher-is-better', tolerance: { relative: null, absolute: 0.01 }, share: true } as const;
const ALL_OK = { ...SHARE, tolerance: { relative: null, absolute: 0 } } as const;
ask('shares alike', {
  ...SHARE,
  baseline: shares([0.92, 0.93, 0.91], 500),
  candidate: shares([0.92, 0.92, 0.915], 500),
});
ask('shares fallen', {
  ...SHARE,
  baseline: shares([0.92, 0.93, 0.91], 500),
  candidate: shares([0.86, 0.85, 0.87], 500),
});
ask('shares fallen a little', {
  ...SHARE,
  baseline: shares([0.92, 0.93, 0.91], 500),
  candidate: shares([0.9, 0.89, 0.9], 500),
});
ask('shares fallen a little, proven only', {
  ...SHARE,
  failRule: 'proven',
  baseline: shares([0.92, 0.93, 0.91], 500),
  candidate: shares([0.9, 0.89, 0.9], 500),
});
ask('shares risen', {
  ...SHARE,
  baseline: shares([0.86, 0.85, 0.87], 500),
  candidate: shares([0.92, 0.93, 0.91], 500),
});
ask('shares of two uneven runs', {
  ...SHARE,
  baseline: shares([0.92, 0.7], 500),
  candidate: shares([0.86, 0.88], 500),
});
ask('shares within the margin', {
  ...SHARE,
  baseline: shares([0.92, 0.921], 50_000),
  candidate: shares([0.916, 0.917], 50_000),
});
ask('no failure before, some after', {
  ...ALL_OK,
  baseline: shares([1, 1, 1], 500),
  candidate: shares([1, 0.998, 1], 500),
});
ask('no failure before, many after', {
  ...ALL_OK,
  baseline: shares([1, 1, 1], 500),
  candidate: shares([0.97, 0.98, 0.96], 500),
});
ask('no failure at all', { ...ALL_OK, baseline: shares([1, 1, 1], 500), candidate: shares([1, 1, 1], 500) });
ask('failures before, fewer after', {
  ...ALL_OK,
  baseline: shares([0.97, 0.98, 0.96], 500),
  candidate: shares([1, 1, 1], 500),
});
ask('nothing answered', { ...ALL_OK, baseline: shares([1, 1, 1], 500), candidate: shares([0, 0, 0], 500) });
ask('shares of one run', { ...SHARE, baseline: shares([0.92], 500), candidate: shares([0.86], 500) });
ask('shares of unknown counts', {
  ...SHARE,
  baseline: shares([0.92, 0.93, 0.91], null),
  candidate: shares([0.86, 0.85, 0.87], 500),
});
ask('shares above one', { ...SHARE, baseline: shares([0.92, 0.93, 1.01], 500), candidate: shares([0.86, 0.85, 0.87], 500) }); // prettier-ignore

test('metrics', async () => {
  const lines = QUESTIONS.map(([name, question]) => `${name}\n  ${figures(decideMetric(question))}`);
  expect(new Set(QUESTIONS.map(([name]) => name)).size).toBe(QUESTIONS.length);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`${FOLDER}metrics.txt`);
});

const row = (
  key: string,
  by: number,
  { n = 5, gating = true, point, ...more }: { n?: number; gating?: boolean; point?: string } & Partial<MetricQuestion> = {},
): Decided & JudgedMetric => {
  const decision = decideMetric({
    ...LATENCY,
    baseline: trials(scaled(CALM, 1, n)),
    candidate: trials(scaled(OTHER_CALM, by, n)),
    ...more,
  });
  return {
    key,
    point,
    gating,
    beyond: by > 1.05,
    decision,
    headline: gating,
    unit: 'ms',
    direction: decision.direction ?? 'two-sided',
    standing: 'within',
    delta_pct: 100 * (by - 1),
  };
}; // prettier-ignore

const calm = (count: number, n = 5): (Decided & JudgedMetric)[] =>
  Array.from({ length: count }, (_, at) => row(`calm_${at}`, 1, { n }));

const FAMILIES: Readonly<Record<string, readonly (Decided & JudgedMetric)[]>> = {
  'all within': calm(3),
  'one of three worse': [...calm(2), row('slow', 1.4)],
  'one of twenty worse, three trials': [...calm(19, 3), row('slow', 1.4, { n: 3 })],
  'one of twenty a little worse': [...calm(19), row('slow', 1.065)],
  'one of fifty a little worse': [...calm(49), row('slow', 1.065)],
  'one of fifty changed both ways': [...calm(49), row('moved', 0.93, { direction: 'two-sided' })],
  'one of twenty worse, two trials': [...calm(19, 2), row('slow', 1.08, { n: 2 })],
  'a rate among twenty that fell': [...calm(19), row('rate', 0.935, { direction: 'higher-is-better' })],
  'open ones': [row('a', 1.046), row('b', 1.05), row('c', 1)],
  'an open one alone': [row('a', 1.05)],
  'an open one that does not gate': [...calm(2), row('a', 1.05, { gating: false })],
  'five that are worse': ['a', 'b', 'c', 'd', 'e'].map((key, at) => row(key, 1.2 + 0.1 * at)),
  'worse, and suspect': [row('a', 2, { n: 3 }), ...calm(18, 3), row('b', 1.08, { n: 3 })],
  'points of one metric': ['c=1', 'c=4', 'c=16'].map((point, at) => row('tpot_p50_ms', 1 + 0.2 * at, { point })),
  'one value a side': [row('a', 1.2, { n: 1 }), row('b', 1, { n: 1 })],
  'some without repeats': [row('a', 1), row('b', 1.2, { n: 1 })],
  'a noisy one of three trials': [
    ...calm(2, 3),
    row('wild', 1, { baseline: trials([10, 10.1, 9.9]), candidate: trials([10.7, 12.9, 17]), gating: false }),
  ],
  'suspect, of uneven trials': [...calm(30, 3), row('slow', 1, { baseline: trials([10, 10.1, 9.9, 10.05, 9.95]), candidate: trials([10.7, 12.9, 17]) })],
  'both ways, three trials': [
    ...calm(2, 3),
    row('wild', 1, { direction: 'two-sided', baseline: trials([10, 10.1, 9.9]), candidate: trials([6, 8, 9.3]) }),
  ],
  'exact and thin': [row('count', 1, { counter: true, baseline: trials([5]), candidate: trials([5]) }), row('p99', 1.05, { tail: { quantile: 0.99, requests: 40 } })],
  incomparable: [row('a', 1, { mismatch: ['model'] }), row('b', 1)],
}; // prettier-ignore

test('families, and the words for them', async () => {
  const texts = Object.entries(FAMILIES).map(([name, rows]) => {
    const family = correctFamily(rows);
    const stood = rows.map((each) => ({ ...each, standing: family.standingOf(each) }));
    const decision = decideOverall(rows, [], family);
    const shown = family.members.filter(({ standing }) => standing !== 'within').slice(0, 6);
    return [
      name,
      `  ${JSON.stringify(decision, NINE_DIGITS)}`,
      ...shown.map((member) => `  ${JSON.stringify(member, NINE_DIGITS)}`),
      `  ${decisionLine(decisionText(decision, stood), decision, [5, 5])}`,
      ...stood.slice(-1).map((last) => `  ${spanText(last)}`),
    ].join('\n');
  });
  await expect(`${texts.join('\n')}\n`).toMatchFileSnapshot(`${FOLDER}families.txt`);
});

const rank = (name: string, subject: readonly number[], rival: readonly number[], more: Partial<RankQuestion> = {}) => ({
  name,
  subject,
  rival,
  direction: 'lower-is-better' as const,
  mismatch: [],
  ...more,
}); // prettier-ignore

test('ranks', async () => {
  const [same, fast, like] = [scaled(CALM, 1, 6), scaled(CALM, 0.5, 6), scaled(OTHER_CALM, 1, 6)];
  const asked: Readonly<Record<string, readonly RankQuestion[]>> = {
    better: [rank('a', fast, same)],
    'better than one, like the other': [rank('a', fast, same), rank('b', same, like)],
    'a rate': [rank('a', fast, same, { direction: 'higher-is-better' })],
    'not comparable, and better': [rank('a', same, same, { mismatch: ['gpu'] }), rank('b', fast, same)],
    'not comparable, and like': [rank('a', same, same, { mismatch: ['gpu'] }), rank('b', same, like)],
    'worse, and like': [rank('a', same, fast), rank('b', same, like)],
  };
  const texts = Object.entries(asked).map(([name, questions]) => {
    const { ranked, decision, verdict } = rankAll(questions);
    const rows = ranked.map((each) => `  ${each.rank} ${each.trials_needed} ${JSON.stringify(each.member, NINE_DIGITS)}`);
    return [name, `  ${verdict} ${JSON.stringify(decision, NINE_DIGITS)}`, ...rows].join('\n');
  }); // prettier-ignore
  await expect(`${texts.join('\n')}\n`).toMatchFileSnapshot(`${FOLDER}ranks.txt`);
});

test('odds of a family', async () => {
  const plan = {
    analysis: 'unpaired',
    direction: 'lower-is-better',
    tolerance: 0.05,
    cv: 0.02,
    n: 5,
    gatingMetrics: 3,
  } as const;
  const plans = {
    plan,
    alone: { ...plan, gatingMetrics: 1 },
    paired: { ...plan, analysis: 'paired' },
    'both ways': { ...plan, direction: 'two-sided' },
    'two trials': { ...plan, n: 2, cv: 0.01 },
  } as const; // prettier-ignore
  const texts = Object.entries(plans).map(([name, design]) => {
    const odds = familyOdds(design, 40);
    return [name, ...[0, -0.08, 0.08].map((by) => `  ${by} ${JSON.stringify(odds(by), NINE_DIGITS)}`)].join('\n');
  });
  await expect(`${texts.join('\n')}\n`).toMatchFileSnapshot(`${FOLDER}odds.txt`);
});
