// The page of a report: what it holds as text, and in a real browser what a reader does with it.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { inBlocks } from '../../../src/campaign/next/in-turn.ts';
import type { AtlasRow } from '../../../src/campaign/row.ts';
import { sideOfPoint } from '../../../src/champion/ranked-variants.ts';
import { judgePoints, type PointSides } from '../../../src/compare/judge.ts';
import { sidesOfRows } from '../../../src/report/html/point-sides.ts';
import { reportPage } from '../../../src/report/html/report-page.ts';
import { smokeRows } from '../../../src/report/smoke/fixture.ts';
import { defaultRules } from '../../../src/verdict/judging-rules.ts';
import { decisionText } from '../../../src/verdict/wording.ts';
import { noBrowser, openBrowser, openFile } from '../../browser.ts';
import { seriousFaults } from '../../render/web/accessibility.ts';
import { reportOf, row } from '../rows.ts';

const CONTEXT = { root: tmpdir(), productFolder: process.cwd(), env: {} };
const HOSTILE = '</script><img src=x onerror=alert(1)>"\'\u202e=1+1';

/** Five repeats of a load that agrees with itself; `slower` takes that much more time per token. */
const repeated = (cell: string, concurrency: number, slower: number, given: Partial<AtlasRow> = {}): AtlasRow => {
  const times = [0.99, 1.004, 1, 1.006, 0.996].map((noise) => (8 + 0.2 * concurrency) * slower * noise);
  const valuesOf = (tpot: number) => {
    const perGpu = (0.93 * concurrency * 1000) / tpot / 8;
    return { tpot_p50_ms: tpot, tps_per_user: 1000 / tpot, output_tps_per_gpu: perGpu, req_per_s: (perGpu * 8) / 256, ttft_mean_ms: 20 * tpot };
  };
  const middle = valuesOf((8 + 0.2 * concurrency) * slower);
  return row({
    cell_id: cell, concurrency, n_trials: 5, n_gpus: 8, mean_output_tokens: 256, raw_path: `raw/${cell}/c${concurrency}.json`,
    tpot_median_ms: middle.tpot_p50_ms, output_tps_per_user: middle.tps_per_user, output_tps_per_gpu: middle.output_tps_per_gpu,
    request_throughput_avg: middle.req_per_s, ttft_avg_ms: middle.ttft_mean_ms,
    trials: times.map((tpot, index) => ({ index, replicate_level: 'process', validity: [], values: valuesOf(tpot), raw_path: '' })),
    ...given,
  });
}; // prettier-ignore

const LOADS = [8, 16, 32];
const ROWS = [
  ...LOADS.map((load) => repeated('base', load, 1)),
  ...LOADS.map((load) => repeated('slow', load, 1.3, { quant: 'FP8' })),
  ...LOADS.map((load) => repeated('near', load, 1.01, { hardware: 'H200', notes: HOSTILE, model: 'org/<b>&"model' })),
];

/** What the rest of the product says of these two cells. */
const judged = async (one: string, other: string): Promise<string> => {
  const points: PointSides[] = [];
  for (const load of LOADS) {
    const rows = [one, other].map((cell) => ROWS.find((each) => each.cell_id === cell && each.concurrency === load));
    const [a, b] = rows;
    const sides = [a && (await sideOfPoint('campaign', a)), b && (await sideOfPoint('campaign', b))];
    if (a === undefined || b === undefined || !sides[0] || !sides[1]) throw new Error('no such row');
    const [baseline, candidate] = inBlocks([sides[0], sides[1]], [[a], [b]]);
    points.push({ point: `C=${load}`, baseline, candidate });
  }
  const joint = judgePoints(points, { policy: { defaults: await defaultRules(CONTEXT) } });
  return decisionText(joint.decision, joint.points.flatMap(({ rows }, at) => rows.map((each) => ({ ...each, point: points[at]?.point })))); // prettier-ignore
};

describe('the text of the page', () => {
  test('is the same for the same report and clock, and holds hostile text as text', async () => {
    const text = await reportPage(reportOf(ROWS), CONTEXT);
    expect(await reportPage(reportOf(ROWS), CONTEXT)).toBe(text);
    expect(text).not.toContain('<img');
    expect(text).not.toContain('<b>&');
  });

  test('names the rows and fields behind what it shows', async () => {
    const text = await reportPage(reportOf(ROWS), CONTEXT);
    expect(text).toMatch(/<td [^>]*data-at="heatmap\/[\d/]+" data-rows="base:c8:[0-9a-f]{8}" data-fields="output_tps_per_gpu"/);
    expect(text).toMatch(/<g data-mark="circle" data-rows="base:c8:[0-9a-f]{8}" data-fields="request_throughput_avg ttft_avg_ms"/);
  }); // prettier-ignore

  test('has a script of at most 60 kB', () => {
    expect(statSync('dist/web/report.js').size).toBeLessThanOrEqual(60_000);
  });

  test('without a point has nothing to explore, and says what is missing', async () => {
    const text = await reportPage(
      reportOf([row({ status: 'failed', concurrency: 0, ttft_avg_ms: null, request_throughput_avg: null, output_tps_per_gpu: null, output_tps_per_user: null, mean_input_tokens: null, mean_output_tokens: null, tpot_median_ms: null })]),
      CONTEXT,
    );
    expect(text).not.toContain('id="explore"');
    expect(text).toContain('pages could not be drawn');
  }); // prettier-ignore
});

