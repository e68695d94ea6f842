// A command with a reader of the GPUs beside it, run by a real shell as it runs in a pod or a job: what it leaves, and what is made of it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { besideWords, readBeside } from '../../src/telemetry/beside-command.ts';
import { FIELD_NAMES } from '../../src/telemetry/gpu-fields.ts';
import { gpuMeans, overGpus } from '../../src/telemetry/gpu-means.ts';
import { Fault } from '../../src/text/fault.ts';
import { writeFakeDcgmi } from './fake-dcgmi.ts';

let top: string;
beforeAll(() => (top = mkdtempSync(join(tmpdir(), 'beside-'))));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const tool = (bin: string, name: string, text: string): void => {
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}`, { mode: 0o755 });
};

/** Runs it with these tools alone; its exit code and what it printed. */
const run = (name: string, bin: string, command: readonly string[], more: Record<string, string> = {}) =>
  new Promise<{ code: number | null; stdout: string }>((resolve) => {
    const folder = join(top, name, 'gpus');
    const [program = '', ...words] = besideWords({ folder, shared: join(top, name), fields: FIELD_NAMES }, command);
    const child = spawn(program, words, { env: { PATH: `${bin}:/usr/bin:/bin`, ...more } });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    child.on('close', (code) => resolve({ code, stdout }));
  });

const faultOf = async (name: string): Promise<string> => {
  const caught: unknown = await readBeside(join(top, name, 'gpus')).catch((error: unknown) => error);
  return caught instanceof Fault ? `${caught.code}: ${caught.message}` : 'no fault';
};

const SMI = `case "$*" in
*compute-apps*) cat "${'$'}0.apps" ;;
*index,name*) echo "0, NVIDIA L4, GPU-1, 570.1, 23034, 72.0, 2040"; echo "1, NVIDIA L4, GPU-2, 570.1, 23034, 72.0, 2040" ;;
*-l*) while true; do echo "GPU-1, 61.5, 1800, 0x0000000000000000, 0"; echo "GPU-2, [N/A], 1800, 0x0000000000000004, 0"; sleep 0.2; done ;;
esac
`;

describe('a reader beside a command', () => {
  test("watches what dcgmi has, without what it lacks, and keeps the command's output and exit code", async () => {
    const bin = join(top, 'bin-dcgmi');
    writeFakeDcgmi(bin, { lacks: { 1008: -6 } });
    const began = Date.now();
    expect(await run('dcgmi', bin, ['sh', '-c', 'echo "a  b $0"; sleep 4; exit 7', 'x y'], { NODE_NAME: 'node-7' })).toEqual({ code: 7, stdout: 'a  b x y\n' });
    const { captured, changed } = await readBeside(join(top, 'dcgmi', 'gpus'));
    expect(captured).toMatchObject({
      source: 'dcgmi',
      clock: 'spacing',
      lacking: [{ field: 'fp16_active' }],
      gpus: [{ node: 'node-7', gpu: '0', name: 'NVIDIA H100 80GB HBM3' }, { gpu: '1', uuid: 'GPU-00000000-0000-0000-0000-000000000001' }],
    });
    expect(changed).toBeNull();
    expect(overGpus(gpuMeans(captured.readings), 'dram_active')).toBeCloseTo(0.6);
    const times = captured.readings.map(({ at_ms: at }) => at);
    expect(Math.min(...times)).toBeGreaterThan(began - 3000);
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
    expect(readFileSync(join(top, 'dcgmi', 'dcgm-fields.txt'), 'utf8')).not.toContain('1008');
  }, 60_000); // prettier-ignore

  test('gives up the last fields of the profiling unit where too many are refused together', async () => {
    const bin = join(top, 'bin-few');
    writeFakeDcgmi(bin, { together: 3 });
    expect(await run('few', bin, ['sleep', '2'])).toMatchObject({ code: 0 });
    const { captured } = await readBeside(join(top, 'few', 'gpus'));
    expect(captured.lacking.map(({ field }) => field)).toEqual(['dram_active', 'fp16_active', 'pcie_tx', 'pcie_rx', 'nvlink_tx', 'nvlink_rx']);
    expect(overGpus(gpuMeans(captured.readings), 'power_w')).toBeCloseTo(650);
  }, 60_000); // prettier-ignore

  test('asks nvidia-smi where there is no dcgmi: power and clocks, and a process that came', async () => {
    const bin = join(top, 'bin-smi');
    tool(bin, 'nvidia-smi', SMI);
    writeFileSync(join(bin, 'nvidia-smi.apps'), 'GPU-1, 42\n');
    expect(await run('smi', bin, ['sh', '-c', `sleep 1; echo 'GPU-1, 43' >> ${bin}/nvidia-smi.apps`])).toMatchObject({ code: 0 });
    const { captured, changed } = await readBeside(join(top, 'smi', 'gpus'));
    expect(captured).toMatchObject({ source: 'nvidia-smi', gpus: [{ gpu: '0', name: 'NVIDIA L4' }, { gpu: '1' }] });
    expect(changed).toBe(true);
    const [first, second] = gpuMeans(captured.readings);
    expect([first?.fields.power_w?.mean, second?.fields.power_w]).toEqual([61.5, undefined]);
    expect(captured.lacking.map(({ field }) => field)).toContain('dram_active');
  }, 60_000); // prettier-ignore

  test('falls back to nvidia-smi where dcgmi reaches no host engine', async () => {
    const bin = join(top, 'bin-engine');
    writeFakeDcgmi(bin, { noEngine: true });
    tool(bin, 'nvidia-smi', SMI);
    writeFileSync(join(bin, 'nvidia-smi.apps'), '');
    expect(await run('engine', bin, ['sleep', '1'])).toMatchObject({ code: 0 });
    expect((await readBeside(join(top, 'engine', 'gpus'))).captured.source).toBe('nvidia-smi');
  }, 60_000);

  test('runs the command all the same where there is neither, or where nothing can be written', async () => {
    expect(await run('neither', join(top, 'bin-none'), ['echo', 'ran'])).toEqual({ code: 0, stdout: 'ran\n' });
    expect(await faultOf('neither')).toBe('no_gpu_readings: where the command ran there is neither dcgmi nor nvidia-smi that lists a GPU');
    writeFileSync(join(top, 'blocked'), '');
    expect(await run('blocked', join(top, 'bin-none'), ['echo', 'ran'])).toEqual({ code: 0, stdout: 'ran\n' });
    expect(existsSync(join(top, 'blocked', 'gpus'))).toBe(false);
  }, 60_000); // prettier-ignore

  test('that was ended with its command gives nothing', async () => {
    mkdirSync(join(top, 'ended', 'gpus'), { recursive: true });
    writeFileSync(join(top, 'ended', 'gpus', 'dcgm-reader.txt'), 'source=dcgmi\nfields=155\nnode=n\nstart=1\n');
    expect(await faultOf('ended')).toContain('ended from outside');
    expect(await faultOf('nowhere')).toContain('left nothing');
  });
});
