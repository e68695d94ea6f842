import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { RecordedEntry } from '../../src/registry/commit.ts';
import { describe, expect, it } from 'vitest';
import { currentOwner, ownerTag } from '../../src/fs/process-owner.ts';
import { adoptEntries } from '../../src/registry/adopt.ts';
import { recoverMeasurement } from '../../src/registry/commit.ts';
import { requireIntact } from '../../src/registry/integrity.ts';
import { verifyPlace } from '../../src/registry/verify.ts';
import { verifyRegistry } from '../../src/registry/verify-registry.ts';
import {
  FAMILY,
  MEASUREMENT,
  openLab,
  placeIn,
  recording,
  recordMany,
  scalarFacts,
  writeForeign,
  type Lab,
  recordEntry,
} from './recording.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Writes to a file that nobody is to write to. */
const overwrite = (path: string, text: string): void => {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
};

const three = async (): Promise<{
  lab: Lab;
  entries: RecordedEntry[];
  at: (index: number, file?: string) => string;
}> => {
  const lab = openLab();
  const entries = await recordMany(lab, 3);
  return { lab, entries, at: (index, file = '') => join(entries[index]?.folder ?? '', file) };
};

const statuses = async (lab: Lab): Promise<Record<string, string>> =>
  Object.fromEntries((await verifyPlace(placeIn(lab))).findings.map(({ name, status }) => [name, status]));

const byHand = (lab: Lab, slug: string, text = '1', more: Readonly<Record<string, unknown>> = {}): string =>
  writeForeign(lab, {
    slug,
    baseline: { family: FAMILY, measurement: MEASUREMENT, value: 1, source_sha256: sha256(`x\0${text}`), ...more },
    files: { 'source-snapshot/x': text },
  });

