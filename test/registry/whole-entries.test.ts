// What a registry holds after a few recordings, and what is read from it again, whole. The text beside the fixtures was read through
// when it was written; one that changes is a change of behaviour (`npx vitest run <file> -u`).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { originalFolderDigest } from '../../src/fs/folder-hash.ts';
import { VALIDITY_CODES, type Trial } from '../../src/metrics/trial.ts';
import { readBaselineSide } from '../../src/registry/entry-side.ts';
import { listEntries, listFamilies, listMeasurements } from '../../src/registry/list.ts';
import { verifyPlace } from '../../src/registry/verify.ts';
import {
  FAMILY,
  MEASUREMENT,
  openLab,
  placeIn,
  recordEntry,
  recording,
  scalarFacts,
  writeForeign,
} from './recording.ts';

const FOLDER = new URL('../fixtures/registry/', import.meta.url).pathname;

const SERVING = { throughput_tok_per_s: 1000, ttft_p50_ms: 40, tpot_p50_ms: 10, completed: 64 };
const SLUG = '20260520T100000123456Z';
/** An entry as the Python tool writes it. */
const FOREIGN = {
  direction: 'two-sided',
  family: FAMILY,
  measurement: MEASUREMENT,
  notes: '',
  profile_and_optimize_sha: '0123456789abcdef0123456789abcdef01234567',
  registered_at_utc: '2026-05-20T10:00:00Z',
  registered_by: { operator_user: 'ada' },
  schema_path: null,
  source_path: '/tmp/result.json',
  unit: 'GB/s',
  value: 310,
  workstation: { hostname: 'node-1', uname: 'Linux' },
};

const trial = (index: number, value: number): Trial => ({
  index,
  block: null,
  started_at: null,
  replicate_level: 'process',
  values: { [MEASUREMENT]: value },
  validity: index === 2 ? VALIDITY_CODES.slice(0, 1) : [],
  gpu_uuids: null,
});

const at = (second: number) => ({
  epochMs: Date.parse(`2026-11-22T02:08:${String(second).padStart(2, '0')}Z`),
  micros: 7,
});

/** JSON over lines, without what differs from run to run. */
const shown = (value: unknown, root: string): string =>
  JSON.stringify(value, null, 1)
    .replaceAll(root, '<root>')
    .replaceAll(/"at": "[^"]+"/g, '"at": "<now>"')
    .replaceAll(/"(prev|head|entry_sha256)": "[0-9a-f]{64}"/g, '"$1": "<hash>"');

test('a number, a number with trials, a document, a folder and a foreign entry', async () => {
  const lab = openLab(`${JSON.stringify(SERVING)}\n`);
  const parts: string[] = [];
  const add = (title: string, value: unknown): void =>
    void parts.push(`== ${title}`, typeof value === 'string' ? value.replaceAll(lab.root, '<root>') : shown(value, lab.root));
  const folder = join(lab.root, 'run');
  mkdirSync(folder);
  for (const level of ['1', '4']) writeFileSync(join(folder, `c${level}.json`), JSON.stringify({ ...SERVING, concurrency: Number(level) }));

  const sol = [{ key: MEASUREMENT, value: 310, sol_pct: 68.9, sol_ceiling_key: 'h200.nvlink', sol_ceiling_value: 450, unit: 'GB/s' }];
  const kinds = {
    number: recording(lab, { measurement: 'number', registeredAt: at(1), notes: 'first | one', facts: () => scalarFacts(310, { sol: sol.map((one) => ({ ...one, key: 'number' })) }) }),
    values: recording(lab, { measurement: 'values', registeredAt: at(2), team: 'fabric', facts: () => scalarFacts(null, { values: [310, 305, 312], direction_source: 'catalogue' }) }),
    trials: recording(lab, { registeredAt: at(3), repoSha: 'abc1234', repoDirty: true, captureCommand: 'run it', facts: () => scalarFacts(310, { direction: 'two-sided', direction_source: 'reader', trials: [310, 305, 312].map((value, index) => trial(index, value)), context: { hardware: 'H200', n_gpus: 8 }, attested: ['n_gpus'], sol }) }),
    document: recording(lab, { measurement: 'document', registeredAt: at(4), facts: () => scalarFacts(null, { unit: null, format: null, context: { model: 'm' }, headline: ['throughput_tok_per_s'], sol: sol.map((one) => ({ ...one, key: 'throughput_tok_per_s' })) }) }),
    folder: recording(lab, { measurement: 'folder', registeredAt: at(5), source: folder, facts: () => scalarFacts(null, { unit: null, format: 'folder', direction: 'two-sided', direction_source: 'flag' }) }),
  };
  for (const [name, input] of Object.entries(kinds)) {
    const { folder: entry, baseline, warnings, seq } = await recordEntry(input);
    add(`${name}: baseline.json`, baseline);
    add(`${name}: SOURCE.md`, readFileSync(join(entry, 'SOURCE.md'), 'utf8'));
    add(`${name}: warnings and place in the chain`, { warnings, seq });
    const { entry: _entry, entries, ...side } = await readBaselineSide(lab.registry, [`${FAMILY}/${input.measurement}`], lab.root);
    add(`${name}: as a side`, { ...side, of: entries.map(({ slug }) => slug) });
  }
  const again = await recordEntry({ ...kinds.trials, registeredAt: at(3), supersedes: '20261122T020803000007Z' });
  await recordEntry({ ...kinds.trials, registeredAt: at(1) });
  const foreign = join(lab.root, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'result.json'), '{"busbw":310}\n');
  const source_sha256 = await originalFolderDigest(foreign);
  writeForeign(lab, { slug: SLUG, baseline: { ...FOREIGN, source_sha256 }, files: { 'source-snapshot/result.json': '{"busbw":310}\n' } });

  const place = placeIn(lab);
  add('index.jsonl', readFileSync(place.rows, 'utf8').replaceAll(/[0-9a-f]{64}/g, '<hash>'));
  add('INDEX.md', readFileSync(place.page, 'utf8'));
  add('verified', await verifyPlace(place));
  add('families', await listFamilies(lab.registry, { limit: 10 }));
  add('measurements, two of them', await listMeasurements(lab.registry, FAMILY, { limit: 2 }));
  add('entries after the newest', { ...(await listEntries(lab.registry, FAMILY, MEASUREMENT, { limit: 2, cursor: again.slug })), items: '' });
  const several = await readBaselineSide(lab.registry, [again.slug, SLUG].map((slug) => `${FAMILY}/${MEASUREMENT}@${slug}`), lab.root);
  const { entry: _entry, entries, ...joined } = several;
  add('two entries as trials', { ...joined, of: entries.map(({ slug }) => slug) });
  await expect(`${parts.join('\n')}\n`).toMatchFileSnapshot(`${FOLDER}entries.txt`);

  const read = (...names: readonly string[]) => readBaselineSide(lab.registry, names.map((name) => `${FAMILY}/${name}`), lab.root);
  await expect(read('number', 'values')).rejects.toMatchObject({ code: 'baselines_differ', kind: 'input' });
  await expect(read()).rejects.toMatchObject({ code: 'no_baseline' });
}); // prettier-ignore
