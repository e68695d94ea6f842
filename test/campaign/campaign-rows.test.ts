// Rows of an atlas as those read them who sum them up: whole rows, whoever wrote the file.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { aggregateCampaign } from '../../src/campaign/aggregate.ts';
import { campaignRows } from '../../src/campaign/campaign-rows.ts';
import { atlasPath, cellFile, cellFolder } from '../../src/campaign/layout.ts';
import { rowLine, writtenRow } from '../../src/campaign/row-text.ts';
import { rowSchema, type AtlasRow } from '../../src/campaign/row.ts';
import { jsonFile } from '../../src/text/json.ts';

const root = mkdtempSync(join(tmpdir(), 'campaign-rows-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const { signal } = new AbortController();

const rowAt = (concurrency: number, more: Partial<AtlasRow> = {}): AtlasRow =>
  rowSchema.parse({
    cell_id: 'cell-1',
    model: 'org/model',
    hardware: 'B200',
    quant: 'NVFP4',
    tensor_parallel: 8,
    parallel_strategy: 'EP',
    mtp: false,
    max_num_batched_tokens: 4096,
    concurrency,
    status: 'full',
    schema_version: 2,
    n_gpus: 8,
    n_gpus_source: 'derived',
    output_tps_per_gpu: 100 + concurrency,
    notes: 'größer als ASCII',
    ...more,
  });

const campaignOf = (name: string): string => {
  const campaign = join(root, name);
  mkdirSync(cellFolder(campaign, 'cell-1'), { recursive: true });
  return campaign;
};

const rowsOf = async (campaign: string): Promise<AtlasRow[]> => {
  const found: AtlasRow[] = [];
  for await (const rows of campaignRows(campaign, signal)) found.push(...rows);
  return found;
};

describe('the rows of a campaign', () => {
  const rows = [rowAt(1), rowAt(8, { tpot_median_ms: 12.5, node: 'n1' })];

  test('are whole where the aggregate wrote them', async () => {
    const campaign = campaignOf('own');
    writeFileSync(cellFile(campaign, 'cell-1', 'rows'), jsonFile(rows.map(writtenRow)));
    await aggregateCampaign(campaign, { dryRun: false, signal });
    expect(await rowsOf(campaign)).toEqual(rows);
  });

  test('are whole and checked where somebody else did', async () => {
    const campaign = campaignOf('other');
    writeFileSync(atlasPath(campaign), `# of another tool\n\n${rows.map(rowLine).join('')}`);
    expect(await rowsOf(campaign)).toEqual(rows);
  });

  test('are all read where the last line has no end and the file is larger than a block', async () => {
    const campaign = campaignOf('large');
    const many = Array.from({ length: 3000 }, (_, index) => rowAt(index + 1, { notes: 'é'.repeat(index % 400) }));
    writeFileSync(atlasPath(campaign), many.map(rowLine).join('').trimEnd());
    expect(await rowsOf(campaign)).toEqual(many);
  });

  test('of a file that was edited after the aggregate are checked again, and the line is named', async () => {
    const campaign = campaignOf('edited');
    writeFileSync(cellFile(campaign, 'cell-1', 'rows'), jsonFile(rows.map(writtenRow)));
    await aggregateCampaign(campaign, { dryRun: false, signal });
    writeFileSync(
      atlasPath(campaign),
      `${rowLine(rowAt(1))}${rowLine(rowAt(2)).replace('"concurrency":2', '"concurrency":-2')}`,
    );
    await expect(rowsOf(campaign)).rejects.toThrow(/row of line 2 concurrency/);
  });

  test('are missed by name where there is no atlas', async () => {
    await expect(rowsOf(campaignOf('none'))).rejects.toMatchObject({ code: 'atlas_missing' });
  });
});
