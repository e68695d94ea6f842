import { describe, expect, test } from 'vitest';
import { rowId } from '../../src/campaign/reconcile/violation.ts';
import type { PageBlock } from '../../src/render/page.ts';
import { heatmapPages } from '../../src/report/pages/heatmap.ts';
import { kernelPages } from '../../src/report/pages/kernels.ts';
import { rooflinePages } from '../../src/report/pages/roofline.ts';
import { scatterPages } from '../../src/report/pages/scatter.ts';
import { NO_EVIDENCE } from '../../src/report/evidence.ts';
import { dataOf, row } from './rows.ts';

const inside = (block: PageBlock): readonly PageBlock[] =>
  block.kind === 'columns' ? block.parts.flat().flatMap(inside) : [block];

describe('where a drawn number comes from', () => {
  test('a value of the heatmap names its row and field', () => {
    const [one, other] = [row(), row({ cell_id: 'other', max_num_batched_tokens: 4096, request_throughput_avg: 2.2, output_tps_per_gpu: 70 })];
    const blocks = heatmapPages(dataOf([one, other])).pages.flatMap((page) => page.blocks.flatMap(inside));
    const cells = blocks.flatMap((block) => (block.kind === 'page-table' ? block.rows.flat() : []));
    expect(cells.find(({ text }) => text === '81.0')?.from).toEqual({ rows: [rowId(one)], fields: ['output_tps_per_gpu'] });
    expect(cells.find(({ text }) => text === '70.0')?.from).toEqual({ rows: [rowId(other)], fields: ['output_tps_per_gpu'] });
  });

  test('every point of the scatter names its row with the fields of both axes, and the title the row that it is about', () => {
    const rows = [row(), row({ concurrency: 16, request_throughput_avg: 3.75, output_tps_per_gpu: 120 })];
    const [page] = scatterPages(dataOf(rows)).pages;
    const [picture] = page?.blocks ?? [];
    const points = picture?.kind === 'picture' ? picture.points : [];
    expect(points).toHaveLength(4);
    expect(points?.[0]?.from).toEqual({ rows: [rowId(row())], fields: ['request_throughput_avg', 'ttft_avg_ms'] });
    expect(page?.from).toEqual({ rows: rows.slice(1).map(rowId), fields: ['output_tps_per_gpu', 'ttft_avg_ms'] });
  });

  test('a share of kernels and a point under the roof name the file of their cell', () => {
    const sources = [{ source: 'nsys', unit: 'ns', per_category: { gemm: 3, attention: 1 }, top_kernels: [] }];
    const [kernels] = kernelPages(dataOf([row()], { evidence: { ...NO_EVIDENCE, kernels: [{ cell: 'a', document: { sources } }] } })).pages;
    const [table] = kernels?.blocks ?? [];
    expect(table?.kind === 'page-table' ? table.rows[0]?.[1] : null).toMatchObject({
      text: '75.0%', from: { rows: ['a/kernels.json'], fields: ['per_category.gemm'] },
    });
    const point = {
      file: 'base-decode/roofline_v1.json', sweep: 'base', model: 'm', hardware: 'B200', quant: 'NVFP4', tp: 8, phase: 'decode' as const,
      concurrency: 8, isl: 256, osl: 512, intensity: 4, tflops: 12, delivered: null, dram: null, tensor: null, sm: null, peakPflops: 9, peakTbps: 8,
    };
    const [roofline] = rooflinePages(dataOf([row()], { evidence: { ...NO_EVIDENCE, roofline: [point] } })).pages;
    const [picture] = roofline?.blocks ?? [];
    expect(picture?.kind === 'picture' ? picture.points?.[0]?.from : null).toEqual({
      rows: ['base-decode/roofline_v1.json'], fields: ['intensity', 'tflops'],
    });
  });
}); // prettier-ignore
