// Runs test files of a copy of the project again and again in one warm process, each time with one file changed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TestModule } from 'vitest/node';
import { createVitest } from 'vitest/node';
import { type Entered, PLAN, type Plan, RUNNER } from './plan.ts';
import { stopwatch } from './processor-time.ts';
import { sourcesIn } from './project-copy.ts';
import { createWarmWorker, endWarmProcess } from './warm-worker.ts';

export interface Outcome {
  /** Ended because it took longer than it was given. */
  readonly late: boolean;
  readonly failed: boolean;
  /** Messages of what failed. */
  readonly errors: readonly string[];
  /** The file that failed. */
  readonly by: string | null;
}

/** A test file, and the tests of it that run: null for all. */
export interface Selection {
  readonly file: string;
  readonly only: readonly string[] | null;
}

/** What `file` holds instead, and the files that must be read anew for it. */
export interface Change {
  readonly file: string;
  readonly text: string;
  readonly importers: readonly string[];
}

export interface WarmTests {
  /** Every test file, relative to the copy. */
  readonly files: ReadonlySet<string>;
  /** Runs each file once and says what its tests entered of the functions that the changes mark. */
  record(
    changes: readonly Change[],
    files: readonly string[],
    limitMs: number,
    keep: (file: string, outcome: Outcome, entered: readonly Entered[]) => void,
  ): Promise<void>;
  /** Runs tests in this order, while one file is changed, until one fails, for at most `limitMs`. */
  runChanged(change: Change, tests: readonly Selection[], limitMs: number): Promise<Outcome>;
  close(): Promise<void>;
}

const errorsOf = (modules: readonly TestModule[]): string[] =>
  modules
    .flatMap((module) => [
      ...module.errors(),
      ...[...module.children.allTests('failed')].flatMap((test) => test.result().errors ?? []),
    ])
    .map(({ message }) => message);

const LOOKS_EVERY_MS = 500;

export const startWarmTests = async (root: string): Promise<WarmTests> => {
  const vitest = await createVitest('test', {
    root,
    config: false,
    watch: false,
    include: ['test/**/*.test.ts'],
    pool: { name: 'warm', createPoolWorker: createWarmWorker },
    isolate: false,
    setupFiles: [join(root, 'scripts/mutation/within-tests.ts')],
    maxWorkers: 1,
    bail: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: [{}],
    onConsoleLog: () => false,
  });
  const found = await vitest.globTestSpecifications();
  const specOf = new Map(found.map((spec) => [relative(root, spec.moduleId), spec] as const));
  const support = sourcesIn(root, 'test').filter((file) => !specOf.has(file));

  const forget = (files: Iterable<string>): void => {
    for (const file of files) vitest.watcher.invalidates.add(join(root, file));
  };
  const runOne = async (file: string): Promise<Pick<Outcome, 'failed' | 'errors'>> => {
    // What a test sets up for itself, such as a temporary folder, lasts for one file.
    forget(support);
    const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specOf.get(file) ?? []].flat());
    const own = testModules.filter(({ moduleId }) => file === relative(root, moduleId));
    return { failed: unhandledErrors.length > 0 || own.some((module) => !module.ok()), errors: errorsOf(own) };
  };
  const plan = (next: Plan): void => writeFileSync(join(root, PLAN), JSON.stringify(next));
  const within = async (limitMs: number, tests: readonly Selection[], record: string | null): Promise<Outcome> => {
    let late = false;
    const timeMs = stopwatch(join(root, RUNNER));
    const timer = setInterval(() => {
      if (late || timeMs() < limitMs) return;
      late = true;
      void endWarmProcess();
    }, LOOKS_EVERY_MS);
    try {
      for (const { file, only } of tests) {
        plan({ record, only });
        const { failed, errors } = await runOne(file);
        if (failed || late) return { late, failed, errors, by: file };
      }
      return { late, failed: false, errors: [], by: null };
    } finally {
      clearInterval(timer);
    }
  };
  const readAnew = ({ file, importers }: Change): void => {
    vitest.invalidateFile(join(root, file));
    forget(importers);
  };
  const whileChanged = async <T>(changes: readonly Change[], run: () => Promise<T>): Promise<T> => {
    const before = changes.map((change) => ({ ...change, text: readFileSync(join(root, change.file), 'utf8') }));
    const write = (all: readonly Change[]): void => {
      for (const { file, text } of all) writeFileSync(join(root, file), text);
      for (const change of all) readAnew(change);
    };
    write(changes);
    try {
      return await run();
    } finally {
      write(before);
    }
  };
  const recorded = join(root, 'mutation-entered.json');
  return {
    files: new Set(specOf.keys()),
    record: (changes, files, limitMs, keep) =>
      whileChanged(changes, async () => {
        for (const file of files) {
          // What a module has kept for later would hide that the next file needs it too.
          for (const change of changes) forget(change.importers);
          writeFileSync(recorded, '[]');
          const outcome = await within(limitMs, [{ file, only: null }], recorded);
          keep(file, outcome, JSON.parse(readFileSync(recorded, 'utf8')));
        }
      }),
    runChanged: (change, tests, limitMs) => whileChanged([change], () => within(limitMs, tests, null)),
    close: async () => {
      await vitest.close();
      await endWarmProcess();
    },
  };
};
