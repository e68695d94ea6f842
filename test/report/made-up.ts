// A made-up campaign through the real verbs: benchmarks with repeats, sweeps, captures, counters and a selection, written as small files
// and imported. Its numbers follow from a few sizes, so that every balance between them holds.
import { mkdirSync, readFileSync, utimesSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runVerb } from '../../src/verb/run-verb.ts';
import type { Host, Outcome } from '../../src/verb/host.ts';
import { championSelect } from '../../tools/analysis/champion-select.ts';
import { dcgmCorrelate } from '../../tools/analysis/dcgm-correlate.ts';
import { atlasAggregate } from '../../tools/campaign/atlas-aggregate.ts';
import { campaignInit } from '../../tools/campaign/campaign-init.ts';
import { importBench } from '../../tools/campaign/import-bench.ts';
import { importNcu } from '../../tools/campaign/import-ncu.ts';
import { importRooflineSweep } from '../../tools/campaign/import-roofline-sweep.ts';
import { importZymtrace } from '../../tools/campaign/import-zymtrace.ts';
import { reportRender } from '../../tools/report/report-render.ts';
import { NCU, writeTree as writeNow, ZYMTRACE } from '../campaign/bundles.ts';
import { entryOf } from '../verb/entry-of.ts';

/** A dense model of seventy billion weights, in the shape of its config. */
const MODEL = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 8192,
  intermediate_size: 28672,
  num_hidden_layers: 80,
  num_attention_heads: 64,
  num_key_value_heads: 8,
  head_dim: 128,
  vocab_size: 128256,
  tie_word_embeddings: false,
  torch_dtype: 'bfloat16',
  quantization_config: { quant_method: 'fp8' },
};

/** When everything was measured: what reads the time of a file sees it. */
const MEASURED = new Date('2026-11-20T10:00:00Z');

const writeTree = (folder: string, files: Readonly<Record<string, unknown>>): void => {
  writeNow(folder, files);
  for (const name of Object.keys(files)) utimesSync(join(folder, name), MEASURED, MEASURED);
};

export interface MadeUpCell {
  readonly cell_id: string;
  readonly hardware: string;
  readonly quant: string;
  readonly tensor_parallel: number;
  readonly parallel_strategy: 'EP' | 'TP';
  readonly mtp: boolean;
  readonly max_num_batched_tokens: number;
  /** How many times as fast as the slowest. */
  readonly speed: number;
  readonly fails?: boolean;
}

export const CONCURRENCIES = [1, 2, 4, 8, 16, 32] as const;
const ISL = 1024;
const OSL = 512;
const TRIALS = 5;

/** What one repeat of a load measured: e2e = TTFT + TPOT x (OSL - 1) and rates that follow from it. */
const serveResult = ({ speed, tensor_parallel: tp }: MadeUpCell, concurrency: number, trial: number): object => {
  const noise = 1 + 0.02 * Math.sin(7 * trial + concurrency);
  const tpot = ((6 + 0.12 * concurrency) / speed) * noise;
  const ttft = ((60 + 9 * concurrency) / speed) * (1 + 0.05 * Math.sin(3 * trial + concurrency));
  const e2e = ttft + tpot * (OSL - 1);
  const requests = 10 * concurrency;
  const duration = (10 * e2e) / 1000;
  return {
    model_id: 'org/seventy-b', tensor_parallel_size: tp, backend: 'vllm', date: `20261120-1${trial}0000`,
    num_prompts: requests, request_rate: 'inf', max_concurrency: concurrency, completed: requests, duration,
    total_input_tokens: requests * ISL, total_output_tokens: requests * OSL,
    request_throughput: requests / duration, output_throughput: (requests * OSL) / duration,
    total_token_throughput: (requests * (ISL + OSL)) / duration,
    mean_ttft_ms: ttft, median_ttft_ms: ttft, p99_ttft_ms: 1.4 * ttft,
    mean_tpot_ms: tpot, median_tpot_ms: tpot, p99_tpot_ms: 1.2 * tpot,
    mean_itl_ms: tpot, median_itl_ms: tpot, p99_itl_ms: 1.3 * tpot,
    mean_e2el_ms: e2e, median_e2el_ms: e2e, p99_e2el_ms: 1.1 * e2e,
  }; // prettier-ignore
};

const benchBundle = (cell: MadeUpCell, loads: readonly number[]): Record<string, unknown> =>
  Object.fromEntries(
    loads.flatMap((concurrency) =>
      Array.from({ length: TRIALS }, (_, trial) => [
        `c${concurrency}-r${trial}.json`,
        cell.fails === true ? { error: 'the server did not start' } : serveResult(cell, concurrency, trial),
      ]),
    ),
  );

