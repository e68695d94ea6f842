// The rows of the made-up campaign, computed from its anchors: what a report looks like, without a cluster. Every number in it is
// invented, and every row says so.
import { formatFixed } from '../../render/numbers.ts';
import { rowSchema, type AtlasRow, type GivenRow } from '../../campaign/row.ts';
import { SMOKE_BATCH_TOKENS, SMOKE_VARIANTS, type SmokeVariant } from './anchors.ts';

export const SMOKE_CAMPAIGN = 'smoke-fixture';
const OUTPUT_TOKENS = 4096;
const CAPTURED = '2026-05-23T00:00:00Z';

const rounded = (value: number, decimals: number): number => Number(formatFixed(value, decimals));

type Anchor = readonly [concurrency: number, tokPerSecPerGpu: number, ttftMs: number];

/** Below the first anchor both figures follow a power of the concurrency. */
const below = (concurrency: number, [first, tps, ttft]: Anchor): Anchor => [
  concurrency,
  tps * (concurrency / first) ** 0.85,
  ttft * (concurrency / first) ** 0.6,
];

const pointsOf = (anchors: readonly number[]): readonly Anchor[] => {
  const measured = [8, 16, 32].flatMap((concurrency, index): Anchor[] => {
    const [tps, ttft] = [anchors[2 * index], anchors[2 * index + 1]];
    return tps === undefined || ttft === undefined ? [] : [[concurrency, tps, ttft]];
  });
  const [first] = measured;
  return first === undefined ? [] : [...[1, 2, 4].map((concurrency) => below(concurrency, first)), ...measured];
};

const cellId = (variant: SmokeVariant, batchTokens: number): string => {
  const { hardware, quant, tensorParallel, strategy, mtp } = variant;
  const words = [hardware, quant, `tp${tensorParallel}`, strategy, ...(mtp ? ['mtp'] : []), `mbt${batchTokens}`];
  return words.join('-').toLowerCase();
};

const cellRows = (variant: SmokeVariant, batchTokens: number): readonly GivenRow[] => {
  const { hardware, quant, tensorParallel, strategy, mtp, model } = variant;
  const anchors = variant.anchors[batchTokens];
  const shared = {
    cell_id: cellId(variant, batchTokens),
    model, hardware, quant, mtp,
    tensor_parallel: tensorParallel,
    parallel_strategy: strategy,
    max_num_batched_tokens: batchTokens,
    mean_output_tokens: OUTPUT_TOKENS,
    n_gpus: tensorParallel,
    n_gpus_source: 'derived',
    captured_at: CAPTURED,
    notes: 'made-up fixture, not a measurement',
    schema_version: 2,
  } as const; // prettier-ignore
  const marker = { ...shared, concurrency: 0, mean_output_tokens: null, captured_at: '' };
  if (anchors === undefined) return [{ ...marker, status: 'evicted', notes: 'evicted before it ended' }];
  if (anchors.length === 0) return [{ ...marker, status: 'failed', notes: 'the server did not start' }];
  return pointsOf(anchors).map(([concurrency, tps, ttft]) => ({
    ...shared,
    concurrency,
    status: anchors.length === 6 ? 'full' : 'partial',
    ttft_avg_ms: rounded(ttft, 1),
    request_throughput_avg: rounded((tps * tensorParallel) / OUTPUT_TOKENS, 4),
    output_tps_per_user: rounded((tps * tensorParallel) / concurrency, 2),
    output_tps_per_gpu: rounded(tps, 1),
  }));
};

/** 253 rows of 60 cells: 38 whole sweeps, one partial, one failed, 20 evicted. */
export const smokeRows = (): readonly AtlasRow[] =>
  SMOKE_VARIANTS.flatMap((variant) => SMOKE_BATCH_TOKENS.flatMap((batchTokens) => cellRows(variant, batchTokens))).map(
    (row) => rowSchema.parse(row),
  );
