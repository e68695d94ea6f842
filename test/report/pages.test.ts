import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { plainText } from '../../src/render/document.ts';
import type { Page, PageBlock, PageTable } from '../../src/render/page.ts';
import { heatmapPages } from '../../src/report/pages/heatmap.ts';
import { NO_EVIDENCE, type Evidence } from '../../src/report/evidence.ts';
import type { AnsweredSweep, RooflinePoint } from '../../src/report/roofline-points.ts';
import type { MemoryShare } from '../../src/roofline/sweep-questions.ts';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { reconciliationPages } from '../../src/report/pages/reconciliation.ts';
import { intervalOf } from '../../src/report/row-intervals.ts';
import { scatterPages } from '../../src/report/pages/scatter.ts';
import { panelOf, VIEWS } from '../../src/report/scatter-panels.ts';
import { sourcePages } from '../../src/report/pages/sources.ts';
import { warningsOf } from '../../src/report/report-status.ts';
import { xmlProblem } from '../e2e/well-formed.ts';
import { counters, kernels, point } from './evidence.ts';
import { dataOf, reportOf, row } from './rows.ts';

const inside = (block: PageBlock): readonly PageBlock[] =>
  block.kind === 'columns' ? block.parts.flat().flatMap(inside) : [block];
const tables = (rows: Parameters<typeof dataOf>[0]): PageTable[] =>
  heatmapPages(dataOf(rows))
    .pages.flatMap(({ blocks }) => blocks.flatMap(inside))
    .filter((block) => block.kind === 'page-table');
const svgOf = (rows: Parameters<typeof dataOf>[0], labelled = [1, 8, 32]): string => {
  const picture = scatterPages(dataOf(rows, { labelled })).pages[0]?.blocks[0];
  return picture?.kind === 'picture' ? picture.svg : '';
};
const NOTHING = {
  concurrency: 0,
  ttft_avg_ms: null,
  request_throughput_avg: null,
  output_tps_per_gpu: null,
  output_tps_per_user: null,
};

