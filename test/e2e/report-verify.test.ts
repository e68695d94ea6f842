// A report that goes elsewhere: rendered from a campaign with a selection, verified on a machine that has nothing but the file, through the
// command line and over MCP.
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect, freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const program = resolve('dist/perftunereport.mjs');

let root: string;
let elsewhere: string;
beforeEach(() => {
  root = freshRoot();
  elsewhere = freshRoot();
});
afterEach(() => {
  removeRoot(root);
  removeRoot(elsewhere);
});

const run = (args: readonly string[], at = root): Promise<Finished> => runCli(args, { root: at, program });

const IDENTITY = [
  '--quant',
  'NVFP4',
  '--tensor-parallel',
  '8',
  '--parallel-strategy',
  'EP',
  '--max-num-batched-tokens',
  '8192',
];

/** A campaign of two cells with a selection; returns its folder. */
const campaignOf = async (): Promise<string> => {
  await run(['campaign_init', resolve('configs/campaigns/kimi-k26.yaml')]);
  const cells = [
    ['b200-nvfp4-tp8-ep-mbt4096', 'vllm-serve-baseline', []],
    ['b200-nvfp4-tp8-ep-mbt8192', 'vllm-serve-regressed', IDENTITY],
  ] as const;
  for (const [cell, measurement, identity] of cells) {
    const result = readFileSync(`examples/measurements/${measurement}.json`, 'utf8');
    mkdirSync(join(root, cell));
    for (const load of [8, 32])
      writeFileSync(join(root, cell, `c${load}.json`), result.replace(/("max_concurrency": )\d+/, `$1${load}`));
    await run([
      'import_bench',
      '--campaign',
      'kimi-k26',
      '--bundle',
      cell,
      '--cell-id',
      cell,
      '--cache-mode',
      'cold',
      ...identity,
    ]);
  }
  await run(['atlas_aggregate', 'kimi-k26']);
  await run(['champion_select', 'kimi-k26']);
  const [folder = ''] = readdirSync(join(root, 'campaigns')).filter((name) => name.endsWith('kimi-k26'));
  return join(root, 'campaigns', folder);
};

const sent = (pdf: string): string => {
  copyFileSync(pdf, join(elsewhere, 'report.pdf'));
  return join(elsewhere, 'report.pdf');
};

describe('report_verify', () => {
  test('of a campaign with a selection finds the same bytes elsewhere, and knows the digest at home', async () => {
    const campaign = await campaignOf();
    const rendered = jsonOf(await run(['report_render', 'kimi-k26', '--json']));
    expect(rendered).toMatchObject({ render_status: { rendered_pages: expect.arrayContaining(['capacity', 'champion']) } });
    const pdf = sent(join(campaign, 'report.pdf'));
    const found = jsonOf(await run(['report_verify', pdf, '--json'], elsewhere));
    expect(found).toMatchObject({
      verified: true, same_bytes: true, same_build: true, digest: 'unknown', differences: [], sha256: rendered['pdf_sha256'], rows: 4,
    });
    expect(existsSync(join(elsewhere, 'experiments/artifacts/reports'))).toBe(false);
    expect(await run(['report_verify', join(campaign, 'report.pdf')])).toMatchObject({ code: 0, stdout: expect.stringContaining(': match (') });
    expect(await run(['report_verify', pdf, '--expect', 'a'.repeat(64)], elsewhere)).toMatchObject({ code: 1, stdout: expect.stringContaining('DIFFERS') });
    const text = readFileSync(join(root, 'experiments/artifacts/reports/digests.jsonl'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ sha256: rendered['pdf_sha256'], prev: null });
  }, 120_000);

  test('carries raw files where they were asked for, and nothing where nothing was', async () => {
    const campaign = await campaignOf();
    await run(['report_render', 'kimi-k26', '--attach', 'full', '--out', join(root, 'full.pdf')]);
    expect(await run(['report_verify', sent(join(root, 'full.pdf'))], elsewhere)).toMatchObject({ code: 0 });
    await run(['report_render', 'kimi-k26', '--attach', 'none', '--out', join(root, 'bare.pdf')]);
    expect(await run(['report_verify', sent(join(root, 'bare.pdf'))], elsewhere)).toMatchObject({ code: 2, stderr: expect.stringContaining('report_without_rows') });
    expect(existsSync(join(campaign, 'report.pdf'))).toBe(false);
  }, 120_000);

  test('over MCP says what a changed file shows, and refuses one that could do harm', async () => {
    await run(['report_smoke', '--out', 'smoke.pdf']);
    const pdf = readFileSync(join(root, 'smoke.pdf'));
    const at = pdf.indexOf('/CreationDate (D:2') + 18;
    pdf.writeUInt8(pdf.readUInt8(at) === 48 ? 49 : 48, at);
    writeFileSync(join(elsewhere, 'changed.pdf'), pdf);
    writeFileSync(join(elsewhere, 'bad.pdf'), '%PDF-1.7\n1 0 obj << /S /JavaScript /JS (app.alert(1)) >> endobj\n%%EOF');
    const client = await connect('2.x client, 2026-07-28', { root: elsewhere, cwd: elsewhere });
    try {
      const name = 'perf_tune_report_report_verify';
      const changed = await client.call(name, { report: 'changed.pdf' });
      expect(changed.structured).toMatchObject({ verified: false, differences: [{ in: 'document', place: 'metadata, CreationDate' }] });
      const refused = await client.call(name, { report: 'bad.pdf' });
      expect(refused).toMatchObject({ isError: true, structured: { error: { code: 'report_refused' } } });
    } finally {
      await client.close();
    }
  }, 120_000);
}); // prettier-ignore
