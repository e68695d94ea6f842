// roofline_sweep through the built program with vLLM's real client, against a server whose delays are known; what it wrote is imported.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { jsonOf, runCli, type Finished } from '../e2e/run-cli.ts';
import { knownServer } from './known-server.ts';
import { clientEnvironment, hasClient, makeModel } from './python-tools.ts';

const present = hasClient('vllm');
const ID = 'real-20261128T010203Z';

interface Line {
  readonly tag: string;
  readonly bench: { readonly median_ttft_ms: number; readonly median_tpot_ms: number; readonly completed: number };
} // prettier-ignore

describe.skipIf(!present)("a roofline sweep by vLLM's real client", () => {
  const known = knownServer();

  test('measures decode and prefill as they were asked for, and is imported', async () => {
    const { root, server } = known;
    const model = makeModel(root, 'weights');
    const run = (...args: string[]): Promise<Finished> =>
      runCli(args, { root, env: clientEnvironment(root), program: resolve('dist/perftunereport.mjs') });
    const args = ['--out', 'roof', '--model', model, '--served-model', 'tiny', '--endpoint-url', server.baseUrl, '--concurrencies', '1,2', '--isls', '64,128'];
    const done = jsonOf(await run('roofline_sweep', ...args, '--i-understand-this-submits-jobs', '--wait-s', '840', '--json'));
    expect(done).toMatchObject({ state: 'succeeded', result: { points: [1, 2, 3, 4].map(() => ({ measured: true, failure: null })) } });
    const lines = (file: string): Line[] => readFileSync(join(root, 'roof', file), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Line); // checked boundary: what the product wrote
    expect(lines('decode_sweep.jsonl').map(({ tag }) => tag)).toEqual(['decode-c1', 'decode-c2']);
    expect(lines('prefill_sweep.jsonl').map(({ tag }) => tag)).toEqual(['prefill-i64', 'prefill-i128']);
    for (const { bench } of lines('decode_sweep.jsonl')) {
      expect(bench.median_ttft_ms).toBeGreaterThanOrEqual(60);
      expect(bench.completed).toBeGreaterThan(0);
    }
    expect(existsSync(join(root, 'roof', 'model_config.json'))).toBe(true);
    writeTree(root, { 'run.yaml': { experiment_id: ID, cells: [{ ...CELL, cell_id: 'roof', model: 'tiny' }] } });
    jsonOf(await run('campaign_init', 'run.yaml', '--json'));
    const identity = ['--hardware', 'B200', '--quant', 'NVFP4', '--tensor-parallel', '8'];
    const imported = jsonOf(await run('import_roofline_sweep', '--campaign', ID, '--bundle', 'roof', '--cell-id', 'roof', ...identity, '--json'));
    expect(imported).toMatchObject({ row_count: 4, unread: [] });
    rmSync(join(root, 'campaigns'), { recursive: true, force: true });
  }, 900_000);
}); // prettier-ignore
