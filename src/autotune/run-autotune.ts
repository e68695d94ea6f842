// A tuning run from its specification to its result: search, then the winner measured anew against the baseline. It suggests and
// never applies.
import { decideMetric } from '../verdict/decide-metric.ts';
import { timesBetter, type Decision } from '../verdict/decision.ts';
import type { Verdict } from '../verdict/delta-row.ts';
import { judgeWinner, type FoundWinner, type FreshTrials } from '../verdict/winner-gate.ts';
import { median } from '../stats/describe.ts';
import { Fault } from '../text/fault.ts';
import type { Combination } from './parameter-space.ts';
import type { LogRecord } from './tuning-log.ts';
import {
  confirmWinner,
  cost,
  entryOf,
  fitsWhole,
  measureBaseline,
  search,
  standingBest,
  startRun,
  usedMs,
  type Run,
  type TrialRunner,
} from './tuning-search.ts';
import type { TuningSpec } from './tuning-spec.ts';
import { connectionOf, representative, type Connection, type Entry } from './tuning-state.ts';

export type TuneStatus =
  /** The winner is better on fresh trials, by its interval. */
  | 'improved'
  /** Fresh trials do not show the winner to be better. */
  | 'not_confirmed'
  | 'baseline_is_best'
  /** The time was over before the winner could be confirmed. */
  | 'out_of_time';

export type Standing = 'measured' | 'eliminated' | 'same_program' | 'failed' | 'not_measured';

/** One combination in the result. */
export interface TunedRow {
  readonly key: string;
  readonly parameters: Combination;
  readonly standing: Standing;
  /** Median of its screening trials. */
  readonly value: number | null;
  readonly trials: number;
  /** The combination that was measured in its place, or why it failed. */
  readonly note: string | null;
}

