// What every gate leaves for a build server: the file of --junit and the summary of the CI job, through the built program.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EXAMPLES, freshRoot, removeRoot } from './connect.ts';
import { runCli, type Finished } from './run-cli.ts';
import { xmlProblem } from './well-formed.ts';

let root: string;
const at = (...names: string[]): string => join(root, ...names);
const put = (name: string, text: string): void => {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
};
const cli = (words: readonly string[]): Promise<Finished> =>
  runCli(words, { root, env: { GITHUB_STEP_SUMMARY: at('summary.md') } });

const KERNELS = (ns: number): string =>
  [
    'Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name',
    `100.0,${10 * ns},10,${ns}.0,${ns}.0,${ns - 10},${ns + 10},5.0,gemm`,
  ].join('\n');
const RATCHET = (ms: number): string => JSON.stringify({ configs: { m16: { median_ms: ms } } });

beforeAll(async () => {
  root = freshRoot();
  for (const side of ['baseline', 'regressed']) cpSync(join(EXAMPLES, `vllm-serve-${side}.json`), at(`${side}.json`));
  mkdirSync(at('tonight/serving'), { recursive: true });
  cpSync(at('regressed.json'), at('tonight/serving/chat.json'));
  put('before/x_cuda_gpu_kern_sum.csv', KERNELS(1000));
  put('after/x_cuda_gpu_kern_sum.csv', KERNELS(2000));
  put('current.json', RATCHET(10));
  await cli(['ratchet_check', 'current.json', '--baseline', 'best.json']);
  put('current.json', RATCHET(20));
  await cli(['perf_baseline_record', 'baseline.json', '--family', 'serving', '--measurement', 'chat']);
});
afterAll(() => removeRoot(root));

/** Every gate on something that got worse, with a case that its report must hold. */
const GATES: readonly (readonly [name: string, words: readonly string[], holds: RegExp])[] = [
  [
    'perf_baseline_diff',
    ['serving/chat@latest', 'regressed.json'],
    /<testcase classname="[^"]+" name="[^"]*throughput[^"]*">\n +<failure/,
  ],
  ['perf_baseline_sweep', ['tonight'], /name="serving\/chat"/],
  ['bench_diff', ['baseline.json', 'regressed.json'], /name="throughput_tok_per_s">\n +<failure message="regression: /],
  ['ratchet_check', ['current.json', '--baseline', 'best.json'], /name="m16">\n +<failure/],
  ['profile_profile_diff', ['before', 'after'], /name="gate">\n +<failure message="exit 1: /],
];

describe.each(GATES)('%s', (name, words, holds) => {
  const junit = `reports/${name}.xml`;

  test('writes a JUnit file and appends to the job summary, in agreement with its exit code', async () => {
    put('summary.md', 'before\n');
    const done = await cli([name, ...words, '--strict', '--junit', junit]);
    expect(done, done.stderr).toMatchObject({ code: 1 });
    const xml = readFileSync(at(junit), 'utf8');
    expect(xmlProblem(xml.replace(/^<\?xml.*\n/, ''))).toBeNull();
    expect(xml).toMatch(holds);
    expect(readFileSync(at('summary.md'), 'utf8')).toMatch(new RegExp(`^before\n# ${name}\n[^]*failed`));
  });

  test('replaces its own report, and holds no failed case where it does not end with 1', async () => {
    const done = await cli([name, ...words, '--junit', junit]);
    expect(done, done.stderr).toMatchObject({ code: name === 'ratchet_check' ? 1 : 0 });
    const failed = readFileSync(at(junit), 'utf8').includes('<failure');
    expect(failed).toBe(done.code !== 0);
  });

  test('is refused where the file is not such a report, and leaves it alone', async () => {
    put('mine.xml', '<project/>\n');
    const done = await cli([name, ...words, '--strict', '--junit', 'mine.xml']);
    expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('was not written by this verb') });
    expect(readFileSync(at('mine.xml'), 'utf8')).toBe('<project/>\n');
  });
});

test('a report is never written over an input, nor into the registry', async () => {
  const before = readFileSync(at('baseline.json'), 'utf8');
  const onInput = await cli(['bench_diff', 'baseline.json', 'regressed.json', '--junit', 'baseline.json']);
  expect(onInput).toMatchObject({ code: 2, stderr: expect.stringContaining('is read by the same call') });
  expect(readFileSync(at('baseline.json'), 'utf8')).toBe(before);
  const inRegistry = 'experiments/artifacts/perf-baselines/report.xml';
  const done = await cli(['bench_diff', 'baseline.json', 'regressed.json', '--junit', inRegistry]);
  expect(done).toMatchObject({ code: 2, stderr: expect.stringContaining('lies within the registry') });
});
