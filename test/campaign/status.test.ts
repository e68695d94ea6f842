import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCampaignConfig } from '../../src/campaign/config.ts';
import { campaignStanding, type CampaignStanding } from '../../src/campaign/status.ts';
import { CELL, writeTree } from './bundles.ts';

let campaign: string;
beforeEach(() => {
  campaign = mkdtempSync(join(tmpdir(), 'campaign-'));
  mkdirSync(join(campaign, 'cells'));
});
afterEach(() => rmSync(campaign, { recursive: true, force: true }));

const row = (cell_id: string, concurrency: number, more: object = {}) => {
  const { concurrencies: _asked, ...identity } = CELL;
  return { ...identity, cell_id, concurrency, status: 'full', ttft_avg_ms: 80, request_throughput_avg: 2, ...more };
};

/** Rows in cells and, unless the cells are newer, in the atlas. */
const measured = (rows: readonly ReturnType<typeof row>[]): void => {
  for (const cell of new Set(rows.map(({ cell_id }) => cell_id))) {
    const own = rows.filter(({ cell_id }) => cell_id === cell);
    writeTree(campaign, {
      [`cells/${cell}/normalized.json`]: own,
      [`cells/${cell}/status.txt`]: `${own[0]?.status}\n`,
    });
  }
  writeTree(campaign, { 'atlas.jsonl': rows.map((each) => `${JSON.stringify(each)}\n`).join('') });
};

const published = (): void => {
  writeTree(campaign, {
    'report.pdf': '%PDF-1.7',
    'report_status.json': { sol_complete: true },
    'lake.json': { rows: { atlas_v1: 2, campaign_v1: 1 } },
  });
};

const standing = async (cells: readonly object[] = [CELL]): Promise<CampaignStanding> =>
  campaignStanding(campaign, await parseCampaignConfig(JSON.stringify({ cells }), 'config.yaml'));
const openSteps = ({ steps }: CampaignStanding) =>
  steps.flatMap(({ step, done, next }) => (done ? [] : [[step, next]]));

