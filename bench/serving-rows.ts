// The metrics of one serving benchmark and how they scatter together from run to run, for the simulation of the whole decision:
// throughput rows that are nearly one number, latencies that share a part of their noise, tails that scatter most.
import type { Random } from '../src/stats/random.ts';
import { logSpread } from '../src/verdict/verdict-odds.ts';

/** One metric, smaller is better (a throughput counts as its reciprocal). */
export interface ServingRow {
  readonly name: string;
  /** Coefficient of variation of one run. */
  readonly cv: number;
  readonly gating: boolean;
  /** p95 and above, which have 20 percent of tolerance instead of 5. */
  readonly tail: boolean;
}

const row = (name: string, cv: number, { gating = false, tail = false } = {}): ServingRow => ({
  name,
  cv,
  gating,
  tail,
});

/** cv of mean, median and p99. */
const LATENCIES: Readonly<Record<string, readonly [mean: number, p50: number, p99: number]>> = {
  ttft: [0.04, 0.03, 0.15],
  tpot: [0.01, 0.01, 0.04],
  itl: [0.01, 0.01, 0.08],
  e2e: [0.012, 0.015, 0.05],
};

const THROUGHPUTS = ['req_s', 'out_tps', 'total_tps'].map((name) => row(name, 0.01, { gating: true }));

/** What a usual tool prints. */
export const SEVENTEEN_ROWS: readonly ServingRow[] = [
  ...THROUGHPUTS,
  ...Object.entries(LATENCIES).flatMap(([name, [mean, p50, p99]]) => [
    row(`${name}_mean`, mean),
    row(`${name}_p50`, p50),
    row(`${name}_p99`, p99, { tail: true }),
  ]),
  row('tps_per_user', 0.01),
  row('goodput', 0.02),
];

/** What a tool prints that lists every percentile. */
export const FORTY_ROWS: readonly ServingRow[] = [
  ...SEVENTEEN_ROWS,
  ...Object.entries(LATENCIES).flatMap(([name, [, p50, p99]]) => [
    row(`${name}_p75`, p50 * 1.3),
    row(`${name}_p90`, (p50 + p99) / 2.5),
    row(`${name}_p95`, (p50 + p99) / 2, { tail: true }),
    row(`${name}_p999`, p99 * 1.6, { tail: true }),
    row(`${name}_min`, p50),
  ]),
  row('in_tps', 0.01),
  row('power', 0.01),
  row('joules_per_token', 0.012),
];

/** Share of the variance that all rows of a run have in common. */
const SHARED = 0.5;
/** How close the other throughput rows follow the first: 0.98 of its deviation and 0.2 of their own. */
const [FOLLOWED, OWN] = [0.98, 0.2];

/** Log-scale deviations of all rows in one run. */
export const runOf = (rows: readonly ServingRow[], random: Random): number[] => {
  const common = random.normal();
  const standard = rows.map(() => Math.sqrt(SHARED) * common + Math.sqrt(1 - SHARED) * random.normal());
  const deviation = (name: string): number => standard[rows.findIndex((each) => each.name === name)] ?? 0;
  const first = deviation('req_s');
  const tpot = deviation('tpot_p50');
  return rows.map(({ name, cv, gating }, at) => {
    const own = standard[at] ?? 0;
    const follows = gating && name !== 'req_s' ? FOLLOWED * first + OWN * own : own;
    return logSpread(cv) * (name === 'tps_per_user' ? tpot : follows);
  });
};
