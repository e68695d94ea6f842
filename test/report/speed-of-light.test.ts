import { describe, expect, test } from 'vitest';
import type { AtlasRow } from '../../src/campaign/row.ts';
import { plainText } from '../../src/render/document.ts';
import type { Page, PageBlock } from '../../src/render/page.ts';
import { NO_EVIDENCE, type Evidence } from '../../src/report/evidence.ts';
import { ledgersOf } from '../../src/report/ledgers.ts';
import type { ModelOutcome } from '../../src/report/models.ts';
import type { Report } from '../../src/report/compose.ts';
import { xmlProblem } from '../e2e/well-formed.ts';
import { countedOf, countersOf, kernelsOf, knownModel, shippedCeilings } from './grounded.ts';
import { canReadPdf, outside, overlapping, pageWords } from './pdf-tools.ts';
import { pdfOf, reportOf, row } from './rows.ts';
import { carriedOf, pdfWith, verify } from './verified.ts';

const model = await knownModel();

/** A row whose figures agree with each other. */
const timed = (cell: string, concurrency: number, tpotMs: number, given: Partial<AtlasRow> = {}): AtlasRow =>
  row({
    cell_id: cell, quant: 'FP8', tensor_parallel: 8, n_gpus: 8, n_gpus_source: 'recorded', concurrency,
    tpot_median_ms: tpotMs, output_tps_per_user: 1000 / tpotMs, output_tps_per_gpu: (0.8 * 125 * concurrency) / tpotMs,
    request_throughput_avg: (0.8 * 1000 * concurrency) / tpotMs / 256, ttft_avg_ms: 30, ...given,
  }); // prettier-ignore

const UNKNOWN: ModelOutcome = { kind: 'none', because: 'no config of "org/model" is at hand' };
const GIVEN: Evidence = { ...NO_EVIDENCE, ceilings: shippedCeilings, models: new Map([['org/model', model]]) };
const reportWith = (rows: readonly AtlasRow[], given: Partial<Evidence>): Report =>
  reportOf(rows, { evidence: { ...GIVEN, ...given } });
const pagesOf = ({ pages }: Report, id: string): Page[] => pages.filter((page) => page.id === id);
const svgIn = (blocks: readonly PageBlock[]): string =>
  blocks.flatMap((block) => (block.kind === 'picture' ? [block.svg] : [])).join('');
const svgOf = (report: Report, id: string): string => svgIn(pagesOf(report, id).flatMap(({ blocks }) => blocks));
const wordsOf = (report: Report, id: string): string => JSON.stringify(pagesOf(report, id));
const missing = ({ status }: Report, id: string) => status.omitted_pages.find(({ page }) => page === id);

const MIXED = [
  timed('b200', 8, 20),
  timed('h100', 8, 30, { hardware: 'H100' }),
  timed('gaudi', 8, 40, { hardware: 'Gaudi 3' }),
];

