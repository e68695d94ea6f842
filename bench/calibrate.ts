// Prints, as markdown, how often the decision of today is right and wrong: one row, one benchmark of many rows, families of
// configurations, shares of requests. Seeded: the same figures every time. `npm run calibrate [row|benchmark|families|shares]`
import { type Random, seededRandom } from '../src/stats/random.ts';
import { type MetricQuestion, type Sample } from '../src/verdict/decision.ts';
import { decideMetric } from '../src/verdict/decide-metric.ts';
import { type JudgedMetric, decideOverall } from '../src/verdict/overall.ts';
import { logNormalTrials, verdictOdds } from '../src/verdict/verdict-odds.ts';
import { percent, table, titled } from './markdown-table.ts';
import { FORTY_ROWS, SEVENTEEN_ROWS, type ServingRow, runOf } from './serving-rows.ts';
import {
  type Noise,
  autocorrelated,
  bimodal,
  heavyTailed,
  independent,
  normal,
  oneAfterTheOther,
  roundedToTick,
} from './trial-noise.ts';

const TOLERANCE = 0.05;
const TAIL_TOLERANCE = 0.2;

const withTolerance = (relative: number): Pick<MetricQuestion, 'direction' | 'tolerance'> => ({
  direction: 'lower-is-better',
  tolerance: { relative, absolute: null },
});

const counted = (n: number): number[] => Array.from({ length: n }, (_, at) => at);

// --- one row -----------------------------------------------------------------------------------------------------------

const ROW_REPETITIONS = 4000;

const SHAPES: Readonly<Record<string, (cv: number) => Noise>> = {
  normal: (cv) => oneAfterTheOther(normal(cv)),
  'log-normal': (cv) => oneAfterTheOther(independent(cv)),
  "Student's t, 3 df": (cv) => oneAfterTheOther(heavyTailed(cv)),
  'two levels 3 % apart': (cv) => oneAfterTheOther(bimodal(cv / 3, 0.03)),
  'AR(1), rho 0.6': (cv) => oneAfterTheOther(autocorrelated(cv, 0.6)),
  'rounded to a tick of one sd': (cv) => roundedToTick(oneAfterTheOther(independent(cv)), cv),
};

const SIZES = [2, 3, 4, 5, 10];
/** cv of one trial, in tolerances. */
const SPREADS: readonly (readonly [string, number])[] = [
  ['1/3', 1 / 3],
  ['1', 1],
  ['2', 2],
];

const rowCell = (noise: (cv: number) => Noise, n: number, spread: number): string[] => {
  const odds = (worsening: number, seed: number) =>
    verdictOdds(noise(spread * TOLERANCE)(n, worsening), withTolerance(TOLERANCE), {
      repetitions: ROW_REPETITIONS,
      seed,
    });
  const [none, edge, twice] = [odds(0, 11 + n), odds(TOLERANCE, 23 + n), odds(2 * TOLERANCE, 37 + n)];
  return [
    none.failProven + none.failLikely,
    edge.pass,
    edge.failProven,
    none.pass,
    twice.failProven + twice.failLikely,
  ].map((share) => percent(share));
};

const rowTable = (): string =>
  table(
    [
      'noise',
      'cv, in tolerances',
      'n',
      'wrong FAIL at no change',
      'wrong PASS at the tolerance',
      'wrong proven FAIL there',
      'PASS at no change',
      'FAIL at twice the tolerance',
    ],
    Object.entries(SHAPES).flatMap(([name, noise]) =>
      SPREADS.flatMap(([title, spread]) => SIZES.map((n) => [name, title, String(n), ...rowCell(noise, n, spread)])),
    ),
  );

// --- one benchmark of many rows ----------------------------------------------------------------------------------------

type Exit = 0 | 1 | 3;

