import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readMeasurement } from '../../src/importers/read.ts';
import { localRunner } from '../../src/exec/run-process.ts';
import { compareFiles, PAGE_NAME, REPORT_NAME } from '../../src/sota/compare-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sota-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (path: string, value: unknown) => {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), typeof value === 'string' ? value : JSON.stringify(value));
};
const compare = async (comparison: unknown) => {
  await write('sota.yaml', comparison);
  return compareFiles({
    specPath: join(folder, 'sota.yaml'),
    outputFolder: join(folder, 'report'),
    cwd: folder,
    run: localRunner({ env: { PATH: process.env['PATH'] } }),
    now: '2026-11-23T00:00:00Z',
  });
};
const readBack = async (path: string) => {
  const outcome = await readMeasurement(path);
  if (outcome.kind !== 'measured') throw new Error(outcome.reason);
  return outcome.reading;
};
const report = () => readFile(join(folder, 'report', REPORT_NAME), 'utf8');

/** An envelope with trials inside. */
const envelope = (version: string, rates: readonly number[]) => ({
  engine: { name: 'vllm', version },
  model: { id: 'Qwen/Qwen2.5-7B-Instruct' },
  trials: rates.map((throughput_tok_per_s) => ({ metrics: { throughput_tok_per_s } })),
});
const serving = {
  title: 'Serving, compared',
  reference: 'ours',
  same: ['model.id'],
  scenarios: [
    {
      name: 'chat',
      parameters: { concurrency: 16 },
      value: 'trials.*.metrics.throughput_tok_per_s',
      unit: 'tok/s',
      direction: 'higher-is-better',
    },
  ],
  implementations: [
    { name: 'ours', pinned: '0.11.0', version: { field: 'engine.version' }, results: 'ours/{scenario}' },
    { name: 'vllm', pinned: '0.11.0', version: { field: 'engine.version' }, results: 'vllm/{scenario}' },
  ],
};
const RATES = [100, 101, 99, 100.5, 99.5, 100.2];

describe('existing results', () => {
  test('trials inside a file and files of a folder are both samples; the report holds versions, figures and plots', async () => {
    await write(
      'ours/chat/c16-a.json',
      envelope(
        '0.11.0',
        RATES.map((rate) => rate * 1.3),
      ),
    );
    await write('vllm/chat/c16-a.json', envelope('0.11.0', RATES.slice(0, 3)));
    await write('vllm/chat/c16-b.json', envelope('0.11.0', RATES.slice(3)));
    const result = await compare(serving);
    expect(result.pairs).toMatchObject([{ scenario: 'chat', against: 'vllm', verdict: 'better', cliffs_delta: 1 }]);
    const text = await report();
    expect(text).toContain('ours against the others in 1 comparisons: 1 better.');
    expect(text).toContain('| vllm | 0.11.0 | 0.11.0 | results vllm/{scenario} |');
    expect(text).toContain('| vllm | 1.30× | 1.2');
    expect((await readdir(join(folder, 'report'))).sort()).toEqual([
      PAGE_NAME,
      REPORT_NAME,
      'comparison.json',
      'ratios.svg',
      'trials-chat.svg',
    ]);
    const page = await readFile(join(folder, 'report', PAGE_NAME), 'utf8');
    expect(page.match(/<svg /g)).toHaveLength(2);
    expect(page).toContain('ours against the others in 1 comparisons: 1 better.');
    expect(JSON.parse(await readFile(join(folder, 'report', 'comparison.json'), 'utf8')).cells[1].samples).toEqual(
      RATES,
    );
  });

  test('trials of an envelope that do not count are no samples', async () => {
    const marked = (invalid: readonly number[]): unknown => {
      const whole = envelope('0.11.0', RATES) as { trials: object[] };
      const trials = whole.trials.map((trial, index) => ({
        ...trial,
        validity: invalid.includes(index) ? ['throttle', 'no_telemetry'] : ['no_telemetry'],
      }));
      return { ...whole, envelope_version: 'v1.1', trials };
    };
    await write('ours/chat/a.json', marked([1, 4]));
    await write('vllm/chat/a.json', marked([0, 1, 2, 3, 4, 5]));
    const { cells } = await compare(serving);
    expect(cells[0]?.samples).toEqual([100, 99, 100.5, 100.2]);
    expect(cells[1]).toMatchObject({ samples: [], problem: 'none of its 6 trials is valid' });
  });

  test('a metric of a known format is read by its reader, in the unit of the scenario', async () => {
    const whole = (ms: readonly number[], invalid = -1) => ({
      envelope_version: 'v1.1',
      engine: { name: 'vllm', version: '0.11.0' },
      model: { id: 'm' },
      metrics: { ttft_p50_ms: ms[0] },
      trials: ms.map((ttft_p50_ms, index) => ({
        index,
        metrics: { ttft_p50_ms },
        validity: index === invalid ? ['throttle'] : ['no_telemetry'],
      })),
    });
    await write('ours/chat/a.json', whole([40, 41, 39, 90], 3));
    await write('vllm/chat/a.json', whole([80, 82, 78]));
    const chat = { ...serving.scenarios[0], value: 'ttft_p50_ms', unit: 's', direction: 'lower-is-better' };
    const { cells } = await compare({ ...serving, scenarios: [chat] });
    expect(cells.map(({ samples }) => samples)).toEqual([
      [0.04, 0.041, 0.039],
      [0.08, 0.082, 0.078],
    ]);
    const other = { ...chat, unit: 'GB/s' };
    expect((await compare({ ...serving, scenarios: [other] })).cells[0]?.problem).toContain('does not convert');
  });

  test('what was compared can be recorded and read again', async () => {
    await write('ours/chat/a.json', envelope('0.11.0', RATES));
    await write('vllm/chat/a.json', envelope('0.11.0', RATES.slice(0, 3)));
    await compare(serving);
    const reading = await readBack(join(folder, 'report', 'comparison.json'));
    expect(reading).toMatchObject({
      format: 'sota_comparison',
      metrics: [
        { unit: 'tok/s', direction: 'higher-is-better', labels: { scenario: 'chat', implementation: 'ours' } },
        { value: 100, labels: { scenario: 'chat', implementation: 'vllm' } },
      ],
      warnings: ['points were repeated 3 to 6 times'],
    });
    expect(reading.trials).toHaveLength(6);
  });

  test('a version other than the pinned one is refused and nothing is written', async () => {
    await write('ours/chat/a.json', envelope('0.11.0', RATES));
    await write('vllm/chat/a.json', envelope('0.10.2', RATES));
    await expect(compare(serving)).rejects.toMatchObject({
      code: 'version_differs',
      message: expect.stringContaining('0.10.2'),
    });
    expect(await readdir(folder)).not.toContain('report');
  });

  test('absent results are a cell without a measurement', async () => {
    await write('ours/chat/a.json', envelope('0.11.0', RATES));
    const result = await compare(serving);
    expect(result.pairs[0]).toMatchObject({
      verdict: 'no_measurement',
      reason: expect.stringContaining('does not exist'),
    });
    expect(await report()).toContain('no measurement: vllm:');
  });

  test.each([
    ['no value', { engine: { version: '0.11.0' } }, 'the result holds no trials.*.metrics.throughput_tok_per_s'],
    ['a value of zero', envelope('0.11.0', [0]), 'not a number above zero'],
  ])('a result with %s says so', async (_, broken, message) => {
    await write('ours/chat/a.json', envelope('0.11.0', RATES));
    await write('vllm/chat/a.json', broken);
    expect((await compare(serving)).pairs[0]?.reason).toContain(message);
  });
});