/** The winner beside the baseline on paired fresh trials. */
export interface Confirmation extends FreshTrials {
  /** How many times better the winner is, with its interval. */
  readonly speedup: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface TuneOutcome {
  readonly config: string;
  readonly status: TuneStatus;
  /** The winner beside the baseline: RED where it is worse on fresh trials, or may be. */
  readonly verdict: Verdict;
  readonly decision: Decision;
  readonly strategy: 'exhaustive' | 'successive_elimination';
  readonly unit: string;
  readonly baseline: TunedRow;
  readonly winner: TunedRow;
  /** Combinations that not distinguishable from the winner. */
  readonly ties: readonly string[];
  /** Null where nothing was confirmed. */
  readonly confirmation: Confirmation | null;
  readonly knobs: Readonly<Record<string, Connection>>;
  readonly builds_reproducible: boolean | null;
  /** Best first. */
  readonly rows: readonly TunedRow[];
  readonly minutes_used: number;
  readonly out_of_time: boolean;
}

/** Pairs of which an earlier call of the search measured one half only. */
const splitPairs = (records: readonly LogRecord[], sides: readonly string[]): number => {
  const halves = new Map<number, number>();
  for (const record of records)
    if (record.kind === 'trial' && record.block !== null && record.value !== null && sides.includes(record.key))
      halves.set(record.block, (halves.get(record.block) ?? 0) + 1);
  return [...halves.values()].filter((count) => count === 1).length;
};

const confirmationOf = ({ state, spec, records }: Run, baseline: string, winner: string): Confirmation | null => {
  const side = (key: string) =>
    state.confirmed.filter((known) => known.key === key).map(({ value, block }) => ({ value, block, excluded: false }));
  const [before, after] = [side(baseline), side(winner)];
  if (before.length === 0 || after.length === 0) return null;
  const decision = decideMetric({
    direction: spec.bench.direction,
    tolerance: { relative: 0, absolute: null },
    baseline: before,
    candidate: after,
    analysis: 'paired',
  });
  const { worsening, interval } = decision;
  return {
    baseline: median(before.map(({ value }) => value)),
    winner: median(after.map(({ value }) => value)),
    speedup: timesBetter(spec.bench.direction, worsening ?? 0),
    low: interval === null ? null : timesBetter(spec.bench.direction, interval.high),
    high: interval === null ? null : timesBetter(spec.bench.direction, interval.low),
    decision,
    split_pairs: splitPairs(records, [baseline, winner]),
  };
};

const rowOf = (run: Run, entry: Entry, out: ReadonlySet<string>): TunedRow => {
  const same = entryOf(run, representative(entry, run.state));
  const row = { key: entry.key, parameters: entry.combination, trials: same.values.length, note: null };
  const value = same.values.length === 0 ? null : median(same.values);
  if (entry.failure !== null) return { ...row, standing: 'failed', value: null, note: entry.failure };
  if (same.key !== entry.key) return { ...row, standing: 'same_program', value, note: same.key };
  if (value === null) return { ...row, standing: 'not_measured', value };
  return { ...row, standing: out.has(entry.key) ? 'eliminated' : 'measured', value };
};

const statusOf = (run: Run, baseline: string, winner: string, confirmation: Confirmation | null): TuneStatus => {
  if (winner === baseline) return 'baseline_is_best';
  const reason = confirmation?.decision.reason ?? 'insufficient_n';
  if (reason === 'improved') return 'improved';
  const cut = reason === 'insufficient_n' && entryOf(run, winner).failure === null;
  return cut ? 'out_of_time' : 'not_confirmed';
};

/** How the search ended. */
interface Ended {
  readonly exhaustive: boolean;
  readonly out: ReadonlySet<string>;
  readonly baseline: string;
  readonly winner: string;
  readonly ties: readonly string[];
}

/** The search as a gate sees it. */
export const foundWinner = ({
  baseline,
  winner,
  confirmation,
}: Pick<TuneOutcome, 'baseline' | 'winner' | 'confirmation'>): FoundWinner => ({
  key: winner.key,
  isBaseline: winner.key === baseline.key,
  fresh: confirmation,
});

const outcomeOf = (run: Run, { exhaustive, out, baseline, winner, ties }: Ended): TuneOutcome => {
  const rank = ({ value }: TunedRow): number => (value === null ? Number.MAX_VALUE : cost(run, value));
  const rows = [...run.state.entries.values()].map((entry) => rowOf(run, entry, out)).sort((a, b) => rank(a) - rank(b));
  const confirmation = winner === baseline ? null : confirmationOf(run, baseline, winner);
  const { verdict, decision } = judgeWinner({ key: winner, isBaseline: winner === baseline, fresh: confirmation });
  return {
    config: run.spec.config,
    status: statusOf(run, baseline, winner, confirmation),
    verdict,
    decision,
    strategy: exhaustive ? 'exhaustive' : 'successive_elimination',
    unit: run.spec.bench.unit,
    baseline: rowOf(run, entryOf(run, baseline), out),
    winner: rowOf(run, entryOf(run, winner), out),
    ties,
    confirmation,
    knobs: Object.fromEntries(run.spec.parameters.map(({ name }) => [name, connectionOf(name, run.state)])),
    builds_reproducible: run.state.reproducible,
    rows,
    minutes_used: usedMs(run) / 60_000,
    out_of_time: rows.some(({ standing }) => standing === 'not_measured'),
  };
};

/**
 * Tunes within `budgetMs`, going on from the `records` of an earlier run. Throws a Fault `baseline_failed` when there is nothing to
 * compare with, `time_budget` for a budget that is none, and whatever the trial runner throws.
 */
export const runAutotune = async (
  spec: TuningSpec,
  trialRunner: TrialRunner,
  budgetMs: number,
  records: readonly LogRecord[],
): Promise<TuneOutcome> => {
  if (!(budgetMs > 0))
    throw new Fault('usage', 'time_budget', `the time budget is ${budgetMs} ms`, { fix: 'give minutes above zero' });
  const run = startRun(spec, trialRunner, budgetMs, records);
  await measureBaseline(run);
  const baseline = run.keyed[0]?.[0] ?? '';
  const exhaustive = fitsWhole(run);
  const out = await search(run, exhaustive);
  const { winner, ties } = standingBest(run, out);
  if (winner !== baseline) await confirmWinner(run, baseline, winner);
  return outcomeOf(run, { exhaustive, out, baseline, winner, ties });
};
