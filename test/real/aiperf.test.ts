// The real `aiperf profile`, driven by cell_run through the built program against a server whose delays are known.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { knownServer } from './known-server.ts';
import { campaignOf, hasClient, makeModel } from './python-tools.ts';

const present = hasClient('aiperf');

describe.skipIf(!present)('the real AIPerf', () => {
  const known = knownServer();

  test('measures every load of a cell, and its files are read', async () => {
    const { root, server } = known;
    const aiperf = { endpoint_url: server.baseUrl, served_model: 'tiny', requests: 8, tokenizer: makeModel(root, 'tokenizer') };
    // AIPerf 0.13 takes no tokenizer from a folder where it is told to stay offline.
    const cell = await campaignOf(root, { concurrencies: [1, 2], isl: 16, osl: 8, aiperf }, { HF_HUB_OFFLINE: '' });
    expect(await cell.cellRun('aiperf')).toMatchObject({ state: 'succeeded', result: { status: 'full', row_count: 2 } });
    const rows = cell.rows();
    expect(rows.map(({ concurrency, status }) => [concurrency, status])).toEqual([[1, 'full'], [2, 'full']]);
    for (const { ttft_avg_ms: ttft, mean_output_tokens: osl } of rows) {
      expect(ttft).toBeGreaterThanOrEqual(60);
      expect(ttft).toBeLessThan(1000);
      expect(osl).toBeGreaterThan(1);
    }
    const [one, two] = rows;
    expect(two?.request_throughput_avg).toBeGreaterThan(one?.request_throughput_avg ?? Infinity);
    for (const { raw_path: path, concurrency } of rows) {
      const written = JSON.parse(readFileSync(join(cell.folder, path), 'utf8'));
      expect(written).toMatchObject({ request_count: { avg: 8 } });
      expect(path).toContain(`/c${concurrency}/`);
    }
    expect(server.bodies.every(({ ignore_eos: all, min_tokens: tokens }) => all === true && tokens === 8)).toBe(true);
  }, 900_000);

  test.each([
    ['synthetic prompts of a shape', {}, 1000],
    ['a data set that is replayed', { mode: 'dataset-replay', input_file: 'trace.jsonl' }, undefined],
  ])('measures the backend aa with %s', async (_, more, isl) => {
    const { root, server } = known;
    const from = server.bodies.length;
    const line = (index: number): string => JSON.stringify({ timestamp: index * 10, input_length: 12 + index, output_length: 1000, hash_ids: [index] });
    writeFileSync(join(root, 'trace.jsonl'), `${Array.from({ length: 8 }, (_each, index) => line(index)).join('\n')}\n`);
    const aa = { endpoint_url: server.baseUrl, served_model: 'tiny', requests: 4, tokenizer: makeModel(root, 'tokenizer'), shape: 'aa-1k', ...more, ...('input_file' in more ? { input_file: join(root, 'trace.jsonl') } : {}) };
    const cell = await campaignOf(root, { concurrencies: [2], aa }, { HF_HUB_OFFLINE: '' });
    expect(await cell.cellRun('aa')).toMatchObject({ state: 'succeeded', result: { status: 'full', row_count: 1 } });
    const [row] = cell.rows();
    expect(row).toMatchObject({ concurrency: 2, status: 'full' });
    expect(row?.ttft_avg_ms).toBeGreaterThanOrEqual(60);
    if (isl !== undefined) expect(row?.mean_input_tokens).toBeGreaterThan(0.9 * isl);
    const sent = server.bodies.slice(from);
    expect(sent.length).toBeGreaterThanOrEqual(4);
    for (const body of sent) expect(body).toMatchObject({ temperature: 0, top_p: 1, ignore_eos: true, min_tokens: 1000, stream: true });
  }, 900_000);
}); // prettier-ignore
