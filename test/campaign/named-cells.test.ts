// A cell that the caller names: taken where it is one, refused where the name would be lost or would make a cell by a slip.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LAYOUTS } from '../../src/campaign/bundles/find-bundle.ts';
import { importCaptures, type CaptureCall } from '../../src/campaign/captures/import-captures.ts';
import { runImport } from '../../src/campaign/import-answer.ts';
import { cellFile } from '../../src/campaign/layout.ts';
import { CELL, serveBlock, writeTree, ZYMTRACE } from './bundles.ts';
import { IDENTITY, serve } from './imported.ts';
import { verbContext } from './verb-context.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'named-cells-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

let made = 0;

/** A campaign whose config plans the cell `base`, or none. */
const campaignWith = (cells: readonly object[]): string =>
  writeTree(join(root, 'campaigns', `20261129T00000${(made += 1)}Z-a`), {
    'SOURCE.md': '# Perf-report campaign: a\n',
    'config.yaml': JSON.stringify({ name: 'a', cells }),
    'cells/.keep': '',
  });

describe('cell_id of a bundle of results', () => {
  const importing = (files: Readonly<Record<string, unknown>>, cellId: string | undefined) => {
    const bundle = writeTree(join(root, `bundle-${(made += 1)}`), files);
    const campaign = campaignWith([]);
    const call = { campaign, campaignsDir: undefined, bundle, cellId, given: IDENTITY, notes: undefined };
    return runImport({ ...call, importer: 'import_bench', layouts: LAYOUTS }, verbContext(root));
  };

  test('names the cell of files that name none, and begins the names of those that they are parted into', async () => {
    const one = await importing({ 'run.json': serve() }, 'mine');
    expect(one.cells.map(({ cell_id }) => cell_id)).toEqual(['mine']);
    const two = await importing({ 'a.json': serve(), 'b.json': serve({ model_id: 'org/other' }) }, 'mine');
    expect(two.cells.every(({ cell_id }) => cell_id.startsWith('mine-'))).toBe(true);
  });

  test('is refused where the bundle names its cells itself', async () => {
    const arms = {
      'vllm/c8-t1.txt': serveBlock({ requests: 64, seconds: 10 }),
      'sglang/c8-t1.txt': serveBlock({ requests: 64, seconds: 12 }),
    };
    await expect(importing(arms, undefined)).resolves.toMatchObject({ layout: 'variant_ab', row_count: 2 });
    await expect(importing(arms, 'mine')).rejects.toMatchObject({
      code: 'cell_id_unused',
      message: expect.stringContaining('sglang, vllm'),
    });
  });
});

describe('cell_id of captures', () => {
  const importing = (campaign: string, more: Partial<CaptureCall>) => {
    const bundle = writeTree(join(root, `captures-${(made += 1)}`), ZYMTRACE);
    const call = { campaign, campaignsDir: undefined, bundle, cellId: undefined, source: 'zymtrace' as const };
    return importCaptures({ ...call, ...more }, verbContext(root));
  };

  test('is a cell of the campaign, one that its config plans, or any where the campaign has none', async () => {
    for (const [cells, cellId] of [[[CELL], 'base'], [[], 'first']] as const) {
      const campaign = campaignWith(cells);
      await importing(campaign, { cellId });
      expect(existsSync(cellFile(campaign, cellId, 'kernels'))).toBe(true);
    }
  }); // prettier-ignore

  test('is refused where no cell has it, with the nearest, unless a new cell is wanted', async () => {
    const campaign = campaignWith([CELL]);
    await expect(importing(campaign, { cellId: 'bse' })).rejects.toMatchObject({
      code: 'cell_unknown',
      details: { fix: 'did you mean base; for another one set new_cell: true' },
    });
    expect(existsSync(join(campaign, 'cells', 'bse'))).toBe(false);
    await importing(campaign, { cellId: 'bse', newCell: true });
    expect(existsSync(cellFile(campaign, 'bse', 'kernels'))).toBe(true);
  });

  test('is refused for several arms, which are called by their folders', async () => {
    const campaign = campaignWith([CELL]);
    const bundle = writeTree(join(root, 'arms'), {
      'one/capture_sources.json': { captured_sources: [] },
      'two/capture_sources.json': { captured_sources: [] },
    });
    await expect(importing(campaign, { cellId: 'base', bundle })).rejects.toMatchObject({
      code: 'cell_id_unused',
      message: expect.stringContaining('2 cells: one, two'),
    });
  });
});