const sweepBundle = (
  { hardware, quant, tensor_parallel }: MadeUpCell,
  config: object | null,
  slow = 1,
): Record<string, unknown> => {
  const line = (more: object): string => JSON.stringify({ seed: 0, num_prompts: 64, ...more });
  const decode = [1, 4, 16, 64, 128].map((c) => {
    const tpot = (2 + 0.012 * c) * slow;
    const seconds = (64 * (tpot * 511)) / c / 1000;
    return line({
      c, isl: 256, osl: 512,
      bench: { completed: 64, median_tpot_ms: tpot, median_ttft_ms: 30, output_throughput: (64 * 512) / seconds, request_throughput: 64 / seconds, total_input_tokens: 64 * 256, duration: seconds },
      dcgm_steady: { sm_active_mean: 0.3 + 0.003 * c, dram_active_mean: 0.62 / slow, tensor_active_mean: 0.02 + 0.003 * c },
    }); // prettier-ignore
  });
  const prefill = [512, 2048, 8192].map((isl) =>
    line({
      c: 1, isl, osl: 1,
      bench: { completed: 64, median_ttft_ms: (isl / 60) * slow, median_tpot_ms: 0, total_input_tokens: 64 * isl, duration: (64 * isl * slow) / 60_000, output_throughput: 60, request_throughput: 1000 / ((isl / 60) * slow) },
      dcgm_steady: { sm_active_mean: 0.9, dram_active_mean: 0.2, tensor_active_mean: 0.5 },
    }),
  ); // prettier-ignore
  return {
    'decode_sweep.jsonl': decode.join('\n'),
    'prefill_sweep.jsonl': prefill.join('\n'),
    'roofline_sweep_manifest.json': { model: 'org/seventy-b', hardware, quant, tensor_parallel, kv_dtype: 'fp8' },
    ...(config === null ? {} : { 'model_config.json': config }),
  };
};

const FROZEN = (gpus: number): string =>
  [
    'schema_version: 1', 'hw_key: b200_sm100', `n_gpus: ${gpus}`, 'sweep_start_utc: 2026-11-20T10:00:00Z', 'sweep_end_utc: 2026-11-20T10:23:00Z',
    'power_watts_per_gpu: 850.0', 'nodes: [node-001]', 'resources:',
    '  - {peak_key: hbm3e_tbps, metric: DCGM_FI_PROF_DRAM_ACTIVE, unit: ratio, measured_avg: 0.455}',
    '  - {peak_key: fp8_dense_pflops, metric: DCGM_FI_PROF_PIPE_TENSOR_ACTIVE, unit: ratio, measured_avg: 0.118}',
    '',
  ].join('\n'); // prettier-ignore

const PROVENANCE = {
  identity: { run_id: 'full-20261120T100000Z' },
  source: [
    { repo: 'vllm-project/vllm', branch: 'main', commit: 'abc1234def', delivery: 'image', image: 'vllm/vllm-openai:v0.12.0' },
    { repo: 'org/kernels', commit: '77aa88bb', delivery: 'infr-patch', patch_files: ['fp8-gemm.patch'], purpose: 'a faster GEMM' },
  ],
}; // prettier-ignore

/** Verbs called in this process, as the front ends call them. */
export const caller = (root: string) => {
  const host: Host = {
    cwd: root,
    env: { PATH: process.env['PATH'], SOURCE_DATE_EPOCH: '1795950000' },
    product: { name: 'profile-and-optimize', version: '0.1.0', sha: null },
    productFolder: resolve('.'),
    log: async () => undefined,
    resolveRoot: () => ({ root, source: 'test' }),
  };
  return async (verb: Parameters<typeof entryOf>[0], input: object): Promise<Outcome> => {
    const outcome = await runVerb(entryOf(verb), async () => verb, { ...input }, host);
    if (!outcome.ok) throw new Error(`${verb.verb}: ${outcome.text}`);
    return outcome;
  };
};

export interface MadeUp {
  readonly name: string;
  readonly cells: readonly MadeUpCell[];
  readonly loads?: readonly number[];
  /** Sweeps, captures, counters and a selection beside the benchmarks. */
  readonly everything?: boolean;
}

export interface MadeUpCampaign {
  readonly root: string;
  readonly folder: string;
  readonly call: ReturnType<typeof caller>;
}

