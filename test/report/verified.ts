// A report with everything that a report can be derived from, and ways to change a digit of it.
import { capacityAgain, type CapacityInputs } from '../../src/capacity/capacity-inputs.ts';
import type { Attachment } from '../../src/render/pdf.ts';
import { composeReport, typesetReport, type Report } from '../../src/report/compose.ts';
import { carriedFiles } from '../../src/report/attachments.ts';
import { NO_EVIDENCE } from '../../src/report/evidence.ts';
import { reportInputs } from '../../src/report/report-inputs.ts';
import type { Product } from '../../src/verb/context.ts';
import { verifyReport, type Verification } from '../../src/report/verify/verify-report.ts';
import { BASE, FASTER, cell, selecting } from '../champion/atlas.ts';
import { NOW, dataOf } from './rows.ts';

export const PRODUCT: Product = { name: 'profile-and-optimize', version: '0.0.0-source', sha: null };

const CAPACITY: CapacityInputs = {
  ttft_sla_ms: 2000,
  tpot_sla_ms: 50,
  gpus_per_node: null,
  gpus_per_rack: null,
  prices: [{ hardware: 'b200', usd_per_gpu_hour: 5.5, is_estimate: false, origin: 'shipped' }],
  power: [],
};

const FACTS = {
  campaign_id: 'night',
  context_line: null,
  cost_rate_source: 'B200 from the shipped table',
  methodology_caveat: 'Peak is the best point that was measured.',
};

const POINT = {
  cell: 'glm-base-decode', file: 'glm-base-decode/roofline_v1.json', sweep: 'glm-base', model: 'GLM', hardware: 'B200', quant: 'NVFP4',
  tp: 8, phase: 'decode' as const, isl: 256, osl: 512, intensity: 4, tflops: 12, delivered: 30, dram: 36, tensor: 4, sm: 20,
  peakPflops: 9, peakTbps: 8,
}; // prettier-ignore

/** Two cells with trials, a pick between them, capacity, kernels and a sweep. */
export const evidentReport = async (): Promise<Report> => {
  const select = selecting();
  const served = (tokens: number, ttft: number) => ({ request_throughput_avg: (8 * tokens) / 256, ttft_avg_ms: ttft });
  const rows = [cell('glm-base', BASE, 15, served(100, 310.5)), cell('fast', FASTER, 15, served(120, 287.5))];
  const champion = await select(rows);
  const kernels = {
    sources: [{ source: 'nsys', unit: 'ns', per_category: { gemm: 321, attention: 123 }, top_kernels: [{ name: 'k', category: 'gemm', value: 321, calls: 7 }] }],
  };
  const evidence = {
    ...NO_EVIDENCE,
    champion,
    capacity: { capacity: await capacityAgain(rows, CAPACITY), facts: FACTS, inputs: CAPACITY },
    kernels: [{ cell: 'fast', document: kernels }],
    roofline: [8, 16, 32].map((concurrency) => ({ ...POINT, concurrency, intensity: concurrency / 2, tflops: 3 * concurrency })),
    captured: { ...NO_EVIDENCE.captured, kernels: ['fast'], rooflineRows: ['glm-base-decode'] },
  };
  return composeReport(dataOf(rows, { evidence }), NOW);
}; // prettier-ignore

export const carriedOf = (report: Report): readonly Attachment[] =>
  carriedFiles(report, reportInputs(report, PRODUCT, []));

export const pdfWith = async (report: Report, attachments: readonly Attachment[]): Promise<Buffer> =>
  Buffer.from((await typesetReport(report, PRODUCT.name, attachments)).pdf);

export const verify = (pdf: Buffer): Promise<Verification> =>
  verifyReport(pdf, 'report.pdf', PRODUCT, new AbortController().signal);
