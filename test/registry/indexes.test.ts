import { appendFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recoverMeasurement } from '../../src/registry/commit.ts';
import { floatText } from '../../src/registry/float-text.ts';
import { indexRow, indexRowSchema, isOldRow, pageRow, type IndexRow } from '../../src/registry/index-row.ts';
import { rebuildIndexes } from '../../src/registry/indexes.ts';
import { openLab, placeIn, recording, recordMany, scalarFacts, writeForeign, recordEntry } from './recording.ts';

const row = (more: Partial<IndexRow>): IndexRow => ({
  slug: '20261122T020816992331Z',
  registered_at_utc: '2026-11-22T02:08:16Z',
  value: 310,
  unit: 'GB/s',
  direction: null,
  n: null,
  tier: null,
  context_key: null,
  source_sha256: 'a'.repeat(64),
  seq: 0,
  entry_sha256: null,
  notes: '',
  head: null,
  ...more,
});

describe('INDEX.md', () => {
  it('has the columns and the rows it has always had', async () => {
    const lab = openLab();
    const { slug } = await recordEntry(
      recording(lab, { notes: 'first light', registeredAt: { epochMs: 1_800_000_000_000, micros: 1 } }),
    );
    const lines = readFileSync(placeIn(lab).page, 'utf8').split('\n');
    expect(lines[0]).toBe('# Perf-baseline registry index');
    expect(lines[1]).toBe('');
    expect(lines.slice(3)).toEqual([
      '',
      '| UTC timestamp | Slug | Value | Unit | Notes |',
      '| --- | --- | --- | --- | --- |',
      `| \`2027-01-15T08:00:00Z\` | [\`${slug}\`](${slug}/) | \`310.0\` | \`GB/s\` | first light |`,
      '',
    ]);
  });

  it.each([
    ['a structured measurement', { value: null, unit: null }, '| `_(structured)_` | `_(none)_` |'],
    ['a pipe and a line break', { notes: 'a|b\nc' }, '| a\\|b c |'],
    ['a backtick in a unit', { unit: '`x`|' }, "| `'x'\\|` |"],
  ])('shows %s in one row of five cells', (_, more, part) => {
    const text = pageRow(row(more));
    expect(text).toContain(part);
    expect(text.match(/(?<!\\)\|/g)).toHaveLength(6);
    expect(text.indexOf('\n')).toBe(text.length - 1);
  });

  it('cuts notes after sixty characters', async () => {
    const lab = openLab();
    await recordEntry(recording(lab, { notes: 'n'.repeat(61) }));
    expect(readFileSync(placeIn(lab).page, 'utf8')).toContain(`| ${'n'.repeat(60)}... |`);
  });

  it.each([
    [310, '310.0'],
    [0, '0.0'],
    [-0, '-0.0'],
    [0.1, '0.1'],
    [1e15, '1000000000000000.0'],
    [1e16, '1e+16'],
    [1.5e300, '1.5e+300'],
    [0.0001, '0.0001'],
    [0.00001, '1e-05'],
    [-2.5e-7, '-2.5e-07'],
    [123456.789, '123456.789'],
  ])('writes %d as %s', (value, text) => {
    expect(floatText(value)).toBe(text);
  });

  it('writes numbers that read back to themselves', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
        Object.is(Number(floatText(value)), value),
      ),
    );
  });
});

