import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import type { CaptureInput } from '../../src/capture/capture-input.ts';
import { captureToolsOrAssumed, readCaptureTools } from '../../src/capture/capture-tools.ts';
import { runCapture, type CaptureResult } from '../../src/capture/run-capture.ts';
import { countKernels, validateNcu, validateNsys } from '../../src/capture/validate-capture.ts';
import { localRunner } from '../../src/exec/run-process.ts';
import { Fault } from '../../src/text/fault.ts';
import { standInNsys, type StandIn } from './stand-in-nsys.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'capture-'));

interface SqliteWriter {
  exec(sql: string): void;
  close(): void;
}

/** Bytes of a SQLite file made by these statements. */
const sqlite = (...statements: string[]): Buffer => {
  const { Database } = createRequire(import.meta.url)('node-sqlite3-wasm') as {
    Database: new (path: string) => SqliteWriter;
  };
  const path = join(folder(), 'x.sqlite');
  const database = new Database(path);
  for (const statement of statements) database.exec(statement);
  database.close();
  return readFileSync(path);
};

const KERNELS = 'CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, "end" INTEGER)';
const GRAPHS = 'CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE (start INTEGER, "end" INTEGER)';
const threeKernels = sqlite(KERNELS, 'INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (1,2),(3,4),(5,6)');
const noKernels = sqlite('CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT)');
const graphsOnly = sqlite(GRAPHS, 'INSERT INTO CUPTI_ACTIVITY_KIND_GRAPH_TRACE VALUES (1,2)');

const capture = async (
  stand: StandIn,
  change: Partial<CaptureInput>,
  signal = new AbortController().signal,
): Promise<CaptureResult> => {
  const run = localRunner({ env: stand.env, signal, graceMs: 200 });
  const input: CaptureInput = {
    mode: 'launch',
    name: 'run1',
    out: folder(),
    session: 's1',
    command: ['true'],
    ...change,
  };
  const tools = await readCaptureTools(input, run, stand.env);
  return runCapture(input, tools, { run, env: stand.env, signal, progress: () => undefined });
};

const faultFrom = async (work: Promise<unknown>): Promise<Fault> => {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof Fault) return outcome;
  throw new Error(`expected a Fault, got ${String(outcome)}`);
};

/** What was asked of nsys, without the questions about itself. */
const calls = (stand: StandIn): string[] =>
  readFileSync(join(stand.folder, 'nsys.calls'), 'utf8')
    .trimEnd()
    .split('\n')
    .filter((call) => !/--(help|version)/.test(call));

describe('a program under nsys', () => {
  test('gives report, export, validation and a record that bars it from baselines', async () => {
    const out = folder();
    const result = await capture(standInNsys('0', threeKernels), { out });
    expect(result).toMatchObject({
      validation: { verdict: 'usable', kernels: 3, graph_replays: 0 },
      program_exit: { code: 0, signal: null },
      nsys_version: '2025.1.1.0',
      throughput_baseline: false,
      capture_overhead: null,
    });
    expect(result.files.map(({ path }) => path)).toEqual([join(out, 'run1.nsys-rep'), join(out, 'run1.sqlite')]);
    expect(JSON.parse(readFileSync(join(out, 'run1.capture.json'), 'utf8'))).toEqual(result);
  });

  test('without kernels says so and is not called usable', async () => {
    const { validation } = await capture(standInNsys('0', noKernels), {});
    expect(validation).toMatchObject({ verdict: 'no_kernels', kernels: 0 });
    expect(validation.checks.at(-1)).toEqual({ name: 'kernels', ok: false, says: 'no kernels were recorded' });
  });

  test('whose kernels hide in graphs is invalid, and the reason names the fix', async () => {
    const { validation } = await capture(standInNsys('0', graphsOnly), {});
    expect(validation.verdict).toBe('invalid');
    expect(validation.checks.at(-1)?.says).toBe('1 CUDA graph replays hide their kernels: trace graphs by node');
  });

  test('that ended with an error of its own is still a capture; the exit code is kept', async () => {
    const result = await capture(standInNsys('143', threeKernels), {});
    expect(result).toMatchObject({ validation: { verdict: 'usable' }, program_exit: { code: 143 } });
  });

  test.each([
    ['that nsys put elsewhere, with exit code 0', 'misplaced', 'capture_misplaced'],
    ['that was never written, with exit code 0', 'nothing', 'tool_failed'],
  ])('a report %s is a fault', async (_name, mode, code) => {
    expect(await faultFrom(capture(standInNsys(mode, threeKernels), {}))).toMatchObject({ code });
  });

  test('ends its session when it is cancelled', async () => {
    const stand = standInNsys('hang', threeKernels);
    const stop = new AbortController();
    const work = faultFrom(capture(stand, {}, stop.signal));
    while (!existsSync(join(stand.folder, 'nsys.calls')) || !calls(stand).some((call) => call.startsWith('profile')))
      await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    expect(await work).toMatchObject({ kind: 'interrupted', code: 'cancelled' });
    expect(calls(stand).at(-1)).toBe('shutdown --session=s1 --kill=sigterm');
  });

  test('smaller than asked for is invalid', async () => {
    const { validation } = await capture(standInNsys('0', threeKernels), { minBytes: 10_000_000 });
    expect(validation.verdict).toBe('invalid');
    expect(validation.checks[0]?.says).toBe('the report has 8 B, less than the 10 MB asked for');
  });
});

