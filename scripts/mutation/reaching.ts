// Which tests reach a mutant, learnt by running every test once with marks in the sources, and in what order they are tried.
import { markAt } from './marks.ts';
import type { Mutant } from './mutants.ts';
import type { Change, Selection, WarmTests } from './warm-tests.ts';
import type { Entered } from './plan.ts';

/** Files that take less are run whole: choosing among their tests would save nothing. */
const QUICK_MS = 1000;

export interface Tried extends Selection {
  /** What these tests took as they are. */
  readonly ms: number;
}

interface Recorded {
  readonly ms: number;
  /** The tests of the file that run at all, by name; one that stands for several (`test.each`) has their sum. */
  readonly tests: ReadonlyMap<string, { readonly ms: number; readonly marks: ReadonlySet<string> }>;
  /** What is entered outside of tests. */
  readonly outside: ReadonlySet<string>;
  /** Tests were left out. */
  readonly isPart: boolean;
}

export type Reach = ReadonlyMap<string, Recorded>;

const recordedOf = (entered: readonly Entered[], slowestMs: number, leaveOut: (test: string) => void): Recorded => {
  const tests = new Map<string, { ms: number; marks: Set<string> }>();
  const outside = new Set<string>();
  for (const { name, ms, marks } of entered) {
    if (name === null) {
      for (const mark of marks) outside.add(mark);
      continue;
    }
    const known = tests.get(name) ?? { ms: 0, marks: new Set() };
    tests.set(name, { ms: known.ms + ms, marks: new Set([...known.marks, ...marks]) });
  }
  const slow = [...tests].filter(([, { ms }]) => ms > slowestMs).map(([name]) => name);
  for (const name of slow) {
    tests.delete(name);
    leaveOut(name);
  }
  const ms = entered.reduce((sum, one) => sum + (slow.includes(one.name ?? '') ? 0 : one.ms), 0);
  return { ms, tests, outside, isPart: slow.length > 0 };
};

/**
 * Runs each test file once with marks in the sources. Files that fail as they are, and tests that take more than `slowestMs`, are
 * left out, and named by `say`.
 */
export const recordReach = async (
  tests: WarmTests,
  marked: readonly Change[],
  files: readonly string[],
  slowestMs: number,
  say: (text: string) => void,
): Promise<Reach> => {
  const reach = new Map<string, Recorded>();
  await tests.record(marked, files, 10 * slowestMs, (file, { late, failed, errors }, entered) => {
    if (late) return say(`left out, takes more than ${(10 * slowestMs) / 1000} s: ${file}`);
    if (failed) return say(`left out, fails as it is: ${file}: ${errors.join('; ').slice(0, 200)}`);
    const leaveOut = (test: string): void => say(`left out, takes more than ${slowestMs / 1000} s: ${test}`);
    reach.set(file, recordedOf(entered, slowestMs, leaveOut));
  });
  return reach;
};

const selected = (file: string, { ms, tests, outside, isPart }: Recorded, mark: string | null): Tried | null => {
  const named = [...tests].filter(([, { marks }]) => mark === null || outside.has(mark) || marks.has(mark));
  if (named.length === 0) return null;
  if (!isPart && (named.length === tests.size || ms < QUICK_MS)) return { file, only: null, ms };
  return { file, only: named.map(([name]) => name), ms: named.reduce((sum, [, one]) => sum + one.ms, 0) };
};

/**
 * The tests that enter the function of the mutant: near and quick ones first, and those that have noticed others. `distances` are the
 * importers of its file, `noticed` how many changes of it a test file has noticed.
 */
export const testsOf = (
  reach: Reach,
  mutant: Mutant,
  text: string,
  distances: ReadonlyMap<string, number>,
  noticed: (file: string) => number,
): readonly Tried[] => {
  const mark = markAt(mutant.file, text, mutant.start);
  const cost = ({ file, ms }: Tried): number => ((distances.get(file) ?? 0) * (ms + 50)) / (1 + 5 * noticed(file));
  return [...reach]
    .filter(([file]) => distances.has(file))
    .flatMap(([file, recorded]) => selected(file, recorded, mark) ?? [])
    .toSorted((a, b) => cost(a) - cost(b));
};