describe('commands', () => {
  /** Prints a time for its shape that depends on the implementation, and appends its name to a log. */
  const SCRIPT = `
    const [name, shape] = process.argv.slice(2);
    require('node:fs').appendFileSync('order.log', name[0]);
    if (name === 'broken') { console.error('out of memory'); process.exit(3); }
    const factor = { ours: 1, slow: 2 }[name] * (1 + 0.01 * Math.sin(process.pid));
    console.log('loading');
    console.log(JSON.stringify({ performance: { median_ms: factor * JSON.parse(shape).seq } }));
  `;
  const implementation = (name: string) => ({
    name,
    pinned: '2.8.3',
    version: { command: ['node', '-p', '"kernels 2.8.3"'] },
    command: ['node', 'bench.cjs', name, '{parameters}'],
  });
  const kernels = {
    title: 'Kernels, compared',
    reference: 'ours',
    trials: 5,
    scenarios: [
      {
        name: 'short',
        parameters: { seq: 512 },
        value: 'performance.median_ms',
        unit: 'ms',
        direction: 'lower-is-better',
      },
    ],
    implementations: [implementation('ours'), implementation('slow')],
  };

  test('take turns, each trial starting with another one', async () => {
    await write('bench.cjs', SCRIPT);
    const result = await compare(kernels);
    expect(result.pairs[0]).toMatchObject({ verdict: 'better' });
    expect(result.pairs[0]?.ratio).toBeCloseTo(2, 1);
    expect(await readFile(join(folder, 'order.log'), 'utf8')).toBe('ossoossoos');
  });

  test('one that fails is left alone after its first failure, with its reason', async () => {
    await write('bench.cjs', SCRIPT);
    const result = await compare({ ...kernels, implementations: [implementation('ours'), implementation('broken')] });
    expect(result.pairs[0]).toMatchObject({ verdict: 'no_measurement', reason: 'broken: exit code 3: out of memory' });
    expect((await readFile(join(folder, 'order.log'), 'utf8')).split('b')).toHaveLength(2);
  });

  test('an unpinned version is refused before anything runs', async () => {
    await write('bench.cjs', SCRIPT);
    const other = { ...implementation('slow'), pinned: '2.8' };
    await expect(compare({ ...kernels, implementations: [implementation('ours'), other] })).rejects.toMatchObject({
      code: 'version_differs',
    });
    expect(await readdir(folder)).not.toContain('order.log');
  });

  test('a tool that is absent is named', async () => {
    const absent = { ...implementation('slow'), command: ['kernel-bench-that-is-absent'] };
    await write('bench.cjs', SCRIPT);
    await expect(compare({ ...kernels, implementations: [implementation('ours'), absent] })).rejects.toMatchObject({
      code: 'tool_missing',
    });
  });
});