describe('the scatter', () => {
  test('says what gives the most per GPU, with its load and its first token', () => {
    const [page] = scatterPages(
      dataOf([row(), row({ cell_id: 'b', parallel_strategy: 'TP', output_tps_per_gpu: 95.25, concurrency: 32 })]),
    ).pages;
    expect(page?.title).toBe(
      'B200 NVFP4 TP8 TP gives the most per GPU: 95.3 tok/s/GPU at C=32, first token after 250 ms',
    );
    expect(page?.subtitle).toBe(
      'model org/model · engine vllm · data set random · ISL/OSL 1000/260 · prefix cache cold · 3 trials a point',
    );
  });

  test.each([
    [1, [1], ['landscape']],
    [2, [2], ['landscape']],
    [3, [3], ['portrait']],
    [5, [5], ['portrait']],
    [6, [3, 3], ['portrait', 'portrait']],
  ])(
    'of %i numbers of batch tokens has as many rows of panels, at most five a page and never a page of one beside full ones',
    (count, panels, orientations) => {
      const rows = Array.from({ length: count }, (_, index) =>
        row({ cell_id: `c${index}`, max_num_batched_tokens: 1024 * (index + 1) }),
      );
      const { pages } = scatterPages(dataOf(rows));
      expect(pages.map(({ orientation }) => orientation)).toEqual(orientations);
      expect(
        pages.map(
          ({ blocks: [picture] }) =>
            (picture?.kind === 'picture' ? picture.svg : '').match(/>[\d,]+ batch tokens</g)?.length,
        ),
      ).toEqual(panels);
    },
  );

  test('bars are as long as the interval of the repeats that count; a point of one repeat has none', () => {
    const trials = [100, 110, 120].map((value, index) => ({
      index, replicate_level: 'process' as const, validity: index === 2 ? ['throttle' as const] : [], raw_path: '',
      values: { ttft_mean_ms: value },
    })); // prettier-ignore
    const repeated = row({ concurrency: 16, ttft_avg_ms: 105, trials });
    expect(intervalOf(repeated, 'ttft_avg_ms')?.map((end) => Math.round(end * 10) / 10)).toEqual([77.6, 141.7]);
    expect(intervalOf(row(), 'ttft_avg_ms')).toBeNull();
    expect(scatterPages(dataOf([row(), repeated])).pages[0]?.blocks[1]).toMatchObject({
      text: expect.stringContaining('Bars: 90 % interval of the repeats, at 1 point.'),
    });
  });

  test('a row that cannot be true is a cross at its place or at the edge, joined to nothing, in no finding and no front', () => {
    const absurd = row({
      cell_id: 'b',
      concurrency: 32,
      request_throughput_avg: 3000,
      output_tps_per_gpu: 999,
      mean_output_tokens: 256,
    });
    const rows = [row(), row({ concurrency: 16, request_throughput_avg: 1.25, output_tps_per_gpu: 40 }), absurd];
    const [page] = scatterPages(dataOf(rows)).pages;
    expect(page?.title).toContain('81.0 tok/s/GPU');
    expect(svgOf(rows).match(/data-mark="cross"/g)).toHaveLength(2);
    expect(svgOf(rows)).toContain('cannot be true: B200 NVFP4 TP8 EP, C=32; 3000 req/s');
    expect(svgOf(rows)).not.toContain('>3,000<');
    expect(page?.blocks[1]).toMatchObject({
      text: expect.stringContaining('Small red cross: 1 point that cannot be true'),
    });
    expect(
      tables(rows)
        .flatMap((table) => table.rows.flat())
        .filter(({ outlined }) => outlined === true)
        .map(({ text }) => text),
    ).toContain('excluded');
  });

  test('a disaggregated row shows both rates, and only the one over all GPUs is compared', () => {
    const split = row({
      cell_id: 'split',
      parallel_strategy: 'TP',
      disagg: true,
      output_tps_per_gpu: 60,
      output_tps_per_gpu_all: 60,
      output_tps_per_decode_gpu: 120,
      mean_output_tokens: null,
    });
    const [page] = scatterPages(dataOf([row(), split])).pages;
    expect(page?.title).toContain('B200 NVFP4 TP8 EP gives the most per GPU: 81.0');
    expect(svgOf([row(), split])).toContain('per decode GPU: 120 tok/s/GPU; B200 NVFP4 TP8 TP, C=8; 60 tok/s/GPU');
    expect(svgOf([row(), split]).match(/data-mark="diamond"/g)).toHaveLength(2);
    expect(tables([row(), split])[0]?.rows.map((cells) => plainText(cells[1]?.text ?? ''))).toEqual([
      '81.0',
      '60.0 (120.0)',
    ]);
  });

  test('joins the loads of one cell and nothing else: no curve across cells, lengths or phases', () => {
    const curves = (rows: Parameters<typeof dataOf>[0]): number =>
      svgOf(rows).match(/stroke-width="1.1"/g)?.length ?? 0;
    const second = { concurrency: 16, request_throughput_avg: 4, output_tps_per_gpu: 128, ttft_avg_ms: 400 };
    expect(curves([row(), row(second)])).toBe(2);
    for (const other of [
      { cell_id: 'other' },
      { mean_input_tokens: 8000 },
      { extra: { phase: 'prefill' } },
      { dataset: 'sharegpt' },
    ])
      expect(curves([row(), row({ ...second, ...other })])).toBe(0);
  });

  test('points of one phase alone are on no front and set no tint where others serve', () => {
    const second = { concurrency: 16, request_throughput_avg: 4, output_tps_per_gpu: 128, ttft_avg_ms: 400 };
    const decode = row({
      cell_id: 'x-decode',
      request_throughput_avg: 5,
      output_tps_per_gpu: 162,
      output_tps_per_user: 160,
      ttft_avg_ms: 100,
      extra: { phase: 'decode' },
    });
    const frontOf = (rows: Parameters<typeof dataOf>[0]) =>
      VIEWS.slice(0, 1).map((view) => panelOf(dataOf(rows), [row().max_num_batched_tokens], 0, view).front)[0];
    expect(frontOf([row(), row(second), decode])).toEqual(frontOf([row(), row(second)]));
    expect(frontOf([decode])).toEqual([[5, 100]]);
    const cells = tables([row(), decode])[0]?.rows.flatMap((each) => each.slice(1)) ?? [];
    expect(cells.map(({ text, bold = false, tint }) => [plainText(text), bold, tint !== undefined])).toEqual([
      ['81.0', true, true],
      ['162.0', false, false],
    ]);
    expect(heatmapPages(dataOf([row(), decode])).pages[0]).toMatchObject({
      title: expect.stringContaining('is 81.0 tok/s/GPU'),
    });
  });

  test('labels the concurrencies that are asked for, rings a point of a short window, and is well formed with any name', () => {
    const rows = [
      row(),
      row({
        concurrency: 5,
        request_throughput_avg: 1.25,
        output_tps_per_gpu: 40,
        extra: { steady_window_undercount: true },
        model: '<m> & "n"',
      }),
    ];
    expect(svgOf(rows)).toContain('>8</text>');
    expect(svgOf(rows)).not.toContain('>5</text>');
    expect(svgOf(rows, [5])).toContain('>5</text>');
    expect(xmlProblem(svgOf(rows))).toBeNull();
    const note = scatterPages(dataOf(rows)).pages[0]?.blocks[1];
    expect(note).toMatchObject({
      text: expect.stringContaining('Grey ring: 1 point measured in a window too short to be steady'),
    });
  });

  test('without a point is left out with its reason and what brings it', () => {
    expect(scatterPages(dataOf([row(NOTHING)]))).toEqual({
      pages: [],
      omissions: [
        {
          page: 'scatter',
          why: expect.stringContaining('no row has both'),
          how_to_fix: expect.stringContaining('import_bench'),
        },
      ],
    });
  });
});