describe('a prepared session', () => {
  const listing = (state: string): string => `  ID  TIME  STATE LAUNCH NAME\n  7  00:01  ${state}  1 s1\n`;

  test('is recorded between start and stop', async () => {
    const stand = standInNsys('0', threeKernels, listing('Launched'));
    const result = await capture(stand, { mode: 'session', durationS: 0.01 });
    expect(result).toMatchObject({ validation: { verdict: 'usable' }, program_exit: null });
    expect(calls(stand).filter((call) => /^(start|stop|cancel)/.test(call))).toEqual([
      expect.stringContaining('start --session=s1'),
      'stop --session=s1',
    ]);
  });

  test('that is not there says what to add to the deployment, and starts nothing', async () => {
    const stand = standInNsys('0', threeKernels, 'ID TIME STATE LAUNCH NAME\n');
    const fault = await faultFrom(capture(stand, { mode: 'session', durationS: 1 }));
    expect(fault).toMatchObject({ kind: 'input', code: 'capture_not_prepared' });
    expect(fault.details.data).toMatchObject({
      add_to_deployment: {
        command_prefix: ['nsys', 'launch', '--session-new=s1', expect.any(String), expect.any(String)],
      },
    });
    expect(calls(stand).some((call) => call.startsWith('start'))).toBe(false);
  });

  test('that records for somebody else is left alone', async () => {
    const stand = standInNsys('0', threeKernels, listing('Collection'));
    const fault = await faultFrom(capture(stand, { mode: 'session', durationS: 1 }));
    expect(fault).toMatchObject({ kind: 'refused', code: 'capture_session_busy' });
    expect(calls(stand).some((call) => /^(stop|cancel)/.test(call))).toBe(false);
  });

  test('is given up when the recording is cancelled', async () => {
    const stand = standInNsys('0', threeKernels, listing('Launched'));
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 600);
    await expect(capture(stand, { mode: 'session', durationS: 60 }, stop.signal)).rejects.toThrow();
    expect(calls(stand).at(-1)).toBe('cancel --session=s1');
  });
});

