// The report inside a conversation: the built server tells a client that shows such pages of it, and in Chromium the page works with the host of
// the specification's own library.
import { resolve } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { build } from 'esbuild';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noBrowser, openBrowser } from '../browser.ts';
import { seriousFaults } from '../render/web/accessibility.ts';
import { connect, freshRoot, removeRoot, SERVER } from './connect.ts';

const APP = 'ui://profile-and-optimize/report.html';
const APP_TYPE = 'text/html;profile=mcp-app';
const SMOKE = 'perf_tune_report_report_smoke';

let root: string;
let client: Client;
let app: string;
let result: Awaited<ReturnType<Client['callTool']>>;

beforeAll(async () => {
  root = freshRoot();
  const extensions = { 'io.modelcontextprotocol/ui': { mimeTypes: [APP_TYPE] } };
  client = new Client({ name: 'host', version: '1.0.0' }, { capabilities: { extensions } });
  const env = { PATH: process.env['PATH'] ?? '', HOME: root, PROFILE_AND_OPTIMIZE_REPO_ROOT: root };
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [SERVER], env, stderr: 'ignore' }));
  const { contents } = await client.readResource({ uri: APP });
  app = Object(contents[0]).text;
  result = await client.callTool({ name: SMOKE, arguments: { out: resolve(root, 'report.pdf') } });
}, 60_000);
afterAll(async () => {
  await client.close();
  removeRoot(root);
});

describe('the server', () => {
  test('names the page with the tools that lead to it, to a client that shows such pages', async () => {
    const { tools } = await client.listTools();
    const led = tools.filter(({ _meta: meta }) => meta !== undefined);
    expect(led.map(({ name }) => name)).toEqual(['perf_tune_report_report_render', SMOKE]);
    expect(led[0]?._meta).toEqual({ ui: { resourceUri: APP }, 'ui/resourceUri': APP });
    const { resources } = await client.listResources();
    expect(resources).toContainEqual(expect.objectContaining({ uri: APP, mimeType: APP_TYPE }));
  });

  test('serves a page that loads nothing and runs three scripts of its own', () => {
    expect(app).toMatch(/default-src 'none'; style-src 'sha256-[^']+'; script-src( 'sha256-[^']+'){3}; base-uri/);
    expect(Buffer.byteLength(app)).toBeLessThan(60_000);
  });

  test('says in the result where the report is, and gives it to whoever reads that', async () => {
    const uri = String(result._meta?.['profile-and-optimize/report']);
    expect(uri).toMatch(/^perf:\/\/reports\/[0-9a-f]{16}$/);
    const { contents } = await client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, mimeType: 'text/html', text: expect.stringContaining('<!doctype html>') }]);
    await expect(client.readResource({ uri: 'perf://reports/0000000000000000' })).rejects.toThrow('not kept any more');
  });

  test('says nothing of it to other clients, which get the links', async () => {
    const other = await connect('2.x client, 2025-11-25', { root });
    const { tools } = Object(await other.request('tools/list'));
    expect(JSON.stringify(tools)).not.toContain('ui://');
    const answer = await other.request('tools/call', { name: SMOKE, arguments: { out: resolve(root, 'other.pdf') } });
    expect(answer['_meta']).toBeUndefined();
    await other.close();
  });
});

const HOST = `
import { AppBridge, PostMessageTransport } from '@modelcontextprotocol/ext-apps/app-bridge';
window.heard = [];
window.show = async (html, theme) => {
  const frame = document.querySelector('iframe');
  const able = { serverResources: {}, message: { text: {} }, updateModelContext: { text: {}, structuredContent: {} } };
  const hostContext = { theme, displayMode: 'inline', availableDisplayModes: ['inline', 'fullscreen'] };
  const bridge = new AppBridge(null, { name: 'host', version: '1.0.0' }, able, { hostContext });
  const hear = (what, answer) => async (params) => { window.heard.push([what, params]); return answer(params); };
  bridge.onreadresource = (params) => window.readResource(params.uri);
  bridge.onmessage = hear('message', () => ({}));
  bridge.onupdatemodelcontext = hear('context', () => ({}));
  bridge.onrequestdisplaymode = hear('mode', ({ mode }) => ({ mode }));
  bridge.onsizechange = hear('size', () => undefined);
  const ready = new Promise((resolve) => { bridge.oninitialized = resolve; });
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.srcdoc = html;
  await ready;
  window.bridge = bridge;
};`;

