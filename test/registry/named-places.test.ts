// What texts name in a registry: entries as results, the bytes that a call will read, places, new names, the calls that may follow.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { latestSlug } from '../../src/registry/address.ts';
import { namedResults } from '../../src/registry/entries-as-results.ts';
import { findSnapshot } from '../../src/registry/entry-files.ts';
import { readsEntries, readsMeasurement, readsResultsOfEntries } from '../../src/registry/entry-paths.ts';
import { placeFields, withNewNumber, withNewResult, withoutName } from '../../src/registry/entry-steps.ts';
import { listEntries } from '../../src/registry/list.ts';
import { requireNewName } from '../../src/registry/new-name.ts';
import { recorderFacts } from '../../src/registry/recorder-facts.ts';
import { registryDigest } from '../../src/registry/registry-digest.ts';
import { splitPlace } from '../../src/registry/split-place.ts';
import { verbContext } from '../campaign/verb-context.ts';
import { FAMILY, MEASUREMENT, openLab, placeIn, recordEntry, recording, recordMany, scalarFacts } from './recording.ts';

const ADDRESS = `${FAMILY}/${MEASUREMENT}`;

describe('an entry where a result is named', () => {
  test('gives its numbers, or its snapshot; what is no entry stays a path', async () => {
    const lab = openLab();
    const context = verbContext(lab.root);
    const one = await recordEntry(recording(lab));
    const three = await recordEntry(recording(lab, { facts: () => scalarFacts(null, { values: [1, 2, 3] }) }));
    const document = await recordEntry(recording(lab, { facts: () => scalarFacts(null) }));
    const results = (...texts: readonly string[]) => namedResults(texts, context);
    expect(await results(one.folder)).toEqual({ paths: [], values: [310] });
    expect(await results(`${ADDRESS}@${three.slug}`, one.folder)).toEqual({ paths: [], values: [1, 2, 3, 310] });
    expect(await results(document.folder)).toEqual({ paths: [join(document.folder, 'source-snapshot.json')] });
    expect(await results(lab.source, lab.root)).toEqual({ paths: [lab.source, lab.root] });
    expect(await results('nowhere.json')).toEqual({ paths: [context.path('nowhere.json')] });
    await expect(results(`${ADDRESS}@nosuch`)).rejects.toMatchObject({ code: 'entry_not_found' });
  });
});

describe('the bytes that a call will read', () => {
  test('are those of the entry, of the newest, or of the whole measurement', async () => {
    const lab = openLab();
    const [first, second] = await recordMany(lab, 2);
    const folder = placeIn(lab).folder;
    const of = (text: string) => readsEntries.place(text, lab.root);
    expect(of(`${ADDRESS}@${first?.slug ?? ''}`)).toBe(first?.folder);
    expect([of(ADDRESS), of(`${ADDRESS}@latest`)]).toEqual([second?.folder, second?.folder]);
    expect(of(`${ADDRESS}@golden`)).toBe(folder);
    expect([of('b200/nosuch'), of('no address'), of('a/b/c')]).toEqual([undefined, undefined, undefined]);
    expect(readsMeasurement.place(`${ADDRESS}@golden`, lab.root)).toBe(folder);
    expect(readsMeasurement.place('b200', lab.root)).toBeUndefined();

    const runs = join(lab.root, 'runs');
    mkdirSync(join(runs, FAMILY), { recursive: true });
    for (const name of [`${MEASUREMENT}.json`, 'other.json']) writeFileSync(join(runs, FAMILY, name), '1');
    writeFileSync(join(runs, 'stray'), '1');
    expect(readsResultsOfEntries.also(runs, lab.root, {})).toEqual([second?.folder]);
    expect(readsResultsOfEntries.also(runs, lab.root, { tag: first?.slug })).toEqual([first?.folder]);
    expect(readsResultsOfEntries.also(join(runs, 'nowhere'), lab.root, {})).toEqual([]);

    for (const text of ['{"slug":"no-slug"}\n', '']) {
      writeFileSync(placeIn(lab).rows, text);
      expect(of(ADDRESS)).toBe(second?.folder);
    }
  });
});

test.each([
  ['b200', 'busbw', ['b200', 'busbw']],
  ['b200/busbw', undefined, ['b200', 'busbw']],
  [undefined, 'b200/busbw', ['b200', 'busbw']],
  [undefined, 'b200/busbw@golden', ['b200', 'busbw']],
  ['b200/busbw', 'other', ['b200/busbw', 'other']],
  ['a/b/c', undefined, ['a/b/c', undefined]],
  ['b200', undefined, ['b200', undefined]],
  [undefined, 'busbw', [undefined, 'busbw']],
  ['/busbw', undefined, ['/busbw', undefined]],
])('family %s and measurement %s are %j', (family, measurement, place) => {
  expect(splitPlace(family, measurement)).toEqual(place);
});

