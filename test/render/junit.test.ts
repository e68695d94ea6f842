import { describe, expect, test } from 'vitest';
import { gateMarkdown, junitXml, type GateReport } from '../../src/render/junit.ts';
import { xmlProblem } from '../e2e/well-formed.ts';

const REPORT: GateReport = {
  name: 'bench_diff',
  headline: 'RED: 1 regression',
  cases: [
    { group: 'c16', name: 'tpot_p50_ms', outcome: 'failed', message: '10 -> 30 ms (+200%)' },
    { group: 'c16', name: 'ttft_p99_ms', outcome: 'skipped', message: 'unknown' },
    { group: 'c16', name: 'throughput_tok_per_s', outcome: 'passed', message: '' },
  ],
};

/** A problem behind the XML declaration, which that check does not know; null for none. */
const problemOf = (xml: string): string | null =>
  xmlProblem(xml.replace('<?xml version="1.0" encoding="UTF-8"?>\n', ''));

describe('the cases of a gate', () => {
  test('become a JUnit file with counts', () => {
    const xml = junitXml(REPORT);
    expect(problemOf(xml)).toBeNull();
    expect(xml).toContain('<testsuite name="bench_diff" tests="3" failures="1" errors="0" skipped="1">');
    expect(xml).toContain('<failure message="10 -&gt; 30 ms (+200%)">');
    expect(xml).toContain('<testcase classname="c16" name="throughput_tok_per_s"/>');
  });

  test.each(['<kernel<float>&"x">', "it's ]]> over", 'a\u0000b\u001b[31m\u202e', '\ud800'])(
    'stay well-formed XML whatever a metric is called: %j',
    (name) => {
      const cases = (['failed', 'skipped', 'passed'] as const).map((outcome) => ({
        group: name,
        name,
        outcome,
        message: name,
      }));
      expect(problemOf(junitXml({ name, headline: name, cases }))).toBeNull();
    },
  );

  test('become Markdown with what failed first', () => {
    const cases = REPORT.cases.toReversed();
    const lines = gateMarkdown({ ...REPORT, cases })
      .split('\n')
      .filter((line) => line.startsWith('| '));
    expect(lines[1] ?? lines[0]).toBeDefined();
    expect(lines.findIndex((line) => line.includes('failed'))).toBeLessThan(
      lines.findIndex((line) => line.includes('passed')),
    );
  });

  test('are cut to thirty rows of a summary, and the rest is counted', () => {
    const cases = Array.from(
      { length: 45 },
      (_, at) => ({ group: '', name: `m${at}`, outcome: 'failed', message: '' }) as const,
    );
    expect(gateMarkdown({ ...REPORT, cases })).toContain('15 more');
    expect(junitXml({ ...REPORT, cases }).match(/<testcase/g)).toHaveLength(45);
  });
});
