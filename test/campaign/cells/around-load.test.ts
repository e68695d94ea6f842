// The words that run a load of a sweep are run by a real shell against a server whose metrics a test makes, without vLLM.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AROUND_LOAD_SCRIPT, aroundLoad, gaugeLines, sweptLoads } from '../../../src/campaign/cells/around-load.ts';
import { loadedServer } from '../../../src/campaign/cells/command-needs.ts';
import { loadedSpans } from '../../../src/campaign/server-gauges.ts';
import { serverTimes } from '../../../src/campaign/server-times.ts';
import { shellWords } from '../../../src/text/shell-line.ts';
import { vllmPage } from '../../load/engine-metrics.ts';
import { startStandIn, type StandIn } from '../../load/stand-in-server.ts';

let folder: string;
let server: StandIn;
let pages = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'around-load-'));
  writeFileSync(join(folder, 'around.sh'), AROUND_LOAD_SCRIPT);
  // Every page counts one request more.
  server = await startStandIn({
    metrics: () => vllmPage({ requests: (pages += 1), ttftS: 0.05, promptTokens: 16 * pages, cachedTokens: 0, running: 2, cacheUsage: 0.5 }),
  });
}); // prettier-ignore
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Runs a load of so many seconds as the sweep does; what it printed and how it ended. */
const load = async (name: string, at: string, seconds: number): Promise<{ readonly code: number; readonly stdout: string }> => {
  const result = join(folder, name);
  mkdirSync(result, { recursive: true });
  const command = `sh -c 'sleep ${seconds}; echo measured; exit 3' load --max-concurrency 4`;
  const words = shellWords(aroundLoad(join(folder, 'around.sh'), at, command)) ?? [];
  const [program = '', ...args] = [...words, '--save-result', '--result-dir', result, '--result-filename', 'run=0.json'];
  return promisify(execFile)(program, args).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  );
}; // prettier-ignore

describe('the words around a load of a sweep', () => {
  test('leave the metrics before and after it and the gauges in between, and end as the load does', async () => {
    const at = new URL(server.baseUrl).origin;
    expect(await load('whole', at, 3)).toEqual({ code: 3, stdout: 'measured\n' });
    const [found, ...others] = await sweptLoads(join(folder, 'whole'));
    expect([found, others]).toEqual([{ folder: join(folder, 'whole'), concurrency: 4 }, []]);
    expect(readdirSync(join(folder, 'whole')).sort()).toEqual(['metrics-during-c4.jsonl', 'metrics-post-c4.prom', 'metrics-pre-c4.prom']);
    const times = await serverTimes(folder, 'whole/run=0.json', 4);
    expect(times?.block).toMatchObject({ gpu_cache_usage_peak: 0.5, requests_running_peak: 2, ttft_mean_ms: expect.closeTo(50) });
    expect(times?.block['completed_requests']).toBeGreaterThanOrEqual(2);
    const { requests, command } = loadedSpans(readFileSync(join(folder, 'whole', 'metrics-during-c4.jsonl'), 'utf8'));
    const [[start = 0, end = 0] = [], [begin = 0, last = 0] = []] = [requests[0], command[0]];
    expect([begin < start, start < end, end <= last, last - begin >= 3000]).toEqual([true, true, true, true]);
  }, 60_000); // prettier-ignore

  test('keep the page from before the first run where a load has several', async () => {
    const at = new URL(server.baseUrl).origin;
    await load('twice', at, 0);
    const before = readFileSync(join(folder, 'twice', 'metrics-pre-c4.prom'), 'utf8');
    writeFileSync(join(folder, 'twice', 'run=0.json'), '{}');
    await load('twice', at, 0);
    expect(readFileSync(join(folder, 'twice', 'metrics-pre-c4.prom'), 'utf8')).toBe(before);
  });

  test('change nothing where no server answers', async () => {
    expect(await load('silent', 'http://127.0.0.1:9', 0)).toEqual({ code: 3, stdout: 'measured\n' });
    expect(readdirSync(join(folder, 'silent'))).toEqual(['metrics-during-c4.txt']);
  });
});

test('each run of a load has a window of its own: from its first to its last moment with requests', () => {
  const page = (running: number): string => `vllm:num_requests_running{engine="0"} ${running}.0`;
  const text = ['# begin 10.0', '# page 11.5', page(0), '# page 12.5', page(3), '# page 14.5', page(1), '# end 15', '# begin 30', '# page 31', page(2), '# page 33', page(2), '# end 34', ''].join('\n'); // prettier-ignore
  expect(loadedSpans(gaugeLines(text))).toEqual({
    requests: [[12_500, 14_500], [31_000, 33_000]],
    command: [[10_000, 15_000], [30_000, 34_000]],
  }); // prettier-ignore
});

test.each([
  ['vllm bench serve --model m', 'http://127.0.0.1:8000'],
  ['vllm bench serve --host ::1 --port 9000', 'http://[::1]:9000'],
  ['vllm bench serve --base-url=http://h:1/v1/', 'http://h:1'],
])('%s asks %s', (command, url) => {
  expect(loadedServer(command)).toBe(url);
});
