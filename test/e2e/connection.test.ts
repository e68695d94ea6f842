// What a connection survives: cancellations that come with their call, an end of input in the middle of work, lines that are too
// long. The server answers or refuses, and never dies of it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { LONGEST_LINE } from '../../src/mcp/line-guard.ts';
import { connect, EXAMPLES, freshRoot, removeRoot } from './connect.ts';
import { shakeHands, startRaw, type RawServer } from './raw-server.ts';
import { endlessProfile, stagedFiles, until } from './sparse-file.ts';

const BASELINE = join(EXAMPLES, 'vllm-serve-baseline.json');
const TIMES = 80;

const open: { server: RawServer; root: string }[] = [];

const start = (): RawServer & { root: string } => {
  const root = freshRoot();
  const server = startRaw(root);
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

const line = (message: Record<string, unknown>): string => JSON.stringify({ jsonrpc: '2.0', ...message });

const call = (id: number | string, name: string, args: Record<string, unknown>) => ({
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

const cancel = (requestId: number) => ({ method: 'notifications/cancelled', params: { requestId, reason: 'enough' } });

const RECORD = { family: 'f', measurement: 'm', source: BASELINE };

describe('a cancellation that comes with its call', () => {
  it.each([
    ['perf_baseline_record', RECORD],
    ['perf_baseline_list', {}],
    ['perf_baseline_show', { entry: 'no/such' }],
  ])('leaves the server serving, %s in one write', async (verb, args) => {
    const server = start();
    await shakeHands(server);
    for (let id = 1; id <= TIMES; id += 1) server.write(`${line(call(id, verb, args))}\n${line(cancel(id))}`);
    server.send(call('after', 'perf_baseline_list', {}));
    expect((await server.answer('after')).result).toMatchObject({ structuredContent: { level: 'families' } });
    expect(server.stderr()).toBe('');
  });

  it.each(['2.x client, 2026-07-28', '2.x client, 2025-11-25', '1.x client'] as const)(
    'leaves the server serving a %s that gives up at once',
    async (era) => {
      const client = await connect(era);
      for (let time = 0; time < TIMES; time += 1) {
        const controller = new AbortController();
        const answer = client.call('perf_baseline_show', { entry: 'no/such' }, { signal: controller.signal });
        controller.abort();
        await expect(answer).rejects.toThrow();
      }
      expect((await client.call('perf_baseline_list', {})).structured).toMatchObject({ total: 0 });
      expect(client.stderr()).toBe('');
      await client.close();
      removeRoot(client.root);
    },
  );
});

describe('the end of input', () => {
  it('comes after the answers of calls under way', async () => {
    const server = start();
    await shakeHands(server);
    for (let id = 1; id <= 5; id += 1) server.send(call(id, 'perf_baseline_record', { ...RECORD, value: id }));
    server.endInput();
    for (let id = 1; id <= 5; id += 1)
      expect((await server.answer(id)).result).toMatchObject({ structuredContent: { verb: 'record' } });
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('comes after the answer of a whole session that was piped in, also without a last line break', async () => {
    const server = start();
    const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } };
    server.write(line({ id: 0, method: 'initialize', params: initialize }));
    server.write(line({ method: 'notifications/initialized' }));
    server.writeText(line(call(1, 'perf_baseline_list', {})));
    server.endInput();
    expect((await server.answer(1)).result).toMatchObject({ structuredContent: { total: 0 } });
    expect(await server.exited).toEqual({ code: 0, signal: null });
  });

  it('refuses a call that would take longer, which leaves nothing behind', async () => {
    const server = start();
    await shakeHands(server);
    server.send(call(1, 'perf_baseline_record', { ...RECORD, source: endlessProfile(server.root) }));
    await until(() => stagedFiles(server.root).length > 0);
    server.endInput();
    expect((await server.answer(1)).result).toMatchObject({
      isError: true,
      structuredContent: { error: { code: 'connection_closed', fix: expect.stringContaining('stdin') } },
    });
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(stagedFiles(server.root)).toEqual([]);
  });

  it('is not waited for after SIGTERM: the call under way is refused at once', async () => {
    const server = start();
    await shakeHands(server);
    server.send(call(1, 'perf_baseline_record', { ...RECORD, source: endlessProfile(server.root) }));
    await until(() => stagedFiles(server.root).length > 0);
    server.kill('SIGTERM');
    expect((await server.answer(1)).result).toMatchObject({
      structuredContent: { error: { code: 'connection_closed' } },
    });
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(stagedFiles(server.root)).toEqual([]);
  });
});

describe('a line over the limit', () => {
  const notes = 'n'.repeat(LONGEST_LINE);

  it.each([
    ['id before the parameters', { jsonrpc: '2.0', ...call(7, 'perf_baseline_record', { ...RECORD, notes }) }],
    ['id as the last member', { method: 'tools/call', params: { arguments: { notes } }, jsonrpc: '2.0', id: 7 }],
  ])('is answered with an error (%s), and the next call works', async (_, message) => {
    const server = start();
    await shakeHands(server);
    server.write(JSON.stringify(message));
    expect((await server.answer(7)).error).toMatchObject({ code: -32600, message: expect.stringContaining('limit') });
    server.send(call(8, 'perf_baseline_list', {}));
    expect((await server.answer(8)).result).toMatchObject({ structuredContent: { total: 0 } });
  });

  it('is answered without an id where none is found', async () => {
    const server = start();
    await shakeHands(server);
    server.write('x'.repeat(LONGEST_LINE + 1));
    server.send(call(8, 'perf_baseline_list', {}));
    await server.answer(8);
    expect(server.stdout()).toMatch(/"id":null,"error":\{"code":-32600/);
  });
});
