import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONFIGURATION_BYTES } from '../../src/fs/named-text.ts';
import { MAX_BYTES } from '../../src/importers/file-text.ts';
import { DEFAULT_THRESHOLDS } from '../../src/ratchet/judge-config.ts';
import { NO_PEAKS } from '../../src/ratchet/result-file.ts';
import { runRatchetCheck, type CheckOptions } from '../../src/ratchet/run-check.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ratchet-'));
});
afterEach(() => rm(folder, { recursive: true }));

const file = (name: string): string => join(folder, name);
const measured = (median_ms: number) =>
  writeFile(
    file('current.json'),
    JSON.stringify({ name: 'training_512', performance: { median_ms }, gpu: 'NVIDIA L4' }),
  );
const baselineHolding = (median_ms: number) =>
  writeFile(file('baseline.json'), JSON.stringify({ configs: { training_512: { median_ms, git_commit: null } } }));
const check = (more: Partial<CheckOptions> = {}) =>
  runRatchetCheck({
    resultPath: file('current.json'),
    baselinePath: file('baseline.json'),
    waiversPath: null,
    reportPath: file('out/ratchet_report.md'),
    targetsPath: file('out/profile_targets.json'),
    thresholds: DEFAULT_THRESHOLDS,
    peaks: NO_PEAKS,
    capture: null,
    noWrite: false,
    eventName: undefined,
    commit: 'abc123def456',
    now: '2026-11-23T01:02:03Z',
    strict: false,
    strictContext: false,
    ...more,
  });
const report = () => readFile(file('out/ratchet_report.md'), 'utf8');

describe('a file over its limit', () => {
  test.each<[string, number]>([
    ['current.json', MAX_BYTES],
    ['baseline.json', MAX_BYTES],
    ['waivers.yaml', CONFIGURATION_BYTES],
  ])('%s is refused unread, and nothing is written', async (name, limit) => {
    await Promise.all([measured(0.053), baselineHolding(0.0612)]);
    await writeFile(file(name), '');
    await truncate(file(name), limit + 1);
    await expect(check({ waiversPath: name === 'waivers.yaml' ? file(name) : null })).rejects.toMatchObject({
      code: 'file_too_large',
      message: expect.stringContaining(file(name)),
    });
    expect(existsSync(file('out'))).toBe(false);
  });
});

