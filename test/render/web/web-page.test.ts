// The parts of web pages: as text, and in a real browser.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import type { Page } from '../../../src/render/page.ts';
import { tintOf } from '../../../src/render/tint.ts';
import { jsonIsland } from '../../../src/render/web/json-island.ts';
import { compareKeys, sortKey } from '../../../src/render/web/sort-key.ts';
import { webPage } from '../../../src/render/web/web-page.ts';
import { webSections } from '../../../src/render/web/web-section.ts';
import { noBrowser, openBrowser, openFile } from '../../browser.ts';
import { seriousFaults } from './accessibility.ts';

const HOSTILE = '</script><img src=x onerror=alert(1)> "\'\u0000\u202e=1+1';

const PAGE: Page = {
  id: 'sample',
  title: `A finding of ${HOSTILE}`,
  subtitle: 'ISL/OSL 1000/500',
  orientation: 'landscape',
  blocks: [
    { kind: 'banner', ground: 'bad', text: 'Incomplete' },
    { kind: 'heading', level: 3, text: 'By hardware' },
    {
      kind: 'page-table',
      columns: [{ title: 'hardware' }, { title: 'tok/s', align: 'right' }],
      rows: [
        [{ text: 'B200' }, { text: '1,204.5', tint: tintOf(0.9), bold: true }],
        [{ text: HOSTILE }, { text: '98.2', tint: tintOf(0.1) }],
        [{ text: 'MI355X' }, { text: 'failed', outlined: true }],
        [{ text: 'H200' }, { text: '310.0', tint: tintOf(0.5) }],
      ],
    },
    { kind: 'columns', parts: [[{ kind: 'paragraph', text: 'left' }], [{ kind: 'list', items: ['right'] }]] },
    { kind: 'code', language: 'sh', text: 'vllm serve' },
    { kind: 'folded', title: 'More', blocks: [{ kind: 'note', text: 'inside' }] },
  ],
};

const fileOf = (pages: readonly Page[]): string => {
  const { sections, links } = webSections(pages);
  const script = readFileSync('dist/web/tables.js', 'utf8');
  return webPage({ title: 'Sample', mark: 'm', lead: 'lead', meta: 'meta', links, sections, foot: 'foot', islands: [jsonIsland('data', { note: HOSTILE })], script });
}; // prettier-ignore

describe('the text of a page', () => {
  test('allows its own style and script by their hashes and nothing else', () => {
    expect(fileOf([PAGE])).toMatch(
      /content="default-src 'none'; style-src 'sha256-[\w+/=]{44}'; script-src 'sha256-[\w+/=]{44}'; base-uri 'none'; form-action 'none'"/,
    );
    expect(fileOf([PAGE])).not.toMatch(/ style="|javascript:|https?:\/\/(?!www\.w3\.org)/);
  });

  test('is the same for the same page, and names every value by its place', () => {
    expect(fileOf([PAGE])).toBe(fileOf([PAGE]));
    expect(fileOf([PAGE])).toContain('<td class="number t18 best" data-at="sample/3/1/2">1,204.5</td>');
    expect(fileOf([PAGE, PAGE])).toContain('data-at="sample-2/3/1/2"');
  });

  test('refuses a script that would end its element', () => {
    expect(() =>
      webPage({
        title: '',
        mark: '',
        lead: '',
        meta: '',
        links: [],
        sections: [],
        foot: '',
        script: 'x="</script>"',
      }),
    ).toThrow('end of its element');
  });

  test('keeps hostile text as text', () => {
    expect(fileOf([PAGE]).match(/<\/script/g)).toHaveLength(2);
    expect(fileOf([PAGE])).not.toContain('<img');
  });
});

describe('the order of a column', () => {
  test.each([
    ['1,204.5', 1204.5],
    ['98.2 tok/s', 98.2],
    ['+3.2%', 3.2],
    ['1.2e-5', 1.2e-5],
    ['81.0°', 81],
    ['failed', 'failed'],
    ['2026-10-18 03:30', '2026-10-18 03:30'],
    ['20261018T033000000000Z', '20261018T033000000000Z'],
    ['', ''],
  ])('%s sorts by %s', (text, key) => expect(sortKey(text)).toBe(key));

  test('has numbers before words and nothing last, whichever way', () => {
    const sorted = (descending: boolean): (number | string)[] =>
      ['b10', 2, '', 'b9', 30].sort((a, b) => compareKeys(a, b, descending));
    expect(sorted(false)).toEqual([2, 30, 'b9', 'b10', '']);
    expect(sorted(true)).toEqual([30, 2, 'b10', 'b9', '']);
  });
});

describe.skipIf(noBrowser !== null)('in a browser', () => {
  let browser: Browser;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'web-page-'));
    file = join(folder, 'page.html');
    writeFileSync(file, fileOf([PAGE]));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  test('a table sorts by keyboard, and copies as CSV in which no cell is a formula', async () => {
    const { page, complaints } = await openFile(browser, file);
    const column = page.getByRole('button', { name: 'tok/s' });
    const names = (): Promise<string[]> => page.locator('tbody th').allTextContents();
    await column.focus();
    await page.keyboard.press('Enter');
    expect((await names()).filter((name) => name.length < 7)).toEqual(['B200', 'H200', 'MI355X']);
    await page.keyboard.press('Enter');
    expect((await names()).at(-1)).toBe('MI355X');
    expect(await page.locator('th[aria-sort]').getAttribute('aria-sort')).toBe('ascending');
    await page.getByRole('button', { name: 'Copy By hardware as CSV' }).click();
    await page.getByText('By hardware copied as CSV').waitFor({ state: 'attached' });
    const copied = String(await page.evaluate('navigator.clipboard.readText()'));
    expect(copied.split(/\r?\n/).slice(0, 2)).toEqual(['hardware,tok/s', expect.stringMatching(/,98\.2$/)]);
    expect(complaints).toEqual([]);
  });

  test.each(['light', 'dark'] as const)('has no serious fault on %s ground', async (scheme) => {
    const { page, complaints } = await openFile(browser, file, { scheme });
    expect(await seriousFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  test('is whole without a script', async () => {
    const { page } = await openFile(browser, file, { scripts: false });
    expect(await page.locator('td').allTextContents()).toContain('1,204.5');
    expect(await page.getByRole('button').count()).toBe(0);
  });
});
