// A recorded profile is compared by the profile diff, in the words and files of every other comparison.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeExport } from '../../profile/make-export.ts';
import { openWorkbench, type Answer } from './workbench.ts';

const bench = openWorkbench('profile');
const before = join(bench.root, 'before.sqlite');
const after = join(bench.root, 'after.sqlite');

beforeAll(async () => {
  const rest = ['attention', 'rope', 'norm', 'sampler'].map((name) => ({ name, ns: 20_000 }));
  makeExport(before, { kernels: [...rest, { name: 'softmax', ns: 20_000 }] });
  makeExport(after, { kernels: [...rest, { name: 'softmax', ns: 26_000 }] });
  await bench.record('trace', before);
});

describe('a profile', () => {
  it('against itself is GREEN', async () => {
    expect(await bench.diff('trace', before)).toMatchObject({ shape: 'profile', verdict: 'GREEN', adverse: [] });
  });

  it.each([
    ['tolerance_percent', { tolerance_percent: 40 }],
    ['tolerances', { tolerances: { softmax: 40 } }],
    ['headline', { headline: ['softmax'] }],
  ])('refuses %s, which the rules of its kernels do not know', async (name, rule) => {
    const input = { baseline: 'f/trace', current: after, ...rule };
    expect(await bench.refusal('diff', input)).toMatchObject({
      code: 'invalid_input',
      message: expect.stringContaining('f/trace is a profile'),
      fix: `leave ${name} out`,
    });
  });

  it('with a slower kernel names the kernel, its times and the bundle', async () => {
    const answer = await bench.diff('trace', after);
    expect(answer['verdict']).not.toBe('GREEN');
    const row = answer['adverse'].find(({ key }: Answer) => key === 'softmax');
    expect(row).toMatchObject({ unit: 'ns', direction: 'lower-is-better', tolerance: { percent: expect.any(Number) } });
    expect(row.delta_pct).toBeCloseTo(30, 0);
    expect(answer['adverse']).toHaveLength(answer['adverse_count']);
    expect(await bench.diff('trace', after, { strict: true })).toMatchObject({ exit: 1 });
    expect(readdirSync(answer['diff_dir']).sort()).toEqual([
      'baseline-ref.txt',
      'current-snapshot.sqlite',
      'diff.json',
      'diff.md',
      'profile-diff.svg',
    ]);
    const written = JSON.parse(readFileSync(join(answer['diff_dir'], 'diff.json'), 'utf8'));
    const kernels = written.deltas.filter(({ headline = false }: Answer) => !headline);
    expect(kernels.map(({ key }: Answer) => key).sort()).toEqual(['attention', 'norm', 'rope', 'sampler', 'softmax']);
    expect(written.profile.verdict).toBe(answer['verdict']);
    expect(written.current_sha256).toBe(answer['current_sha256']);
  });

  it('that is a packed trace is recorded, and compared with itself GREEN', async () => {
    const packed = join(bench.root, 'rank0.pt.trace.json.gz');
    const event = (at: number) => ({
      ph: 'X',
      cat: 'kernel',
      name: 'gemm',
      pid: 0,
      tid: 7,
      ts: at,
      dur: 5,
      args: { device: 0, stream: 7 },
    });
    const traceEvents = Array.from({ length: 20 }, (_, index) => event(index * 10));
    writeFileSync(packed, gzipSync(JSON.stringify({ schemaVersion: 1, deviceProperties: [], traceEvents })));
    expect(await bench.record('packed', packed)).toMatchObject({ shape: 'profile' });
    expect(await bench.diff('packed', packed)).toMatchObject({ shape: 'profile', verdict: 'GREEN', adverse: [] });
  });

  it('is compared with a profile only', async () => {
    for (const more of [{ current_value: [1] }, { current: bench.file('number.txt', '1') }])
      expect(await bench.refusal('diff', { baseline: 'f/trace', ...more })).toMatchObject({ exit: 2 });
    expect(await bench.refusal('diff', { baseline: 'f/trace', current_value: [1] })).toMatchObject({
      code: 'shape_mismatch',
    });
  });

  it('takes no trials and no number that it does not hold', async () => {
    const input = { family: 'f', measurement: 'other', source: before };
    expect(await bench.refusal('record', { ...input, trials: [{ values: { a: 1, b: 2 } }] })).toMatchObject({
      code: 'trials_of_profile',
    });
  });
});
