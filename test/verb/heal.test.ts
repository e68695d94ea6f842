// Values that an agent plausibly sends, and what they become; what could mean two things stays as it was sent.
import { describe, expect, it } from 'vitest';
import { findVerb, requireVerb } from '../../src/catalog/find-verb.ts';
import { fractionTolerance } from '../../src/verdict/tolerance.ts';
import { parseFlags } from '../../src/verb/flags.ts';
import { healCall } from '../../src/verb/heal.ts';

const heal = (verb: string, call: Record<string, unknown>): unknown => {
  const entry = findVerb(verb);
  if (entry === undefined) throw new Error(`no verb ${verb}`);
  return healCall(call, entry);
};

describe('a call is healed', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['bench_run', { concurrency: [1, 4] }, { sweep: [1, 4] }],
    ['bench_run', { concurrency: '1,4,16' }, { sweep: [1, 4, 16] }],
    ['bench_run', { concurrency: [4] }, { concurrency: 4 }],
    ['bench_run', { rps: ['2', 4] }, { rps_sweep: [2, 4] }],
    ['perf_baseline_record', { value: '44.1 ms' }, { value: 44.1, unit: 'ms' }],
    ['perf_baseline_diff', { current_value: ['50 ms', '51 ms'] }, { current_value: [50, 51], unit: 'ms' }],
    ['perf_baseline_record', { value: '370GB/s', unit: 'GB/s' }, { value: 370, unit: 'GB/s' }],
    ['perf_baseline_record', { values: ['41.2 ms', '41.5 ms'] }, { values: [41.2, 41.5], unit: 'ms' }],
    ['perf_baseline_record', { direction: 'higher' }, { direction: 'higher-is-better' }],
    ['perf_baseline_record', { direction: 'Lower' }, { direction: 'lower-is-better' }],
    [
      'profile_capture',
      { command: `python3 bench.py --name "two words" 'a b'` },
      { command: ['python3', 'bench.py', '--name', 'two words', 'a b'] },
    ],
    ['profile_capture', { command: '["python3", "x.py"]' }, { command: ['python3', 'x.py'] }],
    ['perf_baseline_verify', { entry: 'a/b' }, { family: 'a/b' }],
    ['perf_tune_report_import_bench', { gpu_memory_utilization: '90%' }, { gpu_memory_utilization: 0.9 }],
    ['perf_tune_report_import_bench', { mtp: 'no', tensorParallel: '8' }, { mtp: false, tensor_parallel: 8 }],
  ])('%s %j', (verb, sent, meant) => {
    expect(heal(verb, sent)).toEqual(meant);
  });
});

describe('five percent is five percent, however it is written', () => {
  const WRITTEN = [5, '5', '5%', '5 %', ' 5% '];

  it.each(['perf_baseline_diff', 'perf_baseline_sweep', 'perf_baseline_trend', 'plan_trials'])('in %s', (verb) => {
    for (const name of ['tolerance', 'tolerance_percent', 'tolerancePercent'])
      for (const value of WRITTEN) expect(heal(verb, { [name]: value })).toEqual({ tolerance_percent: 5 });
  });

  it('in bench_diff, whose bare tolerance is a fraction', () => {
    for (const value of WRITTEN) {
      const healed = Object(heal('bench_diff', { tolerance_percent: value }));
      expect(fractionTolerance(healed.tolerance)).toBe(0.05);
    }
    for (const value of ['5%', '5 %', 0.05, '0.05'])
      expect(fractionTolerance(Object(heal('bench_diff', { tolerance: value })).tolerance)).toBe(0.05);
    for (const value of [5, '5'])
      expect(() => fractionTolerance(Object(heal('bench_diff', { tolerance: value })).tolerance)).toThrow(
        expect.objectContaining({ code: 'tolerance_invalid', details: { fix: expect.stringMatching(/5% .*500%/) } }),
      );
  });

  it.each(['perf_baseline_diff', 'bench_diff'])('for one metric of %s', (verb) => {
    for (const value of [...WRITTEN, { percent: '5%' }, { percent: 5 }])
      expect(heal(verb, { tolerances: { 'ttft_*': value } })).toEqual({ tolerances: { 'ttft_*': { percent: 5 } } });
  });
});

describe('what could mean two things stays as it was sent', () => {
  it.each<[string, Record<string, unknown>]>([
    ['perf_baseline_record', { value: '44.1 ms', unit: 's' }],
    ['perf_baseline_record', { value: '44 bananas' }],
    ['perf_baseline_record', { values: ['41.2 ms', '41.5 s'] }],
    ['profile_capture', { mode: 'nsys' }],
  ])('%s %j', (verb, sent) => {
    expect(heal(verb, sent)).toEqual(sent);
  });
});

it('a command that only a shell could read is refused with the list to write', () => {
  expect(() => heal('profile_capture', { command: 'python3 x.py | tee log' })).toThrow(
    expect.objectContaining({ code: 'command_words' }),
  );
});

it.each([
  [
    ['--command', 'python3 bench.py --n "two words"'],
    ['python3', 'bench.py', '--n', 'two words'],
  ],
  [
    ['--command', 'python3', '--command', 'two words'],
    ['python3', 'two words'],
  ],
  [['--command', 'nvidia-smi'], ['nvidia-smi']],
])('a command as the flags %j is %j', async (flags, command) => {
  const entry = requireVerb('profile_capture');
  expect(healCall(await parseFlags(entry, flags, { allowAck: true }), entry)).toEqual({ command });
});

it('a word of a flag that means nothing is also its denial: --no-attach', async () => {
  const entry = requireVerb('perf_tune_report_report_render');
  const read = (words: readonly string[]) => parseFlags(entry, words, { allowAck: true });
  expect(await read(['glm51', '--no-attach'])).toEqual({ campaign: 'glm51', attach: 'none' });
  expect(await read(['glm51', '--attach', 'none'])).toEqual({ campaign: 'glm51', attach: 'none' });
  await expect(read(['glm51', '--no-format'])).rejects.toThrow(/no flag --no-format/);
});
