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
    const places = { junit: 'deep/report.xml', root: cwd, cwd, env: { GITHUB_STEP_SUMMARY: summary } };
    expect(await reportGate(REPORT, places)).toEqual([]);
    expect(readFileSync(join(cwd, 'deep/report.xml'), 'utf8')).toContain('name="m16"');
    expect(readFileSync(summary, 'utf8')).toMatch(/^before\n# ratchet_check\n/);
  });

  test.each([
    ['a source of somebody', 'mine.c', 'int main(void) { return 0; }\n'],
    [
      'a report of another tool',
      'pytest.xml',
      '<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests">',
    ],
  ])('does not replace %s', async (_, name, text) => {
    writeFileSync(join(cwd, name), text);
    const warnings = await reportGate(REPORT, { junit: name, root: cwd, cwd, env: {} });
    expect(warnings).toEqual([expect.stringMatching(/was not written: .*was not written by this verb/)]);
    expect(readFileSync(join(cwd, name), 'utf8')).toBe(text);
  });

  test('replaces the report of the last run', async () => {
    const places = { junit: 'again.xml', root: cwd, cwd, env: {} };
    expect([await reportGate(REPORT, places), await reportGate(REPORT, places)]).toEqual([[], []]);
  });

  test('is written nowhere where nobody asks', async () => {
    expect(await reportGate(REPORT, { junit: undefined, root: cwd, cwd, env: {} })).toEqual([]);
    expect(existsSync(join(cwd, 'report.xml'))).toBe(false);
  });

  test('that cannot be written is a warning', async () => {
    const places = { junit: undefined, root: cwd, cwd, env: { GITHUB_STEP_SUMMARY: join(cwd, 'absent/summary.md') } };
    expect(await reportGate(REPORT, places)).toEqual([expect.stringMatching(/^the job summary was not written: /)]);
    expect(await reportGate(null, { junit: 'r.xml', root: cwd, cwd, env: {} })).toEqual([
      'r.xml was not written: there is no result yet',
    ]);
  });
});