describe('the speed of light by category', () => {
  const report = reportWith(MIXED, { kernels: ['b200', 'h100', 'gaudi'].map(kernelsOf), countedKernels: [countedOf('b200', 8)] });
  const svg = svgOf(report, 'sol');

  test('draws every cell with kernels, each against the ceilings of its own hardware and format', () => {
    for (const words of ['>b200<', '>h100<', '>gaudi<', '>4.5 PFLOPS FP8<', '>1.98 PFLOPS FP8<', '>8 TB/s memory<', '>3.35 TB/s memory<', '>0.9 TB/s link<', '>0.45 TB/s link<'])
      expect(svg).toContain(words);
    expect(xmlProblem(svg)).toBeNull();
  });

  test('names the peak of the cell itself, never that of a sweep that borrows its name', () => {
    const sweep = timed('b200-decode', 64, 4, { extra: { phase: 'decode' } });
    const drawn = svgOf(reportWith([sweep, timed('b200', 8, 20)], { kernels: [kernelsOf('b200')] }), 'sol');
    expect(drawn).toContain('peak 40.0 tok/s/GPU at C=8');
    expect(drawn).not.toContain('C=64');
  });

  test('says "no ceiling" where the part has none: never that of a neighbour', () => {
    // NVFP4 products on H100, and all eight categories of Gaudi 3.
    expect(svg.match(/>no ceiling</g)).toHaveLength(9);
    expect(report.status.partial_pages).toContainEqual(expect.objectContaining({ page: 'sol', why: expect.stringContaining('no ceiling of Gaudi 3: 1 cell') }));
  });

  test('says what counters reached of a ceiling, by work, and what nothing measured', () => {
    // 4 TFLOP of tensors and 0.1 of scalars in 100 launches of 200 us, of 4,500 TFLOPS.
    expect(pagesOf(report, 'sol')[0]?.title).toBe('MoE takes 38.0% of the kernel time of b200 and reaches 4.6% of 4.5 PFLOPS (FP8)');
    expect(svg.match(/>not measured</g)?.length).toBe(8);
    expect(report.status).toMatchObject({ sol_complete: true, sol_rigor: 'L4', dcgm_grounded: false });
  });

  test('without operations the busiest pipe is said to be busy, which is no share of a peak', () => {
    const counted = countedOf('b200', 1);
    const kernels = counted.document.kernels.map((kernel) => ({ ...kernel, tensor_flops_total: null }));
    const busy = reportWith(MIXED, { kernels: [kernelsOf('b200')], countedKernels: [{ ...counted, document: { kernels } }] });
    expect(svgOf(busy, 'sol')).toContain('>18.0% busy<');
    expect(pagesOf(busy, 'sol')[0]?.title).toContain('keeps its pipe busy 18.0% of the time');
  });

  test('alone it grounds a report at L1', () => {
    expect(reportWith(MIXED, { kernels: [kernelsOf('b200')] }).status).toMatchObject({ sol_complete: true, sol_rigor: 'L1' });
  });

  test('kernels of a sweep\u2019s cell know the hardware of its rows', () => {
    const sweep = reportWith([timed('base-decode', 8, 20)], { kernels: [kernelsOf('base')] });
    expect(svgOf(sweep, 'sol')).toContain('>4.5 PFLOPS FP8<');
  });

  test.each([
    ['kernels', MIXED, { kernels: [] }, '(1) no cell has kernels.json'],
    ['ceilings', MIXED, { kernels: [kernelsOf('b200')], ceilings: NO_EVIDENCE.ceilings }, '(2) no ceilings are in use'],
    ['known hardware', [timed('gaudi', 8, 40, { hardware: 'Gaudi 3' })], { kernels: [kernelsOf('gaudi')] }, '(3) no hardware of the rows has a ceiling (Gaudi 3)'],
  ] as const)('without %s names all three preconditions and what brings each', (_name, rows, given, why) => {
    const without = missing(reportWith(rows, given), 'sol');
    expect(without?.why).toContain(why);
    for (const place of ['(1)', '(2)', '(3)']) expect(without?.why).toContain(place);
    for (const fix of ['import_nsys', 'import_zymtrace', 'sol-ceilings.yaml', 'SOL_CEILINGS_YAML', 'name the GPU']) expect(without?.how_to_fix).toContain(fix);
  });
}); // prettier-ignore

