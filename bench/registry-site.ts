// The site of a registry of 10,000 entries over 100 measurements, half of them serving results with 22 metrics, through the command
// line: made anew, made again when nothing changed, and beside a bare loop that reads the same files, parses them and writes as many
// files of the same sizes.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { entryDigest, textFile } from '../src/registry/entry-files.ts';
import { nextLink, type ChainLink } from '../src/registry/chain.ts';
import { placeOf, registryFolder, type Place } from '../src/registry/layout.ts';
import { jsonLine } from '../src/text/json.ts';
import { timeSlug } from '../src/text/time.ts';
import { median, table } from './figures.ts';
import { processCost, type ProcessCost } from './process-cost.ts';

const CLI = resolve('dist/profile-and-optimize.mjs');
const MEASUREMENTS = 100;
const ENTRIES = 100;
const FIRST = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

const PEER = `import{readFileSync,readdirSync,mkdirSync,writeFileSync,statSync}from'node:fs';import{join}from'node:path';const[from,sizes,out]=process.argv.slice(2);
for(const entry of readdirSync(from,{withFileTypes:true,recursive:true}))if(entry.isFile()&&entry.name.endsWith('.json'))JSON.parse(readFileSync(join(entry.parentPath,entry.name),'utf8'));
for(const entry of readdirSync(sizes,{withFileTypes:true,recursive:true}))if(entry.isFile()){const to=join(out,entry.parentPath.slice(sizes.length));mkdirSync(to,{recursive:true});
writeFileSync(join(to,entry.name),'x'.repeat(statSync(join(entry.parentPath,entry.name)).size))}`;

const SERVING: Record<string, unknown> = JSON.parse(
  readFileSync('examples/measurements/vllm-serve-baseline.json', 'utf8'),
);

/** A result whose latencies and rates lie a little apart, and which says the same of itself throughout. */
const serving = (factor: number): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(SERVING).map(([key, value]) => {
        if (typeof value !== 'number') return [key, value];
        if (/_ms$|^duration$/.test(key)) return [key, value * factor];
        return [key, /throughput$/.test(key) ? value / factor : value];
      }),
    ),
  );

const writeEntry = (place: Place, index: number, isServing: boolean): { slug: string; digest: string } => {
  const slug = timeSlug({ epochMs: FIRST + index * HOUR, micros: 0 });
  const value = 700 + 5 * Math.sin(index * 12.9898);
  const source = isServing ? serving(value / 700) : `${JSON.stringify({ busbw: value })}\n`;
  const baseline = JSON.stringify({
    schema_version: 1,
    family: place.family,
    measurement: place.measurement,
    value: isServing ? null : value,
    unit: isServing ? null : 'GB/s',
    direction: isServing ? 'two-sided' : 'higher-is-better',
    direction_source: isServing ? 'format' : 'flag',
    n: isServing ? null : 1,
    format: isServing ? 'vllm_serve_json' : null,
    source_path: '/data/result.json',
    source_sha256: createHash('sha256').update(source).digest('hex'),
    source_hash_format: 'sha256',
    source_bytes: Buffer.byteLength(source),
    registered_at_utc: new Date(FIRST + index * HOUR).toISOString(),
    context: { model: 'org/model', hardware: 'NVIDIA B200', n_gpus: 8, tp: 8 },
    context_key: '0'.repeat(64),
    tier: 'DRAFT',
    tier_missing: ['too_few_trials'],
    notes: '',
  });
  const files = { 'source-snapshot.json': source, 'SOURCE.md': '# SOURCE\n', 'baseline.json': baseline };
  const folder = join(place.folder, slug);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { slug, digest: entryDigest(Object.entries(files).map(([name, text]) => textFile(name, text))) };
};

const writeMeasurement = (registry: string, index: number): void => {
  const place = placeOf(registry, `family-${index % 10}`, `measurement-${String(index).padStart(3, '0')}`);
  let last: ChainLink | undefined;
  const links: string[] = [];
  for (let entry = 0; entry < ENTRIES; entry += 1) {
    const { slug, digest } = writeEntry(place, entry, index % 2 === 0);
    last = nextLink(last, slug, digest, '2026-01-01T00:00:00Z');
    links.push(jsonLine(last));
  }
  writeFileSync(place.chain, links.join(''));
};

const row = (name: string, costs: readonly ProcessCost[]): string[] => [
  name,
  (median(costs.map(({ ms }) => ms)) / 1000).toFixed(2),
  (median(costs.map(({ cpu }) => cpu)) / 1000).toFixed(2),
  Math.max(...costs.map(({ mb }) => mb)).toFixed(0),
];

/** Prints the table. At most 300 MB. */
export const benchRegistrySite = async (): Promise<void> => {
  const root = mkdtempSync(join(tmpdir(), 'perf-site-'));
  const [site, peer, bare] = ['site', 'peer.mjs', 'bare'].map((name) => join(root, name));
  try {
    for (let index = 0; index < MEASUREMENTS; index += 1) writeMeasurement(registryFolder(root), index);
    writeFileSync(peer ?? '', PEER);
    const make = (): ProcessCost =>
      processCost([process.execPath, CLI, 'registry_site', '--out', site ?? '', '--repo-root', root]);
    const anew = Array.from({ length: 3 }, () => {
      rmSync(site ?? '', { recursive: true, force: true });
      return make();
    });
    const again = [make(), make()];
    const loop = Array.from({ length: 3 }, () => {
      rmSync(bare ?? '', { recursive: true, force: true });
      return processCost([process.execPath, peer ?? '', registryFolder(root), site ?? '', bare ?? '']);
    });
    table(
      `Site of ${(MEASUREMENTS * ENTRIES).toLocaleString('en')} entries`,
      ['', 'wall s', 'CPU s', 'peak MB'],
      [row('registry_site, anew', anew), row('registry_site, nothing changed', again), row('bare loop', loop)],
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
};
