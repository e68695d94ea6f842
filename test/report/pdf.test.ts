import { beforeAll, describe, expect, test } from 'vitest';
import { OUR_PDF } from '../../src/report/report-files.ts';
import { requireWhole } from '../../src/report/report-files.ts';
import { smokeRows } from '../../src/report/smoke/fixture.ts';
import {
  blankBands,
  canReadPdf,
  outside,
  overlapping,
  pageWords,
  pdfFonts,
  pdfInfo,
  pdfText,
  qpdfSays,
} from './pdf-tools.ts';
import { pdfOf, reportOf, row } from './rows.ts';

const smoke = reportOf(smokeRows(), { invented: true });
let pdf: Uint8Array;
beforeAll(async () => {
  pdf = await pdfOf(smoke);
});

const LONG = 'a-very-long-name-of-a-configuration-that-somebody-chose-to-tell-everything-about-it';
const sixtyArms = Array.from({ length: 60 }, (_, index) =>
  [1, 8, 32].map((concurrency) =>
    row({
      cell_id: `${LONG}-${index}`,
      serving_engine: `${LONG}-${index}`,
      concurrency,
      request_throughput_avg: concurrency * (1 + index / 60),
      ttft_avg_ms: 100 + concurrency * (1 + index / 7),
      mean_output_tokens: null,
      output_tps_per_gpu: 10 * concurrency * (1 + index / 60),
      output_tps_per_user: 100 / Math.sqrt(concurrency + index),
    }),
  ),
).flat();

describe('the PDF of a report', () => {
  test('is whole, knows itself again by its first bytes, and has the same bytes for the same clock', async () => {
    expect(() => requireWhole(pdf, smoke)).not.toThrow();
    expect(Buffer.from(pdf).subarray(0, 4096).toString('latin1')).toMatch(OUR_PDF);
    expect(Buffer.compare(pdf, await pdfOf(smoke))).toBe(0);
  });

  test('that is too small or lacks pages is refused', () => {
    expect(() => requireWhole(pdf.subarray(0, 9000), smoke)).toThrow(/9000 bytes/);
    expect(() => requireWhole(pdf, { ...smoke, pages: [...smoke.pages, ...smoke.pages] })).toThrow(/3 of \d pages/);
  });
});

describe.skipIf(!canReadPdf)('a reader of the PDF finds', () => {
  test('the coverage line, every arm and every number of the tables', () => {
    const text = pdfText(pdf).replaceAll(',', '');
    expect(text).toContain(
      'Coverage: 40 atlas cells | 38 full sweeps | 1 partial sweeps | 1 failed cells | 232 plot-ready',
    );
    for (const { label } of smoke.data.arms) expect(text).toContain(label);
    for (const each of smoke.data.rows)
      if ([8, 16, 32].includes(each.concurrency))
        for (const value of [each.output_tps_per_gpu, each.ttft_avg_ms]) expect(text).toContain(value?.toFixed(1));
    expect(text).toContain('MADE-UP NUMBERS');
  });

  test('its times in UTC, its fonts inside, its structure sound and tagged', () => {
    expect(pdfInfo(pdf)).toMatch(/Keywords: +campaign=night-20261120T100000Z, rendered_utc=2026-11-29T11:20:00Z/);
    expect(pdfInfo(pdf)).toMatch(/Tagged: +yes/);
    const fonts = pdfFonts(pdf);
    expect(fonts).toContain('DejaVuSans');
    expect(fonts).not.toContain('Libertinus');
    expect(qpdfSays(pdf)).toContain('No syntax or stream encoding errors');
  });

  test('the footer on every page', () => {
    const pages = pdfText(pdf)
      .split('\f')
      .filter((page) => page.trim() !== '');
    expect(pages).toHaveLength(3);
    for (const [index, page] of pages.entries()) {
      expect(page).toContain(
        'campaign=night-20261120T100000Z | rendered=2026-11-29T11:20:00Z | bench-window=2026-05-23T00:00:00Z',
      );
      expect(page).toContain(`page ${index + 1} of 3`);
    }
  });

  test.each([
    ['the made-up campaign', smokeRows()],
    ['one arm', [row()]],
    ['three arms', ['H100', 'B200', 'GB300'].map((hardware) => row({ cell_id: hardware, hardware }))],
    ['twelve arms', sixtyArms.slice(0, 36)],
    ['sixty arms with long names', sixtyArms],
    [
      'failures everywhere',
      [
        row({
          status: 'failed',
          concurrency: 0,
          ttft_avg_ms: null,
          request_throughput_avg: null,
          output_tps_per_gpu: null,
          output_tps_per_user: null,
        }),
      ],
    ],
  ])('no word outside its page or over another: %s', async (_name, rows) => {
    const pages = pageWords(await pdfOf(reportOf(rows)));
    expect(pages.flatMap(({ words }) => words).length).toBeGreaterThan(20);
    expect(outside(pages)).toEqual([]);
    expect(overlapping(pages)).toEqual([]);
    expect(blankBands(pages)).toEqual([]);
  });
});

test.each([
  ['of a script that the fonts lack', '\u6a21\u578b'],
  ['with a control character', 'a\u0007b'],
  ['with a byte order mark', 'a\ufeffb'],
  ['with a character of a private area', 'a\ue000b'],
  ['with half of a surrogate pair', 'a\ud800b'],
])('a name %s does not keep the report from being made', async (_what, name) => {
  const rows = [row({ model: name }), row({ model: `${name}2`, cell_id: 'other', dataset: name })];
  const pdfOfName = await pdfOf(reportOf(rows, { title: name, variantsLine: name }));
  expect(pdfOfName.byteLength).toBeGreaterThan(10_000);
});
