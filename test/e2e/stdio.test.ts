// What goes over the server's pipes, byte by byte: protocol on stdout and nothing else, whatever comes in.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { EXAMPLES, freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli } from './run-cli.ts';
import { shakeHands, startRaw, type RawServer } from './raw-server.ts';
import { endlessProfile, stagedFiles, until } from './sparse-file.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');

const open: { server: RawServer; root: string }[] = [];

const start = (options: Parameters<typeof startRaw>[1] = {}, root = freshRoot()): RawServer & { root: string } => {
  const server = startRaw(root, options);
  open.push({ server, root });
  return { ...server, root };
};

afterEach(async () => {
  for (const { server, root } of open.splice(0)) {
    server.kill('SIGKILL');
    await server.exited;
    if (existsSync(root)) removeRoot(root);
  }
});

const call = (id: number, name: string, args: Record<string, unknown>, meta?: Record<string, unknown>) => ({
  id,
  method: 'tools/call',
  params: { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) },
});

const linesOf = (server: RawServer): Record<string, unknown>[] =>
  server
    .stdout()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('the opening', () => {
  it('introduces itself by its key, with instructions and what it can do', async () => {
    const server = start();
    expect(await shakeHands(server)).toMatchObject({
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'profile_and_optimize' },
      capabilities: { tools: {}, resources: {}, completions: {} },
      instructions: expect.stringContaining('perf_baseline_record'),
    });
  });

  it('answers a request that carries its own protocol version, without a handshake', async () => {
    const server = start();
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    server.send({ id: 1, method: 'server/discover', params: { _meta } });
    expect((await server.answer(1)).result).toMatchObject({
      supportedVersions: expect.arrayContaining(['2026-07-28']),
      instructions: expect.stringContaining('perf_baseline_record'),
    });
    server.send({ id: 2, method: 'tools/list', params: { _meta } });
    expect((await server.answer(2)).result?.['tools']).toHaveLength(MANIFEST.length + 1);
  });

  it.each([
    ['everything', [], 64_000],
    ['the core', ['--toolset', 'core'], 24_000],
  ])('lists %s in one line that fits, with at most 950 bytes a tool', async (_, args, limit) => {
    const server = start({ args });
    await shakeHands(server);
    server.send({ id: 1, method: 'tools/list' });
    const tools: unknown[] = Object((await server.answer(1)).result?.['tools']);
    const line =
      server
        .stdout()
        .split('\n')
        .find((text) => text.includes('"inputSchema"')) ?? '';
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(limit);
    if (args.length === 0) expect(Buffer.byteLength(line) / tools.length).toBeLessThanOrEqual(950);
  });

  it('serves only the families that --toolset names', async () => {
    const server = start({ args: ['--toolset', 'profile'] });
    await shakeHands(server);
    server.send({ id: 1, method: 'tools/list' });
    const tools: { name: string }[] = Object((await server.answer(1)).result?.['tools']);
    const expected = MANIFEST.filter(({ family }) => family === 'profile').map(({ name }) => name);
    expect(tools.map(({ name }) => name)).toEqual([...expected, 'find_verb'].toSorted());
    server.send(call(2, 'perf_baseline_list', {}));
    expect((await server.answer(2)).error).toMatchObject({ code: -32602, message: expect.stringMatching(/toolset/) });
  });

  it.skipIf(MANIFEST.some(({ family }) => family === 'report'))(
    'serves no tool of a family without verbs, and says so on stderr',
    async () => {
      const server = start({ args: ['--toolset', 'report'] });
      await shakeHands(server);
      server.send({ id: 1, method: 'tools/list' });
      expect((await server.answer(1)).result).toMatchObject({ tools: [] });
      expect(server.stderr()).toMatch(/^warning: this version has no verb of the toolset report/);
    },
  );

  it('names the nearest family when --toolset names none, and exits 2', async () => {
    const server = start({ args: ['--toolset=baselin'] });
    expect(await server.exited).toEqual({ code: 2, signal: null });
    expect(server.stderr()).toContain('use baseline');
    expect(server.stdout()).toBe('');
  });
});