describe('the indexes', () => {
  const withoutHead = (text: string): unknown[] =>
    text
      .trim()
      .split('\n')
      .map((line) => ({ ...indexRowSchema.parse(JSON.parse(line)), head: null }));

  it('grown row by row are the ones that are rebuilt', async () => {
    const lab = openLab();
    await recordMany(lab, 4);
    const place = placeIn(lab);
    const [rows, page] = [readFileSync(place.rows, 'utf8'), readFileSync(place.page, 'utf8')];
    await rebuildIndexes(place);
    expect(withoutHead(readFileSync(place.rows, 'utf8'))).toEqual(withoutHead(rows));
    expect(readFileSync(place.page, 'utf8')).toBe(page);
  });

  it.each<[string, (rows: string, page: string) => void]>([
    ['both lost', (rows, page) => [rows, page].forEach((path) => rmSync(path))],
    ['a torn row', (rows) => truncateSync(rows, readFileSync(rows).length - 20)],
    ['a torn line of the table', (_, page) => truncateSync(page, readFileSync(page).length - 20)],
    [
      'rows lost at the end of the table',
      (_, page) => writeFileSync(page, readFileSync(page, 'utf8').split('\n').slice(0, 8).join('\n') + '\n'),
    ],
    [
      'rows lost at the end',
      (rows) => writeFileSync(rows, readFileSync(rows, 'utf8').split('\n').slice(0, 2).join('\n') + '\n'),
    ],
    ['foreign text behind the table', (_, page) => appendFileSync(page, 'see also the wiki\n')],
    ['nonsense in the rows', (rows) => writeFileSync(rows, 'nonsense\n')],
  ])('are fixed by the next recording after %s', async (_, damage) => {
    const lab = openLab();
    await recordMany(lab, 4);
    const place = placeIn(lab);
    damage(place.rows, place.page);
    await recordMany(lab, 1);
    const [rows, page] = [readFileSync(place.rows, 'utf8'), readFileSync(place.page, 'utf8')];
    await rebuildIndexes(place);
    expect(withoutHead(rows)).toEqual(withoutHead(readFileSync(place.rows, 'utf8')));
    expect(page).toBe(readFileSync(place.page, 'utf8'));
    expect(withoutHead(rows)).toHaveLength(5);
  });

  it('of an older version are written anew by the next recording', async () => {
    const lab = openLab();
    await recordMany(lab, 3);
    const { rows } = placeIn(lab);
    const old = readFileSync(rows, 'utf8').replaceAll(
      /"(?:hardware|model)":null,|"era":"\w+",|,"units":\[[^\]]*\]/g,
      '',
    );
    expect(Object.keys(JSON.parse(old.split('\n')[0] ?? ''))).toHaveLength(13);
    writeFileSync(rows, old);
    await recordMany(lab, 1);
    const written = readFileSync(rows, 'utf8').trim().split('\n');
    expect(written.map((line) => JSON.parse(line))).toMatchObject(
      Array.from({ length: 4 }, () => ({ hardware: null, units: ['GB/s'], era: JSON.parse(written[0] ?? '').slug })),
    );
  });

  it('say where an era begins: the rows before, as long as the context stays the same', async () => {
    const lab = openLab();
    const contexts = [{ tp: 1 }, { tp: 2 }, { tp: 2 }, { tp: 1 }];
    const slugs: string[] = [];
    for (const context of contexts)
      slugs.push((await recordEntry(recording(lab, { facts: () => scalarFacts(310, { context }) }))).slug);
    const { rows } = placeIn(lab);
    const eras = () =>
      readFileSync(rows, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).era);
    expect(eras()).toEqual([slugs[0], slugs[1], slugs[1], slugs[3]]);
    await rebuildIndexes(placeIn(lab));
    expect(eras()).toEqual([slugs[0], slugs[1], slugs[1], slugs[3]]);
  });

  it('take in an entry that a person wrote together with its row', async () => {
    const lab = openLab();
    await recordMany(lab, 1, { registeredAt: { epochMs: Date.parse('2026-01-02T00:00:00Z'), micros: 0 } });
    const baseline = { family: 'b200', measurement: 'nccl_busbw', value: 300, source_sha256: 'a'.repeat(64) };
    writeForeign(lab, { slug: '20260101T000000Z', baseline, files: {} });
    appendFileSync(
      placeIn(lab).page,
      '| `2026-01-01T00:00:00Z` | [`20260101T000000Z`](20260101T000000Z/) | `300.0` | `_(none)_` |  |\n',
    );
    await recoverMeasurement(placeIn(lab));
    const slugs = [...readFileSync(placeIn(lab).page, 'utf8').matchAll(/\[`(\w+)`\]/g)].map(([, slug]) => slug);
    expect(slugs).toEqual(['20260101T000000Z', '20260102T000000000000Z']);
  });

  it('say what a program wants to know without opening the entries', async () => {
    const lab = openLab();
    const facts = scalarFacts(310, { values: [309, 311], context: { model: 'llama' } });
    const { baseline, entrySha256, head } = await recordEntry(recording(lab, { facts: () => facts }));
    expect(indexRowSchema.parse(JSON.parse(readFileSync(placeIn(lab).rows, 'utf8')))).toMatchObject({
      value: 310,
      unit: 'GB/s',
      n: 2,
      tier: 'DRAFT',
      context_key: baseline.context_key,
      seq: 0,
      entry_sha256: entrySha256,
      head,
    });
  });
});

describe('a row of an index', () => {
  const baseline = {
    family: 'f', measurement: 'm', value: null, source_sha256: '0'.repeat(64), context_key: 'k', context: { hardware: 'H200', model: 'm' },
  }; // prettier-ignore
  const place = { link: undefined, head: null, before: undefined };
  const row = (
    more: object,
    before: { context_key: string | null; era: string | null } | undefined = undefined,
    units: readonly string[] | null = null,
  ) => indexRow({ slug: 's2', baseline: { ...baseline, ...more }, units }, { ...place, before });

  it('of what an older version wrote lacks a field that this one has', () => {
    const now = row({});
    expect(isOldRow(now)).toBe(false);
    for (const field of ['era', 'units', 'hardware', 'model'] as const) {
      const { [field]: _gone, ...rest } = now;
      expect(isOldRow({ ...rest })).toBe(true);
    }
  });

  it('belongs to the era of the row before where the context is the same, and to none without one', () => {
    expect(row({}).era).toBe('s2');
    expect(row({}, { context_key: 'k', era: 's0' }).era).toBe('s0');
    expect(row({}, { context_key: 'k', era: null }).era).toBe('s2');
    expect(row({}, { context_key: 'other', era: 's0' }).era).toBe('s2');
    expect(row({ context_key: null }, { context_key: null, era: 's0' }).era).toBeNull();
  });

  it('names each unit once: of a number its own, of a document those that were read', () => {
    expect(row({ value: 3, unit: 'ms' }, undefined, ['x']).units).toEqual(['ms']);
    expect(row({ value: 3 }).units).toEqual([]);
    expect(row({}, undefined, ['ms', 'tok/s', 'ms']).units).toEqual(['ms', 'tok/s']);
    expect(row({}).units).toBeNull();
  });
});
