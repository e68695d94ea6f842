import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { observeTask } from '../../src/jobs/executors.ts';
import { localProcesses } from '../../src/jobs/local-process.ts';

const env = { PATH: process.env['PATH'] };
const { submit, observe, cancel, collect } = localProcesses;

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('the executor of this machine', () => {
  test('starts a command, sees it run, and collects how it ended', async () => {
    const handle = await submit(['sh', '-c', 'echo out; echo err >&2; exit 3'], { env });
    expect(handle).toMatchObject({ executor: 'local_process', argv: ['sh', '-c', expect.any(String)] });
    expect(['running', 'ended']).toContain(await observeTask(handle));
    expect(await collect(handle)).toMatchObject({ code: 3, stdout: 'out\n', stderr: 'err\n', cancelled: false });
    expect(await observe(handle)).toBe('ended');
  });

  test('gives a handle that is plain JSON, without secrets', async () => {
    const handle = await submit(['true', '--token', 'canary-secret-1'], {
      env: { ...env, HF_TOKEN: 'canary-secret-1' },
    });
    expect(JSON.parse(JSON.stringify(handle))).toEqual(handle);
    expect(JSON.stringify(handle)).not.toContain('canary');
    await collect(handle);
  });

  test('cancels a command with everything that it started, also what takes no notice of SIGTERM', async () => {
    const lines: string[] = [];
    const handle = await submit(['sh', '-c', 'trap "" TERM; sleep 62 & echo $!; wait; sleep 62'], {
      env,
      onLine: (line) => lines.push(line),
    });
    while (lines.length === 0) await sleep(10);
    expect(await observe(handle)).toBe('running');
    await cancel(handle, 100);
    expect(await collect(handle)).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(await observe(handle)).toBe('ended');
    expect(isRunning(Number(lines[0]))).toBe(false);
    await cancel(handle, 100);
  });

  test('still sees a command whose first process has ended and left others of its group', async () => {
    const handle = await submit(['sh', '-c', 'sleep 63 & exit 0'], { env });
    expect(await collect(handle)).toMatchObject({ code: 0 });
    expect(await observe(handle)).toBe('running');
    await cancel(handle, 1000);
    expect(await observe(handle)).toBe('ended');
  });

  test('never takes a later process of the same number for the command', async () => {
    const handle = await submit(['sleep', '64'], { env });
    const other = { ...handle, process: { ...handle.process, started: '1' } };
    expect(await observe(other)).toBe('ended');
    await cancel(other, 100);
    expect(await observe(handle)).toBe('running');
    await cancel(handle, 1000);
    await collect(handle);
  });

  test('says where the output is of a command that another program submitted', async () => {
    const handle = await submit(['true'], { env });
    await collect(handle);
    await expect(collect(handle)).rejects.toMatchObject({
      code: 'task_output_gone',
      details: { fix: expect.stringContaining('stdout.log') },
    });
  });

  test('reports a command that cannot be started', async () => {
    await expect(submit(['no-such-program'], { env })).rejects.toMatchObject({ code: 'tool_missing' });
  });
});