/** What a strict gate makes of the rows: with repeats the decision counts, with one value a side the tolerance alone. */
const exitOf = (rows: readonly JudgedMetric[]): Exit => {
  if (rows.every(({ decision }) => decision.basis === 'point')) return rows.some(({ beyond }) => beyond) ? 1 : 0;
  const { status } = decideOverall(rows);
  return status === 'FAIL' ? 1 : status === 'PASS' ? 0 : 3;
};

const sample = (log: number): Sample => ({ value: 100 * Math.exp(log), block: null, excluded: false });

const judged = (
  key: string,
  gating: boolean,
  tolerance: number,
  baseline: Sample[],
  candidate: Sample[],
): JudgedMetric => ({
  key,
  gating,
  beyond: (candidate[0]?.value ?? 0) > (baseline[0]?.value ?? 0) * (1 + tolerance),
  decision: decideMetric({ ...withTolerance(tolerance), baseline, candidate }),
});

type Effect = Readonly<Record<string, number>>;

const benchmark = (rows: readonly ServingRow[], n: number, effect: Effect, random: Random): JudgedMetric[] => {
  const [before, after] = [counted(n).map(() => runOf(rows, random)), counted(n).map(() => runOf(rows, random))];
  return rows.map(({ name, gating, tail }, at) => {
    const shift = Math.log(effect[name] ?? 1);
    const values = (runs: readonly number[][], by: number): Sample[] => runs.map((run) => sample((run[at] ?? 0) + by));
    return judged(name, gating, tail ? TAIL_TOLERANCE : TOLERANCE, values(before, 0), values(after, shift));
  });
};

const exits = (draw: (random: Random) => JudgedMetric[], repetitions: number, seed: number): Record<Exit, number> => {
  const random = seededRandom(seed);
  const seen = { 0: 0, 1: 0, 3: 0 };
  for (let done = 0; done < repetitions; done += 1) seen[exitOf(draw(random))] += 1 / repetitions;
  return seen;
};

const EFFECTS: readonly (readonly [name: string, effect: Effect])[] = [
  ['nothing changed', {}],
  ['tpot_p50 +10 %', { tpot_p50: 1.1, tps_per_user: 1.1 }],
  ['tpot_p50 +25 %', { tpot_p50: 1.25, tps_per_user: 1.25 }],
  ['tpot_p50 x 3', { tpot_p50: 3, tps_per_user: 3 }],
  ['ttft_p99 +50 %', { ttft_p99: 1.5 }],
];

/** Repetitions where nothing changed, and where something did. */
const BENCHMARK_REPETITIONS: readonly (readonly [readonly ServingRow[], number, number])[] = [
  [SEVENTEEN_ROWS, 3000, 600],
  [FORTY_ROWS, 1000, 300],
];

const BENCHMARK_SIZES = [1, 2, 3, 5, 10];

const benchmarkTable = (): string =>
  table(
    ['rows', 'change', ...BENCHMARK_SIZES.map((n) => `n = ${n}: exit 1 / 3 / 0`)],
    BENCHMARK_REPETITIONS.flatMap(([rows, unchanged, changed]) =>
      EFFECTS.map(([name, effect]) => [
        String(rows.length),
        name,
        ...BENCHMARK_SIZES.map((n) => {
          const repetitions = Object.keys(effect).length === 0 ? unchanged : changed;
          const seen = exits((random) => benchmark(rows, n, effect, random), repetitions, 1000 * rows.length + n);
          return [seen[1], seen[3], seen[0]].map((share) => percent(share)).join(' / ');
        }),
      ]),
    ),
  );

// --- families of configurations ----------------------------------------------------------------------------------------

const family = (size: number, n: number, cv: number, worst: number, random: Random): JudgedMetric[] =>
  counted(size).map((at) => {
    const drawn = logNormalTrials({ n, cv, worsening: at === 0 ? worst : 0, blockCv: null })(random);
    return judged(`configuration ${at}`, true, TOLERANCE, [...drawn.baseline], [...drawn.candidate]);
  });

