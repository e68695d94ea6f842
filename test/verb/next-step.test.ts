// How the next call is written: as fields over MCP, as flags in the words of the very program that was called.
import { expect, it } from 'vitest';
import { stepLines, type Dialect, type NextStep } from '../../src/verb/next-step.ts';

const PERFTUNEREPORT = { program: 'perftunereport', prefix: 'perf_tune_report_' };
const MAIN = { program: 'profile-and-optimize', prefix: '' };

const STEPS: readonly NextStep[] = [
  { verb: 'perf_tune_report_campaign_status', input: { campaign: 'my campaign' } },
  { verb: 'perf_baseline_show', input: { entry: 'a/b' } },
  { verb: 'bench_diff', input: { baseline: '<file>', candidate: ['b.json'] }, with: 'a baseline' },
];

it.each<[string, Dialect, string[]]>([
  [
    'a client',
    'fields',
    [
      'with a baseline: bench_diff {"baseline":"<file>","candidate":"b.json"}',
      'next: perf_tune_report_campaign_status {"campaign":"my campaign"}',
      'or: perf_baseline_show {"entry":"a/b"}',
    ],
  ],
  [
    'the main program',
    MAIN,
    [
      "with a baseline: profile-and-optimize bench_diff --baseline '<file>' --candidate b.json",
      "next: profile-and-optimize perf_tune_report_campaign_status --campaign 'my campaign'",
      'or: profile-and-optimize perf_baseline_show --entry a/b',
    ],
  ],
  [
    'perftunereport',
    PERFTUNEREPORT,
    [
      "with a baseline: profile-and-optimize bench_diff --baseline '<file>' --candidate b.json",
      "next: perftunereport campaign_status --campaign 'my campaign'",
      'or: profile-and-optimize perf_baseline_show --entry a/b',
    ],
  ],
])('for %s', (_, dialect, lines) => {
  expect(stepLines(STEPS, dialect)).toEqual(lines);
});
