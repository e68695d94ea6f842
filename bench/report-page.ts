// The page of a report of 10,000 points in Chromium: the CPU time that it takes to open, and that a filter takes until the table and the
// plot have changed, beside their limits. CPU of the page's thread, so that neighbours of the machine do not count.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type CDPSession } from 'playwright-core';
import { rowSchema, type AtlasRow } from '../src/campaign/row.ts';
import { reportPage } from '../src/report/html/report-page.ts';
import { composeReport } from '../src/report/compose.ts';
import { reportData } from '../src/report/report-data.ts';
import { table } from './figures.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const LIMITS = { open: 1000, filter: 100 };
const FILTERS = 10;

const HARDWARE = ['B200', 'GB300', 'H200', 'H100', 'MI355X'];

/** 100 cells of 100 loads that agree with themselves. */
const rows = (): AtlasRow[] =>
  Array.from({ length: 10_000 }, (_, index) => {
    const [cell, concurrency] = [Math.floor(index / 100), (index % 100) + 1];
    const tpot = 8 + 0.15 * concurrency + (cell % 7);
    const perGpu = (0.93 * concurrency * 1000) / tpot / 8;
    return rowSchema.parse({
      cell_id: `cell-${cell}`, model: 'org/model', hardware: HARDWARE[cell % 5] ?? '', quant: cell % 2 ? 'NVFP4' : 'FP8', tensor_parallel: 8,
      parallel_strategy: cell % 3 ? 'EP' : 'TP', mtp: cell % 4 === 1, max_num_batched_tokens: 8192, concurrency, status: 'full',
      ttft_avg_ms: 100 + 12 * concurrency, request_throughput_avg: (perGpu * 8) / 500, output_tps_per_user: 1000 / tpot,
      output_tps_per_gpu: perGpu, tpot_median_ms: tpot, mean_output_tokens: 500, dataset: 'random', n_gpus: 8,
    });
  }); // prettier-ignore

const threadMs = async (session: CDPSession): Promise<number> => {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
};

export const benchReportPage = async (): Promise<void> => {
  if (!existsSync(CHROMIUM)) return console.log(`\nreport-page: no Chromium at ${CHROMIUM}`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-page-'));
  const file = join(folder, 'report.html');
  const data = reportData({ campaign: 'bench', title: 'Bench', variantsLine: null, dataSourceLine: null, rows: rows(), focus: 'throughput', labelled: [], invented: true }); // prettier-ignore
  const context = { root: folder, productFolder: process.cwd(), env: {} };
  writeFileSync(file, await reportPage(composeReport(data, new Date(0)), context));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1300, height: 900 } });
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(`file://${file}`);
    const open = await threadMs(session);
    for (let turn = 0; turn < FILTERS; turn += 1) await page.locator('[data-filter=hardware]').first().click();
    const filter = ((await threadMs(session)) - open) / FILTERS;
    const line = (what: string, ms: number, limit: number) => [
      what,
      ms.toFixed(0),
      `${limit}`,
      ms <= limit ? 'yes' : 'NO',
    ];
    table(`Page of 10,000 points, ${(statSync(file).size / 1e6).toFixed(1)} MB, CPU of its thread`, ['step', 'ms', 'limit', 'within'], [
      line('open', open, LIMITS.open),
      line('filter', filter, LIMITS.filter),
    ]); // prettier-ignore
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
};
