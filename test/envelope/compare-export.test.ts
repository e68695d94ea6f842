import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareRuns, comparisonMarkdown, comparisonTable } from '../../src/envelope/compare-runs.ts';
import { exportMeasurements, exportRows } from '../../src/envelope/export.ts';
import { PARETO_PAIRS, paretoFront, type ParetoPair } from '../../src/envelope/pareto.ts';
import { paretoPicture } from '../../src/envelope/pareto-picture.ts';
import { parseCsv } from '../../src/text/csv.ts';
import { CONTEXT, around, fileOf } from './readings.ts';

const PAIR: ParetoPair = {
  name: 'p',
  x: { metrics: ['speed'], wish: 'max', title: 'speed' },
  y: { metrics: ['cost'], wish: 'min', title: 'cost' },
};

describe('the Pareto front', () => {
  it('holds what nothing else beats in both', () => {
    const runs = [
      { speed: 10, cost: 5 },
      { speed: 8, cost: 3 },
      { speed: 8, cost: 4 },
      { speed: 9, cost: 6 },
    ];
    expect(paretoFront(runs, PAIR)).toEqual([0, 1]);
  });

  it('holds equals together, and nothing that lacks an axis', () => {
    expect(paretoFront([{ speed: 1, cost: 1 }, { speed: 1, cost: 1 }, { speed: 99 }], PAIR)).toEqual([0, 1]);
    expect(paretoFront([{ cost: 1 }], PAIR)).toEqual([]);
  });

  it('is never empty, is the same in any order, and beats everything outside', () => {
    const run = fc.record({ speed: fc.integer({ min: 0, max: 20 }), cost: fc.integer({ min: 0, max: 20 }) });
    fc.assert(
      fc.property(fc.array(run, { minLength: 1 }), (runs) => {
        const front = paretoFront(runs, PAIR);
        expect(front.length).toBeGreaterThan(0);
        const best = front.map((index) => runs[index]);
        const reversed = paretoFront(runs.toReversed(), PAIR).map((index) => runs.toReversed()[index]);
        const key = (each: (typeof runs)[number] | undefined): string => JSON.stringify(each);
        expect(new Set(reversed.map(key))).toEqual(new Set(best.map(key)));
        runs.forEach((each, index) => {
          if (front.includes(index)) return;
          expect(
            best.some((other) => other !== undefined && other.speed >= each.speed && other.cost <= each.cost),
          ).toBe(true);
        });
      }),
    );
  });
});

const sweep = [
  [1, 100, 9],
  [16, 1000, 12],
  [64, 1600, 40],
  [32, 900, 41],
].map(([concurrency = 1, throughput = 1, tpot = 1]) =>
  fileOf(
    `c${concurrency}.json`,
    { throughput_tok_per_s: throughput, tpot_p50_ms: tpot, ttft_p99_ms: concurrency },
    {
      context: { ...CONTEXT, concurrency, n_gpus: 2, hardware: 'H200' },
      envelope: { suite_id: 's', run_id: `run-${concurrency}` },
    },
  ),
);

