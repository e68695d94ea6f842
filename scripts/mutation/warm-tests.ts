// Runs test files of a copy of the project again and again in one warm process, each time with one file changed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { TestModule, TestSpecification } from 'vitest/node';
import { createVitest } from 'vitest/node';
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

class OrderGiven {
  shard(specs: TestSpecification[]): TestSpecification[] {
    return specs;
  }
  sort(specs: TestSpecification[]): TestSpecification[] {
    return specs;
  }
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
    sequence: { sequencer: OrderGiven },
  });
  const found = await vitest.globTestSpecifications();
  const specOf = new Map(found.map((spec) => [relative(root, spec.moduleId), spec] as const));

  const run = async (files: readonly string[], limitMs: number): Promise<Outcome> => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void endWarmProcess();
    }, limitMs);
    try {
      const specs = files.flatMap((file) => specOf.get(file) ?? []);
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specs);
      const own = testModules.filter(({ moduleId }) => files.includes(relative(root, moduleId)));
      const failed = unhandledErrors.length > 0 || own.some((module) => !module.ok());
      return { late, failed, errors: errorsOf(own) };
    } finally {
      clearTimeout(timer);
    }
  };
  const forget = (files: Iterable<string>): void => {
    for (const file of files) {
      vitest.invalidateFile(join(root, file));
      vitest.watcher.invalidates.add(join(root, file));
    }
  };
  return {
    files: new Set(specOf.keys()),
    run,
    runChanged: async ({ file, text, importers }, files, limitMs) => {
      const path = join(root, file);
      const before = readFileSync(path, 'utf8');
      const changed = [...importers];
      writeFileSync(path, text);
      forget(changed);
      try {
        return await run(files, limitMs);
      } finally {
        writeFileSync(path, before);
        forget(changed);
      }
    },
    close: async () => {
      await vitest.close();
      await endWarmProcess();
    },
  };
};