describe.skipIf(noBrowser !== null)('the page in a conversation', () => {
  let browser: Browser;
  let page: Page;
  let frame: Frame;
  const complaints: string[] = [];
  const heard = async (what: string): Promise<unknown[]> =>
    ((await page.evaluate('window.heard')) as [string, unknown][]).flatMap(([name, params]) =>
      name === what ? [params] : [],
    ); // checked boundary: of HOST

  beforeAll(async () => {
    const stdin = { contents: HOST, resolveDir: resolve('test'), loader: 'js' as const };
    const { outputFiles } = await build({
      stdin,
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
      logLevel: 'error',
    });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('request', (request) => complaints.push(`request: ${request.url()}`));
    await page.exposeFunction('readResource', (uri: string) => client.readResource({ uri }));
    await page.setContent(
      '<body style="margin:0"><iframe sandbox="allow-scripts" style="border:0;width:1100px;height:800px"></iframe>',
    );
    await page.evaluate(outputFiles[0]?.text ?? '');
    await page.evaluate(`window.show(${JSON.stringify(app)}, 'dark')`);
    frame = page.frames()[1] ?? page.mainFrame();
    const waits = await frame.locator('.lead').textContent();
    expect(waits).toBe('Waiting for a report …');
    await page.evaluate(
      `window.bridge.sendToolInput({ arguments: {} }).then(() => window.bridge.sendToolResult(${JSON.stringify(result)}))`,
    );
    await frame.locator('section#scatter').waitFor();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
  });

  test('shows the report of the call: title, pages, and tables that sort', async () => {
    expect(await frame.locator('h1').textContent()).toBe('Performance report of a made-up campaign');
    expect(await frame.locator('main > section').count()).toBeGreaterThanOrEqual(4);
    expect(await frame.locator('button.sort').count()).toBeGreaterThan(0);
  });

  test('is dark or light as the conversation, whatever the machine prefers', async () => {
    const ground = () => frame.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(await ground()).toBe('rgb(15, 20, 26)');
    await page.evaluate(`window.bridge.setHostContext({ theme: 'light' })`);
    await expect.poll(ground).toBe('rgb(255, 255, 255)');
  });

  test('hands a number that is picked to the agent, with the arguments of a next call, and asks about it', async () => {
    await frame.locator('td[data-rows]').first().click();
    await frame.locator('.picked').waitFor();
    await expect
      .poll(() => heard('context'))
      .toContainEqual(
        expect.objectContaining({
          structuredContent: expect.objectContaining({
            arguments: { cell_id: expect.stringMatching(/mbt\d+$/), concurrency: expect.any(Number) },
            from: { rows: [expect.any(String)], fields: [expect.any(String)] },
          }),
        }),
      );
    await frame.getByRole('button', { name: 'Ask about it' }).click();
    await expect
      .poll(() => heard('message'))
      .toMatchObject([{ role: 'user', content: [{ type: 'text', text: expect.stringContaining('"cell_id"') }] }]);
    await frame.getByRole('button', { name: 'Clear' }).click();
    expect(await frame.locator('.picked').isVisible()).toBe(false);
  });

  test('asks for the full screen where there is one, and says how high it would be', async () => {
    await frame.getByRole('button', { name: 'Full screen' }).click();
    await expect.poll(() => heard('mode')).toEqual([{ mode: 'fullscreen' }]);
    await frame.getByRole('button', { name: 'Back into the conversation' }).waitFor();
    expect(await heard('size')).toContainEqual({ height: 720 });
  });

  test('asks nobody else for anything and has no serious fault for readers with aids', async () => {
    expect(complaints).toEqual([]);
    expect(await seriousFaults(frame)).toEqual([]);
  });
});
