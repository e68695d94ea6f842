// Samples asked of a server that speaks ClickHouse's HTTP interface, a small stand-in: what has not arrived is waited for, what the
// server refuses is said, and an account never leaves the headers.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readZymtrace } from '../../src/campaign/captures/zymtrace.ts';
import type { ClickHouse } from '../../src/campaign/captures/clickhouse.ts';
import { importCaptures } from '../../src/campaign/captures/import-captures.ts';
import { cellFile } from '../../src/campaign/layout.ts';
import { defaultRulesPath } from '../../src/profile/kernels/bucket-rules.ts';
import { writeTree, ZYMTRACE } from './bundles.ts';
import { verbContext } from './verb-context.ts';

const QUERIES = Object.fromEntries(
  Object.keys(ZYMTRACE).map((name) => [name.replace('.tsv', '.sql'), `SELECT '${name}' WHERE t > {since:String}`]),
);
const headerOf = (text: string): string => `${text.split('\n')[0]}\n`;

interface Asked {
  readonly url: URL;
  readonly sql: string;
  readonly headers: IncomingMessage['headers'];
}

let folder: string;
let address: string;
let asked: Asked[] = [];
/** How many rounds of the five queries find nothing yet. */
let lag = 0;
let refusal: string | undefined;

const answer = (request: IncomingMessage, response: ServerResponse): void => {
  let sql = '';
  request.on('data', (chunk: Buffer) => (sql += chunk.toString()));
  request.on('end', () => {
    asked.push({ url: new URL(request.url ?? '/', address), sql, headers: request.headers });
    if (refusal !== undefined) return void response.writeHead(500).end(refusal);
    const [, name = ''] = /'([^']+)'/.exec(sql) ?? [];
    const text = ZYMTRACE[name] ?? '';
    return void response.end(asked.length <= lag * 5 ? headerOf(text) : text.replace('NVIDIA B200', "NVIDIA\\'s B200"));
  });
};

const server = createServer(answer);
beforeAll(async () => {
  folder = writeTree(mkdtempSync(join(tmpdir(), 'clickhouse-')), QUERIES);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  lag = 0;
  refusal = undefined;
});

const ask = (more: Partial<ClickHouse> = {}) =>
  readZymtrace(folder, defaultRulesPath(), {
    url: address,
    since: '2026-11-29 01:00:00',
    until: undefined,
    waitS: 0.4,
    env: {},
    signal: new AbortController().signal,
    onWait: () => undefined,
    ...more,
  });

describe('samples out of ClickHouse', () => {
  test('are those of the tables, in samples, with the parameters of the query', async () => {
    expect(await ask()).toMatchObject({
      unit: 'samples',
      per_category: { NCCL: 30, Other: 5 },
      per_gpu: [{ gpu_name: "NVIDIA's B200", value: 35 }],
    });
    const [first] = asked;
    expect(Object.fromEntries(first?.url.searchParams ?? [])).toEqual({
      default_format: 'TabSeparatedWithNames',
      readonly: '1',
      param_since: '2026-11-29 01:00:00',
    });
    expect(first?.sql).toContain('{since:String}');
  });

  test('that have not arrived are waited for', async () => {
    lag = 2;
    expect(await ask()).toMatchObject({ per_category: { NCCL: 30 } });
    expect(asked.length).toBeGreaterThan(3 * 5);
  });

  test('that never arrive are an error that says how long it was waited', async () => {
    lag = 1000;
    await expect(ask({ waitS: 0.1 })).rejects.toMatchObject({ code: 'samples_absent', message: expect.stringContaining('after 0.1 s') }); // prettier-ignore
  });

  test('come with the account of the environment, in headers', async () => {
    await ask({ waitS: 0, env: { PERFREPORT_CLICKHOUSE_USER: 'reader', PERFREPORT_CLICKHOUSE_PASSWORD: 'hidden' } });
    expect(asked[0]?.headers).toMatchObject({ 'x-clickhouse-user': 'reader', 'x-clickhouse-key': 'hidden' });
    expect(String(asked[0]?.url)).not.toContain('hidden');
  });

  test.each([
    ['what the server says', { }, 'Code: 60. DB::Exception: Unknown table', 'clickhouse_refused'],
    ['a server that is not there', { url: 'http://127.0.0.1:9' }, undefined, 'clickhouse_unreachable'],
    ['an address with an account in it', { url: 'http://reader:hidden@127.0.0.1:8123' }, undefined, 'clickhouse_url'],
    ['an address that is none', { url: 'ftp://host' }, undefined, 'clickhouse_url'],
  ])('are refused with %s', async (_, more, says, code) => {
    refusal = says;
    const failed: unknown = await ask(more).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code });
    expect(String(failed)).not.toContain('hidden');
    if (says !== undefined) expect(String(failed)).toContain('Unknown table');
  }); // prettier-ignore

  test('need a query for each table', async () => {
    const bare = mkdtempSync(join(tmpdir(), 'queries-'));
    await expect(readZymtrace(bare, defaultRulesPath(), { url: address, since: undefined, until: undefined, waitS: 0, env: {}, signal: new AbortController().signal, onWait: () => undefined })).rejects.toMatchObject({ code: 'query_missing' }); // prettier-ignore
    rmSync(bare, { recursive: true });
  });

  test('lie beside the times of nsys in a cell, each in its unit', async () => {
    const root = mkdtempSync(join(tmpdir(), 'cells-'));
    const campaign = join(root, 'campaigns', '20261129T000000Z-a');
    writeTree(campaign, { 'SOURCE.md': '# Perf-report campaign: a\n', 'config.yaml': 'name: a\ncells: []\n', 'cells/.keep': '' }); // prettier-ignore
    const call = { campaign, campaignsDir: undefined, bundle: folder, cellId: 'base', source: 'zymtrace' as const };
    const clickhouse = { url: address, since: undefined, until: undefined, waitS: 0 };
    await importCaptures({ ...call, clickhouse }, verbContext(root));
    expect(JSON.parse(readFileSync(cellFile(campaign, 'base', 'kernels'), 'utf8'))).toMatchObject({
      captured_sources: ['zymtrace'],
      sources: [{ unit: 'samples', paths: [join(folder, 'zymtrace'), address] }],
    });
    rmSync(root, { recursive: true });
  });
});
