// Atlases for the selection of a champion: rows of cells under one load, written to a campaign of their own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll } from 'vitest';
import { rowLine } from '../../src/campaign/row-text.ts';
import { rowSchema, type AtlasRow, type GivenRow } from '../../src/campaign/row.ts';
import type { ChampionQuery } from '../../src/champion/question.ts';
import { selectChampion } from '../../src/champion/select-champion.ts';
import type { ChampionRecord } from '../../src/champion/champion-record.ts';
import { WORKLOADS } from '../../src/champion/gate.ts';
import { verbContext } from '../campaign/verb-context.ts';

export const NODE = { node: 'node-1' };

/** Rates in tok/s/GPU of the trials of a cell on eight GPUs at concurrency 32, and its TPOT in ms. */
export const cell = (cell_id: string, rates: readonly number[], tpot: number | null = 15, more: Partial<GivenRow> = {}): AtlasRow => {
  const middle = rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? null;
  return rowSchema.parse({
    schema_version: 2,
    cell_id,
    model: 'org/model-9b-FP8',
    hardware: 'B200',
    quant: 'FP8',
    tensor_parallel: 8,
    parallel_strategy: 'TP',
    mtp: false,
    max_num_batched_tokens: 8192,
    concurrency: 32,
    status: 'full',
    n_gpus: 8,
    n_gpus_source: 'recorded',
    dataset: 'random',
    cache_mode: 'cold',
    mean_input_tokens: 1024,
    mean_output_tokens: 256,
    kv_cache_dtype: 'fp8',
    serving_engine: 'vllm',
    image: 'engine:1',
    output_tps_per_gpu: middle,
    tpot_median_ms: tpot,
    n_trials: rates.length,
    trials: rates.length < 2 ? [] : rates.map((rate, index) => ({
      index,
      replicate_level: 'process',
      validity: [],
      values: { throughput_tok_per_s: 8 * rate, ...(tpot === null ? {} : { tpot_p50_ms: tpot * (1 + 0.002 * (index - 1)) }) },
    })),
    ...more,
  } satisfies GivenRow);
}; // prettier-ignore

export const BASE = [99, 100, 101];
export const FASTER = [119, 120, 121];

export type Select = (
  rows: readonly AtlasRow[],
  query?: Partial<ChampionQuery>,
  files?: Readonly<Record<string, unknown>>,
) => Promise<ChampionRecord>;

export const NOTHING_TYPED: ChampionQuery['attested'] = {
  trials: null,
  sameNode: false,
  workloads: null,
  accuracy: 'unknown',
};

/** A selection from an atlas of these rows; files lie in the campaign's folder. */
export const selecting = (): Select => {
  const root = mkdtempSync(join(tmpdir(), 'champion-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  let count = 0;
  return (rows, query = {}, files = {}) => {
    const campaign = join(root, `campaign-${(count += 1)}`);
    mkdirSync(join(campaign, 'cells'), { recursive: true });
    writeFileSync(join(campaign, 'atlas.jsonl'), rows.map(rowLine).join(''));
    for (const [name, value] of Object.entries(files)) {
      mkdirSync(dirname(join(campaign, name)), { recursive: true });
      writeFileSync(join(campaign, name), typeof value === 'string' ? value : JSON.stringify(value));
    }
    return selectChampion({
      campaign,
      config: null,
      focus: undefined,
      metric: undefined,
      focusC: undefined,
      top: 3,
      sloRel: 1.1,
      sloAbsMs: null,
      baseline: undefined,
      title: undefined,
      requiredWorkloads: WORKLOADS,
      accuracyFloor: null,
      attested: NOTHING_TYPED,
      context: verbContext(root),
      ...query,
    });
  };
}; // prettier-ignore
