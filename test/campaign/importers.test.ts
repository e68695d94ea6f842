// The rules that hold for every importer of results, whichever verb is called: each case runs through all three.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAYOUTS } from '../../src/campaign/bundles/find-bundle.ts';
import { variantAb } from '../../src/campaign/bundles/variant-ab.ts';
import { workloads } from '../../src/campaign/bundles/workloads.ts';
import {
  importSteps,
  importText,
  runImport,
  type ImportAnswer,
  type ImportCall,
} from '../../src/campaign/import-answer.ts';
import { cellFile } from '../../src/campaign/layout.ts';
import { parseRows } from '../../src/campaign/row-text.ts';
import type { AtlasRow } from '../../src/campaign/row.ts';
import { readFileSync } from 'node:fs';
import { saying } from '../../src/verb/dry-run.ts';
import { serveBlock, writeTree, ZYMTRACE } from './bundles.ts';
import { IDENTITY, serve } from './imported.ts';
import { verbContext } from './verb-context.ts';

let root: string;
let campaign: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'importers-'));
  campaign = join(root, 'campaigns', '20261129T000000Z-a');
  writeTree(campaign, {
    'SOURCE.md': '# Perf-report campaign: a\n',
    'config.yaml': 'name: a\ncells: []\n',
    'cells/.keep': '',
  });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Importer extends Pick<ImportCall, 'importer' | 'layouts'> {
  /** Where a result at a concurrency lies, as text or as JSON. */
  readonly at: (cell: string, concurrency: number, end: 'txt' | 'json') => string;
  /** What the layout is known by. */
  readonly also: Readonly<Record<string, unknown>>;
}

const IMPORTERS: readonly (readonly [string, Importer])[] = [
  [
    'import_bench',
    { importer: 'import_bench', layouts: LAYOUTS, at: (cell, c, end) => `${cell}/c${c}.${end}`, also: {} },
  ],
  [
    'import_variant_ab',
    { importer: 'import_variant_ab', layouts: [variantAb], at: (cell, c, end) => `${cell}/c${c}-t1.${end}`, also: {} },
  ],
  [
    'import_workloads',
    {
      importer: 'import_workloads',
      layouts: [workloads],
      at: (cell, c, end) => `${cell}-c${c}.${end}`,
      also: { 'bench-workloads.json': { workloads: [] } },
    },
  ],
];

const listing = (): string[] => readdirSync(join(campaign, 'cells'), { recursive: true, encoding: 'utf8' }).sort();

describe.each(IMPORTERS)('%s', (name, importer) => {
  const runs = async (cell: string, files: Readonly<Record<string, unknown>>, dryRun = false): Promise<ImportAnswer> => {
    const bundle = writeTree(join(root, name, cell), { ...importer.also, ...files });
    const { importer: verb, layouts } = importer;
    const cellId = verb === 'import_bench' ? `${name}-${cell}` : undefined;
    return runImport({ campaign, campaignsDir: undefined, bundle, cellId, given: IDENTITY, notes: undefined, importer: verb, layouts }, verbContext(root, { dryRun }));
  };
  const rowsOf = ({ cells }: ImportAnswer): AtlasRow[] =>
    cells.flatMap(({ cell_id: cell }) => {
      const path = cellFile(campaign, cell, 'rows');
      return parseRows(readFileSync(path, 'utf8'), path);
    });
  const unique = (cell: string): string => `${name}-${cell}`.replaceAll('_', '-');
  const at = (cell: string, c: number, end: 'txt' | 'json' = 'txt') => importer.at(unique(cell), c, end);

  test('writes nothing in a dry run, and says the same as the run', async () => {
    const files = { [at('dry', 8)]: serveBlock({ requests: 80, seconds: 10 }) };
    const before = listing();
    const planned = await runs('dry', files, true);
    expect(listing()).toEqual(before);
    expect(planned).toMatchObject({ written: false, row_count: 1 });
    expect(importText(planned, saying(true))).toMatch(/^would import 1 row in 1 cell/);
    expect(await runs('dry', files)).toMatchObject({ ...planned, written: true });
  });

  test('refuses a second import into a cell that is filled', async () => {
    const files = { [at('twice', 8)]: serveBlock({ requests: 80, seconds: 10 }) };
    const first = rowsOf(await runs('twice', files));
    await expect(runs('twice', files)).rejects.toMatchObject({ kind: 'refused', code: 'cell_filled' });
    expect(first).toHaveLength(1);
  });

  test('keeps a run without successes as a failed point with its reason', async () => {
    const rows = rowsOf(await runs('failed', {
      [at('failed', 1)]: serveBlock({ requests: 10, seconds: 10 }),
      [at('failed', 8)]: serveBlock({ requests: 0, seconds: 10 }),
    }));
    expect(rows.map(({ concurrency, status, notes, ttft_avg_ms: ttft }) => [concurrency, status, notes, ttft])).toEqual([
      [1, 'full', '', 110],
      [8, 'failed', 'no request succeeded in any of 1 blocks', null],
    ]);
  });

  test('marks a window of fewer requests than twice the concurrency, and trims it where it can', async () => {
    const times = { start_times: [0, 0, 1], ttfts: [0.5, 0.5, 0.5], itls: [[0.5], [0.5], [0.5]], output_lens: [2, 2, 2] };
    const answer = await runs('short', {
      [at('short', 2, 'json')]: serve({ max_concurrency: 2, num_prompts: 3, completed: 3, duration: 2, total_input_tokens: 3000, total_output_tokens: 6, output_throughput: 3, request_throughput: 1.5, total_token_throughput: 1503, ...times }),
    });
    expect(rowsOf(answer)).toMatchObject([
      { output_tps_per_gpu: 3 / 8, steady_output_tps_per_gpu: 4 / 8, extra: { steady_window_undercount: true } },
    ]);
    expect(answer.warnings).toHaveLength(1);
    expect(answer.warnings[0]).toContain('undercounted; trimmed to its full part it is +33 %');
  });

  test('takes lengths as they were measured, and a rate of a billion as no limit', async () => {
    const rows = rowsOf(await runs('lengths', { [at('lengths', 8, 'json')]: serve({ random_input_len: 1024, random_output_len: 128, request_rate: 1e9 }) }));
    expect(rows).toMatchObject([{ mean_input_tokens: 1000, mean_output_tokens: 100, request_rate: 'inf', extra: { isl: 1024, osl: 128 } }]);
  });

  test('names the importer of captures that lie in the bundle', async () => {
    const captures = Object.fromEntries(Object.entries(ZYMTRACE).map(([path, text]) => [`${unique('captures')}/${path}`, text]));
    const answer = await runs('captures', { [at('captures', 8)]: serveBlock({ requests: 80, seconds: 10 }), ...captures });
    expect(importSteps(answer).map(({ verb }) => verb)).toEqual(['perf_tune_report_atlas_aggregate', 'perf_tune_report_import_zymtrace']);
  });

  test('that gives no row is an error with the reasons', async () => {
    if (name !== 'import_bench') return;
    await expect(runs('nothing', { 'notes.md': 'x', 'export.sqlite': 'x' })).rejects.toMatchObject({
      code: 'nothing_imported',
      message: expect.stringContaining('export.sqlite: a profile of nsys: import_nsys reads it'),
    });
  });
}); // prettier-ignore