describe('bench compare', () => {
  const comparison = compareRuns(sweep);

  it('derives tok/s/GPU and tok/s/user, and finds the front', () => {
    expect(comparison.runs[1]?.metrics).toMatchObject({ output_tps_per_gpu: 500, tps_per_user: 1000 / 12 });
    expect(comparison.pareto['throughput_vs_interactivity']).toEqual([0, 1, 3]);
    expect(comparison.runs[2]?.pareto['throughput_vs_interactivity']).toBe(false);
  });

  it('lists the load points of a configuration by rising load, and names what sets configurations apart', () => {
    const at = (path: string, concurrency: number, further: object) =>
      fileOf(path, { throughput_tok_per_s: 10 }, { context: { ...CONTEXT, concurrency, ...further } });
    const named = (files: Parameters<typeof compareRuns>[0]) =>
      compareRuns(files).runs.map(({ name, arm }) => `${name} | ${arm}`);
    expect(
      named([at('a/c8.json', 8, { n_gpus: 4 }), at('b/c8.json', 8, { n_gpus: 8 }), at('a/c1.json', 1, { n_gpus: 4 })]),
    ).toEqual(['c1.json | 4 GPUs', 'a/c8.json | 4 GPUs', 'b/c8.json | 8 GPUs']);
    expect(named([at('x/tp4/c8.json', 8, {}), at('x/tp8/c8.json', 8, {})])).toEqual([
      'tp4/c8.json | tp4',
      'tp8/c8.json | tp8',
    ]);
    expect(
      named([
        at('x/old/c8.json', 8, { quant: 'fp8' }),
        at('x/new/c8.json', 8, { quant: 'fp8' }),
        at('x/new/q.json', 8, { quant: 'nvfp4' }),
      ]),
    ).toEqual(['old/c8.json | old: fp8', 'new/c8.json | new: fp8', 'q.json | new: nvfp4']);
  });

  it('says which fronts there are not, and what is mixed', () => {
    expect(comparison.warnings).toEqual([
      'no front of quality_vs_cost: no run has cost_usd_per_million_tokens and goodput_req_per_s',
      'no front of throughput_vs_energy: no run has joules_per_token',
    ]);
    const other = fileOf('other.json', { throughput_tok_per_s: 1 }, { context: { ...CONTEXT, model: 'n', n_gpus: 8 } });
    expect(compareRuns([...sweep, other]).warnings.slice(0, 3)).toEqual([
      'the runs differ in suite: s, not stated',
      'the runs differ in model: m, n',
      'the runs differ in hardware: H200, not stated',
    ]);
  });

  it('lists the runs', () => {
    expect(comparisonTable(comparison).split('\n')[2]).toBe(
      'c16.json  c16    m          500.0       83.33  1,000.0        16.00        -  throughput_vs_interactivity, throughput_vs_latency',
    );
    expect(comparisonMarkdown(comparison).split('\n')).toHaveLength(6);
  });

  it('draws a picture that holds every point and no foreign markup', () => {
    const [pair] = PARETO_PAIRS;
    const evil = fileOf(
      'e.json',
      { throughput_tok_per_s: 5, tpot_p50_ms: 5 },
      { context: { ...CONTEXT, model: '<script>x</script>', n_gpus: 1 } },
    );
    const svg = pair === undefined ? null : paretoPicture(compareRuns([...sweep, evil]), pair);
    expect(svg?.match(/<title>c\d+/g)).toHaveLength(5);
    expect(svg).not.toContain('<script>');
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('draws nothing where no run has both metrics', () => {
    const energy = PARETO_PAIRS.find(({ name }) => name === 'throughput_vs_energy');
    expect(energy === undefined ? null : paretoPicture(comparison, energy)).toBeNull();
  });
});

describe('bench export', () => {
  const value = 1 / 3;
  const file = fileOf(
    'dir/c16.json',
    { throughput_tok_per_s: 1000, ttft_p99_ms: value },
    { trials: around('throughput_tok_per_s', 1000, 3), invalid: [2] },
  );

  it('is CSV that loses no digit', async () => {
    const rows = await parseCsv(exportMeasurements([file], 'csv'), 'x');
    expect(rows[0]).toEqual(['path', 'point', 'metric', 'unit', 'value', 'trials', 'minimum', 'maximum']);
    expect(Number(rows[2]?.[4])).toBe(value);
    expect(rows[1]?.slice(5)).toEqual(['2', '998', '1000.1']);
  });

  it('is CSV that starts no formula', async () => {
    const rows = await parseCsv(exportMeasurements([fileOf('=cmd|x', { a_ms: 1 })], 'csv'), 'x');
    expect(rows[1]?.[0]).toBe("'=cmd|x");
  });

  it('is Markdown, for a page or a job summary', () => {
    expect(exportMeasurements([file], 'markdown').split('\n').slice(0, 3)).toEqual([
      '### c16.json',
      '',
      'm · vllm 0.11.0 · fp16',
    ]);
    const summary = exportMeasurements([file], 'github-summary');
    expect(summary).toContain('| c16 | throughput_tok_per_s | 1,000.0 |  | 2 | 998.0 … 1,000.1 |');
    expect(summary).toContain('<details><summary>All 2 metrics</summary>');
  });

  it('keeps the metrics asked for, and points out a misspelt one', () => {
    expect(exportRows([file], ['ttft_p99_ms'])).toHaveLength(1);
    expect(() => exportRows([file], ['ttft_p9_ms'])).toThrow(
      expect.objectContaining({ code: 'metric_unknown', details: { fix: 'did you mean ttft_p99_ms?' } }),
    );
  });
});
