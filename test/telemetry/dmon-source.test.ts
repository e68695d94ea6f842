// dcgmi driven for real, through a program that prints what it prints.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localRunner } from '../../src/exec/run-process.ts';
import type { CaptureAsk, GpuPlace } from '../../src/telemetry/captured.ts';
import { captureDmon, probeFields, tickTimes } from '../../src/telemetry/dmon-source.ts';
import { FIELD_NAMES, type FieldName } from '../../src/telemetry/gpu-fields.ts';
import { writeFakeDcgmi, type FakeDcgmi } from './fake-dcgmi.ts';

let folder: string;
let next = 0;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'fake-dcgmi-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const placeOf = (options: FakeDcgmi): GpuPlace => {
  const bin = join(folder, String((next += 1)));
  writeFakeDcgmi(bin, options);
  const env = { PATH: bin };
  return { run: localRunner({ env }), env, node: 'node-001' };
};

const askOf = (more: Partial<CaptureAsk> = {}): CaptureAsk => ({
  fields: FIELD_NAMES,
  gpus: undefined,
  periodMs: 50,
  durationS: 0.3,
  until: new AbortController().signal,
  keep: () => undefined,
  ...more,
});

describe('the fields of a GPU', () => {
  test.each([[2], [3], [4]] as const)('DCGM %d: one that it lacks is left out with the reason, and no other', async (version) => {
    const { fields, lacking } = await probeFields(placeOf({ version, lacks: { 1008: -6, 1012: -6 } }), FIELD_NAMES);
    expect(fields).toEqual(FIELD_NAMES.filter((name) => name !== 'fp16_active' && name !== 'nvlink_rx'));
    expect(lacking.map(({ field }) => field)).toEqual(['fp16_active', 'nvlink_rx']);
    expect(lacking[0]?.reason).toBe(version === 2 ? 'Feature not supported' : 'Feature not supported (-6)');
  }); // prettier-ignore

  test('without the profiling unit the others stay, and it is asked for once', async () => {
    const lacks = Object.fromEntries([1001, 1002, 1004, 1005, 1008, 1009, 1010, 1011, 1012].map((id) => [id, -33]));
    const { fields, lacking } = await probeFields(placeOf({ lacks }), FIELD_NAMES);
    expect(fields).toContain('power_w');
    expect(fields).not.toContain('sm_active');
    expect(lacking).toHaveLength(9);
  });

  test('those that are too many together are dropped from the end', async () => {
    const asked: FieldName[] = ['gr_engine_active', 'sm_active', 'tensor_active', 'power_w'];
    const { fields, lacking } = await probeFields(placeOf({ together: 2 }), asked);
    expect(fields).toEqual(['gr_engine_active', 'sm_active', 'power_w']);
    expect(lacking).toEqual([{ field: 'tensor_active', reason: 'not beside the others: Feature not supported (-6)' }]);
  });
});

describe('a capture by dcgmi', () => {
  test('has every GPU at every moment, and nothing of the first one', async () => {
    const lines: string[] = [];
    const captured = await captureDmon(placeOf({ version: 4 }), askOf({ keep: (line) => lines.push(line) }));
    expect(captured).toMatchObject({ source: 'dcgmi', intervalS: 0.05, lacking: [] });
    expect(captured.gpus).toEqual([0, 1].map((index) => ({
      node: 'node-001', gpu: String(index), uuid: `GPU-00000000-0000-0000-0000-00000000000${index}`, name: 'NVIDIA H100 80GB HBM3',
    }))); // prettier-ignore
    expect(captured.readings).toHaveLength(12);
    expect(captured.readings[0]?.values.sm_active).toBeNull();
    expect(captured.readings.at(-1)?.values).toMatchObject({ sm_active: 0.8, dram_active: 0.6, nvlink_tx: 19694075554, power_w: 650 });
    expect(lines.join('\n')).toContain('#Entity');
  }); // prettier-ignore

  test('of some GPUs has those', async () => {
    const { gpus } = await captureDmon(placeOf({ gpus: 4 }), askOf({ gpus: [1, 3] }));
    expect(gpus.map(({ gpu }) => gpu)).toEqual(['1', '3']);
  });

  test('that is ended keeps what came', async () => {
    const stop = new AbortController();
    const running = captureDmon(placeOf({}), askOf({ durationS: undefined, until: stop.signal, keep: (line) => line.startsWith('GPU 0') && line.includes('0.8') && stop.abort() }));
    expect((await running).readings.length).toBeGreaterThan(0);
  }); // prettier-ignore

  test.each([
    ['no host engine', { noEngine: true }, 'dcgm_unreachable'],
    ['no field at all', { lacks: { 155: -29 } }, 'dcgm_watches_nothing'],
  ])('%s is an error that says so', async (_what, options, code) => {
    await expect(captureDmon(placeOf(options), askOf({ fields: ['power_w'] }))).rejects.toMatchObject({ code });
  });

  test('no dcgmi is a missing tool', async () => {
    const env = { PATH: folder };
    await expect(captureDmon({ run: localRunner({ env }), env, node: 'n' }, askOf())).rejects.toMatchObject({ code: 'tool_missing' });
  }); // prettier-ignore
});

describe('the times of lines', () => {
  test.each([
    ['as they came', [0, 1003, 1998, 3001], { clock: 'arrival', times: [0, 1003, 1998, 3001] }],
    ['in one burst', [9000, 9001, 9001, 9002], { clock: 'spacing', times: [6002, 7002, 8002, 9002] }],
    ['in two bursts', [4000, 4001, 4002, 8000, 8001, 8002], { clock: 'spacing', times: [3002, 4002, 5002, 6002, 7002, 8002] }],
    ['none', [], { clock: 'arrival', times: [] }],
  ])('%s', (_what, arrivals, found) => {
    expect(tickTimes(arrivals, 1000)).toEqual(found);
  });
}); // prettier-ignore
