// Charts through the built command line and the built server: each kind as a file, and as an image for an agent.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, freshRoot, removeRoot, type Connection } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';
import { xmlProblem } from './well-formed.ts';

const program = resolve('dist/perftunereport.mjs');
const RESULT = readFileSync('examples/measurements/vllm-serve-baseline.json', 'utf8');
const CELL = 'b200-nvfp4-tp8-ep-mbt4096';

const SWEEP_ROW = {
  cell_id: 'base-decode', model: 'org/model', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, phase: 'decode',
  concurrency: 8, isl: 256, osl: 512, arithmetic_intensity: 4, achieved_tflops_per_gpu: 12, hbm_delivered_pct: 30,
  dram_active_pct: 36, tensor_active_pct: 4, sm_active_pct: 20, compute_peak_pflops_per_gpu: 9, hbm_peak_tbps_per_gpu: 8,
}; // prettier-ignore

const kernelCsv = (ns: number): string =>
  [
    'Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name',
    `100.0,${10 * ns},10,${ns}.0,${ns}.0,${ns - 10},${ns + 10},5.0,nvjet_gemm`,
  ].join('\n');

let root: string;
let client: Connection;
let diffs: string;
const run = (...args: string[]): Promise<Finished> =>
  runCli(args, { root, program, env: { SOURCE_DATE_EPOCH: '1764400000' } });
const file = (name: string): Buffer => readFileSync(join(root, name));

beforeAll(async () => {
  root = freshRoot();
  mkdirSync(join(root, 'bundle'));
  for (const load of [8, 32])
    writeFileSync(join(root, `bundle/c${load}.json`), RESULT.replace(/("max_concurrency": )\d+/, `$1${load}`));
  await run('campaign_init', resolve('configs/campaigns/kimi-k26.yaml'));
  await run('import_bench', '--campaign', 'kimi-k26', '--bundle', 'bundle', '--cell-id', CELL, '--cache-mode', 'cold');
  await run('atlas_aggregate', 'kimi-k26');
  const [campaign = ''] = readdirSync(join(root, 'campaigns')).filter((name) => name.endsWith('kimi-k26'));
  writeFileSync(
    join(root, 'campaigns', campaign, 'cells', CELL, 'roofline_v1.json'),
    JSON.stringify({ rows: [SWEEP_ROW, { ...SWEEP_ROW, concurrency: 64, hbm_delivered_pct: 71 }] }),
  );
  const memory = {
    threshold_percent: 75,
    reached: false,
    concurrency: 64,
    delivered_percent: 71,
    delivered_of_best_percent: null,
    dram_active_percent: null,
    dram_active_of_best_percent: null,
    from_concurrency: null,
  };
  writeFileSync(
    join(root, 'campaigns', campaign, 'cells', CELL, 'roofline_sweep.json'),
    JSON.stringify({ answers: { most_flops: null, memory, because: [] } }),
  );
  for (const [side, ns] of [['before', 400], ['after', 520]] as const) {
    mkdirSync(join(root, side));
    writeFileSync(join(root, side, 'x_cuda_gpu_kern_sum.csv'), kernelCsv(ns));
  } // prettier-ignore
  client = await connect('2.x client, 2026-07-28', { root });
  const source = resolve('examples/measurements/vllm-serve-baseline.json');
  const entry = { family: 'llama', measurement: 'serve', source };
  for (const note of ['first', 'second', 'third']) await client.call('perf_baseline_record', { ...entry, notes: note });
  const { structured } = await client.call('profile_profile_diff', { baseline: 'before', candidate: 'after' });
  diffs = join(String(structured['json']), '..');
}, 120_000);
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

/** The fields by which each kind is asked for, and words that the drawing has only if it is the right one. */
const KINDS = [
  ['scatter', () => ({ campaign: 'kimi-k26' }), 'batch tokens</text>', /gives the most per GPU/],
  ['heatmap', () => ({ campaign: 'kimi-k26' }), 'typst-text', /^Output per GPU at C=8, 32/],
  [
    'roofline',
    () => ({ campaign: 'kimi-k26' }),
    'Under the roofline',
    /Decode reaches 71.0% of memory bandwidth \(C=64\)/,
  ],
  ['trend', () => ({ measurement: 'llama/serve' }), 'level: median between changes', /^req_per_s.*too few points/],
  ['profile_diff', () => ({ diff: diffs }), 'nvjet_gemm', /nvjet_gemm|kernel time/],
] as const;

describe.each(KINDS)('a chart of kind %s', (kind, what, words, finding) => {
  test('is a file of SVG, the same bytes each time, and a sentence', async () => {
    const given = Object.entries(what()).flatMap(([field, value]) => [`--${field}`, value]);
    const answer = await run('chart', kind, ...given, '--out', `charts/${kind}.svg`, '--json');
    expect(jsonOf(answer)).toMatchObject({ kind, format: 'svg', page: 1, finding: expect.stringMatching(finding) });
    const svg = file(`charts/${kind}.svg`).toString('utf8');
    expect(svg).toContain(words);
    expect(xmlProblem(svg)).toBeNull();
    expect((await run('chart', kind, ...given, '--out', `charts/${kind}.svg`)).code).toBe(0);
    expect(file(`charts/${kind}.svg`).toString('utf8')).toBe(svg);
  });

  test('is an image for an agent, and a PNG where the file is to be one', async () => {
    const out = join(root, `charts/${kind}.png`);
    for (const page of [undefined, 1]) {
      const input = { kind, ...what(), out, ...(page === undefined ? {} : { page }) };
      const { content } = Object(
        await client.request('tools/call', { name: 'perf_tune_report_chart', arguments: input }),
      );
      const image = content.find(({ type }: { type: string }) => type === 'image');
      expect(content.map(({ type }: { type: string }) => type)).toEqual(['text', 'image', 'resource_link']);
      expect(Buffer.from(image.data, 'base64').readUInt32BE(16)).toBe(900);
    }
    expect(file(`charts/${kind}.png`).readUInt32BE(16)).toBe(1600);
  });
});

describe('what cannot be drawn', () => {
  test.each([
    [['scatter'], 'chart_of_nothing', 'needs campaign'],
    [['trend'], 'chart_of_nothing', 'needs measurement'],
    [['scatter', '--campaign', 'kimi-k26', '--page', '7'], 'page_unknown', 'the scatter has 1 page, not 7'],
    [
      ['scatter', '--campaign', 'kimi-k26', '--out', 'a.svg', '--format', 'png'],
      'format_conflict',
      'does not end in .png',
    ],
    [['scatter', '--campaign', 'kimi-k26', '--out', 'a.pdf'], 'invalid_input', 'does not end in .svg or .png'],
    [['profile_diff', '--diff', 'before/x_cuda_gpu_kern_sum.csv'], 'json_syntax', 'x_cuda_gpu_kern_sum.csv'],
    [['profile_diff', '--diff', 'bundle/c8.json'], 'profile_diff_malformed', 'holds no profile diff'],
  ])('%j is refused by name', async (args, code, words) => {
    const { code: exit, stderr } = await run('chart', ...args);
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining(words) });
    expect(stderr).toContain(code);
  });

  test('a file that this verb did not draw stays', async () => {
    writeFileSync(join(root, 'mine.png'), 'not a picture');
    expect(await run('chart', 'trend', '--measurement', 'llama/serve', '--out', 'mine.png')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('path_not_ours'),
    });
    expect(file('mine.png').toString()).toBe('not a picture');
  });
});
