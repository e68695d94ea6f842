// Warm calls over stdio with a real client: how long an agent waits for a diff and for a record, beside the bare round trip of
// the protocol (`tools/list`) in the same connection.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, freshRoot } from '../test/e2e/connect.ts';
import { cpuMs, median, percentile, table } from './figures.ts';

const CALLS = 200;

interface Taken {
  readonly ms: readonly number[];
  /** CPU of the server per call, all threads. */
  readonly cpu: number;
}

const times = async (pid: number, call: () => Promise<unknown>): Promise<Taken> => {
  for (let warm = 0; warm < 20; warm += 1) await call();
  const taken: number[] = [];
  const before = cpuMs(pid);
  for (let index = 0; index < CALLS; index += 1) {
    const began = performance.now();
    await call();
    taken.push(performance.now() - began);
  }
  return { ms: taken, cpu: (cpuMs(pid) - before) / CALLS };
};

export const benchVerbs = async (): Promise<void> => {
  const root = freshRoot();
  const client = await connect('2.x client, 2025-11-25', { root });
  const source = join(root, 'value.json');
  writeFileSync(source, '{"value": 310}');
  const record = { family: 'bench', measurement: 'busbw', source, value: 310, unit: 'GB/s' };
  await client.call('perf_baseline_record', record);
  const structured = {
    family: 'bench',
    measurement: 'serve',
    source: 'examples/measurements/vllm-serve-baseline.json',
  };
  await client.call('perf_baseline_record', structured);
  const pid = client.pid() ?? 0;
  const ping = await times(pid, () => client.request('resources/templates/list'));
  const recording = await times(pid, () => client.call('perf_baseline_record', record));
  const scalar = await times(pid, () =>
    client.call('perf_baseline_diff', { baseline: 'bench/busbw', current_value: [300] }),
  );
  const file = await times(pid, () =>
    client.call('perf_baseline_diff', {
      baseline: 'bench/serve',
      current: 'examples/measurements/vllm-serve-regressed.json',
    }),
  );
  await client.close();
  const row = (what: string, taken: Taken, limit: string): string[] => [
    what,
    median(taken.ms).toFixed(2),
    percentile(taken.ms, 0.95).toFixed(2),
    taken.cpu.toFixed(2),
    (median(taken.ms) / median(ping.ms)).toFixed(1),
    limit,
  ];
  table(
    'Warm calls over stdio (200 each)',
    ['what', 'p50 ms', 'p95 ms', 'CPU ms', 'ratio to a bare request', 'limit'],
    [
      row('a request without work', ping, ''),
      row('perf_baseline_record, scalar', recording, '10 ms'),
      row('perf_baseline_diff, scalar, with bundle', scalar, '5 ms'),
      row('perf_baseline_diff, vLLM result, with bundle', file, '5 ms'),
    ],
  );
};
