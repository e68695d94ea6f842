// Entries of the Python tool and of the plain-shell fallback: read, compared, reported, adopted; and every way to name an entry.
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWorkbench, type Answer } from './workbench.ts';

const bench = openWorkbench('foreign');
const registry = join(bench.root, 'experiments', 'artifacts', 'perf-baselines');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Writes an entry as another tool or a person would. */
const write = (measurement: string, slug: string, source: string, more: Readonly<Record<string, unknown>>): string => {
  const folder = join(registry, 'old', measurement, slug);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'source-snapshot.json'), source);
  const baseline = { family: 'old', measurement, source_sha256: sha256(source), ...more };
  writeFileSync(join(folder, 'baseline.json'), JSON.stringify(baseline));
  return folder;
};

/** The 13 keys that the Python tool writes. */
const thirteen = (value: number | null, direction: string, unit: string | null) => ({
  value,
  direction,
  unit,
  source_path: '/data/results.json',
  schema_path: null,
  registered_at_utc: '2025-05-20T10:11:12Z',
  registered_by: { operator_user: 'grace' },
  workstation: { hostname: 'ws', uname: 'Linux ws 6.1 #1 x86_64' },
  profile_and_optimize_sha: 'a'.repeat(40),
  notes: '',
});

const compare = (measurement: string, current: unknown, name = 'now.json'): Promise<Answer> =>
  bench.answer('diff', { baseline: `old/${measurement}`, current: bench.file(`${measurement}/${name}`, current) });

describe('entries of the Python tool', () => {
  it('with a number are compared by their direction, and reported as unchained', async () => {
    write('busbw', '20250520T101112000001Z', '{"value": 310}', thirteen(310, 'higher-is-better', 'GB/s'));
    const worse = await compare('busbw', '280');
    expect(worse).toMatchObject({ shape: 'scalar', verdict: 'RED', direction: 'higher-is-better' });
    expect(worse['warnings'].join('\n')).toMatch(/unchained.*perf_baseline_verify/s);
    expect(worse['warnings'].join('\n')).toMatch(/no context/);
    expect(await compare('busbw', '400')).toMatchObject({ verdict: 'GREEN', improved_beyond_tolerance: true });
  });

  it('with a number stated two-sided stay two-sided', async () => {
    write('clock', '20250520T101112000001Z', '1', thirteen(1000, 'two-sided', 'ms'));
    expect(await compare('clock', '900')).toMatchObject({ verdict: 'RED', direction: 'two-sided' });
  });

  it('with a document stated two-sided follow the direction of each metric', async () => {
    const before = { ttft_p50_ms: 41, x_tok_per_s: 100 };
    write('doc', '20250520T101112000001Z', JSON.stringify(before), thirteen(null, 'two-sided', 'structured-json'));
    expect(await compare('doc', { ttft_p50_ms: 30, x_tok_per_s: 130 })).toMatchObject({ verdict: 'GREEN' });
    expect(await compare('doc', { ttft_p50_ms: 41, x_tok_per_s: 75 })).toMatchObject({
      verdict: 'RED',
      adverse: [{ key: 'x_tok_per_s' }],
    });
  });
});

describe('entries written by hand', () => {
  it('with a slug of seconds and no direction are compared by name and unit', async () => {
    write('step_time', '20250520T101112Z', '{"value": 41}', { value: 41, unit: 'ms' });
    const answer = await compare('step_time', '50');
    expect(answer).toMatchObject({ verdict: 'RED', direction: 'lower-is-better' });
    expect(answer['warnings'].join('\n')).toMatch(/no direction.*unchained/s);
    expect(await compare('step_time', '30')).toMatchObject({ verdict: 'GREEN' });
  });

  it('are no tampering: verify says unchained, adopt links them, and then they are intact', async () => {
    write('adopted', '20250520T101112Z', '{"value": 41}', { value: 41, unit: 'ms' });
    const where = { family: 'old', measurement: 'adopted' };
    const before = await bench.answer('verify', where);
    expect(before['measurements'][0].findings).toMatchObject([{ name: '20250520T101112Z', status: 'unchained' }]);
    expect(await bench.answer('verify', { ...where, adopt: true, dry_run: true })).toMatchObject({ adopted: [] });
    expect(await bench.answer('verify', { ...where, adopt: true })).toMatchObject({
      ok: true,
      exit: 0,
      adopted: ['20250520T101112Z'],
      measurements: [{ links: 1, findings: [] }],
    });
    expect((await compare('adopted', '41'))['warnings'].join('\n')).not.toMatch(/unchained/);
  });

  it('whose snapshot is not the one they name are refused', async () => {
    const folder = write('changed', '20250520T101112Z', '{"value": 41}', { value: 41 });
    writeFileSync(join(folder, 'source-snapshot.json'), '{"value": 40}');
    const current = bench.file('changed.json', '41');
    expect(await bench.refusal('diff', { baseline: 'old/changed', current })).toMatchObject({
      code: 'baseline_tampered',
      exit: 2,
    });
    expect(await bench.answer('verify', { family: 'old', measurement: 'changed' })).toMatchObject({
      ok: false,
      exit: 1,
    });
  });
});

