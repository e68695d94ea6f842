// The registry as a site, through the built command line and a spawned server, and opened from disk in a real browser: every link
// leads to a page, nothing is asked for, and what means harm in a measurement is text.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { noBrowser, openBrowser, openFile } from '../browser.ts';
import { seriousFaults } from '../render/web/accessibility.ts';
import { makeRegistry } from '../site/made-registry.ts';
import { expectAnswer } from './answer.ts';
import { connect, ERAS, freshRoot, removeRoot, type Connection } from './connect.ts';
import { jsonOf, runCli } from './run-cli.ts';

const EPOCH = { SOURCE_DATE_EPOCH: '1793000000' };
const NEWEST = '20261018T033000000000Z';

let root: string;
let site: string;
let first: Record<string, unknown>;
const make = (out: string, ...more: string[]) =>
  runCli(['registry_site', '--out', out, '--json', ...more], { root, env: EPOCH });
const text = (...parts: string[]): string => readFileSync(join(site, ...parts), 'utf8');

beforeAll(async () => {
  root = freshRoot();
  site = join(root, 'site');
  await makeRegistry(root);
  writeFileSync(
    join(root, 'campaigns', 'spec-20261001T010203Z', 'report.pdf'),
    '%PDF-1.7\n/Title (profile-and-optimize report)',
  );
  first = jsonOf(await make('site'));
}, 120_000);
afterAll(() => removeRoot(root));

