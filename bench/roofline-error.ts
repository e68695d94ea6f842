// Prints, as markdown, how far measured times are from the bounds of the estimate: the table of docs/roofline.md. Reads samples
// that lie beside the repository, in place.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parseCeilings, type CeilingTable } from '../src/hardware/ceilings.ts';
import { formatFixed, formatShare } from '../src/render/numbers.ts';
import { boundOf, type Rates } from '../src/roofline/bound.ts';
import { decodeStep, prefillStep } from '../src/roofline/build-step.ts';
import type { KvFormat } from '../src/roofline/kv-cache.ts';
import { hardwareRates, type HardwareRates } from '../src/roofline/rates.ts';
import { findModel } from '../src/roofline/find-model.ts';
import { modelOfConfigs, readModel, type ReadModel } from '../src/roofline/read-model.ts';
import type { Deployment, Step } from '../src/roofline/step.ts';
import { BF16, FP8, fp8Block, matrixBytes, NVFP4, type WeightFormat } from '../src/roofline/weight-format.ts';
import { median } from '../src/stats/describe.ts';
import { table } from './markdown-table.ts';

/** Where the samples lie beside a checkout. */
export const SAMPLES = resolve('..', 'shared', 'samples');

const CEILINGS = 'configs/sol-ceilings.yaml';
/** Below this a weight may lie in the cache from the run before, and a bound from memory does not hold. */
const CACHED_BYTES = 130e6;

/** One measured time and its bounds, in seconds; null where a line has no figure. */
interface Point {
  readonly measured: number;
  readonly datasheet: number;
  readonly typical: number | null;
}

interface Group {
  readonly sample: string;
  readonly as: string;
  readonly points: readonly Point[];
}

type Seconds = (step: Step, rates: Rates, ring: boolean) => number;

const whole: Seconds = (step, rates, ring) => {
  const { sum } = boundOf(step, rates);
  return ring ? sum.ring : sum.switched;
};

/** A step against the datasheet, and against what is typical where that line is whole. */
const pointOf = (measured: number, step: Step, { lines }: HardwareRates): Point => {
  const [datasheet, typical] = [lines.datasheet, lines.typical];
  return {
    measured,
    datasheet: whole(step, datasheet, false),
    typical: typical.hbm === null ? null : whole(step, typical, true),
  };
};

const only = (products: WeightFormat['products'], flops: number, hbmBytes: number, ringBytes = 0, switchBytes = 0): Step => ({
  passes: [
    {
      operations: [{ name: 'measured', products, flops, hbmBytes }],
      transfers: ringBytes === 0 ? [] : [{ name: 'all_reduce', count: 1, messageBytes: 0, ringBytes, switchBytes, link: 'scale_up' }],
      groupTokens: 0,
    },
  ],
  resident: { weightBytes: 0, kvBytes: 0 },
}); // prettier-ignore

type Row = Readonly<Record<string, unknown>>;

const rowsOf = async (path: string): Promise<Row[]> =>
  parquetReadObjects({ file: await asyncBufferFromFile(path), compressors });

const FORMATS: Readonly<Record<string, WeightFormat>> = {
  bfloat16: BF16,
  fp8: FP8,
  fp8_block: fp8Block(128, 128),
  nvfp4: NVFP4,
};

const gemmStep = (row: Row): Step => {
  const [m, n, k] = [Number(row['m']), Number(row['n']), Number(row['k'])];
  const format = FORMATS[String(row['gemm_dtype'])] ?? BF16;
  return only(format.products, 2 * m * n * k, matrixBytes(format, n, k) + (format.bits / 8) * m * k + 2 * m * n);
};

const cacheBytes = (row: Row): number => (row['kv_cache_dtype'] === 'bfloat16' ? 2 : 1);

const attentionStep = (row: Row): Step => {
  const [heads, kvHeads, dim] = [Number(row['num_heads']), Number(row['num_key_value_heads']), Number(row['head_dim'])];
  const [window, all] = [Number(row['window_size']), Number(row['step']) + 1];
  const keys = Number(row['batch_size']) * (window > 0 ? Math.min(window, all) : all);
  const products = row['attn_dtype'] === 'bfloat16' ? 'bf16' : 'fp8';
  return only(products, keys * 4 * heads * dim, keys * 2 * kvHeads * dim * cacheBytes(row));
};

/** Absorbed attention over the latent alone; the projections that the module times too only make it slower. */
const latentStep = (row: Row): Step => {
  const keys = Number(row['batch_size']) * (Number(row['step']) + 1);
  const products = row['kv_cache_dtype'] === 'bfloat16' ? 'bf16' : 'fp8';
  return only(products, keys * 2 * Number(row['num_heads']) * (2 * 512 + 64), keys * (512 + 64) * cacheBytes(row));
};

