// Listing, showing and tagging what is recorded.
import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openWorkbench, type Answer } from './workbench.ts';

const bench = openWorkbench('verbs');
const slugs: string[] = [];

beforeAll(async () => {
  const source = bench.file('x.json', { value: 310, unit: 'GB/s' });
  for (let round = 0; round < 5; round += 1) slugs.unshift((await bench.record('busbw', source))['slug']);
  await bench.record('document', bench.file('y.json', { a_ms: 1, b_ms: 2, c_ms: 3 }), { context: { n_gpus: 8 } });
});

describe('list', () => {
  it('shows families, measurements and entries', async () => {
    expect(await bench.answer('list', {})).toMatchObject({
      level: 'families',
      total: 1,
      items: [{ name: 'f', measurements: 2 }],
    });
    expect(await bench.answer('list', { family: 'f' })).toMatchObject({
      level: 'measurements',
      items: [
        { name: 'busbw', entries: 5, latest: slugs[0] },
        { name: 'document', entries: 1 },
      ],
    });
    const entries = await bench.answer('list', { family: 'f', measurement: 'busbw' });
    expect(entries['items'].map(({ name }: Answer) => name)).toEqual(slugs);
    expect(entries['items'][0]).toMatchObject({ value: 310, unit: 'GB/s', n: 1, tier: 'DRAFT', tags: [] });
  });

  it('goes through pages without loss or repetition', async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await bench.answer('list', {
        family: 'f',
        measurement: 'busbw',
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page['items'].map(({ name }: Answer) => name));
      cursor = page['next_cursor'] ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(slugs);
  });
});

describe('show', () => {
  it('gives the numbers, the context and whether the bytes are those recorded', async () => {
    const shown = await bench.answer('show', { entry: 'f/document', limit: 2 });
    expect(shown).toMatchObject({
      status: 'intact',
      metrics_count: 3,
      metrics: [{ key: 'a_ms', value: 1, unit: 'ms' }, { key: 'b_ms' }],
    });
    expect(shown['baseline'].context).toMatchObject({ n_gpus: 8 });
    expect(shown['text']).toMatch(/n_gpus=8/);
  });
});

describe('tag', () => {
  const tags = async (): Promise<unknown> =>
    (await bench.answer('list', { family: 'f', measurement: 'busbw' }))['items'].map((item: Answer) => item['tags']);

  it('is given, moved and taken away', async () => {
    const tag = (entry: string, more = {}) => bench.answer('tag', { entry, tag: 'golden', ...more });
    await tag(`f/busbw@${slugs[2]}`);
    expect(await tags()).toEqual([[], [], ['golden'], [], []]);
    expect(await tag('f/busbw')).toMatchObject({ slug: slugs[0], previous_slug: slugs[2] });
    expect(await tags()).toEqual([['golden'], [], [], [], []]);
    await tag('f/busbw', { remove: true });
    expect(await tags()).toEqual([[], [], [], [], []]);
  });

  it('is checked and not given by a dry run', async () => {
    const before = readdirSync(bench.root, { recursive: true }).length;
    expect(await bench.answer('tag', { entry: 'f/document', tag: 'golden', dry_run: true })).toMatchObject({
      tags: {},
    });
    for (const dry_run of [true, false])
      expect(await bench.refusal('tag', { entry: 'f/document', tag: 'latest/x', dry_run })).toMatchObject({
        code: 'unsafe_segment',
      });
    expect(readdirSync(bench.root, { recursive: true })).toHaveLength(before);
  });
});

describe('verify', () => {
  it('walks everything, one family or one measurement against a noted head', async () => {
    expect(await bench.answer('verify', {})).toMatchObject({ ok: true, exit: 0, entries: 6, intact: 6 });
    const one = await bench.answer('verify', { family: 'f', measurement: 'busbw' });
    const { head } = one['measurements'][0];
    expect(one['text']).toContain(`head: ${head}`);
    const where = { family: 'f', measurement: 'busbw' };
    expect(await bench.answer('verify', { ...where, expect_head: head })).toMatchObject({ ok: true });
    expect(await bench.answer('verify', { ...where, expect_head: 'f'.repeat(64) })).toMatchObject({
      ok: false,
      exit: 1,
    });
    expect(await bench.refusal('verify', { expect_head: head })).toMatchObject({ code: 'measurement_missing' });
  });
});
