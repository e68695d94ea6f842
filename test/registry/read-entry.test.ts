import { join } from 'node:path';
import { rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readEntry } from '../../src/registry/read-entry.ts';
import { openLab, recordMany, writeForeign } from './recording.ts';

/** An entry as the Python tool writes it. */
const ORIGINAL = {
  direction: 'higher-is-better',
  family: 'b200',
  measurement: 'nccl_busbw',
  notes: '',
  profile_and_optimize_sha: '0123456789abcdef0123456789abcdef01234567',
  registered_at_utc: '2026-05-20T10:00:00Z',
  registered_by: { operator_user: 'ada' },
  schema_path: null,
  source_path: '/tmp/result.json',
  source_sha256: '0'.repeat(64),
  unit: 'GB/s',
  value: 310.0,
  workstation: { hostname: 'node-1', uname: 'Linux' },
};

const read = async (baseline: Readonly<Record<string, unknown>>, files: Readonly<Record<string, string>> = {}) =>
  readEntry(writeForeign(openLab(), { slug: '20260520T100000123456Z', baseline, files }));

describe('reading an entry', () => {
  it('takes what this tool wrote', async () => {
    const [recorded] = await recordMany(openLab(), 1);
    const entry = await readEntry(recorded?.folder ?? '');
    expect(entry).toMatchObject({ slug: recorded?.slug, baseline: recorded?.baseline, warnings: [] });
    expect(entry.snapshot.name).toBe('source-snapshot.json');
  });

  it('takes the thirteen keys of the Python tool and says what they lack', async () => {
    const entry = await read(ORIGINAL);
    expect(entry.baseline).toEqual(ORIGINAL);
    expect(entry.warnings).toEqual(['no context: whether both sides were measured alike cannot be checked']);
  });

  it('takes an entry without a direction, with a team, and with keys it does not know', async () => {
    const { direction: _direction, ...rest } = ORIGINAL;
    const entry = await read({ ...rest, registered_by: { team: 'fabric', operator_user: 'ada' }, rack: 7 });
    expect(entry.baseline).toMatchObject({ rack: 7, registered_by: { team: 'fabric' } });
    expect(entry.warnings[0]).toContain('no direction');
  });

  it.each([
    ['an unknown direction', { ...ORIGINAL, direction: 'sideways' }, 'baseline_invalid', 'direction'],
    ['a value that is text', { ...ORIGINAL, value: '310' }, 'baseline_invalid', 'value'],
    ['no source hash', { ...ORIGINAL, source_sha256: undefined }, 'baseline_invalid', 'source_sha256'],
    ['a family that climbs out', { ...ORIGINAL, family: '../x' }, 'unsafe_segment', undefined],
  ])('refuses %s', async (_, baseline, code, at) => {
    await expect(read(baseline)).rejects.toMatchObject({ code, details: at === undefined ? {} : { at } });
  });

  it.each([
    ['text that is not JSON', '{"family": ', 'json_syntax'],
    ['a number that no computer holds', '{"value": 1e999}', 'baseline_invalid'],
    ['a list', '[]', 'json_not_object'],
    ['NaN', '{"value": NaN}', 'json_non_finite'],
  ])('refuses %s', async (_, text, code) => {
    const folder = writeForeign(openLab(), { slug: '20260520T100000Z', baseline: ORIGINAL, files: {} });
    writeFileSync(join(folder, 'baseline.json'), text);
    await expect(readEntry(folder)).rejects.toMatchObject({ code, details: { path: join(folder, 'baseline.json') } });
  });

  it('refuses an entry with two snapshots, with none, or without its document', async () => {
    await expect(read(ORIGINAL, { 'source-snapshot.json': '{}' })).rejects.toMatchObject({
      code: 'snapshot_ambiguous',
    });
    const folder = writeForeign(openLab(), { slug: '20260520T100000Z', baseline: ORIGINAL, files: {} });
    rmSync(join(folder, 'source-snapshot'), { recursive: true });
    await expect(readEntry(folder)).rejects.toMatchObject({ code: 'snapshot_missing' });
    rmSync(join(folder, 'baseline.json'));
    await expect(readEntry(folder)).rejects.toMatchObject({ code: 'file_not_found' });
  });
});