/** Files below a folder, relative. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

const pages = (): string[] => filesIn(site).filter((file) => file.endsWith('.html'));

describe('the site of a registry', () => {
  test('counts what it holds, and names its first page', () => {
    expect(first).toMatchObject({ measurements: 6, entries: 34, diffs: 4, profile_diffs: 1, campaigns: 1, problems_count: 0, index: join(site, 'index.html') });
    expect(first['pages']).toBe(filesIn(site).length - 1);
  });

  test('has a page at a name that lasts for every entry, measurement, diff, profile diff and campaign', () => {
    expect(pages()).toEqual(
      expect.arrayContaining([
        'index.html',
        'measurements/b200/nccl_busbw/index.html',
        `measurements/b200/nccl_busbw/${NEWEST}.html`,
        'diffs/index.html',
        'diffs/example_8b/vllm_serve/20261013T033000000000Z.html',
        'profile-diffs/20261015T033000000000Z.html',
        'campaigns/spec-20261001T010203Z/index.html',
      ]),
    );
  });

  test('every link of every page leads to a file of the site', () => {
    const broken = pages().flatMap((page) =>
      [...text(page).matchAll(/ href="([^"#]+)/g)]
        .map(([, href = '']) => href)
        .filter((href) => /^[a-z]+:|^\//.test(href) || !existsSync(resolve(site, dirname(page), href)))
        .map((href) => `${page}: ${href}`),
    );
    expect(broken).toEqual([]);
  });

  test('every page is reached from the first', () => {
    const reached = new Set(['index.html']);
    for (const page of reached)
      for (const [, href = ''] of page.endsWith('.html') ? text(page).matchAll(/ href="([^"#]+)/g) : [])
        reached.add(resolve('/', dirname(page), href).slice(1));
    expect(filesIn(site).filter((file) => file !== 'site.json' && !reached.has(file))).toEqual([]);
  });

  test('an entry has its number with unit and trials, its tags, its tier, its place in the chain and its digests', () => {
    const page = text('measurements', 'b200', 'nccl_busbw', `${NEWEST}.html`);
    for (const words of ['654.939 GB/s', 'n = 3', '>golden<', '>DRAFT<', '>intact<', 'NVIDIA B200', 'Source sha256', 'Entry sha256'])
      expect(page).toContain(words);
  });

  test('a measurement has the trend that perf_baseline_trend finds, with its picture', async () => {
    const trend = jsonOf(await runCli(['perf_baseline_trend', 'b200/nccl_busbw', '--json'], { root }));
    const page = text('measurements', 'b200', 'nccl_busbw', 'index.html');
    expect(page).toContain(`>${String(trend['verdict'])}<`);
    expect(page).toContain('Rule T1: history, RED');
    expect(page).toMatch(/<figure[^>]*><svg [^>]*aria-label="b200\/nccl_busbw, nccl_busbw: RED/);
  });

  test('a diff says what its file says: verdict, decision, rule, intervals, and links its baseline', () => {
    const slug = '20261020T033000000000Z';
    const stored = JSON.parse(readFileSync(join(root, 'experiments/artifacts/perf-baseline-diffs/b200/nccl_busbw', slug, 'diff.json'), 'utf8'));
    const page = text('diffs', 'b200', 'nccl_busbw', `${slug}.html`);
    expect(page).toContain(`>${stored.decision.status} ${stored.decision.strength}<`);
    expect(page).toContain(`${stored.decision.rule}: over all metrics, FAIL`);
    expect(page).toMatch(/-9\.\d% to -[89]\.\d%/);
    expect(page).toContain('href="../../../measurements/b200/nccl_busbw/20261001T033000000000Z.html"');
  });

  test('a campaign has its steps, its pick and its reports, which lie beside its page', () => {
    const page = text('campaigns', 'spec-20261001T010203Z', 'index.html');
    expect(page).toContain('RECOMMENDED-FOR-PRODUCTION');
    expect(page).toContain('2 atlas cells');
    expect(page).toContain('href="report.pdf"');
    expect(existsSync(join(site, 'campaigns', 'spec-20261001T010203Z', 'report.pdf'))).toBe(true);
  });

  test('text that means harm is text on every page', () => {
    for (const page of pages()) {
      const html = text(page);
      expect(html, page).not.toMatch(/<img|<script>alert|onerror=alert\(2\)> '\u202e| href="javascript:/);
      expect(html.match(/<\/style>/g), page).toHaveLength(1);
      expect(html, page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    }
    expect(text('measurements', 'odd', 'number', '20261009T033000000000Z.html')).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('the same registry and clock give the same bytes, and what did not change is the same file', async () => {
    const before = filesIn(site).map((file) => [file, readFileSync(join(site, file), 'utf8'), statSync(join(site, file)).ino]);
    const again = jsonOf(await make('site'));
    expect(again).toMatchObject({ changed: 0, unchanged: before.length, removed: 0 });
    expect(filesIn(site).map((file) => [file, readFileSync(join(site, file), 'utf8'), statSync(join(site, file)).ino])).toEqual(before);
    const elsewhere = join(root, 'elsewhere');
    await make('elsewhere');
    expect(filesIn(elsewhere).map((file) => readFileSync(join(elsewhere, file), 'utf8'))).toEqual(before.map(([, content]) => content));
  });

  test('only who and where is left out where it is to be anonymous', async () => {
    await make('anonymous', '--anonymous');
    const all = filesIn(join(root, 'anonymous')).filter((file) => file.endsWith('.html')).map((file) => readFileSync(join(root, 'anonymous', file), 'utf8')).join('');
    expect(all).not.toContain(root);
    expect(all).not.toContain('node-7');
    expect(all).not.toMatch(/>ada<|Recorded by/);
    expect(all).toContain('654.939 GB/s');
  });

  test('an entry that was changed afterwards is marked, on its page and on the first', async () => {
    const copy = freshRoot();
    cpSync(join(root, 'experiments'), join(copy, 'experiments'), { recursive: true });
    const entry = join(copy, 'experiments/artifacts/perf-baselines/b200/boot_s/20261003T033000000000Z/source-snapshot.json');
    writeFileSync(entry, `${readFileSync(entry, 'utf8')} `, { mode: 0o644, flag: 'r+' });
    await runCli(['registry_site', '--out', 'site'], { root: copy });
    expect(readFileSync(join(copy, 'site/measurements/b200/boot_s/20261003T033000000000Z.html'), 'utf8')).toContain('<span class="badge bad">changed</span>');
    expect(readFileSync(join(copy, 'site/index.html'), 'utf8')).toContain('1 not as recorded');
    removeRoot(copy);
  });
}); // prettier-ignore

describe('where it is written', () => {
  let server: Connection;
  beforeAll(async () => void (server = await connect(ERAS[0], { root })));
  afterAll(() => server.close());

  test('over MCP it answers in a few lines, and a dry run writes nothing', async () => {
    const planned = await server.call('registry_site', { out: join(root, 'planned'), dry_run: true });
    expect(planned.text).toMatch(/^would write \d+ pages: /);
    expect(existsSync(join(root, 'planned'))).toBe(false);
    expect(readdirSync(root).filter((name) => name.includes('.work'))).toEqual([]);
    const written = await server.call('registry_site', {});
    expectAnswer('registry_site', written, /^wrote \d+ pages: .*\/experiments\/artifacts\/site$/);
    expect(written.links).toEqual([expect.stringMatching(/site\/index\.html$/)]);
    expect(written.text).toContain('6 measurements, 34 entries, 4 diffs, 1 profile diff, 1 campaign');
  });

  test('a folder that is no site of ours is refused, with overwrite too, and stays as it is', async () => {
    mkdirSync(join(root, 'mine'));
    writeFileSync(join(root, 'mine', 'thesis.txt'), 'mine');
    for (const overwrite of [false, true]) {
      const { isError, structured } = await server.call('registry_site', { out: join(root, 'mine'), overwrite });
      expect(isError).toBe(true);
      expect(Object(structured['error']).code).toBe('site_not_ours');
    }
    expect(readFileSync(join(root, 'mine', 'thesis.txt'), 'utf8')).toBe('mine');
  });

  test('a file of somebody else within a site is refused, and removed only where the caller says so', async () => {
    await server.call('registry_site', { out: join(root, 'shared-site') });
    writeFileSync(join(root, 'shared-site', 'CNAME'), 'perf.example.org');
    const refused = await server.call('registry_site', { out: join(root, 'shared-site') });
    expect(Object(refused.structured['error']).code).toBe('site_foreign_files');
    expect(existsSync(join(root, 'shared-site', 'CNAME'))).toBe(true);
    await server.call('registry_site', { out: join(root, 'shared-site'), overwrite: true });
    expect(existsSync(join(root, 'shared-site', 'CNAME'))).toBe(false);
  });

  test('the registry and the campaigns are no place for it', async () => {
    for (const out of ['experiments/artifacts/perf-baselines/x', 'campaigns/x']) {
      const { structured } = await server.call('registry_site', { out: join(root, out) });
      expect(Object(structured['error']).code).toBe('path_protected');
    }
  });

  test('a root without anything gives a site that says so', async () => {
    const empty = freshRoot();
    const { code, stdout } = await runCli(['registry_site', '--out', 'site'], { root: empty });
    expect(code, stdout).toBe(0);
    expect(readFileSync(join(empty, 'site', 'index.html'), 'utf8')).toContain('Nothing is recorded yet.');
    removeRoot(empty);
  });
});

describe.skipIf(noBrowser !== null)('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => void (browser = await openBrowser()));
  afterAll(() => browser.close());

  test.each([
    ['index.html'],
    ['measurements/b200/nccl_busbw/index.html'],
    [`measurements/b200/nccl_busbw/${NEWEST}.html`],
    ['measurements/odd/names/index.html'],
    ['diffs/index.html'],
    ['diffs/example_8b/vllm_serve/20261013T033000000000Z.html'],
    ['diffs/example_8b/decode_profile/20261016T033000000000Z.html'],
    ['profile-diffs/20261015T033000000000Z.html'],
    ['campaigns/spec-20261001T010203Z/index.html'],
  ])(
    '%s asks for nothing, complains of nothing, and axe finds no serious fault, light or dark',
    async (path) => {
      for (const scheme of ['light', 'dark'] as const) {
        const { page, complaints } = await openFile(browser, join(site, path), { scheme });
        expect(await seriousFaults(page)).toEqual([]);
        expect(complaints).toEqual([]);
        await page.context().close();
      }
    },
    60_000,
  );

  test('the list of measurements is narrowed by words, and what is copied is what is shown', async () => {
    const { page, complaints } = await openFile(browser, join(site, 'index.html'));
    const shown = (): Promise<number> => page.locator('tbody tr:visible').count();
    expect(await shown()).toBe(6);
    await page.getByRole('searchbox', { name: 'Filter All measurements' }).fill('b200 nccl');
    expect(await shown()).toBe(1);
    expect(await page.locator('.count').textContent()).toBe('1 of 6 rows');
    await page.getByRole('button', { name: 'Copy All measurements as CSV' }).click();
    await page.getByText('All measurements copied as CSV').waitFor({ state: 'attached' });
    const copied = String(await page.evaluate('navigator.clipboard.readText()'));
    expect(copied.trim().split('\r\n')).toHaveLength(2);
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 60_000);

  test('a reader goes from the first page to an entry and back by links, from disk', async () => {
    const { page } = await openFile(browser, join(site, 'index.html'));
    await page.getByRole('link', { name: 'example_8b/vllm_serve' }).first().click();
    await page.getByRole('link', { name: '20261012T033000000000Z' }).first().click();
    expect(await page.locator('h1').textContent()).toBe('example_8b/vllm_serve @ 20261012T033000000000Z');
    await page.getByRole('link', { name: 'Measurements' }).first().click();
    expect(await page.locator('h1').textContent()).toBe('Measurements');
    await page.context().close();
  }, 60_000);

  test('nothing is wider than a narrow screen', async () => {
    for (const path of [
      'index.html',
      'measurements/b200/nccl_busbw/index.html',
      'diffs/b200/nccl_busbw/20261020T033000000000Z.html',
    ]) {
      const { page } = await openFile(browser, join(site, path), { width: 390 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      await page.context().close();
    }
  }, 60_000);
});
