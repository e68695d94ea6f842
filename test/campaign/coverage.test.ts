import { describe, expect, test } from 'vitest';
import { cellStatus, coverageCounter, type Coverage } from '../../src/campaign/coverage.ts';
import { rowSchema, type AtlasRow, type RowStatus } from '../../src/campaign/row.ts';

const row = (cell_id: string, status: RowStatus, measured = true): AtlasRow =>
  rowSchema.parse({
    cell_id,
    model: 'm',
    hardware: 'B200',
    quant: 'FP8',
    tensor_parallel: 1,
    parallel_strategy: 'TP',
    mtp: false,
    max_num_batched_tokens: 0,
    concurrency: measured ? 1 : 0,
    status,
    ...(measured ? { ttft_avg_ms: 1, request_throughput_avg: 0 } : {}),
  });

const coverageOf = (rows: readonly AtlasRow[]): Coverage => {
  const counter = coverageCounter();
  rows.forEach(counter.add);
  return counter.result();
};

describe('coverage', () => {
  test('counts cells by status and points that can be drawn; a rate of zero counts', () => {
    const rows = [
      row('a', 'full'),
      row('a', 'full'),
      row('b', 'partial'),
      row('c', 'failed', false),
      row('d', 'evicted', false),
    ];
    expect(coverageOf(rows)).toEqual({
      atlas_cells: 3,
      full_sweeps: 1,
      partial_sweeps: 1,
      failed_cells: 1,
      evicted_cells: 1,
      plot_ready_points: 3,
      non_plot_ready_full_cells: 0,
      header_line:
        'Coverage: 3 atlas cells | 1 full sweeps | 1 partial sweeps | 1 failed cells | 3 plot-ready concurrency points',
      note_line:
        'Note: 1 cells were evicted before terminal state and are represented as failure context, not plotted points.',
    });
  });

  test('a full cell that cannot be drawn is named in the line', () => {
    expect(coverageOf([row('a', 'full', false)]).header_line).toMatch(/ \| 1 full-but-unplottable cells$/);
  });

  test.each([
    [['full', 'full'], 'full'],
    [['full', 'failed'], 'partial'],
    [['full', 'partial'], 'partial'],
    [['failed', 'failed'], 'failed'],
    [['evicted'], 'evicted'],
    [[], 'failed'],
  ] as const)('a cell of %j is %s', (statuses, status) => {
    expect(cellStatus(statuses.map((each) => ({ status: each })))).toBe(status);
  });
});