describe('the tables', () => {
  test('hold output and first token of each concurrency that was measured, the best in bold and darkest', () => {
    const [output, first] = tables([
      row(),
      row({
        cell_id: 'b',
        max_num_batched_tokens: 16384,
        output_tps_per_gpu: 162,
        request_throughput_avg: 5,
        ttft_avg_ms: 500,
      }),
    ]);
    expect(output?.columns.map(({ title }) => title)).toEqual(['batch tokens', '8,192', '16,384']);
    expect(output?.rows[0]?.map(({ text, bold }) => [text, bold === true])).toEqual([
      ['B200 NVFP4 TP8 EP', false],
      ['81.0', false],
      ['162.0', true],
    ]);
    expect(first?.rows[0]?.map(({ text, bold }) => [text, bold === true])).toEqual([
      ['B200 NVFP4 TP8 EP', false],
      ['250.0', true],
      ['500.0', false],
    ]);
    expect(first?.rows[0]?.[1]?.tint).toEqual(output?.rows[0]?.[2]?.tint);
  });

  test.each([
    ['failed', { status: 'failed' }],
    ['evicted', { status: 'evicted' }],
    ['partial', { status: 'partial' }],
  ] as const)('say %s in words where a cell has no value', (word, given) => {
    const [table] = tables([row(), row({ ...NOTHING, cell_id: 'b', max_num_batched_tokens: 1024, ...given })]);
    expect(table?.rows[0]?.[1]).toEqual({ text: word, outlined: true });
  });

  test('say that nothing was measured, that a row has no value, and that several rows stand in one place', () => {
    const rows = [
      row(),
      row({ cell_id: 'b', parallel_strategy: 'TP', max_num_batched_tokens: 1024 }),
      row({ cell_id: 'c', max_num_batched_tokens: 2048, output_tps_per_gpu: null }),
      row({ cell_id: 'd', max_num_batched_tokens: 4096, request_rate: 1 }),
      row({ cell_id: 'd', max_num_batched_tokens: 4096, request_rate: 2 }),
    ];
    const [table] = tables(rows);
    expect(table?.rows[0]?.slice(1).map(({ text }) => text)).toEqual(['not measured', 'no value', '2 rows', '81.0']);
  });

  test('take other concurrencies where none of 8, 16 and 32 was measured, and name those that are missing', () => {
    const [page] = heatmapPages(dataOf([row()])).pages;
    expect(page?.blocks.at(-1)).toMatchObject({ text: expect.stringContaining('Nothing was measured at C=16, 32.') });
    expect(heatmapPages(dataOf([row({ concurrency: 5 })])).pages[0]?.title).toContain('C=5');
  });
});

describe('completeness', () => {
  test('is the last page, and says what the others said', () => {
    const report = reportOf([row(NOTHING)]);
    expect(report.pages.at(-1)).toMatchObject({
      id: 'completeness',
      title: expect.stringMatching(/^\d+ pages could not be drawn/),
    });
    expect(report.status.omitted_pages.map(({ page }) => page)).toEqual(expect.arrayContaining(['scatter', 'heatmap']));
    const warnings = warningsOf(report.status, 'answer');
    expect(warnings[0]).toContain('page scatter is missing: ');
    expect(warnings.filter((text) => text.includes('no cell has dcgm_correlation.json'))).toEqual([
      '2 pages are missing (dcgm, attribution): no cell has dcgm_correlation.json',
    ]);
    expect(warnings.at(-1)).toContain('omitted_pages of report_status.json');
    expect(warningsOf(report.status, 'terminal')).toContainEqual(
      expect.stringMatching(
        /^2 pages are missing \(dcgm, attribution\): .*dcgm_correlation.*perf_tune_report_dcgm_correlate/,
      ),
    );
  });

  test('never claims a speed of light that no page shows', () => {
    expect(reportOf([row()]).status).toMatchObject({
      sol_complete: false,
      sol_rigor: 'none',
      dcgm_grounded: false,
      plot_ready_points: 1,
    });
  });
});