describe('a new name', () => {
  const refused = (name: string, known: readonly string[] = []) => {
    try {
      return requireNewName(name, 'tag', known);
    } catch (error) {
      return error;
    }
  };

  test('is one that nobody takes for another; one that is known goes on, whatever it is', () => {
    expect(refused('golden')).toBe('golden');
    expect(refused('latest', ['latest'])).toBe('latest');
    expect(refused('Latest')).toMatchObject({ code: 'name_reserved', details: { fix: 'use Latest_results' } });
    expect(refused('index.jsonl')).toMatchObject({ details: { fix: 'use index_jsonl_results' } });
    expect(refused('20260520T100000123456Z')).toMatchObject({ code: 'name_reserved' });
    expect(refused('Golden', ['a', 'golden'])).toMatchObject({
      code: 'name_differs_by_case',
      message: 'tag Golden differs from golden by case alone',
    });
  });
});

test('the calls that may follow name the measurement', () => {
  expect(withoutName('b200/busbw@golden')).toBe('b200/busbw');
  expect(placeFields('b200/busbw@golden')).toEqual({ family: 'b200', measurement: 'busbw' });
  expect(withNewResult('b200/busbw')).toEqual({
    verb: 'perf_baseline_diff',
    input: { baseline: 'b200/busbw', current: '<result file>' },
    with: 'a new result',
  });
  expect(withNewNumber('b200/busbw')).toEqual({
    verb: 'perf_baseline_diff',
    input: { baseline: 'b200/busbw', current_value: '<number>' },
    with: 'a new number',
  });
});

test('the digest of a registry does not depend on the order in which its measurements are read', () => {
  const link = (seq: number, slug: string, at: string) => ({ seq, slug, entry_sha256: 'a'.repeat(64), prev: null, at });
  const [early, late] = ['20260520T100000123456Z', '20260520T100000123457Z'];
  const places = ['b', 'a', 'c'].map((measurement, at) => ({
    family: 'f',
    measurement,
    chain: [link(0, early, '2026-05-20T10:00:00Z'), link(1, late, `2026-05-20T10:00:0${at}Z`)],
  }));
  const { digest } = registryDigest(places);
  expect(registryDigest(places.toReversed()).digest).toBe(digest);
  expect(registryDigest([...places.slice(1), ...places.slice(0, 1)]).digest).toBe(digest);
  const before = registryDigest(places.map((place) => ({ ...place, chain: place.chain.slice(0, 1) }))).digest ?? '';
  expect(registryDigest(places, digest ?? '').standing).toBe('head');
  expect(registryDigest(places, before).standing).toBe('earlier');
  expect(
    registryDigest([{ family: 'f', measurement: 'b', chain: places[0]?.chain ?? [] }], digest ?? '').standing,
  ).toBe('absent');
  expect(registryDigest([]).digest).toBeNull();
});

describe('an entry that is not whole', () => {
  test('with two snapshots names both, in the order of names', async () => {
    const lab = openLab();
    const { folder } = await recordEntry(recording(lab));
    writeFileSync(join(folder, 'source-snapshot.csv'), '1');
    await expect(findSnapshot(folder)).rejects.toMatchObject({
      code: 'snapshot_ambiguous',
      message: `${folder} holds both source-snapshot.csv and source-snapshot.json`,
    });
  });

  test('is no newest one, and its place in a list says why', async () => {
    const lab = openLab();
    const [first, second] = await recordMany(lab, 2);
    rmSync(join(second?.folder ?? '', 'baseline.json'));
    expect(await latestSlug(placeIn(lab))).toBe(first?.slug);
    const { items } = await listEntries(lab.registry, FAMILY, MEASUREMENT, { limit: 5 });
    expect(items.map(({ baseline, error }) => [baseline === null, error])).toEqual([
      [true, expect.stringContaining(join(second?.slug ?? '', 'baseline.json'))],
      [false, null],
    ]);
    rmSync(join(first?.folder ?? '', 'baseline.json'));
    await expect(latestSlug(placeIn(lab))).rejects.toMatchObject({ code: 'entry_not_found' });
  });
});

test('who records where is asked once for a root', async () => {
  const facts = (root: string, env: Readonly<Record<string, string>>) =>
    recorderFacts(verbContext(root, { env: { PATH: process.env['PATH'], ...env } }));
  const [one, two, three] = [openLab().root, openLab().root, openLab().root];
  expect(await facts(one, { USER: 'ada', USERNAME: 'other' })).toMatchObject({ operatorUser: 'ada' });
  expect(await facts(one, { USER: 'somebody' })).toMatchObject({ operatorUser: 'ada' });
  expect(await facts(two, { USERNAME: 'grace' })).toMatchObject({ operatorUser: 'grace' });
  const { operatorUser, uname, hostname } = await facts(three, { USER: '' });
  expect(operatorUser).not.toBe('');
  expect(uname.split(' ')[0]).toMatch(/^(?:Linux|Darwin|Windows)/);
  expect(uname).toContain(hostname);
});

test('a registry in git keeps bytes as they are, and both sides of what grows', async () => {
  const lab = openLab();
  await recordEntry(recording(lab));
  const lines = readFileSync(join(lab.registry, '.gitattributes'), 'utf8').split('\n');
  expect(lines.slice(1)).toEqual([
    '* -text',
    'chain.jsonl merge=union',
    'tags.jsonl merge=union',
    'index.jsonl merge=union',
    'INDEX.md merge=union',
    '',
  ]);
});