const allReduceStep = (row: Row): Step => {
  const [ranks, message] = [Number(row['num_gpus']), 2 * Number(row['message_size'])];
  const ring = ((2 * (ranks - 1)) / ranks) * message;
  return only('bf16', 0, 0, ring, Math.min(ring, (1 + 1 / ranks) * message));
};

interface Operations {
  readonly sample: string;
  readonly file: string;
  readonly step: (row: Row) => Step;
  readonly isCounted: (row: Row) => boolean;
}

const OPERATIONS: readonly Operations[] = [
  { sample: 'matrix products over 130 MB', file: 'gemm__gemm_perf', step: gemmStep, isCounted: () => true },
  { sample: 'attention of a decode step over 130 MB', file: 'attention__generation_attention_perf', step: attentionStep, isCounted: () => true },
  { sample: 'latent attention of a decode step over 130 MB', file: 'mla__mla_generation_module_perf', step: latentStep, isCounted: () => true },
  { sample: 'all-reduces of NCCL', file: 'comm__nccl_perf', step: allReduceStep, isCounted: (row) => row['op_name'] === 'all_reduce' && row['nccl_dtype'] === 'half' },
  { sample: 'all-reduces of the engine', file: 'comm__custom_allreduce_perf', step: allReduceStep, isCounted: () => true },
]; // prettier-ignore

const isLarge = ({ passes: [pass] }: Step): boolean =>
  pass === undefined || pass.transfers.length > 0 || (pass.operations[0]?.hbmBytes ?? 0) > CACHED_BYTES;

const operationGroups = async (samples: string, ceilings: CeilingTable): Promise<Group[]> => {
  const groups: Group[] = [];
  for (const { sample, file, step, isCounted } of OPERATIONS)
    for (const [as, prefix] of [['H100', 'h100_sxm'], ['B200', 'b200_sxm']] as const) {
      const hardware = hardwareRates(ceilings, as);
      const rows = await rowsOf(join(samples, 'measured-operations', `${prefix}__${file}.parquet`));
      const points = rows.filter(isCounted).flatMap((row) => {
        const each = step(row);
        return isLarge(each) ? [pointOf(Number(row['latency']) / 1000, each, hardware)] : [];
      });
      groups.push({ sample, as, points });
    }
  return groups;
}; // prettier-ignore

const TP = (ranks: number): Deployment => ({ mode: 'tp', ranks, stages: 1, dispatchBytes: 2 });

const noSignal = new AbortController().signal;

const engineGroups = async (samples: string, ceilings: CeilingTable): Promise<Group[]> => {
  const { model } = await readModel(join(samples, 'hf-configs', 'Qwen--Qwen3-32B_config.json'), undefined, noSignal);
  const text = readFileSync(join(samples, 'engine-steps', 'qwen3-32b-bf16-tp4_phase.sample.csv'), 'utf8');
  const [names = [], ...rows] = text.trim().split('\n').map((line) => line.split(','));
  const at = (row: readonly string[], name: string): number => Number(row[names.indexOf(name)]);
  const decode = (row: readonly string[]): Step =>
    decodeStep(model, TP(4), 'bf16', { concurrency: at(row, 'decode_requests'), contextTokens: at(row, 'mean_decode_kv_tokens') + 1, draftTokens: 0 });
  const prefill = (row: readonly string[]): Step =>
    prefillStep(model, TP(4), 'bf16', { prompts: 1, newTokens: at(row, 'ctx_tokens'), cachedTokens: at(row, 'ctx_kv_tokens'), chunkTokens: at(row, 'ctx_tokens') });
  return ['B200', 'H100'].flatMap((as) => {
    const hardware = hardwareRates(ceilings, as);
    const points = (own: readonly (readonly string[])[], step: (row: readonly string[]) => Step): Point[] =>
      own.map((row) => pointOf(at(row, 'latency_ms') / 1000, step(row), hardware));
    return [
      { sample: 'decode steps of Qwen3-32B on four GPUs', as: `${as}?`, points: points(rows.filter((row) => row[0] === 'decode'), decode) },
      { sample: 'prefills of one prompt of the same', as: `${as}?`, points: points(rows.filter((row) => row[0] === 'context' && at(row, 'ctx_requests') === 1), prefill) },
    ];
  });
}; // prettier-ignore

interface Serving {
  readonly sample: string;
  readonly folder: string;
  readonly config: string;
  readonly kvFormat: KvFormat;
}