describe('pages of what lies beside the rows', () => {
  const excluded = row({
    cell_id: 'b',
    output_tps_per_gpu: 81,
    throughput_tok_per_s: 648,
    request_throughput_avg: 300,
    mean_output_tokens: 256,
  });

  test('rows that cannot be true are named with the balance that they break', () => {
    const [page] = reconciliationPages(dataOf([row({ request_throughput_avg: null }), excluded])).pages;
    expect(page?.title).toBe('1 row of 2 cannot be true and is left out of every conclusion');
    expect(page?.blocks[1]).toMatchObject({
      rows: [
        [
          { text: 'b' },
          { text: '8' },
          { text: expect.any(String) },
          { text: { figure: expect.stringContaining('tok'), from: { rows: [expect.stringMatching(/^b:c8:/)] } } },
        ],
      ],
    });
  });

  test('a page that has no data says which file it needs', () => {
    const { status } = reportOf([row()]);
    const why = (page: string): string | undefined => status.omitted_pages.find((each) => each.page === page)?.why;
    expect(why('kernels')).toBe('no cell has kernels.json');
    expect(why('ncu')).toBe('no cell has ncu_kernels.json');
    expect(why('roofline')).toBe('no cell has roofline_v1.json');
    expect(why('champion')).toBe('no champion was selected');
    expect(why('sources')).toContain('neither the campaign nor a row says which code was measured');
  });

  test('the source under test is shown with commit and delivery', () => {
    const sources = [{ repo: 'org/vllm', commit: 'abc1234', delivery: 'image' as const }];
    const [page] = sourcePages(dataOf([row()], { evidence: { ...NO_EVIDENCE, sources } })).pages;
    expect(page?.title).toBe('Source under test: org/vllm at abc1234');
  });
});