test('rows read in one go are the sides that they are by themselves', async () => {
  const rows = smokeRows().filter(({ concurrency }) => concurrency > 0).slice(0, 12);
  const sides = await sidesOfRows(rows, 'campaign');
  for (const each of rows)
    expect(sides.get(each)?.metrics).toEqual((await sideOfPoint('campaign', each))?.metrics);
}); // prettier-ignore

describe.skipIf(noBrowser !== null)('in a browser', () => {
  let browser: Browser;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'report-page-'));
    file = join(folder, 'report.html');
    writeFileSync(file, await reportPage(reportOf(ROWS), CONTEXT));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  test.each([1280, 1920])('no table of the made-up report is cut where the window is %i pixels wide', async (width) => {
    const smoke = join(folder, 'smoke.html');
    writeFileSync(smoke, await reportPage(reportOf(smokeRows(), { invented: true }), CONTEXT));
    const { page } = await openFile(browser, smoke, { width });
    const cut: unknown = await page.evaluate(
      `[...document.querySelectorAll('.table')].filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.closest('section').id)`,
    );
    expect(cut).toEqual([]);
    await page.context().close();
  });

  const openCell = (page: Page, cell: string): Promise<void> =>
    page.locator(`#points tr[data-rows^="${cell}:c8:"] button`).click();
  const compareCells = async (page: Page, one: string, other: string): Promise<void> => {
    await openCell(page, one);
    await page.getByRole('button', { name: 'Use as baseline' }).click();
    await openCell(page, other);
    await page.getByRole('button', { name: 'Use as candidate' }).click();
  };

  test('filters change the points and the table, and come back', async () => {
    const { page, complaints } = await openFile(browser, file);
    const rows = page.locator('#points tbody tr');
    expect(await rows.count()).toBe(9);
    await page.getByRole('checkbox', { name: 'H200' }).uncheck();
    expect(await page.locator('#count').textContent()).toBe('6 of 9 points shown');
    expect(await rows.count()).toBe(6);
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(await rows.count()).toBe(9);
    expect(complaints).toEqual([]);
  });

  test('axes and their scales change the picture', async () => {
    const { page, complaints } = await openFile(browser, file);
    const picture = async (): Promise<string> => String(await page.evaluate("document.getElementById('plot').toDataURL()"));
    const seen = new Set([await picture()]);
    await page.getByLabel('Horizontal axis', { exact: true }).selectOption({ label: 'TPOT, median, ms' });
    seen.add(await picture());
    await page.getByLabel('Scale of the vertical axis').selectOption('log');
    seen.add(await picture());
    await page.getByRole('button', { name: 'Swap axes' }).click();
    seen.add(await picture());
    expect(seen.size).toBe(4);
    expect(complaints).toEqual([]);
  }); // prettier-ignore

  test('a point is found by pointer and by keys, and opens the rows of its cell with their raw files', async () => {
    const { page, complaints } = await openFile(browser, file);
    await page.locator('#plot').focus();
    await page.keyboard.press('Home');
    expect(await page.locator('#tip').textContent()).toMatch(/C=32.*output per GPU/);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const cell = page.locator('#cell');
    expect(await cell.getByRole('cell').filter({ hasText: /^raw\/\w+\/c\d+\.json$/ }).count()).toBe(3);
    expect(await page.evaluate("document.activeElement.id")).toBe('cell');
    expect(complaints).toEqual([]);
  }); // prettier-ignore

  test.each([
    ['base', 'slow', 'FAIL proven'],
    ['base', 'near', 'PASS'],
    ['slow', 'base', 'PASS'],
  ])('%s against %s is decided as everywhere: %s', async (one, other, words) => {
    const { page, complaints } = await openFile(browser, file);
    await compareCells(page, one, other);
    const decided = (await page.locator('.decision').textContent()) ?? '';
    expect(decided.replace(/^\w+: /, '')).toBe(await judged(one, other));
    expect(decided).toContain(words);
    expect(complaints).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('has no serious fault on %s ground, with all of it open', async (scheme) => {
    const { page, complaints } = await openFile(browser, file, { scheme });
    await compareCells(page, 'base', 'slow');
    expect(await seriousFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('is read without a script, and hides what could not work', async () => {
    const { page } = await openFile(browser, file, { scripts: false });
    expect(await page.locator('#explore').isVisible()).toBe(false);
    expect(await page.locator('#heatmap td').first().isVisible()).toBe(true);
  });

  test('copies all points with their raw files', async () => {
    const { page } = await openFile(browser, file);
    await page.getByRole('button', { name: 'Copy the points as CSV' }).click();
    await page.getByText('the points copied as CSV').waitFor({ state: 'attached' });
    const lines = String(await page.evaluate('navigator.clipboard.readText()')).trim().split(/\r?\n/);
    expect(lines).toHaveLength(10);
    expect(lines).toContainEqual(expect.stringMatching(/^base:c8:[0-9a-f]{8},.*,raw\/base\/c8\.json$/));
  }); // prettier-ignore
});
