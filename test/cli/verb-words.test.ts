// Which verb words mean, and what is said where they mean none.
import { describe, expect, it } from 'vitest';
import { verbOf } from '../../src/cli/verb-words.ts';

const PROGRAMS = {
  'profile-and-optimize': { program: 'profile-and-optimize', prefix: '' },
  bench: { program: 'bench', prefix: 'bench_' },
  perftunereport: { program: 'perftunereport', prefix: 'perf_tune_report_' },
};
const wordsOf = (line: string): readonly string[] => line.split(' ').slice(1);
const programOf = (line: string) => {
  const [name = ''] = line.split(' ');
  if (name === 'bench' || name === 'perftunereport') return PROGRAMS[name];
  return PROGRAMS['profile-and-optimize'];
};

describe('the verb of a command line', () => {
  it.each([
    ['profile-and-optimize perf-baseline-list llama', 'perf_baseline_list', ['llama']],
    ['profile-and-optimize perf_baseline list llama', 'perf_baseline_list', ['llama']],
    ['profile-and-optimize --json perf_baseline_list llama', 'perf_baseline_list', ['--json', 'llama']],
    ['profile-and-optimize --repo-root /r perf_baseline list', 'perf_baseline_list', ['--repo-root', '/r']],
    ['bench diff a.json b.json', 'bench_diff', ['a.json', 'b.json']],
    ['perftunereport smoke --out a.pdf', 'perf_tune_report_report_smoke', ['--out', 'a.pdf']],
    ['perftunereport import-bench --mtp', 'perf_tune_report_import_bench', ['--mtp']],
  ])('%s is %s', (line, name, rest) => {
    const found = verbOf(wordsOf(line), programOf(line));
    expect({ name: found.entry.name, rest: found.rest }).toEqual({ name, rest });
  });

  it.each([
    ['bench difff a.json', 'did you mean diff?', 'write bench diff'],
    ['perftunereport campaign_ini', 'did you mean campaign_init?', 'write perftunereport campaign_init'],
    ['perftunereport init', 'did you mean campaign_init?', 'write perftunereport campaign_init'],
    [
      'profile-and-optimize campaign_init x',
      'did you mean perf_tune_report_campaign_init?',
      'write profile-and-optimize perf_tune_report_campaign_init',
    ],
    ['profile-and-optimize baseline list', 'perf_baseline_list?', 'write profile-and-optimize perf_baseline_list'],
    ['profile-and-optimize perf_baseline lst', 'perf_baseline_list?', 'write profile-and-optimize perf_baseline_list'],
    [
      'profile-and-optimize diff a.json b.json',
      'several have that word: bench_diff, perf_baseline_diff, profile_profile_diff',
      'write the whole name: profile-and-optimize bench_diff',
    ],
    ['profile-and-optimize nope', 'no verb "nope"', 'see profile-and-optimize --help for the verbs that it has'],
    ['bench --nope', 'no verb "--nope"', 'see bench --help for the verbs that it has'],
  ])('%s is none: %s', (line, message, fix) => {
    expect(() => verbOf(wordsOf(line), programOf(line))).toThrow(
      expect.objectContaining({ code: 'unknown_verb', message: expect.stringContaining(message), details: { fix } }),
    );
  });
});
