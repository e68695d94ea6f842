// The search of a tuning run: one trial after another within the time, every step in the log before the next one starts. Knows
// nothing of processes and files; those are the trial runner's.
import type { Attempt } from '../drivers/bench-command.ts';
import { median } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';
import { survivors, type Candidate } from './elimination.ts';
import { combinationKey, combinations, type Combination } from './parameter-space.ts';
import type { LogRecord, TrialRecord } from './tuning-log.ts';
import type { TuningSpec } from './tuning-spec.ts';
import { representative, startTally, type Entry, type Keyed, type Tally, type TuningState } from './tuning-state.ts';

/** The outside world of a tuning run. Throws only for what ends the whole run (a missing tool, a cancel). */
export interface TrialRunner {
  /** Builds a combination, and says by a fingerprint what would be measured. */
  readonly build: (combination: Combination) => Promise<Attempt<string>>;
  /** Fingerprint of what would be measured now, without building; null when nothing is there. */
  readonly present: (combination: Combination) => Promise<string | null>;
  /** One trial: the value in the unit of the specification. */
  readonly measure: (combination: Combination) => Promise<Attempt<number>>;
  /** Milliseconds on a clock that only moves forward. */
  readonly now: () => number;
  readonly append: (record: LogRecord) => Promise<void>;
  readonly onProgress: (message: string) => void;
}

/** A run under way; `state` follows the log. */
export interface Run {
  readonly spec: TuningSpec;
  readonly trialRunner: TrialRunner;
  readonly keyed: Keyed;
  readonly startedAt: number;
  readonly budgetMs: number;
  /** Of earlier calls of the same search. */
  readonly records: readonly LogRecord[];
  readonly state: TuningState;
  readonly take: Tally['take'];
}

export const startRun = (
  spec: TuningSpec,
  trialRunner: TrialRunner,
  budgetMs: number,
  records: readonly LogRecord[],
): Run => {
  const keyed = combinations(spec).map(
    (combination) => [combinationKey(spec.parameters, combination), combination] as const,
  );
  const tally = startTally(keyed);
  records.forEach(tally.take);
  return { spec, trialRunner, keyed, startedAt: trialRunner.now(), budgetMs, records, ...tally };
};

/** Fewest trials of the baseline: the noise is first known from them. */
const BASELINE_TRIALS = 3;

const note = async (run: Run, record: LogRecord): Promise<void> => {
  await run.trialRunner.append(record);
  run.take(record);
};

export const entryOf = ({ state }: Run, key: string): Entry => {
  const entry = state.entries.get(key);
  if (entry === undefined)
    throw inputFault('tuning_log', `the log names ${key}, which is no combination of this space`);
  return entry;
};

/** Smaller is better on the scale of the search. */
export const cost = ({ spec }: Run, value: number): number =>
  spec.bench.direction === 'lower-is-better' ? value : 1 / value;

const timed = async <T>({ trialRunner }: Run, work: () => Promise<T>): Promise<readonly [result: T, ms: number]> => {
  const began = trialRunner.now();
  const result = await work();
  return [result, trialRunner.now() - began];
};

const build = async (run: Run, { key, combination }: Entry): Promise<void> => {
  const [built, ms] = await timed(run, () => run.trialRunner.build(combination));
  const result = 'ok' in built ? { fingerprint: built.ok, error: null } : { fingerprint: null, error: built.failed };
  await note(run, { kind: 'build', key, ms, ...result });
};

/** Builds unless what would be measured is already what was built for this combination. */
const ensureBuilt = async (run: Run, entry: Entry): Promise<void> => {
  const there = entry.fingerprint === null ? null : await run.trialRunner.present(entry.combination);
  if (there === null || there !== entry.fingerprint) await build(run, entry);
};

/** One trial, after making sure that it measures this combination. A combination that turns out to be another's program has none. */
const trial = async (run: Run, key: string, phase: TrialRecord['phase'], block: number | null): Promise<void> => {
  await ensureBuilt(run, entryOf(run, key));
  const entry = entryOf(run, key);
  if (entry.failure !== null || representative(entry, run.state) !== key) return;
  const [measured, ms] = await timed(run, () => run.trialRunner.measure(entry.combination));
  const result = 'ok' in measured ? { value: measured.ok, error: null } : { value: null, error: measured.failed };
  await note(run, { kind: 'trial', key, phase, block, ms, ...result });
};

export const usedMs = ({ trialRunner, startedAt }: Run): number => trialRunner.now() - startedAt;

/** Time that a trial takes at most: its own, and a build before it where that cannot be avoided. */
const visitMs = ({ spec, state }: Run, isBuilt: boolean): number => {
  const keepsOwn = spec.build === null || spec.build.artifact.includes('{key}');
  return state.trialMs + (isBuilt && keepsOwn ? 0 : state.buildMs);
};

