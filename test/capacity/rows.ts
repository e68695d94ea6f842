// Rows of an atlas for tests of capacity: one whole row, changed where a test is about it.
import { rowSchema, type AtlasRow, type GivenRow } from '../../src/campaign/row.ts';
import { capacityOf, type PowerOfCell } from '../../src/capacity/capacity.ts';
import { readPrices, type Prices } from '../../src/capacity/prices.ts';
import { capacitySettings, type GivenSettings } from '../../src/capacity/settings.ts';
import type { Capacity } from '../../src/capacity/summary-schema.ts';

const PRODUCT = new URL('../../', import.meta.url).pathname;

/** 100 tok/s per GPU at concurrency 8 on eight B200, every figure in balance with the others. */
export const row = (more: Partial<GivenRow> = {}): AtlasRow =>
  rowSchema.parse({
    cell_id: 'cell-1',
    model: 'org/model',
    hardware: 'B200',
    quant: 'NVFP4',
    tensor_parallel: 8,
    parallel_strategy: 'TP',
    mtp: false,
    max_num_batched_tokens: 4096,
    concurrency: 8,
    status: 'full',
    schema_version: 2,
    n_gpus: 8,
    n_gpus_source: 'recorded',
    output_tps_per_gpu: 100,
    total_tps_per_gpu: 300,
    ttft_avg_ms: 200,
    tpot_median_ms: 10,
    mean_input_tokens: 1024,
    mean_output_tokens: 512,
    cache_mode: 'cold',
    dataset: 'random',
    serving_engine: 'vllm',
    ...more,
  });

export const NO_POWER: PowerOfCell = async () => ({ watts: null, scope: null, lacks: 'nobody looked' });

async function* inBlocks(rows: readonly AtlasRow[]): AsyncGenerator<readonly AtlasRow[]> {
  for (let at = 0; at < rows.length; at += 3) yield rows.slice(at, at + 3);
}

export const shippedPrices = (ofCampaign: Readonly<Record<string, number>> = {}, root = '/nowhere'): Promise<Prices> =>
  readPrices({ root, productFolder: PRODUCT }, ofCampaign);

export const capacityOfRows = async (
  rows: readonly AtlasRow[],
  given: GivenSettings = {},
  ofCell: PowerOfCell = NO_POWER,
): Promise<Capacity> => capacityOf(inBlocks(rows), capacitySettings(given, {}, await shippedPrices()), ofCell);
