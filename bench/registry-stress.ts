// Records from many processes at once while others are killed at every stage of publishing, then checks that nothing was
// lost and nothing is half there. Run with `npx tsx bench/registry-stress.ts [processes] [records] [kills per stage]`.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RECORD_STAGES, recoverMeasurement, type RecordedEntry, type RecordStage } from '../src/registry/commit.ts';
import { composeBaseline, type EntryFacts } from '../src/registry/compose-baseline.ts';
import { placeOf, registryFolder, type Place } from '../src/registry/layout.ts';
import { openRecording, publishEntry, type RecordInput, type RecordOptions } from '../src/registry/record-entry.ts';
import { isSlug } from '../src/registry/slug.ts';
import { verifyPlace } from '../src/registry/verify.ts';
import { textTable } from '../src/render/table.ts';
import { presentMoment } from '../src/text/time.ts';

const FAMILY = 'bench';
const MEASUREMENT = 'step_time';

const FACTS: EntryFacts = {
  value: 12.5,
  unit: 'ms',
  direction: 'lower-is-better',
  direction_source: 'flag',
  tier: 'DRAFT',
  tier_missing: [],
};

/** Records from beginning to end. */
export const recordEntry = async (input: RecordInput, options: RecordOptions = {}): Promise<RecordedEntry> => {
  const { family, measurement, secrets, registeredAt } = input;
  const open = await openRecording(input, options);
  return publishEntry(
    open,
    composeBaseline({ family, measurement }, open.snapshot, FACTS, input, secrets),
    registeredAt,
    options,
  );
};

/** A recording of the file `result.json` below `root`. */
export const inputOf = (root: string, notes: string, measurement = MEASUREMENT): RecordInput => ({
  registry: registryFolder(root),
  family: FAMILY,
  measurement,
  source: join(root, 'result.json'),
  secrets: [],
  registeredAt: presentMoment(),
  operatorUser: 'bench',
  hostname: 'bench',
  uname: 'bench',
  profileAndOptimizeSha: '0123456789abcdef0123456789abcdef01234567',
  productVersion: '0.0.0',
  repoSha: null,
  repoDirty: null,
  notes,
});

const say = (line: string): Promise<void> =>
  new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve()));

const forever = (): Promise<void> => new Promise(() => setInterval(() => undefined, 1 << 30));

/** Child: records `count` entries and says the slug of each that was acknowledged. */
const work = async (root: string, count: number, name: string): Promise<void> => {
  for (let index = 0; index < count; index += 1)
    await say(`ack ${(await recordEntry(inputOf(root, `${name} ${index}`))).slug}`);
};

/** Child: records one entry and stops at `stage` to be killed there. */
const stopAt = async (root: string, stage: RecordStage): Promise<void> => {
  const onStage = async (reached: RecordStage): Promise<void> => {
    if (reached !== stage) return;
    await say('here');
    await forever();
  };
  await recordEntry(inputOf(root, `victim ${stage}`), { onStage });
};

export interface StressPlan {
  readonly processes: number;
  readonly records: number;
  readonly killsPerStage: number;
  /** Further processes that are killed at a random moment. */
  readonly randomKills: number;
}

export interface StageRow {
  readonly stage: RecordStage;
  readonly kills: number;
  /** Entries that killed processes left behind: none before the link, every one of them from then on. */
  readonly entries: number;
}

export interface StressReport {
  readonly seconds: number;
  readonly acknowledged: number;
  readonly entries: number;
  readonly links: number;
  readonly indexRows: number;
  readonly pageRows: number;
  readonly stages: readonly StageRow[];
  readonly randomKills: number;
  /** Entries whose process was killed after the link, before it could answer. */
  readonly unanswered: number;
  /** Whole entries that a reader saw while the run went on. */
  readonly observed: number;
  /** What must not be; empty when all is well. */
  readonly faults: readonly string[];
}

