// Prints, as markdown, how often the decision says what: where its assumptions do not hold, and beside the rules that other
// gates use. Seeded: the same figures every time. `npx tsx bench/simulate-decisions.ts [degradation|rules]`. Where the assumptions
// hold, bench/calibrate.ts has the figures.
import { decideMetric } from '../src/verdict/decide-metric.ts';
import { seededRandom } from '../src/stats/random.ts';
import { type VerdictOdds, logNormalTrials, logSpread, simulate, verdictOdds } from '../src/verdict/verdict-odds.ts';
import { percent, table, titled } from './markdown-table.ts';
import {
  type Answer,
  type Rule,
  benchstatRule,
  cvGateRule,
  intervalRule,
  medianRule,
  pointRule,
} from './regression-rules.ts';
import {
  type Noise,
  autocorrelated,
  bimodal,
  drifting,
  independent,
  interleaved,
  oneAfterTheOther,
  spiky,
  unequal,
  withSideEffect,
} from './trial-noise.ts';

const REPETITIONS = 10_000;

const question = (tolerance: number) =>
  ({ direction: 'lower-is-better', tolerance: { relative: tolerance, absolute: null } }) as const;

const odds = (noise: Noise, n: number, worsening: number, tolerance: number, seed = 1): VerdictOdds =>
  verdictOdds(noise(n, worsening), question(tolerance), { repetitions: REPETITIONS, seed });

/** PASS / FAIL proven / FAIL likely / INCONCLUSIVE, in percent. */
const fourWays = ({ pass, failProven, failLikely, inconclusive }: VerdictOdds): string =>
  [pass, failProven, failLikely, inconclusive].map((share) => percent(share)).join(' / ');

const startEffect = (cv: number) => (random: { normal(): number }) => logSpread(cv) * random.normal();
const twoLevels = (apart: number) => (random: { uniform(): number }) =>
  random.uniform() < 0.5 ? Math.log1p(apart) : 0;

const windows = (effectCv: number, design: typeof interleaved): Noise =>
  withSideEffect(design(independent(0.01)), startEffect(effectCv));

const MODELS: readonly (readonly [group: string, name: string, noise: Noise])[] = [
  ['as assumed', 'independent, cv 2 %', oneAfterTheOther(independent(0.02))],
  ['as assumed', 'independent, cv 2 %, ABBA pairs', interleaved(independent(0.02))],
  [
    'server start',
    'process trials: each its own start, effect cv 2 %, noise cv 1 %',
    oneAfterTheOther(independent(Math.hypot(0.02, 0.01))),
  ],
  ['server start', 'window trials: one start a side, effect cv 0.5 %, noise cv 1 %', windows(0.005, oneAfterTheOther)],
  ['server start', 'window trials: effect cv 1 %', windows(0.01, oneAfterTheOther)],
  ['server start', 'window trials: effect cv 2 %', windows(0.02, oneAfterTheOther)],
  ['server start', 'window trials: effect cv 5 %', windows(0.05, oneAfterTheOther)],
  ['server start', 'window trials in ABBA pairs: effect cv 2 %', windows(0.02, interleaved)],
  ['autocorrelation', 'all A then all B, cv 2 %, rho 0.3', oneAfterTheOther(autocorrelated(0.02, 0.3))],
  ['autocorrelation', 'all A then all B, rho 0.6', oneAfterTheOther(autocorrelated(0.02, 0.6))],
  ['autocorrelation', 'all A then all B, rho 0.9', oneAfterTheOther(autocorrelated(0.02, 0.9))],
  ['autocorrelation', 'ABBA pairs, rho 0.3', interleaved(autocorrelated(0.02, 0.3))],
  ['autocorrelation', 'ABBA pairs, rho 0.6', interleaved(autocorrelated(0.02, 0.6))],
  ['autocorrelation', 'ABBA pairs, rho 0.9', interleaved(autocorrelated(0.02, 0.9))],
  ['drift', 'all A then all B, cv 1 %, 0.5 % slower per trial', oneAfterTheOther(drifting(0.01, 0.005))],
  ['drift', 'ABBA pairs, the same drift', interleaved(drifting(0.01, 0.005))],
  ['bimodal', 'levels 13 % apart, drawn per trial', oneAfterTheOther(bimodal(0.005, 0.13))],
  ['bimodal', 'levels 13 % apart, drawn per trial, ABBA pairs', interleaved(bimodal(0.005, 0.13))],
  [
    'bimodal',
    'levels 13 % apart, drawn once per side',
    withSideEffect(oneAfterTheOther(independent(0.005)), twoLevels(0.13)),
  ],
  ['shape', 'one trial in ten up to 40 % slower, cv 1 %', oneAfterTheOther(spiky(0.01))],
  ['shape', 'one trial in ten up to 40 % slower, ABBA pairs', interleaved(spiky(0.01))],
  ['unequal', 'candidate scatters 3 x as widely (cv 1 % and 3 %)', unequal(0.01, 3, 1)],
  ['unequal', 'the same, and twice as many baseline trials', unequal(0.01, 3, 2)],
];

