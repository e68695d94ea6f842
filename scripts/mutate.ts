// Measures what the tests notice: makes small wrong changes in a copy of the project, one at a time, and lists those that no
// test of the room fails on. Never touches the project itself; not part of the checks, since it takes minutes.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/stats/random.ts';
import { applyMutant, mutantsOf } from './mutation/mutants.ts';
import type { Mutant } from './mutation/mutants.ts';
import { copyProject, importGraph, importersOf, sourcesIn } from './mutation/project-copy.ts';
import { ROOMS } from './mutation/rooms.ts';
import type { Room } from './mutation/rooms.ts';
import { startWarmTests } from './mutation/warm-tests.ts';
import type { WarmTests } from './mutation/warm-tests.ts';
import { endWarmProcess } from './mutation/warm-worker.ts';

const USAGE = `usage: npm run mutate -- --room <${Object.keys(ROOMS).join('|')}>
  --sample <n>      mutants drawn, default 300       --seed <n>       of the draw, default 1
  --only <text>     files whose path holds the text  --report <file>  JSON of every mutant and its fate
  --again <file>    the survivors of a report        --slowest <s>    leaves out test files that take longer, default 60`;

type Fate = 'noticed' | 'survived' | 'too slow';
interface Result extends Mutant {
  readonly fate: Fate;
}

/** A mutant that takes this many times what its tests take is an endless loop. */
const PATIENCE = 8;
const LEAST_PATIENCE_MS = 20_000;
/** Every mutant leaves modules behind in the process; after this many it is started anew. */
const MUTANTS_A_PROCESS = 60;

const { values: flags } = parseArgs({
  options: {
    room: { type: 'string', default: '' },
    sample: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    report: { type: 'string' },
    again: { type: 'string' },
    slowest: { type: 'string', default: '60' },
  },
});

const shuffled = <T>(items: readonly T[], seed: number): T[] => {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, key: random.uniform() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
};

const oneLine = (text: string): string => {
  const short = text.replace(/\s+/g, ' ').trim();
  return short.length > 70 ? `${short.slice(0, 67)}...` : short;
};

const wordsOf = ({ file, line, operator, original, replacement }: Mutant): string =>
  `${file}:${line}: ${operator}: ${oneLine(original)} -> ${oneLine(replacement) || '(nothing)'}`;

/** The same change in a file whose lines may have moved. */
const isSame = (a: Mutant, b: Mutant): boolean =>
  a.file === b.file && a.operator === b.operator && a.original === b.original && a.replacement === b.replacement;

/** How long each test file takes as it is, in milliseconds; those that fail or take too long are left out, and named. */
const durations = async (tests: WarmTests, files: readonly string[], slowestMs: number) => {
  const took = new Map<string, number>();
  for (const file of files) {
    const began = performance.now();
    const { late, failed, errors } = await tests.run([file], slowestMs);
    if (late) console.log(`left out, takes more than ${slowestMs / 1000} s: ${file}`);
    else if (failed) console.log(`left out, fails as it is: ${file}: ${errors.map(oneLine).join('; ')}`);
    else took.set(file, performance.now() - began);
  }
  return took;
};

/** The mutants that are tried: a sample drawn with the seed, or the survivors of an earlier report. */
const draw = (root: string, sources: readonly string[], earlier: readonly Result[] | undefined): Mutant[] => {
  const all = sources.flatMap((file) => mutantsOf(file, readFileSync(join(root, file), 'utf8')));
  const survivors = earlier?.filter(({ fate }) => fate === 'survived');
  const drawn =
    survivors === undefined
      ? shuffled(all, Number(flags.seed)).slice(0, Number(flags.sample))
      : all.filter((mutant) => survivors.some((one) => isSame(one, mutant)));
  console.log(`${drawn.length} of ${all.length} mutants`);
  return drawn;
};

const tryMutants = async (
  root: string,
  room: Room,
  tests: WarmTests,
  earlier: readonly Result[] | undefined,
  keep: (results: readonly Result[]) => void,
) => {
  const sources = room.sources.flatMap((folder) => sourcesIn(root, folder)).filter((file) => file.includes(flags.only));
  const graph = importGraph(root);
  const importers = new Map(sources.map((file) => [file, importersOf(graph, file)]));
  const isOfRoom = (file: string): boolean =>
    room.tests.some((folder) => file.startsWith(`${folder}/`)) && room.without?.includes(file) !== true;
  const reaching = [...new Set([...importers.values()].flatMap((found) => [...found.keys()]))];
  const files = reaching.filter((file) => tests.files.has(file) && isOfRoom(file));
  const took = await durations(tests, files, Number(flags.slowest) * 1000);

  const results: Result[] = [];
  for (const [index, mutant] of draw(root, sources, earlier).entries()) {
    const near = importers.get(mutant.file) ?? new Map<string, number>();
    const order = [...near]
      .filter(([file]) => took.has(file))
      .toSorted(([a, x], [b, y]) => x - y || (took.get(a) ?? 0) - (took.get(b) ?? 0))
      .map(([file]) => file);
    const limitMs = Math.max(LEAST_PATIENCE_MS, PATIENCE * order.reduce((sum, file) => sum + (took.get(file) ?? 0), 0));
    const text = applyMutant(readFileSync(join(root, mutant.file), 'utf8'), mutant);
    const { late, failed } = await tests.runChanged(
      { file: mutant.file, text, importers: near.keys() },
      order,
      limitMs,
    );
    const fate = late ? 'too slow' : failed ? 'noticed' : 'survived';
    results.push({ ...mutant, fate });
    if (fate === 'survived') console.log(wordsOf(mutant));
    keep(results);
    if (index % MUTANTS_A_PROCESS === MUTANTS_A_PROCESS - 1) await endWarmProcess();
  }
  return results;
};

const main = async (): Promise<void> => {
  const room = ROOMS[flags.room];
  if (room === undefined) throw new Error(USAGE);
  const report = flags.report === undefined ? undefined : resolve(flags.report);
  const earlier: Result[] | undefined =
    flags.again === undefined ? undefined : JSON.parse(readFileSync(flags.again, 'utf8'));
  const began = performance.now();
  const root = copyProject();
  process.chdir(root);
  const tests = await startWarmTests(root);
  try {
    const results = await tryMutants(root, room, tests, earlier, (soFar) => {
      if (report !== undefined) writeFileSync(report, `${JSON.stringify(soFar, null, 1)}\n`);
    });
    const noticed = results.filter(({ fate }) => fate !== 'survived').length;
    const percent = ((noticed / results.length) * 100).toFixed(1);
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${flags.room}: ${noticed} of ${results.length} noticed (${percent} %), ${seconds} s`);
  } finally {
    await tests.close();
    rmSync(root, { recursive: true, force: true });
  }
};

await main();
process.exit();