/** One file that runs this module as a child under plain Node. */
const bundleChild = async (folder: string): Promise<string> => {
  const { build } = await import('esbuild');
  const outfile = join(folder, 'child.mjs');
  await build({
    entryPoints: [fileURLToPath(import.meta.url)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['esbuild'],
    logLevel: 'error',
    banner: {
      js: "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);",
    },
  });
  return outfile;
};

const start = (child: string, words: readonly string[]): ChildProcess =>
  spawn(process.execPath, [child, 'child', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once('close', (code) => resolve(code));
  });

const linesOf = (child: ChildProcess, onLine: (line: string) => void): void => {
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', onLine);
};

const runWorker = async (child: string, root: string, count: number, name: string): Promise<string[]> => {
  const slugs: string[] = [];
  const worker = start(child, ['work', root, String(count), name]);
  linesOf(worker, (line) => slugs.push(line.replace('ack ', '')));
  const code = await ended(worker);
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  return slugs;
};

const killAt = async (child: string, root: string, stage: RecordStage): Promise<void> => {
  const victim = start(child, ['stop', root, stage]);
  linesOf(victim, () => victim.kill('SIGKILL'));
  await ended(victim);
  if (victim.signalCode !== 'SIGKILL') throw new Error(`the victim of ${stage} was not killed`);
};

const killSomewhere = async (child: string, root: string): Promise<string[]> => {
  const slugs: string[] = [];
  const victim = start(child, ['work', root, '1000000', 'random']);
  const first = new Promise<void>((resolve) =>
    linesOf(victim, (line) => void (slugs.push(line.replace('ack ', '')), resolve())),
  );
  await first;
  await sleep(Math.random() * 50);
  victim.kill('SIGKILL');
  await ended(victim);
  return slugs;
};

const PARTS = ['baseline.json', 'SOURCE.md', 'source-snapshot.json'];

/** Looks at entries as they appear; a part that is missing then was half visible. */
const watch = (place: Place, faults: string[]): (() => number) => {
  const seen = new Set<string>();
  const look = (): void => {
    for (const slug of existsSync(place.folder) ? readdirSync(place.folder).filter(isSlug) : []) {
      if (seen.has(slug)) continue;
      seen.add(slug);
      const present = readdirSync(join(place.folder, slug));
      if (!PARTS.every((part) => present.includes(part)))
        faults.push(`${slug} was seen with only ${present.join(', ')}`);
    }
  };
  const timer = setInterval(look, 40);
  return () => {
    clearInterval(timer);
    look();
    return seen.size;
  };
};

interface Kept {
  readonly entries: readonly string[];
  readonly links: readonly string[];
  readonly rows: readonly { slug: string; notes: string }[];
  readonly page: readonly string[];
}

const jsonLines = <T>(path: string): T[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): T => JSON.parse(line));

const keptIn = (place: Place): Kept => ({
  entries: readdirSync(place.folder).filter(isSlug).sort(),
  links: jsonLines<{ slug: string }>(place.chain).map(({ slug }) => slug),
  rows: jsonLines<{ slug: string; notes: string }>(place.rows),
  page: [...readFileSync(place.page, 'utf8').matchAll(/^\| `[^`]*` \| \[`([^`]+)`\]/gm)].map(([, slug = '']) => slug),
});

const committed = RECORD_STAGES.slice(RECORD_STAGES.indexOf('linked'));

const disagreements = (kept: Kept, acknowledged: readonly string[], stages: readonly StageRow[]): string[] => {
  const whole = kept.entries.join();
  const sorted = (slugs: readonly string[]): string => [...slugs].sort().join();
  const present = new Set(kept.entries);
  const lost = acknowledged.filter((slug) => !present.has(slug));
  const wrong = stages.filter(({ stage, kills, entries }) => entries !== (committed.includes(stage) ? kills : 0));
  return [
    ...(sorted(kept.links) === whole ? [] : ['chain and entries differ']),
    ...(sorted(kept.rows.map(({ slug }) => slug)) === whole ? [] : ['index.jsonl and entries differ']),
    ...(sorted(kept.page) === whole ? [] : ['INDEX.md and entries differ']),
    ...(new Set(acknowledged).size === acknowledged.length ? [] : ['a slug was acknowledged twice']),
    ...lost.map((slug) => `acknowledged ${slug} is lost`),
    ...wrong.map(({ stage, kills, entries }) => `${kills} killed at ${stage} left ${entries} entries`),
  ];
};

