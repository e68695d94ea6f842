// Times recording into a new measurement, one with few entries, and one with 100,000, beside the bare flushed writes that any
// durable record must make. Run with `npx tsx bench/registry-scale.ts [entries] [records]`.
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkHash, nextLink, type ChainLink } from '../src/registry/chain.ts';
import { rebuildIndexes } from '../src/registry/indexes.ts';
import { placeOf, registryFolder, type Place } from '../src/registry/layout.ts';
import { jsonLine } from '../src/text/json.ts';
import { textTable } from '../src/render/table.ts';
import { nextMicrosecond, presentMoment, timeSlug } from '../src/text/time.ts';
import { inputOf, recordEntry } from './registry-stress.ts';

/** Entries of one file each with their chain, written as fast as the disk takes them, and then indexed. */
const populate = async (place: Place, entries: number): Promise<void> => {
  const source = createHash('sha256').update('x').digest('hex');
  const baseline = JSON.stringify({
    family: place.family,
    measurement: place.measurement,
    source_sha256: source,
    value: 1,
  });
  let moment = { epochMs: presentMoment().epochMs - 86_400_000, micros: 0 };
  let last: ChainLink | undefined;
  const lines: string[] = [];
  for (let index = 0; index < entries; index += 1) {
    const slug = timeSlug(moment);
    mkdirSync(join(place.folder, slug), { recursive: true });
    writeFileSync(join(place.folder, slug, 'baseline.json'), baseline);
    last = nextLink(last, slug, source, '2026-01-01T00:00:00Z');
    lines.push(jsonLine(last));
    moment = nextMicrosecond(moment);
  }
  writeFileSync(place.chain, lines.join(''));
  await rebuildIndexes(place);
  console.log(`${entries} entries made, head ${last === undefined ? '-' : linkHash(last).slice(0, 12)}`);
};

const flushed = (path: string, text: string, flags: string): void => {
  const descriptor = openSync(path, flags);
  writeSync(descriptor, text);
  fsyncSync(descriptor);
  closeSync(descriptor);
};

const flushFolder = (path: string): void => {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
};

/** What a careful script does at the least: three files, one line, one rename, all flushed, one after the other. */
const bareWrites = (root: string, turn: number): void => {
  const staged = join(root, `.staged-${turn}`);
  mkdirSync(staged);
  for (const name of ['a', 'b', 'c']) flushed(join(staged, name), 'x'.repeat(1500), 'wx');
  flushFolder(staged);
  flushed(join(root, 'log.jsonl'), `${'x'.repeat(250)}\n`, 'a');
  renameSync(staged, join(root, `entry-${turn}`));
  flushFolder(root);
};

const sorted = (times: readonly number[]): number[] => [...times].sort((a, b) => a - b);
const at = (times: readonly number[], part: number): string =>
  (sorted(times)[Math.floor(times.length * part)] ?? Number.NaN).toFixed(2);

const timed = async (work: () => Promise<unknown> | void): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const main = async ([first = '100000', second = '300']: readonly string[]): Promise<void> => {
  const [entries, records] = [Number(first), Number(second)];
  const root = await mkdtemp(join(tmpdir(), 'registry-scale-'));
  try {
    writeFileSync(join(root, 'result.json'), '{"step_time_ms":12.5}\n');
    await populate(placeOf(registryFolder(root), 'bench', 'full'), entries);
    const bare = join(root, 'bare');
    mkdirSync(bare);
    const times: Record<'bare' | 'first' | 'few' | 'full', number[]> = { bare: [], first: [], few: [], full: [] };
    for (let turn = -20; turn < records; turn += 1) {
      const took = {
        bare: await timed(() => bareWrites(bare, turn)),
        first: await timed(() => recordEntry(inputOf(root, '', `first-${turn}`))),
        few: await timed(() => recordEntry(inputOf(root, '', 'few'))),
        full: await timed(() => recordEntry(inputOf(root, '', 'full'))),
      };
      if (turn < 0) continue;
      times.bare.push(took.bare);
      times.first.push(took.first);
      times.few.push(took.few);
      times.full.push(took.full);
    }
    const names = {
      bare: 'bare flushed writes',
      first: 'record, the first of a measurement',
      few: 'record, few entries',
      full: `record, ${entries} entries`,
    };
    const row = (key: keyof typeof times): string[] => [names[key], at(times[key], 0.5), at(times[key], 0.95)];
    console.log(
      textTable(
        [{ title: 'ms' }, { title: 'p50', align: 'right' }, { title: 'p95', align: 'right' }],
        [row('bare'), row('first'), row('few'), row('full')],
      ),
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

await main(process.argv.slice(2));
