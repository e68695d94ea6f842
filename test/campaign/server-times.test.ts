// What the counters of a server say of a point, from pages as vLLM and SGLang write them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { besideClient, serverTimes } from '../../src/campaign/server-times.ts';
import { sglangPage, vllmPage, type EngineState } from '../load/engine-metrics.ts';

const BEFORE: EngineState = {
  requests: 100,
  ttftS: 0.3,
  promptTokens: 50_000,
  cachedTokens: 40_000,
  preemptions: 3,
  drafts: [10, 30, 12],
};
const AFTER: EngineState = {
  requests: 180,
  ttftS: 0.2,
  promptTokens: 130_000,
  cachedTokens: 60_000,
  preemptions: 5,
  drafts: [110, 330, 232],
};

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'server-times-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const pair = (load: number, before: string, after: string): void => {
  writeFileSync(join(folder, `metrics-pre-c${load}.prom`), before);
  writeFileSync(join(folder, `metrics-post-c${load}.prom`), after);
};

describe('the server beside a point', () => {
  test('vLLM: what grew between the two pages, not what they hold', async () => {
    pair(8, vllmPage(BEFORE), vllmPage(AFTER));
    const times = await serverTimes(folder, 'c8.json', 8);
    expect(times?.values).toEqual({ prefix_cache_hit_rate: 0.25, acceptance_length: 3.2, spec_accept_rate: 220 / 300 });
    expect(times?.block).toMatchObject({ completed_requests: 80, preemptions: 2, prefix_cache_hit_rate: 0.25, scrapes: '.' });
    expect(times?.block['ttft_mean_ms']).toBeCloseTo(((180 * 0.2 - 100 * 0.3) / 80) * 1000);
  });

  test('SGLang: counters that came up with the first request began at nothing', async () => {
    pair(4, sglangPage({ ...BEFORE, requests: 0 }), sglangPage(AFTER));
    const times = await serverTimes(folder, 'c4.json', 4);
    expect(times?.block).toMatchObject({
      completed_requests: 180, preemptions: 5, prefix_cache_hit_rate: 60 / 130, acceptance_length: 1 + 232 / 110, ttft_mean_ms: 200,
    });
  }); // prettier-ignore

  test('percentiles lie inside of their bucket, and one above the last bound is not known', async () => {
    const page = (low: number, high: number, above: number): string =>
      [['0.1', low], ['0.5', low + high], ['+Inf', low + high + above]]
        .map(([le, count]) => `vllm:time_to_first_token_seconds_bucket{le="${le}"} ${count}`)
        .concat(`vllm:time_to_first_token_seconds_sum ${low + high + above}`, `vllm:time_to_first_token_seconds_count ${low + high + above}`)
        .join('\n'); // prettier-ignore
    pair(2, page(5, 0, 0), page(55, 45, 5));
    const { block = {} } = (await serverTimes(folder, 'c2.json', 2)) ?? {};
    expect(block['ttft_p50_ms']).toBeCloseTo(100);
    expect(block['ttft_p95_ms']).toBeCloseTo(500);
    expect(block).not.toHaveProperty('ttft_p99_ms');
  });

  test('gauges in between give the peaks; a line that was cut off says nothing', async () => {
    pair(1, vllmPage(BEFORE), vllmPage(AFTER));
    const lines = [[0.2, 1], [0.9, 4], [0.4, 2]].map(([usage, running]) => JSON.stringify({ at: 'x', gpu_cache_usage: usage, requests_running: running }));
    writeFileSync(join(folder, 'metrics-during-c1.jsonl'), `${lines.join('\n')}\n{"at":"x","gpu_cache_us`);
    const times = await serverTimes(folder, 'c1.json', 1);
    expect(times?.block).toMatchObject({ gpu_cache_usage_peak: 0.9, requests_running_peak: 4 });
  }); // prettier-ignore

  test('a server that began anew in between says nothing of its counters', async () => {
    pair(16, vllmPage(AFTER), vllmPage(BEFORE));
    const times = await serverTimes(folder, 'c16.json', 16);
    expect(times?.values).toEqual({});
    expect(times?.block).toEqual({ scrapes: '.' });
  });

  test.each([
    [230, 15],
    [200, 0],
    [190, -5],
  ])('a client that measures %d ms where the server counts 200 is %d percent apart', (client, apart) => {
    const block = besideClient({ ttft_mean_ms: 200 }, { ttft_mean_ms: client });
    expect(block['ttft_client_minus_server_pct']).toBeCloseTo(apart);
  });

  test('a side that measures nothing is compared with nothing', () => {
    expect(besideClient({}, { ttft_mean_ms: 1 })).toEqual({});
    expect(besideClient({ ttft_mean_ms: 1 }, {})).toEqual({ ttft_mean_ms: 1 });
  });
}); // prettier-ignore
