// Measures what the tests notice: makes small wrong changes in a copy of the project, one at a time, and lists those that no
// test of the room fails on. Never touches the project itself; not part of the checks, since it takes minutes.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, normalize, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import type { TestModule, TestSpecification, Vitest } from 'vitest/node';
import { createVitest } from 'vitest/node';
import { seededRandom } from '../src/stats/random.ts';
import { applyMutant, mutantsOf } from './mutation/mutants.ts';
import type { Mutant } from './mutation/mutants.ts';
import { ROOMS } from './mutation/rooms.ts';
import { createWarmWorker, endWarmProcess } from './mutation/warm-worker.ts';

const USAGE = `usage: npm run mutate -- --room <${Object.keys(ROOMS).join('|')}>
  --sample <n>      mutants drawn, default 300       --seed <n>     of the draw, default 1
  --only <text>     files whose path holds the text  --report <file> JSON of every mutant
  --again <file>    the survivors of a report        --slowest <s>  leaves out test files that take longer, default 20`;

type Fate = 'killed' | 'survived' | 'too slow';
interface Result extends Mutant {
  readonly fate: Fate;
}

const COPIED = [
  'src',
  'tools',
  'test',
  'configs',
  'schemas',
  'examples',
  'docs',
  'scripts',
  'package.json',
  'tsconfig.json',
];
/** A mutant that takes this many times what its tests take is an endless loop. */
const PATIENCE = 8;
const LEAST_PATIENCE_MS = 20_000;
/** Every mutant leaves modules behind in the process; after this many it is started anew. */
const MUTANTS_A_PROCESS = 60;

const { values: flags } = parseArgs({
  options: {
    room: { type: 'string' },
    sample: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    report: { type: 'string' },
    again: { type: 'string' },
    slowest: { type: 'string', default: '20' },
  },
});

const filesUnder = (root: string, folder: string): string[] => {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  } catch {
    return [];
  }
};

/** Files that each file imports, relative to the project. */
const importsOf = (root: string, file: string): string[] =>
  ts
    .preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(file, '..', fileName)));

/** Everything that imports `file`, directly or not, with its distance. */
const importersOf = (graph: ReadonlyMap<string, readonly string[]>, file: string): Map<string, number> => {
  const found = new Map([[file, 0]]);
  for (const [next, distance] of found)
    for (const [from, to] of graph) if (to.includes(next) && !found.has(from)) found.set(from, distance + 1);
  return found;
};