describe('the roofline', () => {
  const answer = (given: Partial<MemoryShare>): AnsweredSweep => ({
    sweep: 'base', file: 'base-decode/roofline_sweep.json',
    answers: { most_flops: null, because: [], memory: {
      threshold_percent: 75, reached: false, concurrency: 64, delivered_percent: 33.3, delivered_of_best_percent: null,
      dram_active_percent: null, dram_active_of_best_percent: null, from_concurrency: null, ...given,
    } },
  }); // prettier-ignore
  const CEILINGS_FILE = 'configs/sol-ceilings.yaml';
  const table = async () => parseCeilings(readFileSync(CEILINGS_FILE, 'utf8'), CEILINGS_FILE);
  const report = (...roofline: RooflinePoint[]) => reportOf([row()], { evidence: { ...NO_EVIDENCE, roofline } });
  const drawnWith = (evidence: Partial<Evidence>): Page | undefined =>
    reportOf([row()], { evidence: { ...NO_EVIDENCE, ...evidence } }).pages.find(({ id }) => id === 'roofline');
  const svgIn = (page: Page | undefined): string =>
    page?.blocks.flatMap((block) => (block.kind === 'picture' ? [block.svg] : [])).join('') ?? '';
  const pageOf = (...roofline: RooflinePoint[]) => drawnWith({ roofline });

  test.each([
    [{}, 'Decode reaches 33.3% of memory bandwidth (C=64), below the 75 % that count as memory-bound'],
    [
      { reached: true, delivered_percent: 81, concurrency: 8, from_concurrency: 4 },
      'Decode reaches 81.0% of memory bandwidth (C=8): memory-bound, at 75 % or more, from C=4',
    ],
  ])('says what limits decode in the words of the sweep, %#', (memory, title) => {
    const page = drawnWith({ roofline: [point()], sweeps: [answer(memory)] });
    expect(page).toMatchObject({
      title,
      from: { rows: ['base-decode/roofline_sweep.json'], fields: ['answers.memory'] },
    });
    expect(page?.blocks[1]).toMatchObject({
      kind: 'list',
      items: [expect.stringMatching(/^base: decode at 75% of memory bandwidth: /)],
    });
  });

  test('says why there is no answer, and leads with the sweep that reads memory most', () => {
    const silent: AnsweredSweep = {
      sweep: 'mute',
      file: 'x',
      answers: { most_flops: null, memory: null, because: ['no config of the model was given'] },
    };
    expect(drawnWith({ roofline: [point()], sweeps: [silent] })?.title).toBe(
      'Whether decode is memory-bound is not answered: no config of the model was given',
    );
    expect(drawnWith({ roofline: [point()], sweeps: [silent, answer({})] })?.title).toMatch(
      /^base: Decode reaches 33.3%/,
    );
    expect(drawnWith({ roofline: [point()], sweeps: [{ ...silent, answers: null }] })?.title).toContain(
      'import it again',
    );
  });

  test('draws datasheet, best measured and typical of the hardware, each named with its numbers', async () => {
    const svg = svgIn(drawnWith({ roofline: [point()], ceilings: await table() }));
    for (const words of [
      'B200 NVFP4 datasheet: 9,000 TFLOPS, 8 TB/s',
      'B200 NVFP4 best measured: ',
      'B200 NVFP4 typical: ',
    ])
      expect(svg).toContain(words);
    for (const dash of ['7 4', '2 3']) expect(svg).toContain(`stroke-width="1.2" stroke-dasharray="${dash}"`);
  });

  test('a point without FLOPs stands by its duty cycles, and picture, legend and words call it a proxy', async () => {
    const page = drawnWith({
      roofline: [point({ intensity: null, tflops: null, tensor: 20, dram: 40 })],
      ceilings: await table(),
    });
    const svg = svgIn(page);
    for (const words of [
      'Under the roofline: proxy',
      'proxy from duty cycles, no FLOPs',
      'proxy from duty cycles: base, decode at C=8',
    ])
      expect(svg).toContain(words);
    expect(page?.blocks.at(-1)).toMatchObject({ text: expect.stringContaining('it is no measurement of FLOPs') });
    expect(svgIn(drawnWith({ roofline: [point({ intensity: null, tflops: null, dram: null })] }))).toContain(
      'no place under the roof',
    );
  });

  test('draws the roof of the datasheet, decode and prefill under it, and names every sweep', () => {
    const picture = pageOf(
      point(),
      point({ phase: 'prefill', isl: 2048, intensity: 500, tflops: 200 }),
      point({ sweep: 'tuned' }),
    )?.blocks[0];
    const svg = picture?.kind === 'picture' ? picture.svg : '';
    for (const words of ['B200 NVFP4 datasheet: 9,000 TFLOPS, 8 TB/s', 'ISL 2048', '>base<', '>tuned<', '75 %'])
      expect(svg).toContain(words);
    expect(xmlProblem(svg)).toBeNull();
  });

  test('says what a sweep without the config of its model lacks, and grounds nothing without a counter', () => {
    const shapeless = report(point({ intensity: null, tflops: null }));
    expect(shapeless.status.partial_pages).toEqual([
      {
        page: 'roofline',
        why: expect.stringContaining('no config'),
        how_to_fix: expect.stringContaining('--model-config'),
      },
    ]);
    expect(shapeless.status).toMatchObject({ sol_complete: true, sol_rigor: 'L3', dcgm_grounded: true });
    expect(report(point({ dram: null, tensor: null, sm: null })).status).toMatchObject({
      sol_complete: false,
      sol_rigor: 'none',
    });
  });
});

describe('captures of cells', () => {
  const report = (given: Partial<Evidence>) => reportOf([row()], { evidence: { ...NO_EVIDENCE, ...given } });
  const textOf = (given: Partial<Evidence>, id: string): string =>
    JSON.stringify(report(given).pages.find((page) => page.id === id));

  test('kernels are shares of their own capture, the heaviest by name', () => {
    expect(report({ kernels: [kernels] }).pages.find(({ id }) => id === 'kernels')?.title).toBe(
      'GEMM takes 75.0% of the kernel time of base (nsys)',
    );
    expect(textOf({ kernels: [kernels] }, 'kernels')).toContain('"nvjet"');
  });

  test('counters stand beside datasheet and best; a busy share is never compared with the best', () => {
    const text = textOf({ counters: [counters] }, 'dcgm');
    for (const words of [
      'hbm3e_tbps at 15.5% of the datasheet; regime: memory',
      '"16.9%"',
      '"n/a"',
      'base: 850 W per GPU',
    ])
      expect(text).toContain(words);
    expect(report({ counters: [counters] }).status).toMatchObject({ sol_rigor: 'L3', dcgm_grounded: true });
    expect(report({ kernels: [kernels] }).status).toMatchObject({ sol_complete: false });
  });
});