describe('a run over files', () => {
  test('0.0612 to 0.0530 ms gives the report that people know', async () => {
    await Promise.all([measured(0.053), baselineHolding(0.0612)]);
    const { outcome } = await check();
    expect(outcome.exit_code).toBe(0);
    expect(await report()).toBe(`# Performance Ratchet Report

## Summary
- **Total configs**: 1
- **Regressions**: 0 ❌
- **Improvements**: 1 ✅
- **Unchanged**: 0

## ✅ Improvements (Baseline Updated)

| Config | Baseline | Current | Change |
| --- | --- | --- | --- |
| training_512 | 0.0612 ms | 0.0530 ms | **+13.4%** |

Baseline ${file('baseline.json')} updated: training_512.
`);
    const { configs } = JSON.parse(await readFile(file('baseline.json'), 'utf8'));
    expect(configs.training_512).toMatchObject({ median_ms: 0.053, git_commit: 'abc123def456', gpu: 'NVIDIA L4' });
    expect(configs.training_512.source_sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a missing baseline is created and said so; the same result is then unchanged', async () => {
    await measured(0.053);
    const first = await check();
    expect(first.outcome.exit_code).toBe(0);
    expect(first.text).toContain('No regressions detected');
    expect(first.text).toContain('from this run, nothing was compared');
    const second = await check();
    expect(second.text).toContain('1 unchanged');
    expect(await report()).toContain('## ↔️ Unchanged');
    expect(second.outcome.next).toBeNull();
  });

  test('a regression is reported with its heading and leaves the baseline alone', async () => {
    await Promise.all([measured(0.0612), baselineHolding(0.053)]);
    const before = await readFile(file('baseline.json'), 'utf8');
    const { outcome, text } = await check({
      capture: { command: ['./bench', '{config}'], folder: 'results/nsight' },
    });
    expect(outcome).toMatchObject({ exit_code: 1, verdict: 'RED' });
    expect(text).toContain('RED: Regression detected');
    expect(await report()).toContain('## ❌ Regressions (FAIL)');
    expect(await report()).toContain('**-15.5%**');
    expect(await readFile(file('baseline.json'), 'utf8')).toBe(before);
    const { targets } = JSON.parse(await readFile(file('out/profile_targets.json'), 'utf8'));
    expect(targets[0].capture.argv.slice(-2)).toEqual(['./bench', 'training_512']);
  });

  test('targets of an earlier run do not survive a run without any', async () => {
    await Promise.all([measured(0.0612), baselineHolding(0.053)]);
    await check();
    await measured(0.053);
    await check();
    expect(JSON.parse(await readFile(file('out/profile_targets.json'), 'utf8')).targets).toEqual([]);
  });

  test.each([
    [{ noWrite: true }, 'writing was switched off'],
    [{ eventName: 'pull_request' }, 'event pull_request reads only'],
  ])('%j reads only', async (more, why) => {
    await Promise.all([measured(0.053), baselineHolding(0.0612)]);
    const before = await readFile(file('baseline.json'), 'utf8');
    await check(more);
    expect(await readFile(file('baseline.json'), 'utf8')).toBe(before);
    expect(await report()).toContain('## ✅ Improvements (Baseline Kept)');
    expect(await report()).toContain(why);
    await rm(file('baseline.json'));
    await check(more);
    expect(existsSync(file('baseline.json'))).toBe(false);
    expect(await report()).toContain('none was created');
  });

  test('a waived slowdown shows its reason and last day', async () => {
    await Promise.all([
      measured(0.06),
      baselineHolding(0.053),
      writeFile(
        file('waivers.yaml'),
        'waivers:\n  - config: training_512\n    reason: exact softmax\n    expires: 2027-01-31\n',
      ),
    ]);
    const { outcome } = await check({ waiversPath: file('waivers.yaml') });
    expect(outcome).toMatchObject({ exit_code: 0, verdict: 'YELLOW' });
    expect(await report()).toContain('exact softmax (until 2027-01-31)');
  });

  test('names cannot break out of their table cell', async () => {
    const name = 'a | b \\';
    await writeFile(file('current.json'), JSON.stringify({ name, median_ms: 1 }));
    await check();
    expect(await report()).toContain('| a \\| b \\\\ | 1.0000 ms | new |');
  });
});

describe('bad files leave everything as it was', () => {
  test.each([
    ['no result', null, '{"configs":{}}', 'result_missing'],
    ['a torn result', '{"name": "a", "perf', '{"configs":{}}', 'json_syntax'],
    ['NaN for a time', '{"name": "a", "median_ms": NaN}', '{"configs":{}}', 'json_non_finite'],
    ['an empty result', '', '{"configs":{}}', 'json_empty'],
    ['a torn baseline', '{"name": "a", "median_ms": 1}', '{"configs"', 'json_syntax'],
  ])('%s', async (_, current, baseline, code) => {
    if (current !== null) await writeFile(file('current.json'), current);
    await writeFile(file('baseline.json'), baseline);
    await expect(check()).rejects.toMatchObject({ code });
    expect((await readdir(folder)).sort()).toEqual(
      current === null ? ['baseline.json'] : ['baseline.json', 'current.json'],
    );
    expect(await readFile(file('baseline.json'), 'utf8')).toBe(baseline);
  });

  test('waivers that were named must exist', async () => {
    await measured(1);
    await expect(check({ waiversPath: file('absent.yaml') })).rejects.toMatchObject({ code: 'waiver_invalid' });
  });
});
