import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aggregateCampaign } from '../../src/campaign/aggregate.ts';
import { writeTree, CELL } from './bundles.ts';

let campaign: string;
beforeEach(() => {
  campaign = mkdtempSync(join(tmpdir(), 'campaign-'));
});
afterEach(() => rmSync(campaign, { recursive: true, force: true }));

const { concurrencies: _asked, ...IDENTITY } = CELL;
const row = (cell_id: string, more: object = {}) => ({
  ...IDENTITY,
  cell_id,
  concurrency: 8,
  status: 'full',
  schema_version: 2,
  ttft_avg_ms: 80,
  request_throughput_avg: 2,
  ...more,
});
const put = (cell: string, rows: unknown): void => {
  writeTree(campaign, { [`cells/${cell}/normalized.json`]: rows });
};
const aggregate = () => aggregateCampaign(campaign, { dryRun: false, signal: AbortSignal.timeout(60_000) });
const atlas = (): string => readFileSync(join(campaign, 'atlas.jsonl'), 'utf8');
const cellsInAtlas = (): string[] => atlas().trim().split('\n').map((line) => JSON.parse(line).cell_id); // prettier-ignore

describe('an aggregate', () => {
  test('takes cells in the order of their folders, and evicted ones as context that counts nowhere', async () => {
    put('b', [row('b')]);
    put('a', [row('a'), row('a', { concurrency: 16, status: 'failed', ttft_avg_ms: null })]);
    put('old', [row('old', { status: 'evicted', concurrency: 0, ttft_avg_ms: null })]);
    const { coverage, row_count, cell_count } = await aggregate();
    expect(cellsInAtlas()).toEqual(['a', 'a', 'b', 'old']);
    expect({ row_count, cell_count }).toEqual({ row_count: 4, cell_count: 3 });
    expect(coverage.header_line).toBe(
      'Coverage: 2 atlas cells | 1 full sweeps | 1 partial sweeps | 0 failed cells | 2 plot-ready concurrency points',
    );
    expect(coverage.note_line).toMatch(/^Note: 1 cells were evicted/);
  });

  test.each([
    ['no JSON', '[{"cell_id": "bad"', /bad\/normalized\.json/],
    ['no list', '{"cell_id": "bad"}', /holds no list of rows/],
    ['a row that does not fit', [row('bad', { tensor_parallel: 0 })], /row 1 tensor_parallel/],
    ['a number of GPUs that is refuted', [row('bad', { n_gpus: 12, n_gpus_source: 'recorded' })], /n_gpus is 12/],
  ])('names a cell that holds %s and keeps the others', async (_name, rows, reason) => {
    put('a', [row('a')]);
    put('bad', rows);
    writeTree(campaign, { 'cells/waiting/status.txt': 'partial' });
    expect(await aggregate()).toMatchObject({
      row_count: 1,
      damaged: [{ cell: 'bad', reason: expect.stringMatching(reason) }],
      skipped: [{ cell: 'waiting', reason: 'no normalized.json' }],
    });
  });

  test('ends on two rows of one point, also of two cells, and leaves the atlas as it was', async () => {
    put('a', [row('a')]);
    await aggregate();
    const before = atlas();
    put('b', [row('a', { ttft_avg_ms: 90 })]);
    await expect(aggregate()).rejects.toMatchObject({ code: 'duplicate_point' });
    expect(atlas()).toBe(before);
    expect(readdirSync(join(campaign, '.staging'))).toEqual([]);
  });

  test('reads only what changed, and writes what a whole aggregate would', async () => {
    for (const cell of ['a', 'b', 'c']) put(cell, [row(cell)]);
    await aggregate();
    put('b', [row('b', { ttft_avg_ms: 91.5 })]);
    rmSync(join(campaign, 'cells', 'c'), { recursive: true });
    put('d', [row('d')]);
    expect(await aggregate()).toMatchObject({ unchanged: 1, removed: ['c'], row_count: 3 });
    const incremental = atlas();
    rmSync(join(campaign, 'atlas.jsonl'));
    rmSync(join(campaign, '.aggregate.json'));
    expect(await aggregate()).toMatchObject({ unchanged: 0, row_count: 3 });
    expect(atlas()).toBe(incremental);
  });

  test('does not trust an index of another atlas', async () => {
    for (const cell of ['a', 'b']) put(cell, [row(cell)]);
    await aggregate();
    const { mtime, atime } = statSync(join(campaign, 'atlas.jsonl'));
    const text = atlas();
    writeFileSync(join(campaign, 'atlas.jsonl'), text.replaceAll('"ttft_avg_ms":80', '"ttft_avg_ms":1'));
    utimesSync(join(campaign, 'atlas.jsonl'), atime, mtime);
    expect(await aggregate()).toMatchObject({ unchanged: 0 });
    expect(atlas()).toBe(text);
  });

  test('keeps rows of an atlas that was brought whole, beside cells', async () => {
    writeTree(campaign, { 'atlas.jsonl': `# brought\n${JSON.stringify(row('far'))}\n` });
    put('near', [row('near')]);
    expect((await aggregate()).kept).toEqual(['far']);
    expect(cellsInAtlas()).toEqual(['near', 'far']);
    put('near', [row('near', { ttft_avg_ms: 1 })]);
    await aggregate();
    expect(cellsInAtlas()).toEqual(['near', 'far']);
  });

  test('of a campaign without a cell is an empty atlas that says so', async () => {
    const { coverage, row_count } = await aggregate();
    expect({ row_count, cells: coverage.atlas_cells }).toEqual({ row_count: 0, cells: 0 });
    expect(atlas()).toBe('');
  });

  test('sweeps what a killed one left, and nothing of one that lives', async () => {
    put('a', [row('a')]);
    writeTree(campaign, { '.staging/left-behind': 'half an atl' });
    await aggregate();
    expect(readdirSync(join(campaign, '.staging'))).toEqual([]);
  });

  test('several at once leave one whole atlas, and an index that fits it or is not used', async () => {
    for (let cell = 0; cell < 40; cell += 1) put(`c${cell}`, [row(`c${cell}`)]);
    await Promise.all(
      Array.from({ length: 6 }, async (_, turn) => {
        put('c7', [row('c7', { notes: 'x'.repeat(turn * 40) })]);
        await aggregate();
      }),
    );
    await aggregate();
    const after = atlas();
    rmSync(join(campaign, '.aggregate.json'));
    await aggregate();
    expect(atlas()).toBe(after);
    expect(cellsInAtlas()).toHaveLength(40);
  });
});
