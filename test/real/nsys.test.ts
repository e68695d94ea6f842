import { mkdtempSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runCapture, type CaptureResult } from '../../src/capture/run-capture.ts';
import { readCaptureTools } from '../../src/capture/capture-tools.ts';
import type { CaptureInput } from '../../src/capture/capture-input.ts';
import { nsysShutdownArgv } from '../../src/drivers/nsys.ts';
import { launchForSession } from '../../src/capture/capture-plan.ts';
import { findTool } from '../../src/exec/find-tool.ts';
import { localRunner } from '../../src/exec/run-process.ts';
import { nsysStatsArgv } from '../drivers/nsys-stats.ts';
import { runTool } from '../exec/run-tool.ts';
import { openDatabase } from '../../src/sqlite/database.ts';
import { hashChecked } from '../../src/registry/snapshot.ts';
import { startFakeCluster } from './fake-kube-apiserver.ts';

const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
const run = localRunner({ env, timeoutMs: 60_000 });
const has = (tool: string): boolean => findTool(tool, env) !== null;
const HEADERS = [
  '/usr/lib/x86_64-linux-gnu/nsight-systems/target-linux-x64/nvtx/include',
  '/usr/local/cuda/include',
].find((folder) => existsSync(join(folder, 'nvtx3', 'nvToolsExt.h')));

const present = has('nsys');
if (!present) console.log('skipped: nsys is not installed');
if (present && (!has('gcc') || HEADERS === undefined))
  console.log('NVTX ranges are left out: no compiler or no headers');

const folder = (): string => mkdtempSync(join(tmpdir(), 'nsys-real-'));

const PROGRAM = `
#include <stdlib.h>
#include <unistd.h>
#include <nvtx3/nvToolsExt.h>
int main(int count, char **words) {
  int steps = count > 1 ? atoi(words[1]) : 20;
  for (int i = 0; i < steps; i++) {
    nvtxRangePushA(i % 2 ? "decode" : "prefill");
    usleep(2000);
    nvtxRangePop();
  }
  return 0;
}`;

/** A CPU program with NVTX ranges where it can be built, else one that only sleeps. */
const program = async (): Promise<(steps: number) => string[]> => {
  if (!has('gcc') || HEADERS === undefined) return (steps) => ['sleep', String(steps * 0.002)];
  const [source, built] = [join(folder(), 'ranges.c'), join(folder(), 'ranges')];
  writeFileSync(source, PROGRAM);
  await runTool(['gcc', `-I${HEADERS}`, source, '-o', built, '-ldl'], { env });
  return (steps) => [built, String(steps)];
};

const capture = async (change: Partial<CaptureInput>): Promise<CaptureResult> => {
  const input: CaptureInput = {
    ...{ mode: 'launch', name: 'run1', out: folder(), trace: ['nvtx', 'osrt'] },
    session: `pao-${process.pid}-${Math.floor(performance.now())}`,
    ...change,
  };
  const world = { run, env, signal: AbortSignal.timeout(60_000), progress: () => undefined };
  return runCapture(input, await readCaptureTools(input, run, env), world);
};