describe('the endpoints of an engine', () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  interface Engine {
    readonly url: string;
    readonly asked: string[];
    readonly traces: string;
  }

  /** An engine whose stop writes `trace` under `name`; `status` answers the profiling calls. */
  const engine = async (
    name: string,
    trace: string | Buffer,
    statusOf: (path: string) => number = () => 200,
  ): Promise<Engine> => {
    const traces = folder();
    const asked: string[] = [];
    const began = performance.now();
    let slow = 1;
    server = createServer((request, response) => {
      const path = request.url ?? '';
      if (path === '/metrics') {
        response.end(`vllm:generation_tokens_total{e="0"} ${(performance.now() - began) * slow}\n`);
        return;
      }
      asked.push(`${request.method ?? ''} ${path}`);
      const status = statusOf(path);
      if (path === '/start_profile') slow = 0.5;
      if (path === '/stop_profile' && status === 200) writeFileSync(join(traces, name), trace);
      response.writeHead(status).end(status === 200 ? '' : 'no such thing');
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}`, asked, traces };
  };

  const ask = (of: Engine, change: Partial<CaptureInput> = {}): Promise<CaptureResult> =>
    capture(standInNsys('0', threeKernels), {
      ...{ mode: 'endpoints', engine: 'vllm', baseUrl: of.url, durationS: 0.05, collectFrom: of.traces, finishS: 5 },
      ...change,
    });

  const trace = (category: string): string =>
    JSON.stringify({ traceEvents: [{ ph: 'X', cat: category, name: 'gemm' }] });

  test.each([
    ['a trace with kernels', 'rank0.pt.trace.json', trace('kernel'), 'usable'],
    ['a compressed trace with kernels', 'rank0.trace.json.gz', gzipSync(trace('kernel')), 'usable'],
    ['a trace without kernels', 'rank0.json', trace('cpu_op'), 'no_kernels'],
    [
      'a compressed trace that is cut off',
      'rank0.json.gz',
      gzipSync(trace('cpu_op').repeat(50)).subarray(0, 60),
      'invalid',
    ],
  ])('torch profiler: %s', async (_name, file, content, verdict) => {
    const of = await engine(file, content);
    const result = await ask(of);
    expect(of.asked).toEqual(['POST /start_profile', 'POST /stop_profile']);
    expect(result).toMatchObject({ validation: { verdict }, files: [{ path: join(of.traces, file) }] });
  });

  test('cudaProfilerApi range: the report that the engine’s nsys wrote is exported and checked', async () => {
    const of = await engine('report1.nsys-rep', 'a report');
    const result = await ask(of, { profiler: 'cuda' });
    expect(result.validation).toMatchObject({ verdict: 'usable', kernels: 3 });
    expect(result.files.map(({ path }) => path)).toContain(join(of.traces, 'report1.nsys-rep'));
    expect(result.files.map(({ path }) => basename(path)).sort()).toEqual(['report1.nsys-rep', 'report1.sqlite']);
  });

  test('an engine without a profiler says what to add', async () => {
    const of = await engine('x.json', '', () => 404);
    const fault = await faultFrom(ask(of));
    expect(fault).toMatchObject({ code: 'capture_not_prepared' });
    expect(fault.details.data).toMatchObject({
      add_to_deployment: { extra_args: ['--profiler-config', expect.any(String)] },
    });
    expect(of.asked).toEqual(['POST /start_profile']);
  });

  test('an engine that refuses is not stopped: the recording may be another’s', async () => {
    const of = await engine('x.json', '', (path) => (path === '/start_profile' ? 400 : 200));
    expect(await faultFrom(ask(of))).toMatchObject({ code: 'engine_profile_failed' });
    expect(of.asked).toEqual(['POST /start_profile']);
  });

  test('an engine is stopped when the recording is cancelled', async () => {
    const of = await engine('x.json', trace('kernel'));
    const stop = new AbortController();
    const input = { mode: 'endpoints', baseUrl: of.url, durationS: 60, collectFrom: of.traces } as const;
    const work = capture(standInNsys('0', threeKernels), input, stop.signal);
    while (of.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    setTimeout(() => stop.abort(), 50);
    await expect(work).rejects.toThrow();
    expect(of.asked).toEqual(['POST /start_profile', 'POST /stop_profile']);
  });

  test('an engine that writes nothing is not called done', async () => {
    const of = await engine('notes.txt', 'x');
    expect(await faultFrom(ask(of, { finishS: 1 }))).toMatchObject({ code: 'capture_not_prepared' });
  });

  test('an engine that is not there is said', async () => {
    const of = await engine('x.json', '');
    server?.close();
    expect(await faultFrom(ask({ ...of, url: 'http://127.0.0.1:9' }))).toMatchObject({ code: 'engine_unreachable' });
  });

  test('an engine that does not answer in time is said, and stopped', async () => {
    const asked: string[] = [];
    server = createServer((request) => asked.push(request.url ?? ''));
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await faultFrom(ask({ url, asked, traces: folder() }, { finishS: 0.3 }))).toMatchObject({
      kind: 'timeout',
      code: 'engine_timeout',
    });
    server.closeAllConnections();
    expect(asked).toEqual(['/start_profile', '/stop_profile']);
  });

  test('the overhead is measured from a counter of the engine', async () => {
    const of = await engine('x.json', trace('kernel'));
    const counter = { url: `${of.url}/metrics`, metric: 'vllm:generation_tokens_total' };
    const { capture_overhead: overhead } = await ask(of, {
      durationS: 0.4,
      rate: { counter, before: 1000, windowS: 0.1 },
    });
    expect(overhead).toMatchObject({ before: 1000, unit: 'tok/s', reason: null });
    expect(overhead?.during).toBeGreaterThan(450);
    expect(overhead?.during).toBeLessThan(550);
  });
});

describe('validation of files', () => {
  test('counts kernels of any table version', () => {
    const path = join(folder(), 'v.sqlite');
    writeFileSync(
      path,
      sqlite(KERNELS.replace('KERNEL ', 'KERNEL_V3 '), 'INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL_V3 VALUES (1,2)'),
    );
    expect(countKernels(path)).toEqual({ kernels: 1, graph_replays: 0 });
  });

  test.each([
    ['an export that is no database', Buffer.from('hello')],
    ['an export that is cut off', threeKernels.subarray(0, 100)],
  ])('%s is invalid', (_name, content) => {
    const [report, exported] = [join(folder(), 'r.nsys-rep'), join(folder(), 'r.sqlite')];
    writeFileSync(report, 'a report');
    writeFileSync(exported, content);
    expect(validateNsys(report, exported)).toMatchObject({ verdict: 'invalid', kernels: null });
  });

  test('an absent report is invalid whatever the export says', () => {
    const exported = join(folder(), 'r.sqlite');
    writeFileSync(exported, threeKernels);
    expect(validateNsys(join(folder(), 'gone'), exported).verdict).toBe('invalid');
  });

  test('ncu without a matching kernel is no capture, and no failure', () => {
    const report = join(folder(), 'r.ncu-rep');
    expect(validateNcu(report, [])).toMatchObject({ verdict: 'no_kernels', kernels: 0 });
    expect(validateNcu(report, ['gemm']).verdict).toBe('invalid');
    writeFileSync(report, 'x');
    expect(validateNcu(report, ['gemm'])).toMatchObject({ verdict: 'usable', kernels: 1 });
  });
});

test('a server without nsys is not prepared; the fault says what to add', async () => {
  const env = { PATH: '/nonexistent' };
  const input: CaptureInput = { mode: 'session', name: 'n', out: '/o', session: 's', durationS: 1 };
  const fault = await faultFrom(readCaptureTools(input, localRunner({ env }), env));
  expect(fault).toMatchObject({ code: 'capture_not_prepared', message: 'nsys is not on PATH' });
  expect(fault.details.data).toMatchObject({
    add_to_deployment: { command_prefix: expect.arrayContaining(['launch']) as string[] },
  });
});

test('a dry run without the tool assumes a present version and says so', async () => {
  const env = { PATH: folder() };
  const input: CaptureInput = { mode: 'launch', name: 'n', out: '/o', session: 's', command: ['a'] };
  const { tools, assumed } = await captureToolsOrAssumed(input, localRunner({ env }), env);
  expect(tools.nsys.version).toBeNull();
  expect(assumed).toBe('options of a present version are assumed: nsys is not on PATH');
  rmSync(env.PATH, { recursive: true });
});
