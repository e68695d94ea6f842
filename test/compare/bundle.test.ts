// What a comparison leaves behind, and that it leaves the registry alone.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepSource } from '../../src/compare/diff-bundle.ts';
import { openWorkbench, type Answer } from '../tools/baseline/workbench.ts';

const bench = openWorkbench('bundle');
const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
const wide = (factor: number) =>
  Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}_ms`, (index + 1) * factor]));
const before = bench.file('before.json', wide(1));
const after = bench.file('after.json', wide(1.1));

const read = (answer: Answer, name: string): string => readFileSync(join(answer['diff_dir'], name), 'utf8');

/** Every file below a folder with its content and time of change. */
const stateOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => `${path} ${sha256(readFileSync(path))} ${statSync(path).mtimeMs}`)
    .sort();

describe('the bundle', () => {
  it('lies below family and measurement and holds these files', async () => {
    await bench.record('files', before);
    const answer = await bench.diff('files', after);
    expect(dirname(answer['diff_dir'])).toBe(join(bench.root, 'experiments/artifacts/perf-baseline-diffs/f/files'));
    expect(readdirSync(answer['diff_dir']).sort()).toEqual([
      'baseline-ref.txt',
      'current-snapshot.json',
      'diff.json',
      'diff.md',
    ]);
    expect(read(answer, 'baseline-ref.txt')).toBe(`${answer['baseline_dir']}\n`);
    expect(read(answer, 'current-snapshot.json')).toBe(readFileSync(after, 'utf8'));
  });

  it('holds every row, the first 20 again, and both hashes taken from the bytes', async () => {
    const answer = await bench.diff('files', after);
    const written = JSON.parse(read(answer, 'diff.json'));
    expect(written.deltas).toHaveLength(30);
    expect(written.deltas_top20).toEqual(written.deltas.slice(0, 20));
    expect(written).toMatchObject({
      tool: 'perf_baseline_diff',
      library: 'perf_baseline',
      verb: 'diff',
      safety: 'writes_artifacts',
      family: 'f',
      measurement: 'files',
      verdict: 'RED',
      deltas_count: 30,
      tolerance_percent: 5,
      tolerance_absolute: null,
      baseline_dir: answer['baseline_dir'],
      baseline_sha256: sha256(readFileSync(before)),
      baseline_source_sha256: sha256(readFileSync(before)),
      current_sha256: sha256(readFileSync(after)),
      current_source_sha256: sha256(readFileSync(after)),
    });
    expect(written.deltas[0]).toMatchObject({ adverse: true, unit: 'ms', tolerance: { percent: 5 } });
    expect(answer).toMatchObject({ baseline_sha256: written.baseline_sha256, current_sha256: written.current_sha256 });
  });

  it('shows the largest changes, the verdict and the recommendation to people', async () => {
    const page = read(await bench.diff('files', after), 'diff.md');
    expect(page).toMatch(/^# Performance baseline diff: f \/ files\n/);
    expect(page).toContain('- Verdict: **RED**');
    expect(page).toContain('The 20 largest of 30; all are in `diff.json`.');
    expect(page.match(/^\| k\d+_ms/gm)).toHaveLength(20);
    expect(page).toContain('## Recommendation');
    expect(page).toContain('## Next lever');
  });

  it('keeps a folder as a folder, several files beside each other, and values as a document', async () => {
    const folder = dirname(bench.file('folder/a.json', { x_ms: 1 }));
    bench.file('folder/sub/b.json', { x_ms: 2 });
    const recorded = await bench.record('folder', folder);
    const compared = await bench.diff('folder', folder);
    expect(readdirSync(join(compared['diff_dir'], 'current-snapshot'), { recursive: true }).sort()).toEqual([
      'a.json',
      'sub',
      'sub/b.json',
    ]);
    expect(compared['current_sha256']).toBe(recorded['source_sha256']);

    const third = bench.file('third.json', wide(1.05));
    const several = await bench.diff('files', [before, after, third]);
    expect(readdirSync(join(several['diff_dir'], 'current-snapshot')).sort()).toEqual([
      '0-before.json',
      '1-after.json',
      '2-third.json',
    ]);
    expect(JSON.parse(read(several, 'diff.json')).current_sources).toHaveLength(3);

    await bench.record('number', bench.file('n.txt', '10'));
    const values = await bench.diff('number', [], { current_value: [11, 12] });
    expect(JSON.parse(read(values, 'current-snapshot.json'))).toEqual({ values: [11, 12] });
    expect(values['current_sha256']).toBe(sha256(read(values, 'current-snapshot.json')));
  });

  it('is never written over', async () => {
    const [one, other] = [await bench.diff('files', after), await bench.diff('files', after)];
    expect(one['diff_dir']).not.toBe(other['diff_dir']);
  });

  it('is not written by a dry run', async () => {
    const state = stateOf(bench.root);
    const answer = await bench.diff('files', after, { dry_run: true });
    expect(answer).toMatchObject({ dry_run: true, diff_dir: null, verdict: 'RED', deltas_count: 30 });
    expect(stateOf(bench.root)).toEqual(state);
  });

  it('is not written when the current side cannot be used', async () => {
    const state = stateOf(bench.root);
    const current = join(bench.root, 'nowhere.json');
    expect(await bench.refusal('diff', { baseline: 'f/files', current })).toMatchObject({ exit: 2, path: current });
    expect(stateOf(bench.root)).toEqual(state);
  });

  it('leaves the registry as it was', async () => {
    const registry = join(bench.root, 'experiments/artifacts/perf-baselines');
    const state = stateOf(registry);
    await bench.diff('files', after);
    expect(stateOf(registry)).toEqual(state);
  });
});

describe('a current side above the limit', () => {
  const keep = (path: string, copy: boolean, copyLimit: number) => {
    const staged = mkdtempSync(join(bench.root, 'staged-'));
    const options = { copy, copyLimit, secrets: [], signal: new AbortController().signal };
    return keepSource(staged, 'current-snapshot', path, options).then((source) => ({ source, staged }));
  };
  const size = statSync(after).size;

  it.each([
    ['is referred to', false, size - 1, ['current-snapshot.ref.json']],
    ['is copied when asked for', true, size - 1, ['current-snapshot.json']],
    ['is copied at the limit', false, size, ['current-snapshot.json']],
  ])('%s', async (_, copy, limit, files) => {
    const { source, staged } = await keep(after, copy, limit);
    expect(readdirSync(staged)).toEqual(files);
    expect(source).toEqual({ path: after, sha256: sha256(readFileSync(after)), size });
    if (!copy && limit < size)
      expect(JSON.parse(readFileSync(join(staged, 'current-snapshot.ref.json'), 'utf8'))).toEqual(source);
  });

  it('has the same hash as a folder, copied or not', async () => {
    const folder = dirname(bench.file('big/a.json', { x_ms: 1 }));
    bench.file('big/.hidden/b.json', { x_ms: 2 });
    const [copied, referred] = [await keep(folder, false, 1e6), await keep(folder, false, 1)];
    expect(copied.source).toEqual(referred.source);
    expect(readdirSync(referred.staged)).toEqual(['current-snapshot.ref.json']);
  });
});