describe('a tampered entry', () => {
  const current = bench.file('current.json', '41');
  const baseline = 'f/tampered';

  it.each<readonly [string, (folder: string) => void]>([
    ['source', (folder) => writeFileSync(join(folder, 'source-snapshot.json'), '{"value":99}')],
    [
      'baseline.json',
      (folder) => {
        const path = join(folder, 'baseline.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace('"value": 41', '"value": 99'));
      },
    ],
    ['files', (folder) => rmSync(join(folder, 'SOURCE.md'))],
  ])('is refused when its %s changed, and named by verify', async (_, change) => {
    const { entry_dir: folder, slug } = await bench.record('tampered', bench.file('source.json', { value: 41 }));
    chmodSync(folder, 0o755);
    for (const name of ['baseline.json', 'source-snapshot.json', 'SOURCE.md']) chmodSync(join(folder, name), 0o644);
    change(folder);
    expect(await bench.refusal('diff', { baseline, current })).toMatchObject({
      code: 'baseline_tampered',
      message: expect.stringContaining(slug),
    });
    const verified = await bench.answer('verify', { family: 'f', measurement: 'tampered' });
    expect(verified).toMatchObject({ ok: false, exit: 1 });
    expect(verified['measurements'][0].findings.map(({ name }: Answer) => name)).toContain(slug);
    expect(verified['text']).toContain(slug);
  });
});

describe('an entry that was put into the registry beside the chain', () => {
  it('is refused as a baseline, also as the newest, and named by verify', async () => {
    const { entry_dir: folder } = await bench.record('planted', bench.file('source.json', { value: 41 }));
    const slug = '20990101T000000000000Z';
    const planted = join(folder, '..', slug);
    cpSync(folder, planted, { recursive: true });
    const current = bench.file('current.json', '41');
    for (const baseline of ['f/planted', `f/planted@${slug}`, planted])
      expect(await bench.refusal('diff', { baseline, current })).toMatchObject({
        code: 'baseline_tampered',
        message: expect.stringMatching(/is inserted: its link is not in chain\.jsonl/),
      });
    const { text, exit } = await bench.answer('verify', { family: 'f', measurement: 'planted' });
    expect(exit).toBe(1);
    expect(text).toMatch(/^NOT AS RECORDED: 1 inserted; 1 of 2 entries intact/);
  });
});

describe('an entry is named', () => {
  it('by folder, by baseline.json, by measurement, @latest, @slug, /slug and @tag', async () => {
    const source = bench.file('named.json', '10');
    const first = await bench.record('named', source);
    const second = await bench.record('named', source);
    await bench.answer('tag', { entry: `f/named@${first['slug']}`, tag: 'golden' });
    const cases: readonly (readonly [string, Answer])[] = [
      [first['entry_dir'], first],
      [first['baseline_json'], first],
      [first['entry_dir'].slice(bench.root.length + 1), first],
      ['f/named', second],
      ['f/named@latest', second],
      [`f/named@${first['slug']}`, first],
      [`f/named/${first['slug']}`, first],
      ['f/named@golden', first],
    ];
    for (const [baseline, expected] of cases)
      expect(await bench.answer('diff', { baseline, current: source })).toMatchObject({
        baseline_dir: expected['entry_dir'],
      });
    const listed = await bench.answer('list', { family: 'f', measurement: 'named' });
    expect(listed['items']).toMatchObject([{ name: second['slug'] }, { name: first['slug'], tags: ['golden'] }]);
  });

  it.each([
    ['f/nmed', 'measurement_not_found', /did you mean named/],
    ['f/named@goldn', 'entry_not_found', /did you mean golden/],
    ['x/named', 'family_not_found', /there are|did you mean/],
    ['named', 'address_unreadable', /family\/measurement/],
  ])('%s is refused with the nearest name', async (baseline, code, fix) => {
    const error = await bench.refusal('diff', { baseline, current_value: [1] });
    expect(error).toMatchObject({ code, fix: expect.stringMatching(fix) });
  });
});
