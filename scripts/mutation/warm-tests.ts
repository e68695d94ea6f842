// Runs test files of a copy of the project again and again in one warm process, each time with one file changed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TestModule } from 'vitest/node';
import { createVitest } from 'vitest/node';
import { sourcesIn } from './project-copy.ts';
import { createWarmWorker, endWarmProcess } from './warm-worker.ts';

export interface Outcome {
  /** Ended because it took longer than it was given. */
  readonly late: boolean;
  readonly failed: boolean;
  /** Messages of what failed. */
  readonly errors: readonly string[];
}

export interface WarmTests {
  /** Every test file, relative to the copy. */
  readonly files: ReadonlySet<string>;
  /** Runs test files in this order until a test fails, for at most `limitMs`. */
  run(files: readonly string[], limitMs: number): Promise<Outcome>;
  /** The same while `file` holds `text`; `importers` are the files that must be read anew. */
  runChanged(
    change: { readonly file: string; readonly text: string; readonly importers: Iterable<string> },
    files: readonly string[],
    limitMs: number,
  ): Promise<Outcome>;
  close(): Promise<void>;
}

const errorsOf = (modules: readonly TestModule[]): string[] =>
  modules
    .flatMap((module) => [
      ...module.errors(),
      ...[...module.children.allTests('failed')].flatMap((test) => test.result().errors ?? []),
    ])
    .map(({ message }) => message);

export const startWarmTests = async (root: string): Promise<WarmTests> => {
  const vitest = await createVitest('test', {
    root,
    config: false,
    watch: false,
    include: ['test/**/*.test.ts'],
    pool: { name: 'warm', createPoolWorker: createWarmWorker },
    isolate: false,
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
  const run = async (files: readonly string[], limitMs: number): Promise<Outcome> => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void endWarmProcess();
    }, limitMs);
    try {
      for (const file of files) {
        const { failed, errors } = await runOne(file);
        if (failed || late) return { late, failed, errors };
      }
      return { late, failed: false, errors: [] };
    } finally {
      clearTimeout(timer);
    }
  };
  const readAnew = (file: string, importers: Iterable<string>): void => {
    vitest.invalidateFile(join(root, file));
    forget(importers);
  };
  return {
    files: new Set(specOf.keys()),
    run,
    runChanged: async ({ file, text, importers }, files, limitMs) => {
      const path = join(root, file);
      const before = readFileSync(path, 'utf8');
      const changed = [...importers];
      writeFileSync(path, text);
      readAnew(file, changed);
      try {
        return await run(files, limitMs);
      } finally {
        writeFileSync(path, before);
        readAnew(file, changed);
      }
    },
    close: async () => {
      await vitest.close();
      await endWarmProcess();
    },
  };
};