describe('the status of a campaign', () => {
  test('a cell that several tools can run is to be run with one of them named', async () => {
    const several = { ...CELL, bench: {}, aiperf: {} };
    const { cells } = await standing([
      { ...several, cell_id: 'open' },
      { ...several, cell_id: 'settled', backend: 'bench' },
    ]);
    expect(cells.map(({ cell_id, backend }) => [cell_id, backend])).toEqual([
      ['open', 'aiperf'],
      ['settled', undefined],
    ]);
  });

  test('a cell whose block is wrong is not sent to be run', async () => {
    const { cells } = await standing([{ ...CELL, vllm_sweep: { serve_cmd: 'vllm serve m' } }]);
    expect(cells).toMatchObject([
      {
        missing: 'cannot be run: vllm_sweep of cell base: bench_cmd is missing',
        next: 'perf_tune_report_import_bench',
      },
    ]);
  });

  test('a new campaign lacks everything, each step with the verb that brings it', async () => {
    const run = { ...CELL, cell_id: 'run', vllm_sweep: { serve_cmd: 'vllm serve', bench_cmd: 'vllm bench serve' } };
    const found = await standing([CELL, run]);
    expect(found).toMatchObject({
      done: false,
      cells: [
        { cell_id: 'base', state: 'to_import', missing: 'holds no rows', next: 'perf_tune_report_import_bench' },
        { cell_id: 'run', state: 'to_run', missing: 'has not been run', next: 'perf_tune_report_cell_run' },
      ],
    });
    expect(openSteps(found)).toEqual([
      ['cells', 'perf_tune_report_cell_run'],
      ['atlas', 'perf_tune_report_atlas_aggregate'],
      ['tpm', null],
      ['roofline', 'perf_tune_report_roofline_sweep'],
      ['report', 'perf_tune_report_report_render'],
      ['lake', 'perf_tune_report_publish_to_lake'],
    ]);
  });

  test('loads that the config asks for and nobody measured are named', async () => {
    measured([row('base', 1)]);
    expect((await standing()).cells).toMatchObject([
      { state: 'measured', atlas_rows: 1, missing_concurrencies: [8], missing: 'has no measurement at concurrency 8' },
    ]);
  });

  test('a failed point is no measurement, and a failed cell says why', async () => {
    measured([row('base', 8, { status: 'failed', notes: 'OOMKilled', ttft_avg_ms: null })]);
    expect((await standing()).cells).toMatchObject([{ state: 'failed', missing_concurrencies: [1, 8], missing: 'failed: OOMKilled' }]); // prettier-ignore
  });

  test('a point that failed at a load that nobody asked for is said, with its reason', async () => {
    measured([row('base', 1), row('base', 8), row('base', 128, { status: 'failed', notes: 'no answer', ttft_avg_ms: null })]); // prettier-ignore
    expect((await standing()).cells).toMatchObject([{ missing: 'failed at concurrency 128: no answer', next: 'perf_tune_report_import_bench' }]); // prettier-ignore
  });

  test('rows that cannot be used are said with what is wrong, not sent to an aggregate that leaves them out', async () => {
    measured([row('base', 1), row('base', 8)]);
    writeTree(campaign, { 'cells/bad/normalized.json': '[{"cell_id": "bad"', 'cells/bad/status.txt': 'full' });
    expect((await standing()).cells.at(-1)).toMatchObject({
      missing: expect.stringMatching(/^cannot be used: /),
      next: 'perf_tune_report_import_bench',
    });
  });

  test('an evicted cell is context and keeps nothing open', async () => {
    measured([row('base', 1), row('base', 8), row('gone', 0, { status: 'evicted', ttft_avg_ms: null })]);
    const found = await standing();
    expect(found.cells.at(-1)).toMatchObject({ state: 'evicted', missing: 'was evicted and is context', next: null });
    expect(found.steps[0]).toEqual({ step: 'cells', done: true, says: '2 cells measured', next: null });
  });

  test('rows of a cell by number of speculative tokens count as its own', async () => {
    measured([row('base', 1), row('base', 8)].map((each, index) => ({ ...each, cell_id: `base-K${index + 1}` })));
    rmSync(join(campaign, 'cells'), { recursive: true });
    writeTree(campaign, { 'cells/base/normalized.json': [], 'cells/base/status.txt': 'full' });
    expect((await standing()).cells).toMatchObject([{ cell_id: 'base', atlas_rows: 2, missing: null }]);
  });

  test('a cell that is newer than the atlas makes it open', async () => {
    measured([row('base', 1), row('base', 8)]);
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(campaign, 'cells/base/normalized.json'), later, later);
    expect((await standing()).steps[1]).toMatchObject({ step: 'atlas', done: false, says: 'cells are newer than the atlas' });
  }); // prettier-ignore

  test('an atlas that cannot be read is said, not thrown', async () => {
    measured([row('base', 1)]);
    writeFileSync(join(campaign, 'atlas.jsonl'), '{"cell_id": "base"');
    expect((await standing()).steps[1]?.says).toMatch(/^cannot be read: .*atlas\.jsonl:1/);
  });

  test('it is done when rows are published and the report has a roofline page, also where a cell is open', async () => {
    measured([row('base', 1)]);
    published();
    expect(await standing()).toMatchObject({ done: true, cells: [{ missing_concurrencies: [8] }] });
  });

  test.each([
    ['a report without a roofline page', { 'report_status.json': { sol_complete: false } }, 'report'],
    ['no report', { 'report_status.json': '' }, 'report'],
    ['no rows of the campaign itself', { 'lake.json': { rows: { atlas_v1: 2 } } }, 'lake'],
  ])('it is not done with %s', async (_name, files, step) => {
    measured([row('base', 1), row('base', 8)]);
    published();
    writeTree(campaign, files);
    const found = await standing();
    expect(found.done).toBe(false);
    expect(openSteps(found).map(([open]) => open)).toContain(step);
  });
});
