import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gpuFolder, pointGpus } from '../../src/campaign/gpu-window.ts';
import { loadedSpans } from '../../src/campaign/server-gauges.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'gpu-window-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const CAPTURE = {
  source: 'dcgmi',
  n_gpus: 8,
  means: { sm_active: 0.8, dram_active: 0.6, gpu_util: 99 },
  power_watts_per_gpu: 650,
  validity: ['throttle'],
  lacking: [{ field: 'nvlink_rx', reason: 'Feature not supported (-6)' }],
};

const captured = (load: number, window_of: string): void => {
  const at = gpuFolder(folder, load);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'dcgm-capture.json'), JSON.stringify({ ...CAPTURE, window_of }));
};

describe('the GPUs beside a point', () => {
  test('give its figures where the window is that of the requests', async () => {
    captured(8, 'requests');
    expect(await pointGpus(folder, 'c8.json', 8)).toMatchObject({
      values: { dcgm_sm_active: 0.8, dcgm_dram_active: 0.6 },
      powerPerGpu: 650,
      validity: ['throttle'],
      telemetry: true,
      block: { source: 'dcgmi', lacking: ['nvlink_rx'], capture: 'gpu_telemetry/c8/dcgm-capture.json' },
    });
  });

  test('give none where it is that of the whole command, and what makes it doubtful all the same', async () => {
    captured(4, 'command');
    expect(await pointGpus(folder, 'c4.json', 4)).toMatchObject({
      values: {},
      powerPerGpu: null,
      validity: ['throttle'],
      telemetry: false,
    });
    expect(await pointGpus(folder, 'c2.json', 2)).toBeUndefined();
  });

  test.each([
    ['from the first to the last request', [0, 3, 5, 2, 0], [[2000, 6000]]],
    ['unknown without one', [0, 0], []],
    ['unknown by a single reading', [0, 3, 0], []],
  ])('their window is %s', (_what, running, window) => {
    const lines = running.map((requests, index) =>
      JSON.stringify({ at: new Date(2000 * index).toISOString(), requests_running: requests }),
    );
    expect(loadedSpans(lines.join('\n'))).toEqual({ requests: window, command: [] });
  });
});
