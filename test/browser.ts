// A real Chromium for tests of web pages: the one of the system, or the one that CHROMIUM names. Where there is none the tests skip and say so.
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const PLACES = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const place = PLACES.find((path) => path !== undefined && existsSync(path));

/** Why tests in a browser cannot run here; null where they can. */
export const noBrowser = place === undefined ? 'no Chromium is installed here, nor named by CHROMIUM' : null;
if (noBrowser !== null) console.warn(`tests of web pages skip: ${noBrowser}`);

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: place ?? '', args: ['--no-sandbox', '--disable-gpu'] });

export interface Opened {
  readonly page: Page;
  /** Errors of the page, of its console, and requests that would leave the file. */
  readonly complaints: readonly string[];
}

/** A page from disk, as a reader opens it. */
export const openFile = async (
  browser: Browser,
  path: string,
  { scheme = 'light', width = 1300, scripts = true }: { scheme?: 'light' | 'dark'; width?: number; scripts?: boolean } = {},
): Promise<Opened> => {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 }, javaScriptEnabled: scripts });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(`error: ${message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (request.url() !== `file://${path}`) complaints.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${path}`);
  return { page, complaints };
}; // prettier-ignore