/** True when `ms` fit and the confirmation of a winner still does after them. */
const hasTimeFor = (run: Run, ms: number): boolean =>
  usedMs(run) + ms + 2 * run.spec.trials.confirm * visitMs(run, true) <= run.budgetMs;

/** Builds the baseline twice, which shows whether equal programs can be recognised, and measures it. */
export const measureBaseline = async (run: Run): Promise<void> => {
  const key = run.keyed[0]?.[0] ?? '';
  const builds = run.spec.build === null || run.state.reproducible !== null ? 0 : 2;
  for (let done = 0; done < builds; done += 1) await build(run, entryOf(run, key));
  const wanted = Math.max(BASELINE_TRIALS, run.spec.trials.screen);
  while (entryOf(run, key).failure === null && entryOf(run, key).values.length < wanted)
    await trial(run, key, 'screen', null);
  const { failure } = entryOf(run, key);
  if (failure === null) return;
  throw inputFault('baseline_failed', `the baseline ${key} cannot be measured: ${failure}`, {
    fix: 'run the build and the benchmark by hand with the baseline settings, and fix them first',
  });
};

/** Entries that stand for themselves, can be measured and were not ruled out. */
const contenders = ({ state }: Run, out: ReadonlySet<string>): Entry[] =>
  [...state.entries.values()].filter(
    (entry) => entry.failure === null && !out.has(entry.key) && representative(entry, state) === entry.key,
  );

/** Contenders with values, as the search sees them. */
export const field = (run: Run, out: ReadonlySet<string>): Candidate[] =>
  contenders(run, out)
    .filter(({ values }) => values.length > 0)
    .map(({ key, values }) => ({ key, values: values.map((value) => cost(run, value)) }));

/** Whether every contender can have all its trials within the time. */
export const fitsWhole = (run: Run): boolean => {
  const open = contenders(run, new Set());
  const needed = open.map(({ values, fingerprint }) => {
    const trials = Math.max(0, run.spec.trials.screen - values.length);
    return trials * visitMs(run, true) + (fingerprint === null ? run.state.buildMs : 0);
  });
  return hasTimeFor(
    run,
    needed.reduce((sum, ms) => sum + ms, 0),
  );
};

/** One more trial for each key while time remains; true when all had theirs. */
const round = async (run: Run, keys: readonly string[]): Promise<boolean> => {
  for (const [index, key] of keys.entries()) {
    if (!hasTimeFor(run, visitMs(run, entryOf(run, key).fingerprint !== null))) return false;
    run.trialRunner.onProgress(`${key} (${index + 1} of ${keys.length})`);
    await trial(run, key, 'screen', null);
  }
  return true;
};

/** Contenders with the fewest trials, where any lacks some. */
const due = (run: Run, out: ReadonlySet<string>): string[] => {
  const open = contenders(run, out).filter(({ values }) => values.length < run.spec.trials.screen);
  const fewest = Math.min(...open.map(({ values }) => values.length));
  return open.filter(({ values }) => values.length === fewest).map(({ key }) => key);
};

/**
 * Rounds of one trial each until every contender has its trials or the time is over. Unless everything fits, contenders that are
 * shown to be worse go after each round. Returns the keys that went.
 */
export const search = async (run: Run, exhaustive: boolean): Promise<Set<string>> => {
  const out = new Set<string>();
  for (let keys = due(run, out); keys.length > 0; keys = due(run, out)) {
    if (!(await round(run, keys))) return out;
    if (exhaustive) continue;
    const kept = new Set(survivors(field(run, out)));
    for (const { key } of field(run, out)) if (!kept.has(key)) out.add(key);
  }
  return out;
};

/** The contender with the best median, and those that it cannot be distinguished from. The baseline always has values. */
export const standingBest = (run: Run, out: ReadonlySet<string>): { winner: string; ties: string[] } => {
  const candidates = field(run, out);
  const best = candidates.reduce((least, next) => (median(next.values) < median(least.values) ? next : least));
  return { winner: best.key, ties: survivors(candidates).filter((key) => key !== best.key) };
};

/** Fresh trials of baseline and winner in turn, the one that goes first alternating. Uses the time that was kept back for it. */
export const confirmWinner = async (run: Run, baseline: string, winner: string): Promise<void> => {
  for (let block = 0; block < run.spec.trials.confirm; block += 1)
    for (const key of block % 2 === 0 ? [baseline, winner] : [winner, baseline]) {
      if (run.state.confirmed.some((known) => known.key === key && known.block === block)) continue;
      if (usedMs(run) + visitMs(run, true) > run.budgetMs) return;
      run.trialRunner.onProgress(`confirming ${key}, pair ${block + 1} of ${run.spec.trials.confirm}`);
      await trial(run, key, 'confirm', block);
    }
};
