import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RECORD_STAGES, type RecordStage } from '../../src/registry/commit.ts';
import { baselineSchema } from '../../src/registry/entry-schema.ts';
import { readEntry } from '../../src/registry/read-entry.ts';
import { lastExtension } from '../../src/registry/snapshot.ts';
import { verifyPlace } from '../../src/registry/verify.ts';
import {
  FAMILY,
  MEASUREMENT,
  openLab,
  placeIn,
  recording,
  recordMany,
  scalarFacts,
  type Lab,
  recordEntry,
  type Recording,
} from './recording.ts';

const ORIGINAL_KEYS = [
  'family',
  'measurement',
  'value',
  'direction',
  'unit',
  'source_path',
  'source_sha256',
  'schema_path',
  'registered_at_utc',
  'registered_by',
  'workstation',
  'profile_and_optimize_sha',
  'notes',
];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Everything below the registry that a reader could take for an entry. */
const visible = (lab: Lab): string[] => (existsSync(placeIn(lab).folder) ? readdirSync(placeIn(lab).folder) : []);

describe('a recorded entry', () => {
  it('has the layout and the thirteen keys that other tools read', async () => {
    const lab = openLab();
    const at = { epochMs: Date.parse('2026-11-22T02:08:16.992Z'), micros: 331 };
    const entry = await recordEntry(recording(lab, { registeredAt: at, notes: 'first' }));
    expect(entry.folder).toBe(join(lab.registry, FAMILY, MEASUREMENT, '20261122T020816992331Z'));
    expect(readdirSync(entry.folder).sort()).toEqual(['SOURCE.md', 'baseline.json', 'source-snapshot.json']);
    const stored: Record<string, unknown> = JSON.parse(readFileSync(entry.baselinePath, 'utf8'));
    expect(Object.keys(stored)).toEqual(expect.arrayContaining(ORIGINAL_KEYS));
    expect(stored).toMatchObject({
      schema_version: 1,
      value: 310,
      measurement_value: 310,
      unit: 'GB/s',
      units: 'GB/s',
      source_path: lab.source,
      source_sha256: sha256('{"busbw":310}\n'),
      registered_at_utc: '2026-11-22T02:08:16Z',
      registered_by: { operator_user: 'ada', team: null },
      notes: 'first',
    });
    expect(baselineSchema.parse(stored)).toEqual(entry.baseline);
  });

  it('cannot be written to, nor can its source be reached through it', async () => {
    const lab = openLab();
    const { folder } = await recordEntry(recording(lab));
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o444);
    writeFileSync(lab.source, 'changed');
    expect(readFileSync(join(folder, 'source-snapshot.json'), 'utf8')).toBe('{"busbw":310}\n');
  });

  it('keeps a folder with everything below it', async () => {
    const lab = openLab();
    const source = join(lab.root, 'run');
    mkdirSync(join(source, 'raw'), { recursive: true });
    writeFileSync(join(source, '.hidden'), 'h');
    writeFileSync(join(source, 'raw', 'x.log'), 'x');
    symlinkSync(join(source, 'raw', 'x.log'), join(source, 'latest.log'));
    const entry = await recordEntry(recording(lab, { source, facts: () => scalarFacts(null) }));
    expect(readFileSync(join(entry.folder, 'source-snapshot', 'latest.log'), 'utf8')).toBe('x');
    expect(readFileSync(join(entry.folder, 'source-snapshot', '.hidden'), 'utf8')).toBe('h');
    expect(entry.baseline).toMatchObject({ value: null, source_hash_format: 'folder-v2', source_bytes: 3 });
    expect((await readEntry(entry.folder)).snapshot.kind).toBe('folder');
  });

  it.each([
    ['a value', scalarFacts(310), { value: 310, n: 1, mean: 310, std: null, median: 310, values: null }],
    [
      'repeats',
      scalarFacts(null, { values: [310, 309.2, 311] }),
      { value: 310, n: 3, median: 310, std: expect.closeTo(0.9018, 3) },
    ],
    ['a structured measurement', scalarFacts(null), { value: null, n: null, mean: null }],
    [
      'trials',
      scalarFacts(null, {
        trials: [
          {
            index: 0,
            block: null,
            started_at: null,
            replicate_level: 'process',
            values: { x: 1 },
            validity: [],
            gpu_uuids: null,
          },
        ],
      }),
      { n: 1, value: null },
    ],
    [
      'a share of speed of light',
      scalarFacts(310, {
        sol: [
          {
            key: 'nccl_busbw',
            value: 310,
            unit: 'GB/s',
            sol_pct: 17.2,
            sol_ceiling_key: 'b200_sm100.nvlink5_tbps',
            sol_ceiling_value: 1800,
          },
        ],
      }),
      { sol_pct: 17.2, sol_ceiling_key: 'b200_sm100.nvlink5_tbps', sol_ceiling_value: 1800 },
    ],
  ])('states %s', async (_, facts, expected) => {
    const { baseline } = await recordEntry(recording(openLab(), { facts: () => facts }));
    expect(baseline).toMatchObject(expected);
  });

  it('reads its numbers from the very bytes it stores', async () => {
    const lab = openLab('{"value": 42}');
    const { baseline, folder } = await recordEntry(
      recording(lab, {
        facts: ({ path }) => {
          writeFileSync(lab.source, '{"value": 7}');
          const document: { value: number } = JSON.parse(readFileSync(path, 'utf8'));
          return scalarFacts(document.value);
        },
      }),
    );
    expect(baseline.value).toBe(42);
    expect(readFileSync(join(folder, 'source-snapshot.json'), 'utf8')).toBe('{"value": 42}');
  });

  it('says where it comes from in words', async () => {
    const { folder } = await recordEntry(
      recording(openLab(), {
        captureCommand: 'all_reduce_perf -b 8G',
        team: 'fabric',
        facts: () => scalarFacts(310, { context: { model: 'llama', n_gpus: 8, quant: null } }),
        repoSha: 'abcdef0',
        repoDirty: true,
      }),
    );
    const page = readFileSync(join(folder, 'SOURCE.md'), 'utf8');
    expect(page.split('\n')[0]).toBe('# SOURCE: perf-baseline b200 / nccl_busbw');
    for (const part of [
      '**Registered by:** `ada` on `node-1` (`fabric`)',
      '**profile-and-optimize SHA at registration:** `0123456789ab`',
      'all_reduce_perf -b 8G',
      '| n_gpus | 8 |',
      '| quant | unknown |',
      '`abcdef0`, with local changes',
    ])
      expect(page).toContain(part);
  });

  it.each([
    ['r.json', '.json'],
    ['p.nsys-rep', '.nsys-rep'],
    ['x.tar.gz', '.gz'],
    ['.bashrc', ''],
    ['name', ''],
    ['end.', ''],
    ['a.b c', ''],
  ])('keeps the last extension of %s', (name, extension) => {
    expect(lastExtension(name)).toBe(extension);
  });
});

