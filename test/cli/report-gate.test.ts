import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportGate, takeJunit } from '../../src/cli/report-gate.ts';

const REPORT = {
  name: 'ratchet_check',
  headline: 'GREEN',
  cases: [{ group: 'configurations', name: 'm16', outcome: 'passed', message: '' }],
} as const;

describe('--junit', () => {
  test.each([
    [['a', '--junit', 'r.xml', 'b'], 'r.xml', ['a', 'b']],
    [['a', '--junit=r.xml', '--strict'], 'r.xml', ['a', '--strict']],
    [['a'], undefined, ['a']],
  ] as const)('of %j is taken out of the words', (words, junit, rest) => {
    expect(takeJunit(words)).toEqual({ junit, rest });
  });

  test.each([[['--junit']], [['--junit', '--strict']], [['--junit=']]] as const)('%j names no file', (words) => {
    expect(() => takeJunit(words)).toThrow(expect.objectContaining({ code: 'junit_path_needed' }));
  });
});

describe('the report of a gate', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'report-gate-'));

  test('is written to the file asked for and appended to the job summary', async () => {
    const summary = join(cwd, 'summary.md');
    writeFileSync(summary, 'before\n');
    const places = { junit: 'deep/report.xml', cwd, env: { GITHUB_STEP_SUMMARY: summary } };
    expect(await reportGate(REPORT, places)).toEqual([]);
    expect(readFileSync(join(cwd, 'deep/report.xml'), 'utf8')).toContain('name="m16"');
    expect(readFileSync(summary, 'utf8')).toMatch(/^before\n# ratchet_check\n/);
  });

  test('is written nowhere where nobody asks', async () => {
    expect(await reportGate(REPORT, { junit: undefined, cwd, env: {} })).toEqual([]);
    expect(existsSync(join(cwd, 'report.xml'))).toBe(false);
  });

  test('that cannot be written is a warning', async () => {
    const places = { junit: undefined, cwd, env: { GITHUB_STEP_SUMMARY: join(cwd, 'absent/summary.md') } };
    expect(await reportGate(REPORT, places)).toEqual([expect.stringMatching(/^the job summary was not written: /)]);
    expect(await reportGate(null, { junit: 'r.xml', cwd, env: {} })).toEqual([
      'r.xml was not written: there is no result yet',
    ]);
  });
});
