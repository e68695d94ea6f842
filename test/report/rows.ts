// Rows for tests of the report: one measured point, changed where a test is about it.
import { rowSchema, type AtlasRow, type GivenRow } from '../../src/campaign/row.ts';
import type { Typeset } from '../../src/render/pdf.ts';
import { composeReport, typesetReport, type Report } from '../../src/report/compose.ts';
import { reportData, type ReportData, type ReportRequest } from '../../src/report/report-data.ts';

const POINT: GivenRow = {
  cell_id: 'b200-base',
  model: 'org/model',
  hardware: 'B200',
  quant: 'NVFP4',
  tensor_parallel: 8,
  parallel_strategy: 'EP',
  mtp: false,
  max_num_batched_tokens: 8192,
  concurrency: 8,
  status: 'full',
  ttft_avg_ms: 250,
  request_throughput_avg: 2.5,
  output_tps_per_user: 80,
  output_tps_per_gpu: 81,
  mean_input_tokens: 1024,
  mean_output_tokens: 256,
  dataset: 'random',
  serving_engine: 'vllm',
  cache_mode: 'cold',
  captured_at: '2026-11-20T10:00:00Z',
  n_trials: 3,
};

export const row = (given: Partial<GivenRow> = {}): AtlasRow => rowSchema.parse({ ...POINT, ...given });

export const dataOf = (rows: readonly AtlasRow[], given: Partial<ReportRequest> = {}): ReportData =>
  reportData({
    campaign: 'night-20261120T100000Z',
    title: 'Performance report',
    variantsLine: null,
    dataSourceLine: null,
    rows,
    focus: 'throughput',
    labelled: [1, 8, 32],
    invented: false,
    ...given,
  });

export const NOW = new Date('2026-11-29T11:20:00Z');

export const reportOf = (rows: readonly AtlasRow[], given: Partial<ReportRequest> = {}): Report =>
  composeReport(dataOf(rows, given), NOW);

export const typesetOf = (report: Report): Promise<Typeset> => typesetReport(report, 'profile-and-optimize', []);
export const pdfOf = async (report: Report): Promise<Uint8Array> => (await typesetOf(report)).pdf;