describe('what comes in', () => {
  it('survives lines that are no protocol, and still answers', async () => {
    const server = start();
    for (const line of ['garbage', '{"half": ', '', '[]', '42', 'null', '{"jsonrpc":"1.0","id":7}', '\u0000\u0001'])
      server.write(line);
    await shakeHands(server);
    for (const line of ['more garbage', '{"jsonrpc":"2.0"}', '{"jsonrpc":"2.0","id":9,"method":5}']) server.write(line);
    server.send({ id: 1, method: 'tools/list' });
    expect((await server.answer(1)).result?.['tools']).toHaveLength(MANIFEST.length + 1);
    for (const message of linesOf(server)) expect(message['jsonrpc']).toBe('2.0');
  });

  it('refuses a method that it does not know', async () => {
    const server = start();
    await shakeHands(server);
    server.send({ id: 1, method: 'tools/destroy' });
    expect((await server.answer(1)).error).toMatchObject({ code: -32601 });
  });

  it.each([
    ['a list', ['x']],
    ['a text', 'x'],
    ['a number', 5],
  ])('answers arguments that are %s with an error, not with silence', async (_, args) => {
    const server = start();
    await shakeHands(server);
    server.send({ id: 1, method: 'tools/call', params: { name: 'perf_baseline_list', arguments: args } });
    const { error, result } = await server.answer(1);
    expect(error !== undefined || result?.['isError'] === true).toBe(true);
  });

  it('answers calls that arrive together, each under its own id', async () => {
    const server = start();
    await shakeHands(server);
    const ids = Array.from({ length: 20 }, (_, index) => index + 1);
    for (const id of ids) server.send(call(id, 'perf_baseline_list', { limit: id }));
    for (const id of ids) expect((await server.answer(id)).result).toMatchObject({ structuredContent: { total: 0 } });
  });

  it('ends with exit code 0 when its input ends', async () => {
    const server = start();
    await shakeHands(server);
    server.endInput();
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('ends with exit code 0 on SIGTERM', async () => {
    const server = start();
    await shakeHands(server);
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });
});

describe('what goes out', () => {
  it.each([
    ['by default nothing', {}, false],
    ['at info one JSON line for a call', { PROFILE_AND_OPTIMIZE_LOG: 'info' }, true],
  ])('logs on stderr only: %s', async (_, env, logs) => {
    const server = start({ env });
    await shakeHands(server);
    server.send(call(1, 'perf_baseline_record', { family: 'f', measurement: 'm', source: BASELINE }));
    await server.answer(1);
    server.endInput();
    await server.exited;
    for (const message of linesOf(server)) expect(message['jsonrpc']).toBe('2.0');
    const lines = server
      .stderr()
      .split('\n')
      .filter((line) => line !== '');
    expect(lines).toHaveLength(logs ? 1 : 0);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ verb: 'perf_baseline_record', ok: true });
  });

  it('keeps a secret of its environment out of results, artifacts and log', async () => {
    const secret = 'hf_kJ3nQ8wZ1xV5bT7mR2cL9dF4';
    const server = start({ env: { HF_TOKEN: secret, PROFILE_AND_OPTIMIZE_LOG: 'debug' } });
    await shakeHands(server);
    const input = { family: 'f', measurement: 'm', source: BASELINE, notes: `run with ${secret}`, team: secret };
    server.send(call(1, 'perf_baseline_record', { ...input, capture_command: `HF_TOKEN=${secret} vllm serve` }));
    server.send(call(2, 'perf_baseline_show', { entry: `f/${secret}` }));
    await Promise.all([server.answer(1), server.answer(2)]);
    expect(server.stdout() + server.stderr()).not.toContain(secret);
    const { stdout } = await runCli(['perf_baseline_show', 'f/m', '--json'], { root: server.root });
    expect(stdout).toContain('vllm serve');
    expect(stdout).not.toContain(secret);
  });
});

