import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coverageCounter } from '../../src/campaign/coverage.ts';
import { smokeRows } from '../../src/report/smoke/fixture.ts';

const GOLDEN = '../shared/golden/report/smoke-anchors.json';

const rows = smokeRows();

test('the made-up campaign has 38 whole sweeps, one partial, one failed, 20 evicted cells and 232 points', () => {
  const counter = coverageCounter();
  for (const row of rows) counter.add(row);
  expect(counter.result()).toMatchObject({
    atlas_cells: 40,
    full_sweeps: 38,
    partial_sweeps: 1,
    failed_cells: 1,
    evicted_cells: 20,
    plot_ready_points: 232,
  });
  expect(rows).toHaveLength(253);
});

test('below the first anchor output follows c^0.85 and the first token c^0.6; rates follow from the output', () => {
  const at = (concurrency: number) =>
    rows.find((row) => row.cell_id === 'b200-nvfp4-tp8-ep-mbt1024' && row.concurrency === concurrency);
  expect(at(8)).toMatchObject({ output_tps_per_gpu: 61.3, ttft_avg_ms: 1433.3, output_tps_per_user: 61.3 });
  expect(at(2)).toMatchObject({ output_tps_per_gpu: 18.9, ttft_avg_ms: 623.9, output_tps_per_user: 75.47 });
  expect(at(8)?.request_throughput_avg).toBe(0.1197);
});

test.skipIf(!existsSync(GOLDEN))('every anchor is that of the description (skipped where ../shared is absent)', () => {
  const golden: unknown = JSON.parse(readFileSync(GOLDEN, 'utf8'));
  const { variants } = golden as { variants: Variant[] }; // checked boundary: a file of the description
  const anchors = variants.flatMap((variant) =>
    Object.entries(variant.by_max_num_batched_tokens).flatMap(([batch, cell]) =>
      Object.entries(cell.anchors).map(([concurrency, anchor]) => ({ variant, batch: Number(batch), concurrency: Number(concurrency), anchor })),
    ),
  ); // prettier-ignore
  expect(anchors).toHaveLength(115);
  for (const { variant, batch, concurrency, anchor } of anchors) {
    const found = rows.find(
      (row) =>
        row.hardware === variant.hardware && row.parallel_strategy === variant.parallel_strategy && row.mtp === variant.mtp &&
        row.max_num_batched_tokens === batch && row.concurrency === concurrency,
    ); // prettier-ignore
    expect(found).toMatchObject({
      output_tps_per_gpu: anchor.output_tps_per_gpu,
      ttft_avg_ms: anchor.ttft_ms,
      model: variant.model,
    });
  }
});

interface Variant {
  readonly hardware: string;
  readonly model: string;
  readonly parallel_strategy: string;
  readonly mtp: boolean;
  readonly by_max_num_batched_tokens: Readonly<
    Record<
      string,
      { readonly anchors: Readonly<Record<string, { readonly output_tps_per_gpu: number; readonly ttft_ms: number }>> }
    >
  >;
}
