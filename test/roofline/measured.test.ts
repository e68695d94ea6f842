// The bound against times that were really measured: operations of H100 and B200, steps of an engine. A time below the bound
// would mean that a formula or a ceiling is wrong.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { describe, expect, it } from 'vitest';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { boundOf, type Rates } from '../../src/roofline/bound.ts';
import { decodeStep, prefillStep } from '../../src/roofline/build-step.ts';
import { estimate } from '../../src/roofline/estimate.ts';
import { ledgerOf } from '../../src/roofline/ledger.ts';
import { hardwareRates } from '../../src/roofline/rates.ts';
import { readModel } from '../../src/roofline/read-model.ts';
import type { Step } from '../../src/roofline/step.ts';
import { BF16, FP8, fp8Block, matrixBytes, NVFP4, type WeightFormat } from '../../src/roofline/weight-format.ts';

const SAMPLES = resolve('..', 'shared', 'samples');
const OPERATIONS = join(SAMPLES, 'measured-operations');
const STEPS = join(SAMPLES, 'engine-steps', 'qwen3-32b-bf16-tp4_phase.sample.csv');
const absent = !existsSync(OPERATIONS) || !existsSync(STEPS);
if (absent) console.log(`skipped: no measured times at ${SAMPLES}`);

const PATH = 'configs/sol-ceilings.yaml';
const table = await parseCeilings(readFileSync(PATH, 'utf8'), PATH);
const FORMATS: Readonly<Record<string, WeightFormat>> = {
  bfloat16: BF16,
  fp8: FP8,
  fp8_block: fp8Block(128, 128),
  nvfp4: NVFP4,
};
/** Below this a weight may lie in the cache from the run before. */
const CACHED_BYTES = 130e6;

const only = (products: WeightFormat['products'], flops: number, hbmBytes: number): Step => ({
  passes: [{ operations: [{ name: 'measured', products, flops, hbmBytes }], transfers: [], groupTokens: 0 }],
  resident: { weightBytes: 0, kvBytes: 0 },
});

const seconds = (step: Step, rates: Rates): number => boundOf(step, rates).withoutCommunication;
const rowsOf = async (file: string): Promise<Record<string, unknown>[]> =>
  parquetReadObjects({ file: await asyncBufferFromFile(join(OPERATIONS, file)), compressors });

describe.skipIf(absent)('no measured operation is faster than its bound', () => {
  it.each([
    ['H100', 'h100_sxm', 49],
    ['B200', 'b200_sxm', 16],
  ])(
    'matrix products on %s (%s), but for %d whose weights fit its cache',
    async (hardware, file, cached) => {
      const rates = hardwareRates(table, hardware).lines.datasheet;
      const rows = await rowsOf(`${file}__gemm__gemm_perf.parquet`);
      const faster = rows.flatMap((row) => {
        const [m, n, k] = [Number(row['m']), Number(row['n']), Number(row['k'])];
        const format = FORMATS[String(row['gemm_dtype'])] ?? BF16;
        const bytes = matrixBytes(format, n, k) + (format.bits / 8) * m * k + 2 * m * n;
        const bound = seconds(only(format.products, 2 * m * n * k, bytes), rates);
        return Number(row['latency']) / 1000 < bound ? [bytes] : [];
      });
      expect(rows.length).toBeGreaterThan(100_000);
      expect(faster.filter((bytes) => bytes > CACHED_BYTES)).toEqual([]);
      expect(faster).toHaveLength(cached);
    },
    60_000,
  );

  it.each([
    ['H100', 'h100_sxm'],
    ['B200', 'b200_sxm'],
  ])(
    'attention of a decode step on %s',
    async (hardware, file) => {
      const rates = hardwareRates(table, hardware).lines.datasheet;
      const rows = await rowsOf(`${file}__attention__generation_attention_perf.parquet`);
      const faster = rows.filter((row) => {
        const [heads, kvHeads, dim] = [
          Number(row['num_heads']),
          Number(row['num_key_value_heads']),
          Number(row['head_dim']),
        ];
        const window = Number(row['window_size']);
        const keys = window > 0 ? Math.min(window, Number(row['step']) + 1) : Number(row['step']) + 1;
        const sequences = Number(row['batch_size']);
        const bytes = sequences * keys * 2 * kvHeads * dim * (row['kv_cache_dtype'] === 'bfloat16' ? 2 : 1);
        const step = only(row['attn_dtype'] === 'bfloat16' ? 'bf16' : 'fp8', sequences * keys * 4 * heads * dim, bytes);
        return bytes > CACHED_BYTES && Number(row['latency']) / 1000 < seconds(step, rates);
      });
      expect(rows.length).toBeGreaterThan(60_000);
      expect(faster).toHaveLength(0);
    },
    60_000,
  );
});

