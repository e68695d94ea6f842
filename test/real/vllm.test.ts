// The real `vllm bench sweep serve`, driven by cell_run through the built program: it starts vLLM on the CPU with a model of two
// layers that the test makes, and measures it with vLLM's own client.
import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshRoot, removeRoot } from '../e2e/connect.ts';
import { campaignOf, hasClient, makeModel } from './python-tools.ts';

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
  beforeAll(() => {
    root = freshRoot();
  });
  afterAll(() => removeRoot(root));

  test('is started, measured at every load that was asked for, and stopped by its own sweep', async () => {
    const [model, port] = [makeModel(root, 'weights'), await freePort()];
    const at = `--host 127.0.0.1 --port ${port}`;
    const vllm_sweep = {
      serve_cmd: `vllm serve ${model} --served-model-name tiny --max-model-len 512 --max-num-seqs 8 --enforce-eager --dtype float32 ${at}`,
      bench_cmd: `vllm bench serve --model tiny --tokenizer ${model} --dataset-name random --random-input-len 16 --random-output-len 8 --ignore-eos ${at}`,
      requests: 12,
      server_ready_timeout: 400,
    };
    const cell = await campaignOf(root, { concurrencies: [1, 4], isl: 16, osl: 8, vllm_sweep });
    expect(await cell.cellRun('vllm-sweep')).toMatchObject({ state: 'succeeded', result: { status: 'full', row_count: 2 } });
    const rows = cell.rows();
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
    const written = JSON.parse(readFileSync(join(cell.folder, one?.raw_path ?? ''), 'utf8'));
    expect(written).toMatchObject({ completed: 12, failed: 0, max_concurrency: 1, total_output_tokens: 96 });
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
  }, 900_000);
}); // prettier-ignore