const SERVING: readonly Serving[] = [
  { sample: 'TPOT of GLM-5 in FP8 on eight GPUs (InferenceX)', folder: 'glm-5', config: 'zai-org--GLM-5-FP8', kvFormat: 'fp8' },
  { sample: 'TPOT of Qwen3.5-397B on eight GPUs (InferenceX)', folder: 'qwen3.5', config: 'Qwen--Qwen3.5-397B-A17B', kvFormat: 'bf16' },
]; // prettier-ignore

const servingPoints = (folder: string, { model }: ReadModel, kvFormat: KvFormat, hardware: HardwareRates): Point[] =>
  readdirSync(folder).filter((name) => name.endsWith('.json')).flatMap((name) => {
    const run: Record<string, number> = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const { completed = 0, total_input_tokens: input = 0, total_output_tokens: output = 0, max_concurrency: concurrency = 0, median_tpot: measured = 0 } = run;
    const contextTokens = input / completed + output / completed / 2;
    return [pointOf(measured, decodeStep(model, TP(8), kvFormat, { concurrency, contextTokens, draftTokens: 0 }), hardware)];
  }); // prettier-ignore

const servingGroups = async (samples: string, ceilings: CeilingTable): Promise<Group[]> => {
  const groups: Group[] = [];
  for (const { sample, folder, config, kvFormat } of SERVING) {
    const read = await readModel(join(samples, 'hf-configs', `${config}_config.json`), undefined, noSignal);
    for (const as of ['H200', 'B200'])
      groups.push({ sample, as: `${as}?`, points: servingPoints(join(samples, 'inferencex', 'token-position-slo', folder), read, kvFormat, hardwareRates(ceilings, as)) });
  }
  return groups;
}; // prettier-ignore

/** Llama 2 70B with FP8 weights, one replica on each of eight MI300X; in flight by Little's law, prompts as long as answers. */
const mlperfGroups = async (samples: string, ceilings: CeilingTable): Promise<Group[]> => {
  const text = readFileSync(join(samples, 'mlperf', 'mlperf_log_summary_llama2-70b_interactive_mi300x.txt'), 'utf8');
  const figure = (name: string): number => Number(new RegExp(`^${name}\\s*:\\s*([\\d.]+)$`, 'm').exec(text)?.[1]);
  const configs = await findModel('meta-llama/Llama-2-70b-chat-hf', { root: '.', env: {}, productFolder: '.', signal: noSignal });
  if (configs === null) return [];
  const { model } = modelOfConfigs(configs, 'fp8');
  const rate = figure('Completed samples per second');
  const tokens = figure('Completed tokens per second') / rate;
  const concurrency = (rate * figure('Mean latency \\(ns\\)')) / 1e9 / 8;
  const step = decodeStep(model, TP(1), 'fp8', { concurrency, contextTokens: 1.5 * tokens, draftTokens: 0 });
  const measured = figure('50.00 percentile time to output token \\(ns\\)') / 1e9;
  return [{ sample: 'TPOT of Llama 2 70B in FP8, Interactive (MLPerf)', as: 'MI300X', points: [pointOf(measured, step, hardwareRates(ceilings, 'MI300X'))] }];
}; // prettier-ignore

const share = (part: number, of: number): string => formatShare((100 * part) / of);

const rowOf = ({ sample, as, points }: Group): string[] => {
  const typical = points.flatMap(({ measured, typical: each }) => (each === null ? [] : [{ measured, typical: each }]));
  const faster = points.filter(({ measured, datasheet }) => measured < datasheet).length;
  const inside = points.filter(({ measured, datasheet, typical: each }) => each !== null && measured >= datasheet && measured <= each).length;
  return [
    sample,
    as,
    String(points.length),
    String(faster),
    typical.length === 0 ? 'no line' : share(inside, points.length),
    formatFixed(median(points.map(({ measured, datasheet }) => measured / datasheet)), 2),
    typical.length === 0 ? 'no line' : formatFixed(median(typical.map(({ measured, typical: each }) => measured / each)), 2),
  ];
}; // prettier-ignore

const HEAD = ['measured', 'as', 'points', 'below the bound', 'in the interval', 'times the bound', 'times typical'];

/** The lines of the table; null where no samples lie beside the repository. */
export const errorTable = async (samples: string): Promise<string | null> => {
  if (!existsSync(join(samples, 'measured-operations'))) return null;
  const ceilings = await parseCeilings(readFileSync(CEILINGS, 'utf8'), CEILINGS);
  const groups = [
    ...(await operationGroups(samples, ceilings)),
    ...(await engineGroups(samples, ceilings)),
    ...(await servingGroups(samples, ceilings)),
    ...(await mlperfGroups(samples, ceilings)),
  ];
  return table(HEAD, groups.map(rowOf));
};
