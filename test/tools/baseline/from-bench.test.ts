// A bench bundle, a campaign cell and an envelope become inference_perfbench_v1 entries, and two of them are compared by the tolerances
// of inference.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { serveBlock, writeTree } from '../../campaign/bundles.ts';
import { openWorkbench } from './workbench.ts';

const bench = openWorkbench('from-bench');

interface Arm {
  /** tok/s relative to the usual. */
  readonly speed?: number;
  readonly ttft?: number;
  readonly running?: number;
  readonly hits?: number;
  readonly loads?: readonly number[];
}

const scrape = (hits: number, queries: number): string =>
  [
    `vllm:prefix_cache_hits_total ${hits}`,
    `vllm:prefix_cache_queries_total ${queries}`,
    'vllm:request_success_total 0',
    '',
  ].join('\n');

/** Three runs at each concurrency, with what the server said of the first point. */
const bundle = (name: string, { speed = 1, ttft = 100, running, hits, loads = [1, 16] }: Arm = {}): string => {
  const runs = loads.flatMap((c) =>
    [1, 2, 3].map((trial): [string, string] => [
      `raw/sweep-c${c}-t${trial}.txt`,
      serveBlock({ requests: 64, seconds: (64 / c / speed) * (1 + trial / 1000), ttft: ttft + trial / 10, tpot: 10 / speed }),
    ]),
  );
  const server = running === undefined && hits === undefined ? [] : loads.flatMap((c): [string, string][] => [
    [`raw/metrics-pre-c${c}.prom`, scrape(0, 0)],
    [`raw/metrics-post-c${c}.prom`, scrape((hits ?? 0.5) * 1000, 1000)],
    [`raw/metrics-during-c${c}.jsonl`, `{"at":"2026-01-01T00:00:00Z","requests_running":${running ?? c}}\n`],
  ]);
  const facts = {
    model: 'org/model', hardware: 'B200', quantization: 'NVFP4', tensor_parallel_size: 8, max_num_seqs: 256, cache_mode: 'cold',
  };
  return writeTree(join(bench.root, name), {
    'inference_perfbench_v1.json': facts,
    ...Object.fromEntries(runs),
    ...Object.fromEntries(server),
  });
}; // prettier-ignore

const recordFrom = (measurement: string, path: string, more = {}) =>
  bench.answer('record', { family: 'f', measurement, from_bench: path, ...more });

const diffFrom = (measurement: string, path: string, more = {}) =>
  bench.answer('diff', { baseline: `f/${measurement}@latest`, from_bench: path, ...more });

const snapshotOf = (entry: { entry_dir: string }) =>
  JSON.parse(readFileSync(join(entry.entry_dir, 'source-snapshot.json'), 'utf8'));