describe('long work', () => {
  it('reports progress under the token of the request, only while asked to', async () => {
    const server = start();
    await shakeHands(server);
    for (let id = 1; id <= 12; id += 1)
      server.send(call(id, 'perf_baseline_record', { family: 'f', measurement: 'm', source: BASELINE, value: id }));
    for (let id = 1; id <= 12; id += 1) await server.answer(id);
    server.send(call(20, 'perf_baseline_verify', {}));
    await server.answer(20);
    server.send(call(21, 'perf_baseline_verify', {}, { progressToken: 'mine' }));
    expect((await server.answer(21)).result).toMatchObject({ structuredContent: { ok: true, entries: 12 } });
    const stated = linesOf(server).filter(({ method }) => method === 'notifications/progress');
    expect(stated.length).toBeGreaterThan(0);
    expect(stated.at(-1)).toMatchObject({
      params: { progressToken: 'mine', progress: 12, total: 12, message: expect.any(String) },
    });
    const steps = stated.map(({ params }) => Number(Object(params).progress));
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  });

  it('reports how much of a source was read while it is recorded', async () => {
    const server = start();
    await shakeHands(server);
    const input = { family: 'f', measurement: 'm', source: BASELINE };
    server.send(call(1, 'perf_baseline_record', input, { progressToken: 'read' }));
    expect((await server.answer(1)).result).not.toMatchObject({ isError: true });
    const { size } = statSync(BASELINE);
    expect(
      linesOf(server)
        .filter(({ method }) => method === 'notifications/progress')
        .at(-1),
    ).toMatchObject({
      params: { progressToken: 'read', progress: size, total: size, message: 'reading vllm-serve-baseline.json' },
    });
  });

  it('stops a cancelled record, sends no answer, and leaves nothing of it', async () => {
    const server = start();
    await shakeHands(server);
    const source = endlessProfile(server.root);
    server.send(call(1, 'perf_baseline_record', { family: 'f', measurement: 'm', source }));
    await until(() => stagedFiles(server.root).length > 0);
    server.send({ method: 'notifications/cancelled', params: { requestId: 1, reason: 'enough' } });
    await until(() => stagedFiles(server.root).length === 0);
    server.send(call(2, 'perf_baseline_verify', {}));
    expect((await server.answer(2)).result).toMatchObject({ structuredContent: { ok: true, entries: 0 } });
    expect(linesOf(server).filter(({ id }) => id === 1)).toEqual([]);
  });

  it('says so when a call runs past the time limit that it was given', async () => {
    const server = start();
    await shakeHands(server);
    const source = endlessProfile(server.root);
    server.send(call(1, 'perf_baseline_record', { family: 'f', measurement: 'm', source, time_limit_s: 0.3 }));
    expect((await server.answer(1)).result).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'time_limit', fix: expect.stringContaining('time_limit_s') } },
    });
    await until(() => stagedFiles(server.root).length === 0);
  });

  it('shows nothing of a record during which the server was killed, and the next record works', async () => {
    const first = start();
    await shakeHands(first);
    const source = endlessProfile(first.root);
    first.send(call(1, 'perf_baseline_record', { family: 'f', measurement: 'm', source }));
    await until(() => stagedFiles(first.root).length > 0);
    first.kill('SIGKILL');
    await first.exited;

    const cli = { root: first.root };
    const listed = await runCli(['perf_baseline_list', 'f', '--json'], cli);
    expect(listed.stdout).not.toContain('"entries":1');
    expect(jsonOf(await runCli(['perf_baseline_verify', '--json'], cli))).toMatchObject({ ok: true, entries: 0 });
    const again = await runCli(
      ['perf_baseline_record', '--family', 'f', '--measurement', 'm', BASELINE, '--json'],
      cli,
    );
    expect(jsonOf(again)).toMatchObject({ chain_seq: 0 });
    expect(jsonOf(await runCli(['perf_baseline_verify', '--json'], cli))).toMatchObject({ ok: true, entries: 1 });
    expect(stagedFiles(first.root)).toEqual([]);
  });

  it('lets go of its work when its input ends in the middle', async () => {
    const server = start();
    await shakeHands(server);
    const source = endlessProfile(server.root);
    server.send(call(1, 'perf_baseline_record', { family: 'f', measurement: 'm', source }));
    await until(() => stagedFiles(server.root).length > 0);
    server.endInput();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(stagedFiles(server.root)).toEqual([]);
  });
});