describe('verifying a measurement', () => {
  it('finds nothing in one that was left alone', async () => {
    const { lab, entries } = await three();
    expect(await verifyPlace(placeIn(lab))).toMatchObject({
      ok: true,
      entries: 3,
      intact: 3,
      links: 3,
      findings: [],
      breaks: [],
      forks: [],
      not_indexed: [],
      head: entries[2]?.head,
    });
  });

  it.each<[string, string, (at: (index: number, file?: string) => string) => void]>([
    ['a snapshot with another byte', 'changed', (at) => overwrite(at(1, 'source-snapshot.json'), '{"busbw":311}\n')],
    [
      'a value edited in baseline.json',
      'changed',
      (at) =>
        overwrite(
          at(1, 'baseline.json'),
          readFileSync(at(1, 'baseline.json'), 'utf8').replace('"value": 310', '"value": 250'),
        ),
    ],
    [
      'a note edited in SOURCE.md',
      'changed',
      (at) => appendFileSync((chmodSync(at(1, 'SOURCE.md'), 0o644), at(1, 'SOURCE.md')), 'x'),
    ],
    ['a file added to an entry', 'changed', (at) => writeFileSync(at(1, 'extra.txt'), '')],
    ['a file taken out of an entry', 'changed', (at) => rmSync(at(1, 'baseline.json'))],
    [
      'an entry that a link to the same bytes elsewhere replaced',
      'changed',
      (at) => {
        const elsewhere = `${at(1)}-moved`.replace('perf-baselines', 'elsewhere');
        mkdirSync(dirname(elsewhere), { recursive: true });
        renameSync(at(1), elsewhere);
        symlinkSync(elsewhere, at(1));
      },
    ],
    ['an entry that was deleted', 'missing', (at) => rmSync(at(1), { recursive: true })],
  ])('names %s', async (_, status, damage) => {
    const { lab, entries, at } = await three();
    damage(at);
    const report = await verifyPlace(placeIn(lab));
    expect(report.ok).toBe(false);
    expect(report.findings).toEqual([{ name: entries[1]?.slug, status, detail: expect.any(String) }]);
  });

  it('names a copy under another slug, a half entry and things that are no entries', async () => {
    const { lab, at } = await three();
    const { folder } = placeIn(lab);
    cpSync(at(0), join(folder, '20200101T000000000000Z'), { recursive: true });
    mkdirSync(join(folder, '20200102T000000Z'));
    writeFileSync(join(folder, 'todo.txt'), '');
    writeFileSync(join(folder, '.DS_Store'), '');
    expect(await statuses(lab)).toEqual({
      '20200101T000000000000Z': 'inserted',
      '20200102T000000Z': 'half',
      'todo.txt': 'extra',
    });
  });

  it('names an entry that was given another slug', async () => {
    const { lab, entries, at } = await three();
    renameSync(at(1), join(placeIn(lab).folder, '20200101T000000000000Z'));
    expect(await statuses(lab)).toEqual({ [entries[1]?.slug ?? '']: 'missing', '20200101T000000000000Z': 'inserted' });
  });

  it('names the last entry when its link was cut off together with it, if the head was noted down', async () => {
    const { lab, entries, at } = await three();
    const { chain } = placeIn(lab);
    const expectHead = entries[2]?.head;
    writeFileSync(chain, readFileSync(chain, 'utf8').split('\n').slice(0, 2).join('\n') + '\n');
    expect(await statuses(lab)).toEqual({ [entries[2]?.slug ?? '']: 'inserted' });
    rmSync(at(2), { recursive: true });
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true });
    expect(await verifyPlace(placeIn(lab), { expectHead })).toMatchObject({ ok: false, expected_head: 'absent' });
  });

  it('finds a head that was noted down before later entries', async () => {
    const { lab, entries } = await three();
    expect(await verifyPlace(placeIn(lab), { expectHead: entries[0]?.head })).toMatchObject({
      ok: true,
      expected_head: 'earlier',
    });
    expect(await verifyPlace(placeIn(lab), { expectHead: entries[2]?.head })).toMatchObject({
      ok: true,
      expected_head: 'head',
    });
  });

  it('names a link that was rewritten to fit a changed entry', async () => {
    const { lab } = await three();
    const { chain } = placeIn(lab);
    const lines = readFileSync(chain, 'utf8').split('\n');
    writeFileSync(
      chain,
      lines
        .map((line, at) =>
          at === 0 ? line.replace(/(?<="entry_sha256":")./, (digit) => (digit === 'f' ? '0' : 'f')) : line,
        )
        .join('\n'),
    );
    expect(await verifyPlace(placeIn(lab))).toMatchObject({
      ok: false,
      breaks: [{ line: 2, reason: 'previous_link_missing' }],
    });
  });

  it('passes over a line that a crash tore', async () => {
    const { lab } = await three();
    appendFileSync(placeIn(lab).chain, '{"at":"2026');
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, links: 3 });
    await recordMany(lab, 1);
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, links: 4, entries: 4 });
  });

  it('knows an entry whose process was killed before it had its name, and the next recording finishes it', async () => {
    const { lab, entries, at } = await three();
    const { staging } = placeIn(lab);
    renameSync(at(2), join(staging, `${ownerTag({ ...currentOwner(), pid: 4_194_305 })}.0123456789ab`));
    expect(await verifyPlace(placeIn(lab))).toMatchObject({
      ok: true,
      findings: [{ name: entries[2]?.slug, status: 'unfinished' }],
    });
    await recoverMeasurement(placeIn(lab));
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, entries: 3, intact: 3, not_indexed: [] });
    expect(readdirSync(staging)).toEqual([]);
  });

  it('is refused an extension of a chain that ends in something else', async () => {
    const { lab } = await three();
    appendFileSync(placeIn(lab).chain, '>>>>>>> theirs\n');
    await expect(recordEntry(recording(lab))).rejects.toMatchObject({ code: 'chain_unreadable', kind: 'refused' });
    expect(await verifyPlace(placeIn(lab))).toMatchObject({
      ok: false,
      entries: 3,
      breaks: [{ line: 4, reason: 'merge_mark' }],
    });
  });

  it('distinguishes a merge of two branches from tampering, and goes on from there', async () => {
    const lab = openLab();
    await recordMany(lab, 1);
    const place = placeIn(lab);
    const other = { ...lab, registry: join(lab.root, 'other') };
    cpSync(lab.registry, other.registry, { recursive: true });
    await recordMany(lab, 2);
    await recordMany(other, 2);
    const theirs = join(other.registry, FAMILY, MEASUREMENT);
    for (const name of readdirSync(theirs))
      if (!existsSync(join(place.folder, name)))
        cpSync(join(theirs, name), join(place.folder, name), { recursive: true });
    appendFileSync(place.chain, readFileSync(join(theirs, 'chain.jsonl'), 'utf8').split('\n').slice(1).join('\n'));
    expect(await verifyPlace(place)).toMatchObject({
      ok: true,
      entries: 5,
      intact: 5,
      breaks: [],
      forks: [{ branches: [expect.any(String), expect.any(String)] }],
    });
    await recordMany(lab, 1);
    expect(await verifyPlace(place)).toMatchObject({ ok: true, entries: 6, not_indexed: [] });
  });

  it('looks through the whole registry and names what belongs to no measurement', async () => {
    const { lab } = await three();
    await recordMany(lab, 1, { family: 'h100' });
    writeFileSync(join(lab.registry, 'notes.txt'), '');
    writeFileSync(join(lab.registry, 'h100', 'stray'), '');
    const report = await verifyRegistry(lab.registry);
    expect(report.measurements.map(({ family, ok }) => [family, ok])).toEqual([
      ['b200', true],
      ['h100', true],
    ]);
    expect(report).toMatchObject({ ok: false, extra: ['notes.txt', 'h100/stray'] });
    expect(await verifyRegistry(join(lab.root, 'none'))).toEqual({
      ok: true,
      measurements: [],
      extra: [],
      heads: { digest: null, standing: null },
    });
  });
});