describe.skipIf(absent)('steps of Qwen3-32B on four GPUs that nobody named', async () => {
  const config = join(SAMPLES, 'hf-configs', 'Qwen--Qwen3-32B_config.json');
  const model = absent ? null : (await readModel(config, undefined, new AbortController().signal)).model;
  const lines = absent
    ? []
    : readFileSync(STEPS, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(','));
  const [names = [], ...rows] = lines;
  const at = (row: readonly string[], name: string): number => Number(row[names.indexOf(name)]);

  /** Bound over measured time of every pure step, ascending. */
  const shares = (hardware: string, phase: 'context' | 'decode'): number[] => {
    const rates = hardwareRates(table, hardware).lines.datasheet;
    const deployment = { mode: 'tp', ranks: 4, stages: 1, dispatchBytes: 2 } as const;
    return rows
      .filter((row) => row[0] === phase && (phase === 'decode' || at(row, 'ctx_requests') === 1))
      .flatMap((row) => {
        if (model === null) return [];
        const step =
          phase === 'decode'
            ? decodeStep(model, deployment, 'bf16', {
                concurrency: at(row, 'decode_requests'),
                contextTokens: at(row, 'mean_decode_kv_tokens') + 1,
                draftTokens: 0,
              })
            : prefillStep(model, deployment, 'bf16', {
                prompts: 1,
                newTokens: at(row, 'ctx_tokens'),
                cachedTokens: at(row, 'ctx_kv_tokens'),
                chunkTokens: at(row, 'ctx_tokens'),
              });
        return [(1000 * boundOf(step, rates).sum.switched) / at(row, 'latency_ms')];
      })
      .sort((a, b) => a - b);
  };

  it('are slower than the bound of B200: decode reaches a third of it', () => {
    expect(shares('B200', 'context').every((share) => share < 1)).toBe(true);
    const decode = shares('B200', 'decode');
    expect(decode).toHaveLength(18);
    expect(decode[0]).toBeGreaterThan(0.32);
    expect(decode.at(-1)).toBeLessThan(0.38);
  });

  it('cannot have run on H100: prefill would be faster than its bound', () => {
    expect(shares('H100', 'context').some((share) => share > 1)).toBe(true);
  });

  it('are explained as B200: 2.03 ms of bound, 129 all-reduces of 7.4 us, and 3 ms of the rest', () => {
    if (model === null) return;
    const step = rows.find((row) => row[0] === 'decode' && at(row, 'decode_requests') === 1) ?? [];
    const estimated = estimate({
      model,
      hardware: hardwareRates(table, 'B200'),
      deployment: { mode: 'tp', ranks: 4, stages: 1, dispatchBytes: 2 },
      kvFormat: 'bf16',
      concurrency: 1,
      contextTokens: at(step, 'mean_decode_kv_tokens') + 1,
      promptTokens: null,
      draftTokens: 0,
      acceptanceLength: 1,
    });
    const [line] = estimated.lines;
    if (line === undefined) throw new Error('no line');
    const ledger = ledgerOf(line, estimated.collectives, { tpotMs: at(step, 'latency_ms'), idleShare: null });
    expect(ledger.measuredMs).toBe(6.023);
    expect(ledger.boundMs).toBeCloseTo(2.03, 2);
    expect(ledger.communicationMs).toBeCloseTo(129 * 0.0074, 9);
    expect(ledger.inefficiencyMs).toBeCloseTo(3.04, 2);
    expect(ledger).toMatchObject({ communicationBy: 'latency', impossible: false });
  });
});