describe('single kernels', () => {
  test('stand under the roofs of their cell\u2019s hardware, numbered as in the table, and nothing joins them', () => {
    const report = reportWith(MIXED, { countedKernels: [countedOf('b200', 12)] });
    const svg = svgOf(report, 'ncu');
    for (const words of ['datasheet 4,500 TFLOPS FP8, 8 TB/s', 'best 3,482 TFLOPS FP8, 7.32 TB/s', 'typical 2,135 TFLOPS FP8'])
      expect(svg).toContain(words);
    expect(svg).not.toContain('stroke-width="1.1"');
    expect(report.status).toMatchObject({ sol_complete: true, sol_rigor: 'L4', dcgm_grounded: false });
    expect(wordsOf(report, 'ncu')).toContain('4 kernels without bytes or operations have no arithmetic intensity');
  });

  test('of hardware without ceilings are drawn without a roof, and the page says so', () => {
    const report = reportWith(MIXED, { countedKernels: [countedOf('gaudi', 3)] });
    expect(svgOf(report, 'ncu')).not.toContain('datasheet');
    expect(wordsOf(report, 'ncu')).toContain('No ceiling of Gaudi 3 in FP8: no roof is drawn');
    expect(report.status.partial_pages).toContainEqual(expect.objectContaining({ page: 'ncu', how_to_fix: expect.stringContaining('--hardware') }));
  });

  test('have a page for every cell, and beyond two dozen are marks without a row', () => {
    const report = reportWith(MIXED, { countedKernels: [countedOf('b200', 60), countedOf('h100', 1)] });
    expect(pagesOf(report, 'ncu').map(({ subtitle }) => plainText(subtitle).split(' ')[0])).toEqual(['b200', 'h100']);
    expect(wordsOf(report, 'ncu')).toContain('36 shorter kernels are marks alone');
  });

  test('that name another hardware than the rows of their cell are drawn on their own, and reach nothing of its ceilings', () => {
    const counted = countedOf('b200', 8);
    const other = { ...counted, document: { ...counted.document, hw_key: 'H100' } };
    const report = reportWith(MIXED, { countedKernels: [other], kernels: [kernelsOf('b200')] });
    expect(svgOf(report, 'ncu')).toContain('datasheet 1,979 TFLOPS FP8, 3.35 TB/s');
    expect(svgOf(report, 'sol').match(/>not measured</g)).toHaveLength(8);
  });

  test('that lack the raw page of ncu keep their shares', () => {
    const counted = countedOf('b200', 2);
    const kernels = counted.document.kernels.map((kernel) => ({ ...kernel, achieved_tflops: null }));
    const report = reportWith(MIXED, { countedKernels: [{ ...counted, document: { kernels } }] });
    expect(svgOf(report, 'ncu')).toContain('no kernel has both bytes and operations');
    expect(report.status.partial_pages).toContainEqual(expect.objectContaining({ page: 'ncu', how_to_fix: expect.stringContaining('raw page') }));
  });
}); // prettier-ignore

describe('attribution', () => {
  test('is what ncu measured; every other category is an estimate and says so', () => {
    const report = reportWith(MIXED, { counters: [countersOf('b200'), countersOf('h100')] });
    expect(pagesOf(report, 'attribution')[0]?.title).toBe(
      'FMHA (25.0% of the time) of b200 reaches 81.3% of memory and 18.0% of compute; 2 of 4 categories are measured',
    );
    const svg = svgOf(report, 'attribution');
    expect(svg.match(/>estimate, not attribution</g)).toHaveLength(2);
    for (const words of ['>b200<', '>h100<', '>memory<', 'whole workload: hbm3e 42.0%, nvfp4 5.0%'])
      expect(svg).toContain(words);
  });

  test('of the predecessor, which shared bytes out by time, is an estimate', () => {
    const shared = { category: 'MoE', time_share_pct: 60, sol_pct_bw: 42, sol_pct_compute: 5, bound: 'compute' };
    const counters = [countersOf('b200', { per_category_attribution: [shared], per_category_estimate: [] })];
    const report = reportWith(MIXED, { counters });
    expect(svgOf(report, 'attribution')).toContain('>estimate, not attribution<');
    expect(svgOf(report, 'attribution')).not.toContain('>42.0%<');
    expect(pagesOf(report, 'attribution')[0]?.title).toContain('estimate, not attribution');
  });

  test('is missed by name where counters know no category', () => {
    const counters = [countersOf('b200', { per_category_attribution: [], per_category_estimate: [] })];
    expect(missing(reportWith(MIXED, { counters }), 'attribution')?.how_to_fix).toContain(
      'perf_tune_report_import_ncu',
    );
  });

  test('counters without a share of a ceiling ground nothing', () => {
    const counters = [countersOf('b200', { resources: [] })];
    expect(reportWith(MIXED, { counters }).status).toMatchObject({ sol_complete: false, dcgm_grounded: false });
  });
});