const familyRepetitions = (size: number): number => (size <= 5 ? 2000 : 800);

const FAMILY_CASES: readonly (readonly [name: string, spread: number, worst: number])[] = [
  ['wrong FAIL at no change, cv half the tolerance', 0.5, 0],
  ['wrong FAIL at no change, cv the tolerance', 1, 0],
  ['one at twice the tolerance found, cv a third of it', 1 / 3, 2 * TOLERANCE],
];

const familyTable = (): string =>
  table(
    ['configurations', 'question', ...SIZES.map((n) => `n = ${n}`)],
    [1, 5, 20, 50].flatMap((size) =>
      FAMILY_CASES.map(([name, spread, worst]) => [
        String(size),
        name,
        ...SIZES.map((n) => {
          const draw = (random: Random): JudgedMetric[] => family(size, n, spread * TOLERANCE, worst, random);
          return percent(exits(draw, familyRepetitions(size), 100 * size + n)[1]);
        }),
      ]),
    ),
  );

// --- shares of requests ------------------------------------------------------------------------------------------------

const SHARE_REPETITIONS = 4000;
const REQUESTS = 500;

/** Gamma deviate with this shape of 1 or more (Marsaglia and Tsang 2000). */
const gamma = (shape: number, random: Random): number => {
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
};

/** A run's share of hits: its own rate scatters around `rate` with intra-run correlation `rho`, its requests around that. */
const runShare = (rate: number, rho: number, random: Random): Sample => {
  const size = rho === 0 ? 0 : 1 / rho - 1;
  const [a, b] = rho === 0 ? [rate, 1 - rate] : [gamma(rate * size, random), gamma((1 - rate) * size, random)];
  const own = a / (a + b);
  let hits = 0;
  for (let at = 0; at < REQUESTS; at += 1) if (random.uniform() < own) hits += 1;
  return { value: hits / REQUESTS, block: null, excluded: false, requests: REQUESTS };
};

const shareFails = (runs: number, rho: number, drop: number): number => {
  const random = seededRandom(10 * runs + 1000 * rho);
  const side = (rate: number): Sample[] => counted(runs).map(() => runShare(rate, rho, random));
  let failed = 0;
  for (let done = 0; done < SHARE_REPETITIONS; done += 1) {
    const { status } = decideMetric({
      direction: 'higher-is-better',
      tolerance: { relative: null, absolute: 0.01 },
      share: true,
      baseline: side(0.92),
      candidate: side(0.92 - drop),
    });
    if (status === 'FAIL') failed += 1;
  }
  return failed / SHARE_REPETITIONS;
};

const shareTable = (): string =>
  table(
    ['runs a side', 'correlation inside a run', 'wrong FAIL at no change', 'drop of 3 points found'],
    [2, 3, 5, 10].flatMap((runs) =>
      [0, 0.001, 0.005, 0.01].map((rho) => [
        String(runs),
        String(rho),
        percent(shareFails(runs, rho, 0)),
        percent(shareFails(runs, rho, 0.03)),
      ]),
    ),
  );

const SECTIONS: Readonly<Record<string, () => string>> = {
  row: () => titled(`One row, ${ROW_REPETITIONS} comparisons a cell, tolerance 5 percent`, rowTable()),
  benchmark: () => titled('One benchmark of 17 and of 40 correlated rows', benchmarkTable()),
  families: () => titled('Families of gating configurations', familyTable()),
  shares: () =>
    titled(
      `compliance_rate around 0.92, ${REQUESTS} requests a run, ${SHARE_REPETITIONS} comparisons a cell`,
      shareTable(),
    ),
};

const wanted = process.argv.slice(2);
for (const [name, section] of Object.entries(SECTIONS))
  if (wanted.length === 0 || wanted.includes(name)) console.log(section());
console.error(`CPU time ${(process.cpuUsage().user / 1e6).toFixed(0)} s`);
