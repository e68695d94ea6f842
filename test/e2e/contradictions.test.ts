// A result that contradicts itself, through every door that takes results: refused as a baseline, INVALID in a comparison, with both
// values.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXAMPLES, freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

let root: string;
const at = (...names: string[]): string => join(root, ...names);
const cli = (...words: string[]): Promise<Finished> => runCli(words, { root });

/** The example with a rate that its count and duration do not give. */
const SAYS = /request_throughput is 100, but completed \/ duration is \d+/;

beforeAll(async () => {
  root = freshRoot();
  cpSync(join(EXAMPLES, 'vllm-serve-baseline.json'), at('base.json'));
  const result: Record<string, unknown> = JSON.parse(readFileSync(at('base.json'), 'utf8'));
  writeFileSync(at('bad.json'), JSON.stringify({ ...result, request_throughput: 100 }));
  mkdirSync(at('tonight/serving'), { recursive: true });
  cpSync(at('bad.json'), at('tonight/serving/chat.json'));
  expect(await cli('perf_baseline_record', 'base.json', '--family', 'serving', '--measurement', 'chat')).toMatchObject({
    code: 0,
  });
});
afterAll(() => removeRoot(root));

describe('a rate that its own count and duration do not give', () => {
  test('makes no baseline', async () => {
    const done = await cli('perf_baseline_record', 'bad.json', '--family', 'serving', '--measurement', 'bad');
    expect(done).toMatchObject({ code: 2, stderr: expect.stringMatching(SAYS) });
    expect(done.stderr).toContain('INVALID');
  });

  test('makes no baseline of one number either, but leaves the others of the file alone', async () => {
    const record = ['perf_baseline_record', 'bad.json', '--family', 'serving', '--measurement', 'one', '--select'];
    expect(await cli(...record, 'req_per_s')).toMatchObject({ code: 2, stderr: expect.stringMatching(SAYS) });
    expect(await cli(...record, 'ttft_p50_ms')).toMatchObject({ code: 0 });
  });

  const DOORS: readonly (readonly [name: string, words: readonly string[]])[] = [
    ['perf_baseline_diff', ['serving/chat@latest', 'bad.json']],
    ['bench_diff', ['base.json', 'bad.json']],
    ['bench_diff', ['bad.json', 'base.json']],
  ];

  test.each(DOORS)('%s %j: INVALID with both values, exit 4 under --strict', async (name, words) => {
    const done = await cli(name, ...words, '--strict');
    expect(done).toMatchObject({ code: 4 });
    expect(done.stdout + done.stderr).toMatch(SAYS);
    const { decision } = jsonOf(await cli(name, ...words, '--json'));
    expect(decision).toMatchObject({ status: 'INCONCLUSIVE', reason: 'contradicts_itself', rule: 'V10' });
  });

  test('perf_baseline_sweep ends with 4 under --strict', async () => {
    const done = await cli('perf_baseline_sweep', 'tonight', '--strict');
    expect(done).toMatchObject({ code: 4 });
  });
});
