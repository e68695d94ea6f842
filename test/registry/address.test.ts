import { mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { resolveAddress } from '../../src/registry/address.ts';
import { listEntries, listFamilies, listMeasurements } from '../../src/registry/list.ts';
import { currentTags, tagEntry, tagHistory } from '../../src/registry/tags.ts';
import { FAMILY, MEASUREMENT, openLab, placeIn, recordMany, writeForeign } from './recording.ts';

const lab = openLab();
let slugs: string[] = [];
let folder = '';
const tag = (name: string, slug: string | null) => tagEntry(placeIn(lab), { tag: name, slug, by: 'ada', secrets: [] });
const find = (address: string): Promise<string> => resolveAddress(lab.registry, address, lab.root);

beforeAll(async () => {
  slugs = (await recordMany(lab, 3)).map(({ slug }) => slug);
  folder = placeIn(lab).folder;
  await recordMany(lab, 1, { family: 'h100', measurement: 'step_time' });
  await tag('golden', slugs[0] ?? '');
  await tag('golden', slugs[1] ?? '');
});

describe('an address', () => {
  it('is a path, or a measurement with the newest, a slug or a tag', async () => {
    const [first = '', second = '', last = ''] = slugs;
    const cases: Record<string, string> = {
      [join(folder, first)]: first,
      [join(folder, first, 'baseline.json')]: first,
      [relative(lab.root, join(folder, first))]: first,
      'b200/nccl_busbw': last,
      'b200/nccl_busbw@latest': last,
      [`b200/nccl_busbw@${second}`]: second,
      [`b200/nccl_busbw/${second}`]: second,
      'b200/nccl_busbw@golden': second,
    };
    for (const [address, slug] of Object.entries(cases)) expect(await find(address)).toBe(join(folder, slug));
  });

  it.each([
    ['b20/nccl_busbw', 'family_not_found', 'b200'],
    ['b200/nccl_busb', 'measurement_not_found', 'nccl_busbw'],
    ['b200/nccl_busbw@goldn', 'entry_not_found', 'golden'],
  ])('%s names nothing, and the nearest name is given', async (address, code, near) => {
    await expect(find(address)).rejects.toMatchObject({
      code,
      kind: 'usage',
      details: { fix: expect.stringContaining(`did you mean ${near}?`), data: { nearest: near } },
    });
  });

  it('that names nothing is answered with what there is', async () => {
    const bare = openLab();
    await expect(resolveAddress(bare.registry, 'b200/x', '/')).rejects.toMatchObject({
      details: {
        fix: expect.stringContaining(`nothing is recorded in ${bare.registry}: record one`),
        data: { nearest: null },
      },
    });
    await recordMany(bare, 1);
    await expect(resolveAddress(bare.registry, 'zzzzzz/x', '/')).rejects.toMatchObject({
      message: 'family zzzzzz does not exist',
      details: { fix: 'the only one is b200' },
    });
    for (let index = 1; index < 10; index += 1) await recordMany(bare, 1, { family: `f${index}` });
    await expect(resolveAddress(bare.registry, 'zzzzzz/x', '/')).rejects.toMatchObject({
      message: 'family zzzzzz does not exist',
      details: { fix: 'the last of 10 are f2, f3, f4, f5, f6, f7, f8, f9' },
    });
  });

  it.each(['b200', '', '/nowhere/at/all', './b200/nccl_busbw', 'a/b/c/d', 'b200/x@y@z'])(
    '%j is none',
    async (address) => {
      await expect(find(address)).rejects.toMatchObject({ code: 'address_unreadable' });
    },
  );

  it('of the newest passes over an entry that is not whole', async () => {
    mkdirSync(join(folder, '20990101T000000000000Z'));
    expect(await find('b200/nccl_busbw')).toBe(join(folder, slugs[2] ?? ''));
    rmSync(join(folder, '20990101T000000000000Z'), { recursive: true });
  });

  it('of the newest takes a hand-written entry in its place in time', async () => {
    const baseline = { family: 'b200', measurement: 'nccl_busbw', source_sha256: '0'.repeat(64) };
    const written = writeForeign(lab, { slug: '20980101T000000Z', baseline, files: {} });
    expect(await find('b200/nccl_busbw')).toBe(written);
    rmSync(written, { recursive: true });
  });
});

describe('tags', () => {
  it('keep their history, and the last line counts', async () => {
    expect((await tagHistory(placeIn(lab))).map(({ slug }) => slug)).toEqual(slugs.slice(0, 2));
    await tag('old', slugs[0] ?? '');
    await tag('old', null);
    expect([...(await currentTags(placeIn(lab)))]).toEqual([['golden', slugs[1]]]);
  });

  it.each([
    ['latest', 'tag_reserved'],
    ['20261122T020816992331Z', 'tag_reserved'],
    ['a/b', 'unsafe_segment'],
  ])('may not be %s', async (name, code) => {
    await expect(tag(name, slugs[0] ?? '')).rejects.toMatchObject({ code });
  });

  it('name only entries that are there', async () => {
    await expect(tag('golden', '20200101T000000Z')).rejects.toMatchObject({ code: 'entry_not_found' });
    await expect(tag('golden', '../../etc')).rejects.toMatchObject({ code: 'entry_not_found' });
  });
});

describe('a tag whose entry was lost', () => {
  it('says which entry it names', async () => {
    const lost = openLab();
    const [, entry] = await recordMany(lost, 2);
    await tagEntry(placeIn(lost), { tag: 'golden', slug: entry?.slug ?? '', by: 'ada', secrets: [] });
    rmSync(entry?.folder ?? '', { recursive: true });
    await expect(resolveAddress(lost.registry, `${FAMILY}/${MEASUREMENT}@golden`, '/')).rejects.toMatchObject({
      code: 'tag_dangling',
      message: expect.stringContaining(entry?.slug ?? '?'),
    });
  });
});

describe('lists', () => {
  it('show families, measurements and entries, newest first, with their tags', async () => {
    expect((await listFamilies(lab.registry, { limit: 10 })).items).toEqual([
      { family: 'b200', measurements: 1 },
      { family: 'h100', measurements: 1 },
    ]);
    expect((await listMeasurements(lab.registry, 'b200', { limit: 10 })).items).toEqual([
      { family: 'b200', measurement: 'nccl_busbw', entries: 3, latest: slugs[2] },
    ]);
    const { items, total } = await listEntries(lab.registry, 'b200', 'nccl_busbw', { limit: 10 });
    expect(total).toBe(3);
    expect(items.map(({ slug, tags, baseline }) => [slug, tags, baseline?.notes])).toEqual([
      [slugs[2], [], 'entry 2'],
      [slugs[1], ['golden'], 'entry 1'],
      [slugs[0], [], 'entry 0'],
    ]);
  });

  it('come in pages that together are the whole', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await listEntries(lab.registry, 'b200', 'nccl_busbw', { limit: 2, cursor });
      seen.push(...page.items.map(({ slug }) => slug));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual([...slugs].reverse());
    const whole = await listEntries(lab.registry, 'b200', 'nccl_busbw', { limit: 3 });
    expect([whole.items.length, whole.next_cursor]).toEqual([3, null]);
    const rest = await listEntries(lab.registry, 'b200', 'nccl_busbw', { limit: 2, cursor: slugs[2] });
    expect([rest.items.length, rest.next_cursor]).toEqual([2, null]);
    await expect(listFamilies(lab.registry, { limit: 1, cursor: 'x' })).rejects.toMatchObject({
      code: 'cursor_unknown',
    });
  });

  it('show an entry that cannot be read, and why', async () => {
    const odd = openLab();
    writeForeign(odd, { slug: '20260101T000000Z', baseline: { family: 'b200' }, files: {} });
    const { items } = await listEntries(odd.registry, FAMILY, MEASUREMENT, { limit: 5 });
    expect(items).toEqual([
      expect.objectContaining({ baseline: null, error: expect.stringContaining('measurement'), tags: [] }),
    ]);
    mkdirSync(join(odd.registry, FAMILY, 'bare'));
    expect((await listMeasurements(odd.registry, FAMILY, { limit: 5 })).items[0]).toEqual({
      family: FAMILY,
      measurement: 'bare',
      entries: 0,
      latest: null,
    });
  });

  it('are empty where nothing was recorded', async () => {
    expect(await listFamilies(join(lab.root, 'none'), { limit: 5 })).toEqual({
      items: [],
      total: 0,
      next_cursor: null,
    });
  });
});
