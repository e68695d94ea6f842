// The report through the built command line: a made-up one, and the one of a campaign, with what each says is missing.
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const program = resolve('dist/perftunereport.mjs');
const CLOCK = { SOURCE_DATE_EPOCH: '1764400000' };

let root: string;
beforeEach(() => {
  root = freshRoot();
});
afterEach(() => removeRoot(root));

const run = (args: readonly string[], env: Readonly<Record<string, string>> = CLOCK): Promise<Finished> =>
  runCli(args, { root, program, env });

const measuredCampaign = async (): Promise<string> => {
  mkdirSync(join(root, 'bundle'));
  const result = readFileSync('examples/measurements/vllm-serve-baseline.json', 'utf8');
  for (const load of [8, 32])
    writeFileSync(join(root, `bundle/c${load}.json`), result.replace(/("max_concurrency": )\d+/, `$1${load}`));
  await run(['campaign_init', resolve('configs/campaigns/kimi-k26.yaml')]);
  const cell = ['--cell-id', 'b200-nvfp4-tp8-ep-mbt4096', '--cache-mode', 'cold'];
  await run(['import_bench', '--campaign', 'kimi-k26', '--bundle', 'bundle', ...cell]);
  await run(['atlas_aggregate', 'kimi-k26']);
  const [folder = ''] = readdirSync(join(root, 'campaigns')).filter((name) => name.endsWith('kimi-k26'));
  return join(root, 'campaigns', folder);
};

describe('report_smoke', () => {
  test('writes the PDF and its status, the same bytes for the same clock, and replaces only what it wrote', async () => {
    const first = await run(['report_smoke', '--out', 'a/smoke.pdf']);
    expect(first).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('drew scatter, heatmap, reconciliation, completeness; 232 points'),
    });
    const bytes = readFileSync(join(root, 'a/smoke.pdf'));
    expect(JSON.parse(readFileSync(join(root, 'a/smoke_status.json'), 'utf8'))).toMatchObject({
      rendered_utc: '2025-11-29T07:06:40Z',
      plot_ready_points: 232,
    });
    expect((await run(['report_smoke', '--out', 'a/smoke.pdf'])).code).toBe(0);
    expect(readFileSync(join(root, 'a/smoke.pdf')).equals(bytes)).toBe(true);
    expect((await run(['report_smoke'])).code).toBe(0);
    expect(existsSync(join(root, 'experiments/artifacts/reports/smoke.pdf'))).toBe(true);
    writeFileSync(join(root, 'mine.pdf'), '%PDF-1.7\nsomebody else');
    expect(await run(['report_smoke', '--out', 'mine.pdf'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('path_not_ours'),
    });
  });

  test('as a page is one file, the same for the same clock; both lie beside each other', async () => {
    const page = jsonOf(await run(['report_smoke', '--out', 'a/smoke.html', '--json']));
    expect(page).toMatchObject({ pdf_path: null, html_path: join(root, 'a/smoke.html') });
    expect(existsSync(join(root, 'a/smoke.pdf'))).toBe(false);
    const text = readFileSync(join(root, 'a/smoke.html'), 'utf8');
    expect(text).toContain('rendered=2025-11-29T07:06:40Z');
    expect((await run(['report_smoke', '--out', 'a/smoke.html', '--format', 'both'])).code).toBe(0);
    expect(readFileSync(join(root, 'a/smoke.html'), 'utf8')).toBe(text);
    expect(existsSync(join(root, 'a/smoke.pdf'))).toBe(true);
    expect(await run(['report_smoke', '--out', 'a/smoke.pdf', '--format', 'html'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('report_name_mismatch'),
    });
    writeFileSync(join(root, 'mine.html'), '<!doctype html><p>somebody else');
    expect(await run(['report_smoke', '--out', 'mine.html'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('path_not_ours'),
    });
  });

  test('refuses to write a PDF under another name', async () => {
    const refused = await run(['report_smoke', '--out', 'report.txt']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('does not end in .pdf or .html') });
    expect(existsSync(join(root, 'report.txt'))).toBe(false);
  });

  test('refuses a clock that is none', async () => {
    const refused = await run(['report_smoke', '--out', 'a.pdf'], { SOURCE_DATE_EPOCH: 'tomorrow' });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('source_date_epoch_invalid') });
    expect(existsSync(join(root, 'a.pdf'))).toBe(false);
  });
});

describe('report_render', () => {
  test('draws what a campaign has, warns of each page that is missing, and fails under --strict', async () => {
    const campaign = await measuredCampaign();
    const rendered = await run(['report_render', 'kimi-k26']);
    expect(rendered.code).toBe(0);
    expect(rendered.stdout).toContain('tok/s/GPU at C=');
    expect(rendered.stderr).toMatch(
      /^WARNING: page roofline is missing: no cell has roofline_v1.json; .*perf_tune_report_roofline_sweep/m,
    );
    const status = JSON.parse(readFileSync(join(campaign, 'report_status.json'), 'utf8'));
    expect(status.rendered_pages).toEqual(['scatter', 'heatmap', 'capacity', 'reconciliation', 'completeness']);
    expect(statSync(join(campaign, 'report.pdf')).size).toBeGreaterThan(10_000);
    expect((await run(['report_render', 'kimi-k26', '--strict'])).code).toBe(1);
    expect((await run(['campaign_status', 'kimi-k26'])).stdout).toContain('the report has no roofline page');
  });

  test('of a dry run writes nothing; of an atlas without rows says what to import', async () => {
    const campaign = await measuredCampaign();
    expect(jsonOf(await run(['report_render', 'kimi-k26', '--dry-run', '--json']))).toMatchObject({
      pdf_path: null,
      dry_run: true,
    });
    expect(existsSync(join(campaign, 'report.pdf'))).toBe(false);
    writeFileSync(join(root, 'none.jsonl'), '');
    expect(await run(['report_render', 'kimi-k26', '--atlas', 'none.jsonl'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('atlas_empty'),
    });
  });
});