describe('perf_baseline_record --from-bench', () => {
  it('keeps a bundle as inference_perfbench_v1, with its repeats by concurrency and the context it states', async () => {
    const path = bundle('plain');
    const entry = await recordFrom('plain', path);
    expect(entry).toMatchObject({
      format: 'inference_perfbench_v1',
      n: 3,
      source: path,
      context: { model: 'org/model', hardware: 'B200', quant: 'NVFP4', tp: 8, max_num_seqs: 256, cache_mode: 'cold' },
    });
    const document = snapshotOf(entry);
    expect(document).toMatchObject({
      schema: 'inference_perfbench_v1',
      deployment: { tensor_parallel_size: 8, quantization: 'NVFP4' },
      workload: { concurrency_sweep: [1, 16] },
      bench: { source: 'plain', layout: 'inference_perf_bench' },
    });
    expect(document.metrics['16'].ttft_p50_ms).toBe(100.2);
    expect(document.trials['16'].map((trial: { source: string }) => trial.source)).toEqual([
      'raw/sweep-c16-t1.txt',
      'raw/sweep-c16-t2.txt',
      'raw/sweep-c16-t3.txt',
    ]);
  });

  it('names the facts of the full context that neither the bench nor the caller states', async () => {
    const without = await recordFrom('missing', bundle('missing'));
    expect(without.context_missing).toContain('n_gpus');
    expect(without.context_missing).not.toContain('hardware');
    const stated = await recordFrom('missing', bundle('missing'), { context: { n_gpus: 8 } });
    expect(stated.context_missing).not.toContain('n_gpus');
  });

  it('keeps the entry under the path of the bench, and nothing in the temporary folder', async () => {
    const path = bundle('path');
    const { entry_dir: folder } = await recordFrom('path', path);
    const baseline = JSON.parse(readFileSync(join(folder, 'baseline.json'), 'utf8'));
    expect(baseline.source_path).toBe(path);
    expect(JSON.stringify(baseline)).not.toContain('profile-and-optimize-');
  });

  it('writes nothing with dry_run', async () => {
    expect(await recordFrom('dry', bundle('dry'), { dry_run: true })).toMatchObject({ entry_dir: null, n: 3 });
    expect(existsSync(join(bench.root, 'experiments/artifacts/perf-baselines/f/dry'))).toBe(false);
  });

  it('reads the rows of a campaign cell', async () => {
    const row = {
      cell_id: 'base', model: 'org/model', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8, parallel_strategy: 'TP', mtp: false,
      max_num_batched_tokens: 8192, status: 'full', request_throughput_avg: 2, output_tps_per_user: 100, output_tps_per_gpu: 125,
      total_tps_per_gpu: 250, itl_avg_ms: 10, ttfo_avg_ms: null, reasoning_token_count: null, ttfo_coverage: null, n_gpus: 8,
      n_gpus_source: 'recorded', ttft_avg_ms: 100, tpot_median_ms: 10, mean_input_tokens: 1024, mean_output_tokens: 512,
      prefix_cache_hit_rate: 0.4,
    }; // prettier-ignore
    const cell = writeTree(join(bench.root, 'campaign/cells/base'), {
      'normalized.json': [
        { ...row, concurrency: 16, extra: { server: { requests_running_peak: 16 } } },
        { ...row, concurrency: 32, output_tps_per_gpu: 200 },
      ],
    });
    const entry = await recordFrom('cell', cell);
    expect(entry.context).toMatchObject({ n_gpus: 8, tp: 8, isl: 1024, osl: 512 });
    expect(snapshotOf(entry).metrics).toMatchObject({
      16: { throughput_toks_per_s: 1000, tpot_p50_ms: 10, prefix_cache_hit_rate_post: 0.4, num_requests_running_peak: 16 },
      32: { throughput_toks_per_s: 1600 },
    }); // prettier-ignore
  });

  it('reads an envelope with its trials and their validity', async () => {
    const trial = (index: number, tokens: number) => ({
      index,
      replicate_level: 'process',
      validity: [],
      metrics: { throughput_tok_per_s: tokens, ttft_p50_ms: 50, tpot_p50_ms: 8 },
    });
    const path = bench.file('envelope.json', {
      envelope_version: 'v1.1',
      suite_id: 's',
      model: { id: 'org/model' },
      driver_options: { concurrency: 16, isl: 128, osl: 64 },
      metrics: { throughput_tok_per_s: 1000, ttft_p50_ms: 50, tpot_p50_ms: 8 },
      trials: [trial(0, 990), trial(1, 1000), trial(2, 1010)],
    });
    const entry = await recordFrom('envelope', path);
    expect(entry).toMatchObject({ n: 3, context: { isl: 128, osl: 64 } });
    expect(snapshotOf(entry).trials['16'][0]).toMatchObject({ replicate_level: 'process', validity: [] });
  });

  it('keeps a document of the format as it is', async () => {
    const path = bench.file('own.json', { schema: 'inference_perfbench_v1', metrics: { 16: { throughput_toks_per_s: 900 } } });
    expect(snapshotOf(await recordFrom('own', path))).toEqual(JSON.parse(readFileSync(path, 'utf8')));
  }); // prettier-ignore

  it.each([
    ['several configurations', { 'raw/sweep-K1-c1.txt': 10, 'raw/sweep-K2-c1.txt': 20 }, 'bench_ambiguous'],
    ['a folder of no bench', {}, 'no_measurement'],
  ])('refuses %s', async (name, runs, code) => {
    const files = Object.entries(runs).map(([file, seconds]) => [file, serveBlock({ requests: 8, seconds })]);
    const path = writeTree(join(bench.root, `refused-${code}`), { 'notes.txt': 'nothing', ...Object.fromEntries(files) });
    expect(await bench.refusal('record', { family: 'f', measurement: name.replaceAll(' ', '_'), from_bench: path })).toMatchObject({
      code,
    });
  }); // prettier-ignore

  it('takes the configuration that select names', async () => {
    const path = writeTree(join(bench.root, 'ksweep'), {
      'raw/sweep-K1-c16.txt': serveBlock({ requests: 8, seconds: 10 }),
      'raw/sweep-K2-c16.txt': serveBlock({ requests: 8, seconds: 5 }),
    });
    const entry = await recordFrom('k2', path, { select: 'ksweep-K2' });
    expect(snapshotOf(entry).metrics['16'].throughput_toks_per_s).toBeCloseTo((8 * 512) / 5, 1);
  });

  it('refuses a source beside the bench', async () => {
    const path = bundle('twice');
    const input = { family: 'f', measurement: 'twice', from_bench: path, source: path };
    expect(await bench.refusal('record', input)).toMatchObject({ code: 'source_given_twice' });
  });
});