describe('entries recorded one after another', () => {
  it('are named in the order of recording, also when the clock steps back or stands still', async () => {
    const lab = openLab();
    const moments = ['2026-01-02T00:00:00.000Z', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'];
    const slugs: string[] = [];
    for (const moment of moments)
      slugs.push(
        (await recordEntry(recording(lab, { registeredAt: { epochMs: Date.parse(moment), micros: 999 } }))).slug,
      );
    expect(slugs).toEqual(['20260102T000000000999Z', '20260102T000000001000Z', '20260102T000000001001Z']);
  });

  it('lose nothing when they are recorded at once', async () => {
    const lab = openLab();
    const entries = await Promise.all(Array.from({ length: 20 }, () => recordEntry(recording(lab))));
    expect(new Set(entries.map(({ slug }) => slug)).size).toBe(20);
    expect(entries.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, seq) => seq));
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, entries: 20, intact: 20, not_indexed: [] });
  });

  it('may take the place of an earlier one that exists', async () => {
    const lab = openLab();
    const [first] = await recordMany(lab, 1);
    const { baseline } = await recordEntry(recording(lab, { supersedes: first?.slug ?? '' }));
    expect(baseline.supersedes).toBe(first?.slug);
    await expect(recordEntry(recording(lab, { supersedes: 'golden' }))).rejects.toMatchObject({
      code: 'superseded_missing',
    });
  });
});

