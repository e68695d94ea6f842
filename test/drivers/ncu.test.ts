import { describe, expect, test } from 'vitest';
import { ncuArgv, ncuFault, ncuOutput, parseNcuVersion, profiledKernels, readNcuFacts } from '../../src/drivers/ncu.ts';
import type { Runner } from '../../src/exec/run-process.ts';

const printing =
  (texts: Readonly<Record<string, string>>): Runner =>
  async ([, flag = '']) => ({
    ...{ code: 0, signal: null, stdout: texts[flag] ?? '', stderr: '' },
    ...{ timedOut: false, cancelled: false, truncated: false, durationMs: 1 },
  });

const VERSION = 'NVIDIA (R) Nsight Compute Command Line Profiler\nVersion 2025.1.0.0 (build 35237751)\n';

describe('the command line', () => {
  test('is by default the one that people know', () => {
    expect(ncuArgv(null, { output: ncuOutput('gemm_4096'), application: ['python3', 'bench.py'] }).join(' ')).toBe(
      'ncu --set full --export results/nsight/gemm_4096_ours --force-overwrite python3 bench.py',
    );
  });

  test('names kernels as they are, several as one anchored expression', () => {
    const one = ncuArgv(null, {
      output: 'o',
      kernels: ['flash_fwd_kernel'],
      launchSkip: 10,
      launchCount: 3,
      application: ['a'],
    });
    expect(one.slice(6)).toEqual([
      '--kernel-name',
      'flash_fwd_kernel',
      '--launch-skip',
      '10',
      '--launch-count',
      '3',
      'a',
    ]);
    const more = ncuArgv(null, { output: 'o', kernels: ['a.b', 'c'], application: ['a'] });
    expect(more.slice(6, 8)).toEqual(['--kernel-name', 'regex:^(a\\.b|c)$']);
  });

  test('follows child processes where that is not the default', async () => {
    const old = printing({ '--version': VERSION, '--help': '  --target-processes arg (=application-only)\n' });
    const present = printing({ '--version': VERSION, '--help': '  --target-processes arg (=all)\n' });
    const wanted = { output: 'o', application: ['a'] };
    expect(ncuArgv(await readNcuFacts(old), wanted)).toContain('--target-processes');
    expect(ncuArgv(await readNcuFacts(present), wanted)).not.toContain('--target-processes');
  });
});

test('version and outcome are read from what it prints', async () => {
  expect(parseNcuVersion(VERSION)).toBe('2025.1.0.0');
  await expect(readNcuFacts(printing({}))).rejects.toMatchObject({ code: 'ncu_unrecognised' });
  const text =
    '==PROF== Connected\n==PROF== Profiling "gemm<int, 4>" - 0: 0%....100% - 8 passes\n==PROF== Profiling "norm" - 1: 0%\n';
  expect(profiledKernels(text)).toEqual(['gemm<int, 4>', 'norm']);
});

test.each([
  ['==ERROR== ERR_NVGPUCTRPERM - The user does not have permission\n', 'NVreg_RestrictProfilingToAdminUsers'],
  ['==PROF== Connected\n==ERROR== Unknown option --foo\n', 'fix what ncu names'],
])('what ncu could not do is a fault: %j', (text, fix) => {
  expect(ncuFault(text)).toMatchObject({
    code: 'ncu_failed',
    details: { fix: expect.stringContaining(fix) as string },
  });
});

test('a program that failed after its kernels were profiled is no fault of ncu', () => {
  expect(
    ncuFault('==PROF== Profiling "k" - 0: 0%\n==ERROR== The application returned an error code (7).\n'),
  ).toBeNull();
});