/** Runs the plan in a registry of its own, which is removed afterwards. */
export const runStress = async (plan: StressPlan): Promise<StressReport> => {
  const root = await mkdtemp(join(tmpdir(), 'registry-stress-'));
  try {
    await writeFile(join(root, 'result.json'), '{"step_time_ms":12.5}\n');
    const child = await bundleChild(root);
    const place = placeOf(registryFolder(root), FAMILY, MEASUREMENT);
    const faults: string[] = [];
    const stopWatching = watch(place, faults);
    const began = performance.now();
    const workers = Array.from({ length: plan.processes }, (_, index) =>
      runWorker(child, root, plan.records, `worker ${index}`),
    );
    const victims = async (): Promise<void> => {
      for (let round = 0; round < plan.killsPerStage; round += 1)
        for (const stage of RECORD_STAGES) await killAt(child, root, stage);
    };
    const random = async (): Promise<string[]> => {
      const slugs: string[] = [];
      for (let kill = 0; kill < plan.randomKills; kill += 1) slugs.push(...(await killSomewhere(child, root)));
      return slugs;
    };
    const [answered, byRandom] = await Promise.all([Promise.all(workers), random(), victims()]);
    const seconds = (performance.now() - began) / 1000;
    await recoverMeasurement(place);
    const observed = stopWatching();
    const acknowledged = [...answered.flat(), ...byRandom];
    const kept = keptIn(place);
    const stages = RECORD_STAGES.map((stage) => ({
      stage,
      kills: plan.killsPerStage,
      entries: kept.rows.filter(({ notes }) => notes === `victim ${stage}`).length,
    }));
    const report = await verifyPlace(place);
    const unanswered = kept.entries.length - acknowledged.length;
    const expected = stages.reduce((sum, { entries }) => sum + entries, 0);
    faults.push(...disagreements(kept, acknowledged, stages));
    if (unanswered < expected || unanswered > expected + plan.randomKills)
      faults.push(`${unanswered} entries without an answer, expected ${expected} to ${expected + plan.randomKills}`);
    if (!report.ok) faults.push(`verify: ${JSON.stringify(report.findings)} ${JSON.stringify(report.breaks)}`);
    if (readdirSync(place.staging).length > 0) faults.push('staged folders are left');
    return {
      seconds,
      acknowledged: acknowledged.length,
      entries: kept.entries.length,
      links: kept.links.length,
      indexRows: kept.rows.length,
      pageRows: kept.page.length,
      stages,
      randomKills: plan.randomKills,
      unanswered,
      observed,
      faults,
    };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

const show = (plan: StressPlan, report: StressReport): void => {
  const rows = report.stages.map(({ stage, kills, entries }) => [stage, String(kills), String(entries)]);
  console.log(
    textTable(
      [{ title: 'killed at' }, { title: 'kills', align: 'right' }, { title: 'entries left', align: 'right' }],
      rows,
    ),
  );
  console.log(`killed at random moments: ${report.randomKills}`);
  console.log(`${plan.processes} processes x ${plan.records} records in ${report.seconds.toFixed(1)} s`);
  console.log(
    `acknowledged ${report.acknowledged} + killed before the answer ${report.unanswered} = entries ${report.entries}`,
  );
  console.log(
    `chain ${report.links}, index.jsonl ${report.indexRows}, INDEX.md ${report.pageRows}; seen whole ${report.observed}`,
  );
  console.log(report.faults.length === 0 ? 'all agree, nothing half visible' : report.faults.join('\n'));
};

const main = async (words: readonly string[]): Promise<void> => {
  const [first = '8', second = '500', third = '5'] = words;
  const plan = { processes: Number(first), records: Number(second), killsPerStage: Number(third), randomKills: 20 };
  const report = await runStress(plan);
  show(plan, report);
  if (report.faults.length > 0) process.exitCode = 1;
};

const isStage = (word: string): word is RecordStage => RECORD_STAGES.some((stage) => stage === word);

const runChild = async ([mode, root = '', word = '', name = '']: readonly string[]): Promise<void> => {
  if (mode === 'work') await work(root, Number(word), name);
  if (mode === 'stop' && isStage(word)) await stopAt(root, word);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'child') await runChild(process.argv.slice(3));
  else await main(process.argv.slice(2));
}