/** A campaign below an empty root. */
export const madeUpCampaign = async (root: string, { name, cells, loads = CONCURRENCIES, everything = false }: MadeUp): Promise<MadeUpCampaign> => {
  mkdirSync(join(root, '.git'), { recursive: true });
  const call = caller(root);
  const listed = cells.map(({ speed: _speed, fails: _fails, ...cell }) => ({ ...cell, model: 'org/seventy-b', concurrencies: loads }));
  writeTree(root, { 'run.yaml': { name, experiment_id: `${name}-20261120T100000Z`, cells: listed, ...(everything ? { provenance: PROVENANCE } : {}) } });
  await call(campaignInit, { config: 'run.yaml' });
  const campaign = `${name}-20261120T100000Z`;
  for (const cell of cells) {
    writeTree(root, Object.fromEntries(Object.entries(benchBundle(cell, loads)).map(([file, content]) => [`bundles/${cell.cell_id}/${file}`, content])));
    await call(importBench, { campaign, bundle: `bundles/${cell.cell_id}`, cell_id: cell.cell_id, cache_mode: 'cold', dataset: 'random' });
  }
  if (everything) await addEvidence(root, campaign, cells, call);
  await call(atlasAggregate, { campaign });
  if (everything) await call(championSelect, { campaign });
  return { root, folder: join(root, 'campaigns', campaign), call };
}; // prettier-ignore

const addEvidence = async (root: string, campaign: string, [first, second]: readonly MadeUpCell[], call: ReturnType<typeof caller>): Promise<void> => {
  if (first === undefined || second === undefined) return;
  const place = (folder: string, files: Readonly<Record<string, unknown>>): string => {
    writeTree(join(root, folder), files);
    return folder;
  };
  const identity = ({ hardware, quant, tensor_parallel }: MadeUpCell) => ({ campaign, model: 'org/seventy-b', hardware, quant, tensor_parallel, cache_mode: 'cold' });
  for (const [cell, slow] of [[first, 1], [second, 1.35]] as const)
    await call(importRooflineSweep, { ...identity(cell), bundle: place(`sweeps/${cell.cell_id}`, sweepBundle(cell, MODEL, slow)), cell_id: cell.cell_id, max_num_batched_tokens: 8192 });
  await call(importZymtrace, { campaign, cell_id: first.cell_id, bundle: place('captures/zym', ZYMTRACE) });
  await call(importNcu, { campaign, cell_id: first.cell_id, bundle: place('captures/ncu', NCU) });
  place('captures', { 'frozen.yaml': FROZEN(first.tensor_parallel) });
  await call(dcgmCorrelate, { campaign, cell_id: first.cell_id, frozen_yaml: 'captures/frozen.yaml' });
}; // prettier-ignore

/** Renders a campaign: the PDF, and the status beside it. */
export const rendered = async ({
  folder,
  call,
}: MadeUpCampaign): Promise<{ readonly pdf: Uint8Array; readonly text: string }> => {
  const { text } = await call(reportRender, { campaign: folder.split('/').at(-1) ?? '' });
  return { pdf: readFileSync(join(folder, 'report.pdf')), text };
};

const hardware = (name: string, quant: string, tensor_parallel: number, speed: number, mbts: readonly number[]): MadeUpCell[] =>
  (['EP', 'TP'] as const).flatMap((parallel_strategy) =>
    mbts.map((max_num_batched_tokens) => ({
      cell_id: `${name}-tp${tensor_parallel}-${parallel_strategy}-mbt${max_num_batched_tokens}`.toLowerCase().replaceAll(' ', ''),
      hardware: name, quant, tensor_parallel, parallel_strategy, mtp: false, max_num_batched_tokens,
      speed: speed * (parallel_strategy === 'EP' ? 1.15 : 1) * (1 + max_num_batched_tokens / 80_000),
    })),
  ); // prettier-ignore

const LONG = 'a-very-long-name-of-a-configuration-that-somebody-chose-to-say-everything-about-it';

/** The campaigns that every page is looked at with. */
export const MADE_UP = {
  full: { name: 'full', everything: true, cells: [...hardware('B200', 'FP8', 8, 2.2, [2048, 8192]), ...hardware('H100', 'FP8', 8, 1, [2048, 8192])] },
  'one-arm': { name: 'one-arm', cells: hardware('B200', 'FP8', 8, 2, [8192]).slice(0, 1) },
  'sixty-arms': {
    name: 'sixty-arms',
    loads: [1, 8, 32],
    cells: Array.from({ length: 60 }, (_, index) => ({
      ...(hardware('B200', 'FP8', 8, 1 + index / 40, [8192])[0] as MadeUpCell),
      cell_id: `${LONG}-${index}`,
    })),
  },
  failures: { name: 'failures', cells: hardware('B200', 'FP8', 8, 2, [2048, 8192]).map((cell) => ({ ...cell, fails: true })) },
  gaudi: { name: 'gaudi', cells: hardware('Gaudi 3', 'FP8', 8, 1.4, [8192]) },
} as const satisfies Readonly<Record<string, MadeUp>>; // prettier-ignore