describe('a head of the whole registry that was noted', () => {
  /** Takes an entry away with its link and its rows, as somebody would who wants nothing to show. */
  const cutOff = (lab: Lab, slug: string): void => {
    const place = placeIn(lab);
    chmodSync(join(place.folder, slug), 0o755);
    rmSync(join(place.folder, slug), { recursive: true, force: true });
    for (const path of [place.chain, place.rows, place.page]) {
      const lines = readFileSync(path, 'utf8').split('\n');
      writeFileSync(path, lines.filter((line) => !line.includes(slug)).join('\n'));
    }
  };
  const headOf = async (lab: Lab): Promise<string> => (await verifyRegistry(lab.registry)).heads.digest ?? '';

  it('shows that the newest entry was cut off, which nothing else does', async () => {
    const { lab, entries } = await three();
    await recordMany(lab, 1, { family: 'h100' });
    const noted = await headOf(lab);
    cutOff(lab, entries[2]?.slug ?? '');
    expect(await verifyRegistry(lab.registry)).toMatchObject({ ok: true, heads: { standing: null } });
    expect(await verifyRegistry(lab.registry, {}, { expectHead: noted })).toMatchObject({
      ok: false,
      heads: { standing: 'absent' },
    });
  });

  it('is found again however much was recorded since, in whichever measurement', async () => {
    const { lab } = await three();
    const noted = [await headOf(lab)];
    for (const family of ['h100', 'b200', 'a100']) {
      await recordMany(lab, 1, { family });
      noted.push(await headOf(lab));
    }
    expect(new Set(noted).size).toBe(4);
    const standing = async (expectHead: string) =>
      (await verifyRegistry(lab.registry, {}, { expectHead })).heads.standing;
    expect(await Promise.all(noted.map(standing))).toEqual(['earlier', 'earlier', 'earlier', 'head']);
  });

  it('shows that everything is gone', async () => {
    const { lab } = await three();
    const noted = await headOf(lab);
    expect(await verifyRegistry(join(lab.root, 'none'), {}, { expectHead: noted })).toMatchObject({ ok: false });
  });
});