describe('the latency ledger', () => {
  test('adds up to what was measured, with idle time where the counters are of this one load', () => {
    const { explained } = ledgersOf([timed('b200', 8, 20)], { ...GIVEN, counters: [countersOf('b200')] });
    const [{ ledger } = { ledger: undefined }] = explained;
    expect(ledger).toMatchObject({ measuredMs: 20, impossible: false });
    expect(ledger?.idleMs).toBeCloseTo(2, 9);
    const { boundMs = 0, communicationMs = 0, inefficiencyMs = 0, idleMs = 0 } = ledger ?? {};
    expect(boundMs + communicationMs + inefficiencyMs + (idleMs ?? 0)).toBeCloseTo(20, 9);
    const two = [timed('b200', 8, 20), timed('b200', 32, 40)];
    expect(ledgersOf(two, { ...GIVEN, counters: [countersOf('b200')] }).explained[0]?.ledger.idleMs).toBeNull();
  });

  test('is drawn for every load that can be explained, and says why others cannot', () => {
    const report = reportWith(MIXED, { kernels: [kernelsOf('b200')] });
    const svg = svgOf(report, 'ledger');
    for (const words of ['>b200<', '>h100<', '>not seen<', '>inefficiency<']) expect(svg).toContain(words);
    expect(pagesOf(report, 'ledger')[0]?.title).toMatch(/^b200 takes 20 ms a token at C=8: .* of what the datasheet allows$/);
    expect(wordsOf(report, 'ledger')).toContain('1 load not explained: there is no ceiling for memory on this hardware');
    expect(wordsOf(report, 'ledger')).toContain('"experts"');
  }); // prettier-ignore

  test('names a time below its bound in place of a bar', () => {
    const fast = timed('b200', 8, 0.5);
    const { explained } = ledgersOf([fast], GIVEN);
    expect(explained).toHaveLength(1);
    expect(explained.every(({ ledger }) => ledger.impossible)).toBe(true);
    expect(svgOf(reportWith([fast], {}), 'ledger')).toContain('below its bound: check unit and GPU');
  }); // prettier-ignore

  test.each([
    ['a row without a time', [row()], {}, 'no row has a time per token'],
    ['a model that nobody knows', [timed('b200', 8, 20)], { models: new Map([['org/model', UNKNOWN]]) }, 'no config of "org/model" is at hand'],
  ] satisfies readonly (readonly [string, AtlasRow[], Partial<Evidence>, string])[])('is missed by name for %s', (_name, rows, given, why) => {
    expect(missing(reportWith(rows, given), 'ledger')).toMatchObject({ why: expect.stringContaining(why), how_to_fix: expect.stringContaining('--model-config') });
  }); // prettier-ignore
});

describe('a report of the speed of light', () => {
  test('is composed again from what it carries, to the same bytes', async () => {
    const report = reportWith(MIXED, {
      kernels: [kernelsOf('b200')],
      countedKernels: [countedOf('b200', 8)],
      counters: [countersOf('b200')],
    });
    const carried = carriedOf(report);
    expect(await verify(await pdfWith(report, carried))).toMatchObject({ sameBytes: true, differences: [] });
    expect(carried.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)).toBeLessThan(200_000);
  }, 60_000);
});

const LONG = 'a-very-long-name-of-a-configuration-that-somebody-chose-to-tell-everything-about-it';
const HARDWARE = ['B200', 'H100', 'GB300', 'Gaudi 3'];

describe.skipIf(!canReadPdf)('no word outside its page or over another', () => {
  test.each([
    ['one cell', ['b200'], 5],
    ['four cells, one without ceilings', ['b200', 'h100', 'gb300', 'gaudi'], 24],
    ['sixty cells with long names', Array.from({ length: 60 }, (_, index) => `${LONG}-${index}`), 60],
  ])('%s', async (_name, cells, count) => {
    const rows = cells.flatMap((cell, index) =>
      [1, 8, 32].map((load) => timed(cell, load, 10 + index + load / 2, { hardware: HARDWARE[index % 4] ?? '' })),
    );
    const report = reportWith(rows, {
      kernels: cells.map(kernelsOf),
      countedKernels: cells.slice(0, 3).map((cell) => countedOf(cell, count)),
      counters: cells.map((cell) => countersOf(cell)),
    });
    const drawn = report.pages.filter(({ id }) => ['sol', 'ncu', 'attribution', 'ledger'].includes(id));
    const pages = pageWords(await pdfOf({ ...report, pages: drawn }));
    // No page of a picture broke in two: all begin with their title. The table of parts alone may go on.
    expect(pages.length).toBeLessThanOrEqual(drawn.length + 1);
    expect(outside(pages)).toEqual([]);
    expect(overlapping(pages)).toEqual([]);
  });
});
