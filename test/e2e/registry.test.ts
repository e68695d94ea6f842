// The registry through the built programs: a number without a file, lists that are narrowed, names, ceilings and the head of everything,
// over MCP and as flags.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveBlock, writeTree } from '../campaign/bundles.ts';
import { connect, ERAS, EXAMPLES, freshRoot, removeRoot, type Connection } from './connect.ts';
import { jsonOf, runCli } from './run-cli.ts';

const root = freshRoot();
let client: Connection;
beforeAll(async () => {
  client = await connect(ERAS[0], { root });
});
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

type Answer = Record<string, unknown>;

/** The same call by each front; the structured result, or the error in it. */
const DOORS: readonly (readonly [string, (verb: string, input: Answer) => Promise<Answer>])[] = [
  ['MCP', async (verb, input) => (await client.call(verb, input)).structured],
  [
    'flags',
    async (verb, input) => {
      const flags = Object.entries(input).flatMap(([field, value]) => [
        `--${field.replaceAll('_', '-')}`,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]);
      return jsonOf(await runCli([verb, ...flags, '--json'], { root }));
    },
  ],
];

describe.each(DOORS)('over %s', (door, call) => {
  const family = `b200_${door.toLowerCase()}`;

  it('a number is recorded without a file, and refused by name without its unit', async () => {
    const number = { family, measurement: 'copy', value: 512.3, unit: 'GB/s', context: { hardware: 'NVIDIA B200' } };
    expect(await call('perf_baseline_record', number)).toMatchObject({ value: 512.3, unit: 'GB/s', shape: 'scalar' });
    expect(await call('perf_baseline_record', { family, measurement: 'copy', value: 1 })).toMatchObject({
      error: { code: 'unit_missing', message: expect.stringMatching(/^unit is missing/) },
    });
  });

  it('a list is narrowed and shows the number', async () => {
    expect(await call('perf_baseline_list', { family, hardware: 'b200', unit: 'GB/s' })).toMatchObject({
      total: 1,
      items: [{ name: 'copy', value: 512.3, unit: 'GB/s', n: 1 }],
    });
    expect(await call('perf_baseline_list', { family, model: 'none' })).toMatchObject({ total: 0 });
  });

  it('a bench is kept as inference_perfbench_v1, and another one compared with it', async () => {
    const [slow, fast] = [12, 8].map((seconds) => {
      const run = (c: number, trial: number): [string, string] => [
        `raw/sweep-c${c}-t${trial}.txt`,
        serveBlock({ requests: 64, seconds: seconds / c + trial / 1000 }),
      ];
      const runs = [1, 16].flatMap((c) => [1, 2, 3].map((trial) => run(c, trial)));
      return writeTree(join(root, `bench-${door}-${seconds}`), Object.fromEntries(runs));
    });
    const place = { family, measurement: 'perfbench' };
    expect(await call('perf_baseline_record', { ...place, from_bench: fast })).toMatchObject({
      format: 'inference_perfbench_v1',
      n: 3,
      source: fast,
    });
    expect(
      await call('perf_baseline_diff', { baseline: `${family}/perfbench@latest`, from_bench: slow }),
    ).toMatchObject({
      verdict: 'RED',
      headline: ['throughput_tok_per_s[concurrency=16]'],
      decision: { status: 'FAIL' },
      next_lever: { lever: expect.stringContaining('num_requests_running') },
    });
  });

  it('the head of everything is given and taken again', async () => {
    const { head } = await call('perf_baseline_verify', {});
    expect(await call('perf_baseline_verify', { expect_head: head })).toMatchObject({
      ok: true,
      expected_head: 'head',
    });
    expect(await call('perf_baseline_verify', { expect_head: '0'.repeat(64) })).toMatchObject({ ok: false });
  });

  it.each([
    [{ measurement: 'CON' }, 'name_not_portable'],
    [{ measurement: 'INDEX.md' }, 'name_reserved'],
    [{ measurement: 'Copy' }, 'name_differs_by_case'],
    [{ measurement: 'copy', sol_ceiling_key: 'b200_sm100.nvlink_tbps' }, 'ceiling_unknown'],
  ])('%j is refused as %s', async (more, code) => {
    const refused = await call('perf_baseline_record', { family, value: 1, unit: 'GB/s', ...more });
    expect(refused).toMatchObject({ error: { code } });
    if (code === 'ceiling_unknown') expect(JSON.stringify(refused)).toContain('nvlink5_oneway_tbps (one-way) 0.9 TB/s');
  });
});

it("a root's own rules stand before those of the built product", async () => {
  const other = freshRoot();
  const file = (name: string, values: Answer): string => {
    writeFileSync(join(other, name), JSON.stringify(values));
    return join(other, name);
  };
  const [before, after] = [
    file('a.json', { my_step_ms: 100, ok_rate: 1 }),
    file('b.json', { my_step_ms: 108, ok_rate: 0.9 }),
  ];
  await runCli(['perf_baseline_record', '--family', 'f', '--measurement', 'm', '--source', before], { root: other });
  const adverse = async (): Promise<unknown[]> => {
    const { adverse: rows } = jsonOf(await runCli(['perf_baseline_diff', 'f/m', after, '--json'], { root: other }));
    return Array.isArray(rows) ? rows.map((row) => row.key).sort() : [];
  };
  expect(await adverse()).toEqual(['my_step_ms', 'ok_rate']);
  mkdirSync(join(other, 'configs'));
  writeFileSync(join(other, 'configs', 'metrics.yaml'), '- { match: my_step_ms, tolerance_percent: 10 }\n');
  expect(await adverse()).toEqual(['ok_rate']);
  removeRoot(other);
});

describe("a tolerance under the file's own name", () => {
  const other = freshRoot();
  afterAll(() => removeRoot(other));
  const [before, after] = ['vllm-serve-baseline.json', 'vllm-serve-regressed.json'].map((name) => join(EXAMPLES, name));
  const percents = (answer: Answer): Record<string, unknown> =>
    Object.fromEntries(
      [answer['adverse'], answer['metrics'], answer['headline_rows'], answer['improved']]
        .flatMap((rows) => (Array.isArray(rows) ? rows : []))
        .map(({ key, metric, tolerance }) => [key ?? metric, tolerance]),
    );

  it('is that of the metric, in the registry and between files', async () => {
    await runCli(['perf_baseline_record', '--family', 'f', '--measurement', 'm', String(before)], { root: other });
    const diff = ['perf_baseline_diff', 'f/m', String(after), '--tolerance.output_throughput', '11', '--json'];
    const kept = percents(jsonOf(await runCli(diff, { root: other })));
    expect(Object.entries(kept).find(([key]) => key.startsWith('throughput_tok_per_s'))?.[1]).toEqual({ percent: 11 });
    const files = ['bench_diff', String(before), String(after), '--tolerance.output_throughput', '11', '--json'];
    const { stdout } = await runCli(files, { root: other });
    expect(stdout).toContain('"tolerance":{"relative":0.11}');
  });

  it('that names nothing is refused', async () => {
    const args = ['perf_baseline_diff', 'f/m', String(after), '--tolerance.output_thruput', '11', '--json'];
    expect(jsonOf(await runCli(args, { root: other }))).toMatchObject({ error: { code: 'tolerance_unmatched' } });
  });
});
