// A roofline sweep in a pod that serves, by the built program and the real kubectl: counters beside each point, and nothing left behind.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POD_FOLDER } from '../../src/cluster/pod-scripts.ts';
import { runCli, type Finished } from '../e2e/run-cli.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { writeFakeDcgmi } from '../telemetry/fake-dcgmi.ts';
import { startKubeServer, type KubeServer } from './kube-server.ts';

const hasKubectl = spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
if (!hasKubectl) console.warn('skipped: a roofline sweep in a pod: kubectl is not installed');

/** A client that takes four seconds, in the place of `vllm`. */
const CLIENT = `#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in --result-dir) dir=$2 ;; --result-filename) file=$2 ;; esac
  shift
done
sleep 4
printf '{"completed":16,"duration":3.5,"median_ttft_ms":25.5,"median_tpot_ms":10.5,"output_throughput":90.0,"request_throughput":2.0,"total_input_tokens":4096}' > "$dir/$file"
`;

let server: KubeServer;
let engine: StandIn;
let root: string;
const sweep = (...args: string[]): Promise<Finished> =>
  runCli(['roofline_sweep', 'default', 'serve-0', 'roof-x9', 'org/model', 'org/model', '1', '512', ...args], {
    root,
    program: resolve('dist/perftunereport.mjs'),
    env: { KUBECONFIG: server.kubeconfig, PATH: process.env['PATH'] ?? '', HOME: server.home },
  });

describe.skipIf(!hasKubectl)('a roofline sweep in a pod', () => {
  beforeAll(async () => {
    const image = mkdtempSync(join(tmpdir(), 'image-bin-'));
    writeFileSync(join(image, 'vllm'), CLIENT, { mode: 0o755 });
    writeFakeDcgmi(image, { lacks: { 1008: -6 } });
    server = await startKubeServer({ path: `${image}:${process.env['PATH'] ?? ''}` });
    engine = await startStandIn({ models: ['org/model'] });
    server.seedPod('serve-0', [{ name: 'main' }]);
    root = mkdtempSync(join(tmpdir(), 'roofline-in-pod-'));
    mkdirSync(join(root, '.git'));
  }, 60_000);
  afterAll(async () => {
    await engine.close();
    await server.close();
  });

  test('measures each point there with dcgmi beside it, and takes away what it put there', async () => {
    const done = await sweep('--endpoint-url', engine.baseUrl, '--i-understand-this-submits-jobs', '--wait-s', '200');
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('2 points of 2 measured') });
    const [line] = readFileSync(join(root, 'roof-x9', 'decode_sweep.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const point = JSON.parse(line ?? '');
    expect(point).toMatchObject({ tag: 'decode-c1', bench: { output_throughput: 90 }, dcgm_steady: { n_gpus: 2 } });
    expect(point.dcgm_steady.sm_active_mean).toBeCloseTo(0.8);
    expect(point.dcgm_steady.dram_active_mean).toBeCloseTo(0.6);
    expect(point.dcgm_steady).not.toHaveProperty('fp16_active_mean');
    const left = existsSync(POD_FOLDER) ? readdirSync(POD_FOLDER).filter((name) => name.startsWith('roof-x9')) : [];
    expect(left).toEqual([]);
  }, 240_000);
});
