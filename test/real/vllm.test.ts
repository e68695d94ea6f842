// The real `vllm bench sweep serve`, driven by cell_run through the built program: it starts vLLM on the CPU with a model of two
// layers that the test makes, and measures it with vLLM's own client.
import { createServer } from 'node:net';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshRoot, removeRoot } from '../e2e/connect.ts';
import { writeFakeDcgmi } from '../telemetry/fake-dcgmi.ts';
import { campaignOf, clientEnvironment, hasClient, makeModel, type ReadRow } from './python-tools.ts';

const present = hasClient('vllm');

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  }); // prettier-ignore

describe.skipIf(!present)('the real vLLM', () => {
  let root: string;
  let gpus: Record<string, string>;
  beforeAll(() => {
    root = freshRoot();
    writeFakeDcgmi(join(root, 'gpus'));
    gpus = { PATH: `${join(root, 'gpus')}:${clientEnvironment(root)['PATH'] ?? ''}` };
  });
  afterAll(() => removeRoot(root));

  /** A cell of two loads of twelve requests of eight tokens, measured by a sweep that starts this server. */
  const sweepOf = async (serve_cmd: string, port: number, more: object): Promise<{ readonly rows: ReadRow[]; readonly folder: string }> => {
    const at = `--host 127.0.0.1 --port ${port}`;
    const model = makeModel(root, 'weights');
    const bench_cmd = `vllm bench serve --model tiny --tokenizer ${model} --dataset-name random --random-input-len 16 --random-output-len 8 --ignore-eos ${at}`;
    const vllm_sweep = { serve_cmd, bench_cmd, requests: 12, server_ready_timeout: 400, ...more };
    const cell = await campaignOf(root, { concurrencies: [1, 4], isl: 16, osl: 8, vllm_sweep }, gpus);
    const ran = await cell.cellRun('vllm-sweep');
    expect(ran).toMatchObject({ state: 'succeeded', result: { status: 'full', row_count: 2 } });
    return { rows: cell.rows(), folder: cell.folder };
  };

  test('is started, measured at every load that was asked for, and stopped by its own sweep', async () => {
    const [model, port] = [makeModel(root, 'weights'), await freePort()];
    const serve = `vllm serve ${model} --served-model-name tiny --max-model-len 512 --max-num-seqs 8 --enforce-eager --dtype float32`;
    const { rows, folder } = await sweepOf(`${serve} --host 127.0.0.1 --port ${port}`, port, {});
    expect(rows).toMatchObject([
      { concurrency: 1, status: 'full', mean_output_tokens: 8, n_trials: 1 },
      { concurrency: 4, status: 'full', mean_output_tokens: 8, n_trials: 1 },
    ]);
    for (const { ttft_avg_ms: ttft, tpot_median_ms: tpot, request_throughput_avg: rate } of rows) {
      for (const value of [ttft, tpot, rate]) expect(value).toBeGreaterThan(0);
      // Eight tokens of a stream cannot come at a higher rate than one token after another allows.
      expect(rate).toBeLessThan((4 * 1000) / ttft);
    }
    const [one] = rows;
    const written = JSON.parse(readFileSync(join(folder, one?.raw_path ?? ''), 'utf8'));
    expect(written).toMatchObject({ completed: 12, failed: 0, max_concurrency: 1, total_output_tokens: 96 });
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
    // Each load has what its server and its GPUs did while it ran, though one command ran both.
    for (const { extra } of rows)
      expect(extra).toMatchObject({
        server: {
          completed_requests: expect.any(Number),
          preemptions: 0,
          prefix_cache_hit_rate: expect.any(Number),
          ttft_mean_ms: expect.any(Number),
          ttft_client_minus_server_pct: expect.any(Number),
        },
        gpus: { source: 'dcgmi', n_gpus: 2, means: { sm_clock_mhz: 1980 } },
      });
  }, 900_000);

  test('measures loads apart whose counters differ, with the windows in which each ran', async () => {
    const port = await freePort();
    const serve = [process.execPath, '--import', import.meta.resolve('tsx'), resolve('test/load/serve-counting.ts'), '--port', `${port}`];
    const { rows, folder } = await sweepOf(serve.join(' '), port, { after_bench_cmd: 'true' });
    const [one, four] = rows;
    // Twelve requests each: of all 24 the tenth and the twentieth are preempted, and from the sixteenth on half of a prompt is cached.
    expect(one?.extra).toMatchObject({ server: { completed_requests: 12, preemptions: 1, prefix_cache_hit_rate: 0, ttft_mean_ms: expect.closeTo(50), gpu_cache_usage_peak: 0.25 } });
    expect(four?.extra).toMatchObject({ server: { completed_requests: 12, preemptions: 1, prefix_cache_hit_rate: 0.375, ttft_mean_ms: expect.closeTo(50) } });
    const windows = rows.map(({ extra, ttft_avg_ms: ttft, power_watts_per_gpu: power }) => {
      const { server, gpus } = extra as { server: Record<string, number>; gpus: { capture: string; window_of: string } };
      expect(server['ttft_client_minus_server_pct']).toBeCloseTo((ttft / 50 - 1) * 100, 3);
      expect({ power, of: gpus.window_of }).toEqual({ power: 650, of: 'requests' });
      const capture = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((file) => file.endsWith(gpus.capture)) ?? '';
      const { start, end } = JSON.parse(readFileSync(join(folder, capture), 'utf8')).window as { start: string; end: string };
      return [start, end];
    });
    // One after the other, and none reaches into the other.
    expect(windows.flat().toSorted()).toEqual(windows.flat());
  }, 900_000);
}); // prettier-ignore
