import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCaptureTools } from '../../src/capture/capture-tools.ts';
import type { CaptureInput } from '../../src/capture/capture-input.ts';
import { runCapture, type CaptureResult } from '../../src/capture/run-capture.ts';
import { findTool } from '../../src/exec/find-tool.ts';
import { localRunner } from '../../src/exec/run-process.ts';
import { startFakeCluster, type FakeCluster } from './fake-kube-apiserver.ts';

const missing = ['kubectl', 'python3'].filter((tool) => findTool(tool, process.env) === null);
if (missing.length > 0) console.log(`skipped: ${missing.join(' and ')} not installed`);

const folder = (): string => mkdtempSync(join(tmpdir(), 'pod-endpoints-'));
const TRACE = JSON.stringify({ traceEvents: [{ ph: 'X', cat: 'kernel', name: 'gemm', ts: 1, dur: 2 }] });

describe.skipIf(missing.length > 0)('an engine in a pod', () => {
  let cluster: FakeCluster;
  let engine: Server;
  let url: string;
  let prepared = true;
  const traces = folder();
  const bodies: string[] = [];

  beforeAll(async () => {
    cluster = await startFakeCluster([{ name: 'engine-0' }]);
    engine = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        bodies.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`);
        if (request.url === '/stop_profile') writeFileSync(join(traces, 'rank0.trace.json'), TRACE);
        response.writeHead(prepared ? 200 : 404).end('said');
      });
    });
    await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    engine.close();
    await cluster.close();
  });

  const capture = async (): Promise<CaptureResult> => {
    const env = { PATH: process.env['PATH'], HOME: cluster.home };
    const run = localRunner({ env });
    const input: CaptureInput = {
      ...{
        mode: 'endpoints',
        engine: 'sglang',
        name: 'run1',
        session: 's1',
        out: folder(),
        durationS: 0.1,
        finishS: 20,
      },
      ...{ baseUrl: url, collectFrom: traces, podFolder: folder() },
      pod: { pod: 'engine-0', namespace: 'default', kubeconfig: cluster.kubeconfig },
    };
    const world = { run, env, signal: AbortSignal.timeout(50_000), progress: () => undefined };
    return runCapture(input, await readCaptureTools(input, run, env), world);
  };

  test('is called from inside the pod, and its trace is brought here', async () => {
    const result = await capture();
    expect(bodies).toEqual([
      `POST /start_profile {"activities":["CPU","GPU"],"output_dir":"${traces}"}`,
      'POST /stop_profile ',
    ]);
    expect(result).toMatchObject({
      pod: 'engine-0',
      validation: { verdict: 'usable' },
      files: [{ bytes: TRACE.length }],
    });
    expect(result.files[0]?.path.startsWith(traces)).toBe(false);
  });

  test('without a profiler says what to add', async () => {
    prepared = false;
    await expect(capture()).rejects.toMatchObject({ code: 'capture_not_prepared' });
  });
});