describe('a recording that is refused', () => {
  const schemaIn = (lab: Lab, schema: unknown): string => {
    const path = join(lab.root, 'schema.json');
    writeFileSync(path, JSON.stringify(schema));
    return path;
  };
  const emptyFolder = (lab: Lab): string => {
    mkdirSync(join(lab.root, 'empty'));
    return join(lab.root, 'empty');
  };
  const emptyFile = (lab: Lab): string => {
    writeFileSync(join(lab.root, 'empty.json'), '');
    return join(lab.root, 'empty.json');
  };
  const inRegistry = (lab: Lab): string => {
    mkdirSync(join(lab.registry, 'x'), { recursive: true });
    writeFileSync(join(lab.registry, 'x', 'y.json'), '{}');
    symlinkSync(join(lab.registry, 'x', 'y.json'), join(lab.root, 'link.json'));
    return join(lab.root, 'link.json');
  };

  it.each<[string, string, (lab: Lab) => Partial<Recording>]>([
    ['no commit of the product', 'provenance_missing', () => ({ profileAndOptimizeSha: null })],
    ['a commit that is none', 'provenance_missing', () => ({ profileAndOptimizeSha: 'unknown' })],
    ['no time', 'provenance_missing', () => ({ registeredAt: { epochMs: Number.NaN, micros: 0 } })],
    ['a family that climbs out', 'unsafe_segment', () => ({ family: '..' })],
    ['a measurement with a slash', 'unsafe_segment', () => ({ measurement: 'a/b' })],
    ['a family that is a credential', 'secret_in_name', () => ({ family: 'hf_abcdefghijklmnopqrst' })],
    ['a source that is not there', 'file_not_found', (lab) => ({ source: join(lab.root, 'gone') })],
    ['a device', 'not_a_regular_file', () => ({ source: '/dev/zero' })],
    ['a source in the registry, also through a link', 'source_in_registry', (lab) => ({ source: inRegistry(lab) })],
    ['a folder that holds the registry', 'source_holds_registry', (lab) => ({ source: lab.root })],
    ['an empty file', 'source_empty', (lab) => ({ source: emptyFile(lab) })],
    ['an empty folder', 'source_empty', (lab) => ({ source: emptyFolder(lab) })],
    [
      'a source that breaks the schema',
      'schema_violation',
      (lab) => ({ schemaPath: schemaIn(lab, { required: ['latency'] }) }),
    ],
    ['a schema that is none', 'schema_invalid', (lab) => ({ schemaPath: schemaIn(lab, { type: 7 }) })],
    ['a value that is not finite', 'entry_invalid', () => ({ facts: () => scalarFacts(Number.POSITIVE_INFINITY) })],
  ])('because of %s leaves nothing that looks like an entry', async (_, code, more) => {
    const lab = openLab();
    await expect(recordEntry(recording(lab, more(lab)))).rejects.toMatchObject({ code });
    expect(visible(lab)).toEqual([]);
    expect(existsSync(placeIn(lab).staging) ? readdirSync(placeIn(lab).staging) : []).toEqual([]);
  });

  it('lists every violation of a schema with its place', async () => {
    const lab = openLab('{"a": "x", "b": {"c": -1}}');
    const schemaPath = schemaIn(lab, {
      properties: { a: { type: 'number' }, b: { properties: { c: { minimum: 0 } } } },
    });
    await expect(recordEntry(recording(lab, { schemaPath }))).rejects.toMatchObject({
      message: expect.stringMatching(/\/a: .*\/b\/c: /),
      details: { data: { violations: [{ at: '/a' }, { at: '/b/c' }] } },
    });
  });

  it('through a link that leads out of the registry writes nothing there', async () => {
    const lab = openLab();
    const outside = join(lab.root, 'outside');
    mkdirSync(lab.registry, { recursive: true });
    mkdirSync(outside);
    symlinkSync(outside, join(lab.registry, FAMILY));
    await expect(recordEntry(recording(lab))).rejects.toMatchObject({ code: 'path_escapes' });
    expect(readdirSync(outside)).toEqual([]);
  });

  it('by an interruption before it was committed leaves nothing', async () => {
    const lab = openLab();
    await expect(recordEntry(recording(lab), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect(visible(lab)).toEqual([]);
  });
});

describe('a recording that fails half way', () => {
  const committed = RECORD_STAGES.indexOf('renamed');

  it.each(RECORD_STAGES.slice(0, committed))(
    'at %s leaves no entry and no link, and the next one succeeds',
    async (stage) => {
      const lab = openLab();
      await recordMany(lab, 1);
      const onStage = (reached: RecordStage): void => {
        if (reached === stage) throw new Error('stopped');
      };
      await expect(recordEntry(recording(lab), { onStage })).rejects.toThrow('stopped');
      expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, entries: 1, links: 1 });
      const { seq } = await recordEntry(recording(lab));
      expect(seq).toBe(1);
      expect(readdirSync(placeIn(lab).staging)).toEqual([]);
    },
  );

  it('while the indexes are written is recorded all the same, and the next one fixes them', async () => {
    const lab = openLab();
    await recordMany(lab, 2);
    const onStage = (reached: RecordStage): void => {
      if (reached === 'row_written') throw new Error('no room');
    };
    const entry = await recordEntry(recording(lab), { onStage });
    expect(entry.warnings).toEqual(['the indexes are behind: no room']);
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, entries: 3, not_indexed: [entry.slug] });
    await recordMany(lab, 1);
    expect(await verifyPlace(placeIn(lab))).toMatchObject({ ok: true, entries: 4, not_indexed: [] });
  });
});