describe('a diff of benches', () => {
  it('judges each metric at each concurrency by its own tolerance, throughput at 16 the headline', async () => {
    await recordFrom('tolerances', bundle('t-before'));
    const { rows, headline } = await diffFrom('tolerances', bundle('t-after'));
    expect(headline).toEqual(['throughput_tok_per_s[concurrency=16]']);
    const diff = JSON.parse(
      readFileSync(join((await diffFrom('tolerances', bundle('t-after'))).diff_dir, 'diff.json'), 'utf8'),
    );
    const tolerance = (key: string) => diff.deltas.find((row: { key: string }) => row.key === key)?.tolerance;
    expect(tolerance('throughput_tok_per_s[concurrency=1]')).toEqual({ percent: 3 });
    expect(tolerance('ttft_p50_ms[concurrency=16]')).toEqual({ percent: 5 });
    expect(tolerance('ttft_p99_ms[concurrency=16]')).toEqual({ percent: 15 });
    expect(tolerance('itl_p50_ms[concurrency=1]')).toEqual({ percent: 3 });
    expect(rows).toBeUndefined();
  });

  it('takes the nearest measured concurrency as the headline where 16 is not measured, and says so', async () => {
    await recordFrom('nearest', bundle('n-before', { loads: [1, 8, 64] }));
    const answer = await diffFrom('nearest', bundle('n-after', { loads: [1, 8, 64] }));
    expect(answer.headline).toEqual(['throughput_tok_per_s[concurrency=8]']);
    expect(answer.warnings.join()).toContain('the headline is throughput at 8');
  });

  it('compares two entries, repeats against repeats', async () => {
    await recordFrom('entries', bundle('e-before'));
    await bench.answer('tag', { entry: 'f/entries@latest', tag: 'golden' });
    await recordFrom('entries', bundle('e-after', { speed: 0.9 }));
    const answer = await bench.answer('diff', { baseline: 'f/entries@golden', current: ['f/entries@latest'] });
    expect(answer).toMatchObject({ verdict: 'RED', decision: { status: 'FAIL' } });
    expect(answer.trials).toMatchObject({ baseline: { valid: 3 }, current: { valid: 3 } });
  });

  it.each([
    ['throughput under contention', { running: 16 }, { speed: 0.8, running: 24 }, /more than the 16 that the client sent/, /^run alone on the server/],
    ['throughput without contention', { running: 16 }, { speed: 0.8, running: 16 }, /without contention/, /^profile both sides/],
    ['throughput, the server silent', {}, { speed: 0.8 }, /vllm:num_requests_running/, /^check the server for other load/],
    ['only the first token', {}, { ttft: 200 }, /Only the time to first token grew/, /^shorten the wait before prefill/],
    ['fewer cache hits', { hits: 0.6 }, { hits: 0.5 }, /sticky sessions/, /^route requests of one session/],
  ])('recommends by the pattern: %s', async (name, before, after, text, lever) => {
    const measurement = name.replaceAll(/[ ,]+/g, '_');
    await recordFrom(measurement, bundle(`${measurement}-before`, before));
    const answer = await diffFrom(measurement, bundle(`${measurement}-after`, after));
    expect(answer.recommendation).toMatch(text);
    expect(answer.next_lever.lever).toMatch(lever);
    expect(answer.next_lever.gate).toContain('PASS against this baseline');
  }); // prettier-ignore

  it('allows two points of the hit rate, not three', async () => {
    await recordFrom('hits', bundle('h-before', { hits: 0.6 }));
    expect((await diffFrom('hits', bundle('h-two', { hits: 0.58 }))).verdict).toBe('GREEN');
    expect((await diffFrom('hits', bundle('h-three', { hits: 0.57 }))).verdict).not.toBe('GREEN');
  });

  it('refuses a result beside the bench', async () => {
    const path = bundle('both');
    await recordFrom('both', path);
    expect(await bench.refusal('diff', { baseline: 'f/both@latest', from_bench: path, current: [path] })).toMatchObject({
      code: 'source_given_twice',
    });
  }); // prettier-ignore
});