const makeCopy = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
  for (const name of COPIED) cpSync(name, join(copy, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  return copy;
};

const startTests = (root: string): Promise<Vitest> =>
  createVitest(
    'test',
    {
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
      cache: false,
      sequence: {
        sequencer: class {
          shard = (specs: TestSpecification[]) => specs;
          sort = (specs: TestSpecification[]) => specs;
        },
      },
    },
    { cacheDir: join(root, '.vite') },
  );

const shuffled = <T>(items: readonly T[], seed: number): T[] => {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, key: random.uniform() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
};

interface Outcome {
  readonly late: boolean;
  readonly failed: boolean;
  readonly modules: readonly TestModule[];
}

const main = async (): Promise<void> => {
  const room = ROOMS[flags.room ?? ''];
  if (room === undefined) throw new Error(USAGE);
  const report = flags.report === undefined ? undefined : resolve(flags.report);
  const again: Result[] = flags.again === undefined ? [] : JSON.parse(readFileSync(flags.again, 'utf8'));
  const root = makeCopy();
  process.chdir(root);
  const vitest = await startTests(root);
  const graph = new Map(
    ['src', 'tools', 'test'].flatMap((folder) => filesUnder(root, folder)).map((file) => [file, importsOf(root, file)]),
  );
  const specOf = new Map(
    (await vitest.globTestSpecifications()).map((spec) => [relative(root, spec.moduleId), spec] as const),
  );
  /** Runs test files one after another until one fails; ends them all after `limitMs`. */
  const run = async (files: readonly string[], limitMs: number): Promise<Outcome> => {
    const specs = files.map((file) => specOf.get(file)).filter((spec) => spec !== undefined);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      void endWarmProcess();
    }, limitMs);
    try {
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specs);
      const modules = testModules.filter(({ moduleId }) => files.includes(relative(root, moduleId)));
      return { late, failed: unhandledErrors.length > 0 || modules.some((module) => !module.ok()), modules };
    } finally {
      clearTimeout(timer);
    }
  };

  const sources = room.sources
    .flatMap((folder) => filesUnder(root, folder))
    .filter((file) => file.includes(flags.only));
  const reached = new Map(sources.map((file) => [file, importersOf(graph, file)]));
  const isNear = (file: string): boolean =>
    room.tests.some((folder) => file.startsWith(`${folder}/`)) && specOf.has(file);
  const tests = [...new Set([...reached.values()].flatMap((found) => [...found.keys()]))].filter(isNear);
  const duration = new Map<string, number>();
  for (const test of tests) {
    const began = performance.now();
    const { late, failed, modules } = await run([test], Number(flags.slowest) * 1000);
    if (late) console.log(`left out, takes more than ${flags.slowest} s: ${test}`);
    else if (failed) console.log(`left out, fails as it is: ${test}: ${errorsOf(modules)}`);
    else duration.set(test, performance.now() - began);
  }
  console.log(`${duration.size} test files, ${Math.round([...duration.values()].reduce((a, b) => a + b, 0) / 1000)} s`);

  const all = sources.flatMap((file) => mutantsOf(file, readFileSync(join(root, file), 'utf8')));
  const isAgain = (mutant: Mutant): boolean =>
    again.some(
      (one) =>
        one.fate === 'survived' &&
        one.file === mutant.file &&
        one.original === mutant.original &&
        one.replacement === mutant.replacement &&
        Math.abs(one.line - mutant.line) < 30 &&
        one.operator === mutant.operator,
    );
  const drawn =
    flags.again === undefined ? shuffled(all, Number(flags.seed)).slice(0, Number(flags.sample)) : all.filter(isAgain);
  console.log(`${drawn.length} of ${all.length} mutants`);

  const testMutant = async (mutant: Mutant): Promise<Fate> => {
    const importers = reached.get(mutant.file) ?? new Map<string, number>();
    const order = [...importers]
      .filter(([file]) => duration.has(file))
      .toSorted(([a, x], [b, y]) => x - y || (duration.get(a) ?? 0) - (duration.get(b) ?? 0))
      .map(([file]) => file);
    if (order.length === 0) return 'survived';
    const path = join(root, mutant.file);
    const text = readFileSync(path, 'utf8');
    const forget = (): void => {
      vitest.invalidateFile(path);
      for (const file of importers.keys()) vitest.watcher.invalidates.add(join(root, file));
    };
    writeFileSync(path, applyMutant(text, mutant));
    forget();
    const limit = Math.max(
      LEAST_PATIENCE_MS,
      PATIENCE * order.reduce((sum, file) => sum + (duration.get(file) ?? 0), 0),
    );
    try {
      const { late, failed } = await run(order, limit);
      return late ? 'too slow' : failed ? 'killed' : 'survived';
    } finally {
      writeFileSync(path, text);
      forget();
    }
  };

  const results: Result[] = [];
  const began = performance.now();
  for (const [index, mutant] of drawn.entries()) {
    const fate = await testMutant(mutant);
    results.push({ ...mutant, fate });
    if (fate === 'survived') console.log(describeMutant(mutant));
    if (index % MUTANTS_A_PROCESS === MUTANTS_A_PROCESS - 1) await endWarmProcess();
  }
  const survivors = results.filter(({ fate }) => fate === 'survived').length;
  const score = ((results.length - survivors) / results.length) * 100;
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `${flags.room}: ${results.length - survivors} of ${results.length} noticed (${score.toFixed(1)} %), ${seconds} s`,
  );
  if (report !== undefined) writeFileSync(report, JSON.stringify(results, null, 1));
  await vitest.close();
  await endWarmProcess();
  rmSync(root, { recursive: true, force: true });
};

const errorsOf = (modules: readonly TestModule[]): string =>
  modules
    .flatMap((module) => [
      ...module.errors(),
      ...[...module.children.allTests('failed')].flatMap((test) => test.result().errors ?? []),
    ])
    .map(({ message }) => oneLine(message))
    .join('; ');

const oneLine = (text: string): string => {
  const short = text.replace(/\s+/g, ' ').trim();
  return short.length > 70 ? `${short.slice(0, 67)}...` : short;
};

const describeMutant = ({ file, line, operator, original, replacement }: Mutant): string =>
  `${file}:${line}: ${operator}: ${oneLine(original)} -> ${oneLine(replacement) || '(nothing)'}`;

await main();
process.exit();
