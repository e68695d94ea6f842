import { expect, test } from 'vitest';
import { parseGpuQuery, readGpuFacts } from '../../src/drivers/nvidia-smi.ts';
import type { RunResult } from '../../src/exec/run-process.ts';
import { toolMissing } from '../../src/exec/tool-fault.ts';

const result = (part: Partial<RunResult>): RunResult => ({
  ...{ code: 0, signal: null, stdout: '', stderr: '' },
  ...{ timedOut: false, cancelled: false, truncated: false, durationMs: 1 },
  ...part,
});

test('values that a GPU does not report are null, never 0', async () => {
  const text =
    '0, NVIDIA H200, GPU-aa, 570.86.15, 143771, 700.00, 1980\n1, NVIDIA H200, GPU-bb, 570.86.15, [N/A], [Not Supported], [Insufficient Permissions]\n';
  expect(await parseGpuQuery(text)).toEqual({
    driver: '570.86.15',
    gpus: [
      { index: 0, name: 'NVIDIA H200', uuid: 'GPU-aa', memory_mib: 143771, power_limit_w: 700, max_sm_clock_mhz: 1980 },
      { index: 1, name: 'NVIDIA H200', uuid: 'GPU-bb', memory_mib: null, power_limit_w: null, max_sm_clock_mhz: null },
    ],
    reason: null,
  });
});

test.each([
  [
    'is not installed',
    async () => {
      throw toolMissing('nvidia-smi');
    },
    'nvidia-smi is not installed',
  ],
  [
    'has no driver',
    async () =>
      result({ code: 9, stdout: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver." }),
    "nvidia-smi ended with exit code 9: NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
  ],
  [
    'hangs',
    async () => result({ code: null, signal: 'SIGKILL', timedOut: true }),
    'nvidia-smi did not answer within 15 s',
  ],
  ['lists nothing', async () => result({ stdout: '\n' }), 'nvidia-smi lists no GPU'],
] as const)('a machine where it %s gives null and says why', async (_name, run, reason) => {
  expect(await readGpuFacts(run)).toEqual({ driver: null, gpus: null, reason });
});
