// Measures what the tests notice: makes small wrong changes in a copy of the project, one at a time, and lists those that no
// test of the room fails on. Never touches the project itself; not part of the checks, since it takes minutes.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { seededRandom } from '../src/stats/random.ts';
import { withMarks } from './mutation/marks.ts';
import { applyMutant, mutantsOf } from './mutation/mutants.ts';
import type { Mutant } from './mutation/mutants.ts';
import { copyProject, importGraph, importersOf, sourcesIn } from './mutation/project-copy.ts';
import { recordReach, testsOf } from './mutation/reaching.ts';
import { ROOMS } from './mutation/rooms.ts';
import type { Room } from './mutation/rooms.ts';
import { startWarmTests } from './mutation/warm-tests.ts';
import type { WarmTests } from './mutation/warm-tests.ts';
import { endWarmProcess } from './mutation/warm-worker.ts';

const USAGE = `usage: npm run mutate -- --room <${Object.keys(ROOMS).join('|')}>
  --sample <n>      mutants drawn, default 300       --seed <n>       of the draw, default 1
  --only <text>     files whose path holds the text  --report <file>  JSON of every mutant and its fate
  --again <file>    the survivors of a report        --slowest <s>    leaves out tests that take longer, default 10`;

type Fate = 'noticed' | 'survived' | 'too slow';
interface Result extends Mutant {
  readonly fate: Fate;
}

/** A mutant that takes this many times what its tests take is an endless loop. */
const PATIENCE = 8;
const LEAST_PATIENCE_MS = 10_000;
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
    slowest: { type: 'string', default: '10' },
  },
});

const shuffled = <T>(items: readonly T[], seed: number): T[] => {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, key: random.uniform() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
};

const oneLine = (text: string, width = 70): string => {
  const short = text.replace(/\s+/g, ' ').trim();
  return short.length > width ? `${short.slice(0, width - 3)}...` : short;
};

const wordsOf = ({ file, line, operator, original, replacement }: Mutant): string =>
  `${file}:${line}: ${operator}: ${oneLine(original)} -> ${oneLine(replacement) || '(nothing)'}`;

/** The same change in a file whose lines may have moved: of several alike the nearest that no other survivor has taken. */
const sameNow = (one: Mutant, all: readonly Mutant[], taken: ReadonlySet<Mutant>): Mutant | undefined =>
  all
    .filter(
      (each) =>
        each.file === one.file &&
        each.operator === one.operator &&
        each.original === one.original &&
        each.replacement === one.replacement &&
        !taken.has(each),
    )
    .toSorted((a, b) => Math.abs(a.line - one.line) - Math.abs(b.line - one.line))[0];

const survivorsNow = (earlier: readonly Result[], all: readonly Mutant[]): Mutant[] => {
  const taken = new Set<Mutant>();
  for (const one of earlier) {
    const now = one.fate === 'survived' ? sameNow(one, all, taken) : undefined;
    if (now !== undefined) taken.add(now);
  }
  return [...taken];
};

/** The mutants that are tried: a sample drawn with the seed, or the survivors of an earlier report. */
const draw = (root: string, sources: readonly string[], earlier: readonly Result[] | undefined): Mutant[] => {
  const all = sources.flatMap((file) => mutantsOf(file, readFileSync(join(root, file), 'utf8')));
  const drawn =
    earlier === undefined
      ? shuffled(all, Number(flags.seed)).slice(0, Number(flags.sample))
      : survivorsNow(earlier, all);
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
  const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');
  const importersIn = (file: string): ReadonlyMap<string, number> => importers.get(file) ?? new Map();
  const marked = sources.map((file) => ({
    file,
    text: withMarks(file, textOf(file)),
    importers: [...importersIn(file).keys()],
  }));
  const reach = await recordReach(tests, marked, files, Number(flags.slowest) * 1000, (text) =>
    console.log(oneLine(text, 160)),
  );

  const results: Result[] = [];
  /** How often a test file noticed a change of a source file: those that did are asked first. */
  const kills = new Map<string, number>();
  for (const [index, mutant] of draw(root, sources, earlier).entries()) {
    const near = importersIn(mutant.file);
    const before = textOf(mutant.file);
    const chosen = testsOf(reach, mutant, before, near, (file) => kills.get(`${mutant.file} ${file}`) ?? 0);
    const limitMs = Math.max(LEAST_PATIENCE_MS, PATIENCE * chosen.reduce((sum, { ms }) => sum + ms, 0));
    const change = { file: mutant.file, text: applyMutant(before, mutant), importers: [...near.keys()] };
    const { late, failed, by } = await tests.runChanged(change, chosen, limitMs);
    if (failed) kills.set(`${mutant.file} ${by}`, (kills.get(`${mutant.file} ${by}`) ?? 0) + 1);
    const fate = late ? 'too slow' : failed ? 'noticed' : 'survived';
    results.push({ ...mutant, fate });
    if (fate === 'survived') console.log(`${wordsOf(mutant)}${chosen.length === 0 ? ' (no test reaches it)' : ''}`);
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