describe.skipIf(!present)('the real nsys', () => {
  let application: (steps: number) => string[];
  beforeAll(async () => {
    application = await program();
  });

  const tablesOf = (result: CaptureResult): string[] => {
    const sqlite = result.files.find(({ path }) => path.endsWith('.sqlite'));
    const database = openDatabase(sqlite?.path ?? '');
    try {
      return [...database.tables.keys()];
    } finally {
      database.close();
    }
  };

  test('profiles a CPU program: a sound report, exported, without kernels, and said so', async () => {
    const result = await capture({ command: application(20) });
    expect(result.validation).toMatchObject({ verdict: 'no_kernels', kernels: 0, graph_replays: 0 });
    expect(result.program_exit).toEqual({ code: 0, signal: null });
    expect(tablesOf(result)).toEqual(expect.arrayContaining(['stringids', 'osrt_api']));
    if (HEADERS !== undefined && has('gcc')) expect(tablesOf(result)).toContain('nvtx_events');
  });

  test('stops a program after the given time and still has its report', async () => {
    const result = await capture({ command: application(5000), durationS: 1 });
    expect(result.validation.verdict).toBe('no_kernels');
    expect(result.files.map(({ path }) => path.split('.').at(-1))).toEqual(['nsys-rep', 'sqlite']);
  });

  test('a program that does not exist is a fault', async () => {
    await expect(capture({ command: ['/nonexistent/program'] })).rejects.toMatchObject({ code: 'tool_failed' });
  });

  test('records a part of a prepared session, which goes on; one that is not there is said', async () => {
    const session = `pao-session-${process.pid}`;
    const { nsys } = await readCaptureTools({ mode: 'session', name: 'n', out: '/', session }, run, env);
    await expect(capture({ mode: 'session', session, durationS: 1 })).rejects.toMatchObject({
      code: 'capture_not_prepared',
    });
    const launch = launchForSession({ trace: ['nvtx', 'osrt'], session }, nsys, application(20_000));
    const server = run(launch.argv);
    for (;;) {
      const { stdout } = await run([nsys.nsys, 'sessions', 'list']);
      if (stdout.includes(session)) break;
    }
    const result = await capture({ mode: 'session', session, durationS: 0.5 });
    expect(result.validation.verdict).toBe('no_kernels');
    expect((await run([nsys.nsys, 'sessions', 'list'])).stdout).toContain(session);
    await run(nsysShutdownArgv(nsys, session));
    await server;
  });

  test('a report keeps the environment of the program, and is no baseline where that holds a credential', async () => {
    const secret = 'a1b2c3d4e5f6a7b8c9d0';
    const out = join(folder(), 'report');
    await runTool(['nsys', 'profile', '--trace=osrt', '--sample=none', '--cpuctxsw=none', '-o', out, 'true'], {
      env: { ...env, WANDB_API_KEY: secret },
    });
    expect(readFileSync(`${out}.nsys-rep`).includes(secret)).toBe(true);
    await expect(hashChecked(`${out}.nsys-rep`, { secrets: [] })).rejects.toMatchObject({ code: 'secret_in_source' });
  });

  test('writes statistics as CSV under the names of its version', async () => {
    const result = await capture({ command: application(20) });
    const report = result.files[0]?.path ?? '';
    const { nsys } = await readCaptureTools({ mode: 'launch', name: 'n', out: '/', session: 's' }, run, env);
    const output = join(folder(), 'stats');
    await runTool(nsysStatsArgv(nsys, { file: report, output, reports: ['osrt_sum'] }).argv, { env });
    const [name] = ['osrt_sum', 'osrtsum']
      .map((report) => `${output}_${report}.csv`)
      .filter((path) => existsSync(path));
    expect(readFileSync(name ?? '', 'utf8')).toMatch(/^Time \(%\),Total Time \(ns\),Num Calls,/);
  });

  test.skipIf(!has('kubectl'))('captures in a pod and brings the files here', async () => {
    const cluster = await startFakeCluster([{ name: 'engine-0' }]);
    try {
      const pod = { pod: 'engine-0', namespace: 'default', kubeconfig: cluster.kubeconfig };
      const out = folder();
      const result = await capture({ command: application(20), pod, podFolder: folder(), out });
      expect(result).toMatchObject({ pod: 'engine-0', validation: { verdict: 'no_kernels' } });
      expect(result.files.map(({ path }) => path)).toEqual([join(out, 'run1.nsys-rep'), join(out, 'run1.sqlite')]);
      expect(cluster.commands.some(([tool, verb]) => tool === 'nsys' && verb === 'profile')).toBe(true);
    } finally {
      await cluster.close();
    }
  });
});

describe.skipIf(!has('ncu'))('the real ncu', () => {
  test('without a kernel writes nothing and exits with 0: said, not called a failure', async () => {
    const result = await capture({ mode: 'ncu', command: ['true'], kernels: ['gemm'] });
    expect(result).toMatchObject({ validation: { verdict: 'no_kernels' }, files: [], nsys_version: null });
  });
});
