import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkSchema } from '../../src/registry/check-schema.ts';
import { dropRecording, openRecording, publishEntry, rehearseRecording } from '../../src/registry/record-entry.ts';
import { openSource, surveySource } from '../../src/registry/snapshot.ts';
import { presentMoment } from '../../src/text/time.ts';
import { openLab, placeIn, recordEntry, recording, scalarFacts, type Lab } from './recording.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A folder of two files beside the registry. */
const folderIn = (lab: Lab, names: readonly [string, string] = ['a.json', 'b.json']): string => {
  const folder = join(lab.root, 'run');
  mkdirSync(folder);
  for (const name of names) writeFileSync(join(folder, name), name);
  return folder;
};

describe('a rehearsal', () => {
  it('finds what a recording would store, and writes nothing', async () => {
    const lab = openLab();
    const seen: [number, number][] = [];
    const open = await rehearseRecording(recording(lab), { onProgress: (...at) => seen.push(at) });
    expect(open).toMatchObject({
      staged: null,
      place: { family: 'b200', measurement: 'nccl_busbw' },
      snapshot: { path: lab.source, kind: 'file', hashFormat: 'sha256', bytes: 14, files: [] },
    });
    expect(open.snapshot.sha256).toBe(sha256('{"busbw":310}\n'));
    expect(seen).toEqual([[14, 14]]);
    expect(existsSync(lab.registry)).toBe(false);
  });

  it('of a folder has the hash of the recording', async () => {
    const lab = openLab();
    const source = folderIn(lab);
    const { snapshot } = await rehearseRecording(recording(lab, { source }));
    const { baseline } = await recordEntry(recording(lab, { source, facts: () => scalarFacts(null) }));
    expect(snapshot).toMatchObject({ kind: 'folder', path: source, bytes: 12, hashFormat: 'folder-v2' });
    expect(snapshot.sha256).toBe(baseline.source_sha256);
  });

  it('is refused what a recording is refused', async () => {
    const lab = openLab();
    const token = 'hf_AbCdEfGhIjKlMnOpQrStUvWx';
    const secret = join(lab.root, 'secret.txt');
    writeFileSync(secret, `token ${token}`);
    writeFileSync(join(lab.root, 'empty'), '');
    mkdirSync(join(lab.root, 'none'));
    writeFileSync(join(lab.root, 'schema.json'), '{"required": ["latency"]}');
    const refused = (more: Parameters<typeof recording>[1]): Promise<unknown> =>
      rehearseRecording(recording(lab, more)).catch((error: unknown) => error);
    expect(await refused({ source: secret })).toMatchObject({ code: 'secret_in_source' });
    expect(await refused({ source: join(lab.root, 'empty') })).toMatchObject({ code: 'source_empty' });
    expect(await refused({ source: join(lab.root, 'none') })).toMatchObject({ code: 'source_empty' });
    expect(await refused({ schemaPath: join(lab.root, 'schema.json') })).toMatchObject({ code: 'schema_violation' });
    expect(await refused({ supersedes: '20200101T000000Z' })).toMatchObject({
      code: 'superseded_missing',
      details: { fix: 'leave supersedes out' },
    });
    expect(await refused({ profileAndOptimizeSha: null })).toMatchObject({ code: 'provenance_missing' });
  });

  it('cannot be published', async () => {
    const lab = openLab();
    const { baseline } = await recordEntry(recording(lab));
    const open = await rehearseRecording(recording(lab));
    await expect(publishEntry(open, baseline, presentMoment())).rejects.toThrow('a rehearsal cannot be published');
  });
});

describe('an open recording', () => {
  it('reports how much of the source was read, of a folder without a total', async () => {
    const lab = openLab();
    const seen: [number, number][] = [];
    const onProgress = (bytes: number, total: number): void => void seen.push([bytes, total]);
    await dropRecording(await openRecording(recording(lab, { source: folderIn(lab) }), { onProgress }));
    expect(seen).toEqual([
      [6, 0],
      [12, 0],
    ]);
  });

  it('leaves nothing when it is dropped', async () => {
    const lab = openLab();
    const open = await openRecording(recording(lab));
    expect(existsSync(open.staged ?? '')).toBe(true);
    await dropRecording(open);
    expect(existsSync(open.staged ?? '')).toBe(false);
    expect(existsSync(placeIn(lab).folder)).toBe(false);
  });

  it('is refused a file whose name is a credential', async () => {
    const lab = openLab();
    const source = folderIn(lab, ['ok', 'hf_AbCdEfGhIjKlMnOpQrStUvWx']);
    await expect(openRecording(recording(lab, { source }))).rejects.toMatchObject({
      code: 'secret_in_source',
      details: { path: source, at: 'the name of a file' },
    });
  });

  it('keeps every level of repetition and both tiers', async () => {
    const levels = ['request', 'window', 'process', 'placement'] as const;
    const trials = levels.map((replicate_level, index) => ({
      index,
      block: null,
      started_at: null,
      replicate_level,
      values: { x: index },
      validity: [],
      gpu_uuids: null,
    }));
    const { baseline } = await recordEntry(
      recording(openLab(), { facts: () => scalarFacts(null, { trials, tier: 'VERDICT', tier_missing: [] }) }),
    );
    expect(baseline.trials?.map(({ replicate_level }) => replicate_level)).toEqual(levels);
    expect(baseline).toMatchObject({ tier: 'VERDICT', tier_missing: [], n: 4 });
  });
});

describe('a schema', () => {
  const check = async (document: string, schema: object, name = 'source.json'): Promise<unknown> => {
    const lab = openLab();
    const [source, schemaPath] = [join(lab.root, name), join(lab.root, 'schema.json')];
    writeFileSync(source, document);
    writeFileSync(schemaPath, JSON.stringify(schema));
    const snapshot = await surveySource(await openSource(source, lab.registry), { secrets: [] });
    return checkSchema(snapshot, schemaPath).catch((error: unknown) => error);
  };

  it('that fits says nothing', async () => expect(await check('{"a": 1}', { required: ['a'] })).toBeUndefined());

  it('names the root, and the first five of many places', async () => {
    const all = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`k${index}`, 'x']));
    const numbers = { additionalProperties: { type: 'number' } };
    expect(await check('{}', { required: ['a'] })).toMatchObject({
      code: 'schema_violation',
      message: expect.stringContaining('<root>: '),
      details: { at: '<root>' },
    });
    const many = await check(JSON.stringify(all), numbers);
    expect(many).toMatchObject({
      message: expect.stringMatching(/\/k0: .*\/k4: .*, and 2 more$/),
      details: { at: '/k0', data: { violations: { length: 7 } } },
    });
    const five = Object.fromEntries(Object.entries(all).slice(0, 5));
    expect(await check(JSON.stringify(five), numbers)).toMatchObject({ message: expect.not.stringContaining('more') });
  });

  it('needs one document, not a folder', async () => {
    const lab = openLab();
    const source = folderIn(lab);
    const snapshot = await surveySource(await openSource(source, lab.registry), { secrets: [] });
    await expect(checkSchema(snapshot, lab.source)).rejects.toMatchObject({
      code: 'schema_needs_json',
      details: { path: source },
    });
  });
});