describe('entries of other tools', () => {
  it('are whole but unchained until they are adopted', async () => {
    const lab = openLab();
    byHand(lab, '20260101T000000Z');
    byHand(lab, '20260102T000000123456Z', '2');
    await recordMany(lab, 1);
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, not_indexed: [] });
    expect(await statuses(lab)).toEqual({ '20260101T000000Z': 'unchained', '20260102T000000123456Z': 'unchained' });
    expect(await adoptEntries(placeIn(lab))).toMatchObject({
      adopted: ['20260101T000000Z', '20260102T000000123456Z'],
      refused: [],
    });
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, findings: [], links: 3, not_indexed: [] });
    await recordMany(lab, 1);
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, findings: [], links: 4, not_indexed: [] });
  });

  it('are changed when their snapshot is not the one they name, and are not adopted then', async () => {
    const lab = openLab();
    byHand(lab, '20260101T000000Z', '1', { source_sha256: sha256('other') });
    expect(await statuses(lab)).toEqual({ '20260101T000000Z': 'changed' });
    expect(await adoptEntries(placeIn(lab))).toMatchObject({
      adopted: [],
      refused: [{ slug: '20260101T000000Z' }],
      head: null,
    });
  });
});

describe('an entry that is to be judged by', () => {
  it('must be what was recorded', async () => {
    const { lab, at } = await three();
    expect(await requireIntact(at(0), lab.registry)).toMatchObject({ status: 'intact', detail: null });
    overwrite(at(0, 'source-snapshot.json'), '{}');
    await expect(requireIntact(at(0), lab.registry)).rejects.toMatchObject({
      code: 'baseline_tampered',
      kind: 'refused',
    });
  });

  it('must have the value that was recorded, not only the snapshot', async () => {
    const { lab, at } = await three();
    overwrite(
      at(2, 'baseline.json'),
      readFileSync(at(2, 'baseline.json'), 'utf8').replace('"value": 310', '"value": 200'),
    );
    await expect(requireIntact(at(2), lab.registry)).rejects.toMatchObject({ code: 'baseline_tampered' });
  });

  it('may be one of another tool, with its old folder hash', async () => {
    const lab = openLab();
    const folder = byHand(lab, '20260101T000000Z');
    expect(await requireIntact(folder, lab.registry)).toMatchObject({ status: 'unchained' });
    writeFileSync(join(folder, 'source-snapshot', 'x'), '2');
    await expect(requireIntact(folder, lab.registry)).rejects.toMatchObject({ code: 'baseline_tampered' });
  });

  it('was not put into the registry, but may be a copy that lies elsewhere', async () => {
    const { lab, at } = await three();
    const copy = '20990101T000000000000Z';
    cpSync(at(0), join(placeIn(lab).folder, copy), { recursive: true });
    await expect(requireIntact(join(placeIn(lab).folder, copy), lab.registry)).rejects.toMatchObject({
      code: 'baseline_tampered',
    });
    const elsewhere = join(lab.root, 'download', FAMILY, MEASUREMENT, copy);
    cpSync(at(0), elsewhere, { recursive: true });
    expect(await requireIntact(elsewhere, lab.registry)).toMatchObject({ status: 'inserted' });
  });

  it('may hold a folder', async () => {
    const lab = openLab();
    const source = join(lab.root, 'run');
    mkdirSync(source);
    for (const name of ['b', 'a']) writeFileSync(join(source, name), name);
    const { folder } = await recordEntry(recording(lab, { source, facts: () => scalarFacts(null) }));
    expect(await requireIntact(folder, lab.registry)).toMatchObject({ status: 'intact' });
    renameSync(join(folder, 'source-snapshot', 'a'), join(folder, 'source-snapshot', 'c'));
    await expect(requireIntact(folder, lab.registry)).rejects.toMatchObject({ code: 'baseline_tampered' });
  });
});