/** Narrow, so that broken assumptions have room to show. */
const NARROW = 0.02;

const degradation = (n: number): string =>
  table(
    [
      '',
      'noise',
      'wrong FAIL at no change: proven',
      'likely',
      'wrong FAIL proven at the tolerance',
      'wrong PASS at the tolerance',
    ],
    MODELS.map(([group, name, noise]) => {
      const [unchanged, edge] = [odds(noise, n, 0, NARROW), odds(noise, n, NARROW, NARROW)];
      return [
        group,
        name,
        percent(unchanged.failProven),
        percent(unchanged.failLikely),
        percent(edge.failProven),
        percent(edge.pass),
      ];
    }),
  );

const TOLERANCE = 0.05;

/** One top-up of an open comparison to the trials it asked for (at most 30), all trials pooled and judged once more. */
const toppedUp = (cv: number, worsening: number, alpha: number): VerdictOdds => {
  let [pass, failProven, failLikely] = [0, 0, 0];
  const asked = { ...question(TOLERANCE), alpha };
  const more = seededRandom(2);
  const draw = (n: number) => logNormalTrials({ n, cv, worsening, blockCv: null });
  simulate(draw(5), asked, { repetitions: REPETITIONS, seed: 1 }, (first, { baseline, candidate }) => {
    const extra = draw(Math.max(0, Math.min(first.trials_needed ?? 0, 30) - 5))(more);
    const pooled = { baseline: [...baseline, ...extra.baseline], candidate: [...candidate, ...extra.candidate] };
    const { status, strength } = extra.baseline.length === 0 ? first : decideMetric({ ...asked, ...pooled });
    if (status === 'PASS') pass += 1;
    if (strength === 'proven') failProven += 1;
    if (strength === 'likely') failLikely += 1;
  });
  const share = (times: number): number => times / REPETITIONS;
  const inconclusive = share(REPETITIONS - pass - failProven - failLikely);
  return { pass: share(pass), failProven: share(failProven), failLikely: share(failLikely), inconclusive };
};

const topUp = (): string =>
  table(
    ['alpha of both looks', 'cv %', 'no change', 'half the tolerance', 'at the tolerance', 'twice the tolerance'],
    [0.05, 0.03].flatMap((alpha) =>
      [0.02, 0.03, 0.05].map((cv) => [
        String(alpha),
        percent(cv, 0),
        ...[0, 0.5, 1, 2].map((multiple) => fourWays(toppedUp(cv, multiple * TOLERANCE, alpha))),
      ]),
    ),
  );

const RULES: readonly (readonly [name: string, rule: Rule])[] = [
  ['2 % on one run a side', pointRule(0.02)],
  ['5 % on one run a side', pointRule(0.05)],
  ['5 % on medians of 5', medianRule(0.05)],
  ['benchstat, 5 a side', benchstatRule],
  ['CV gate 5 %, then 5 % on means of 5', cvGateRule(0.05, 0.05)],
  ['ours, 5 a side, tolerance 2 %', intervalRule(0.02)],
  ['ours, 5 a side, tolerance 5 %', intervalRule(0.05)],
];

/** Shares of the answers of one rule; every rule sees the same draws. */
const answers = (rule: Rule, cv: number, worsening: number): Record<Answer, number> => {
  const random = seededRandom(3);
  const draw = oneAfterTheOther(independent(cv))(5, worsening);
  const seen = { PASS: 0, FAIL: 0, INCONCLUSIVE: 0 };
  for (let done = 0; done < REPETITIONS; done += 1) seen[rule(draw(random))] += 1 / REPETITIONS;
  return seen;
};

const rules = (): string =>
  table(
    [
      'cv %',
      'rule',
      'false alarm: FAIL at no change',
      'undecided at no change',
      'FAIL at +2.5 %',
      'miss: PASS at +10 %',
      'undecided at +10 %',
      'FAIL at +10 %',
    ],
    [0.01, 0.03, 0.06].flatMap((cv) =>
      RULES.map(([name, rule]) => {
        const [none, half, twice] = [answers(rule, cv, 0), answers(rule, cv, 0.025), answers(rule, cv, 0.1)];
        const cells = [none.FAIL, none.INCONCLUSIVE, half.FAIL, twice.PASS, twice.INCONCLUSIVE, twice.FAIL];
        return [percent(cv, 0), name, ...cells.map((share) => percent(share))];
      }),
    ),
  );

const SECTIONS: Readonly<Record<string, () => readonly string[]>> = {
  degradation: () => [
    titled('5 trials a side', degradation(5)),
    titled('10 trials a side', degradation(10)),
    titled('Topping up is a second look', topUp()),
  ],
  rules: () => [titled('Beside other rules, on the same data', rules())],
};

const wanted = process.argv.slice(2);
for (const [name, section] of Object.entries(SECTIONS))
  if (wanted.length === 0 || wanted.includes(name)) console.log(section().join('\n'));
