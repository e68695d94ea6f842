import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createDeferredQueue } from '../../src/load/deferred.ts';
import { createHttpClient, resolveUrl } from '../../src/load/http-client.ts';
import { latenciesOf, type RequestRecord } from '../../src/load/record.ts';
import { sendRequest, type RequestDeps } from '../../src/load/request.ts';
import { startStandIn, type Behaviour, type StandIn } from './stand-in-server.ts';

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const depsFor = (baseUrl: string): RequestDeps => {
  const client = createHttpClient({ baseUrl: new URL(baseUrl), apiKey: 'secret-key-of-the-test' });
  open.push(client.close);
  return { client, queue: createDeferredQueue(), limits: { firstByteMs: 300, stallMs: 150 } };
};

const BODY = JSON.stringify({ messages: [{ role: 'user', content: 'one two three' }], stream: true, max_tokens: 16 });
const request = { index: 0, path: 'chat/completions', body: BODY, maxTokens: 16 };

const serve = async (behaviour: Behaviour): Promise<StandIn> => {
  const server = await startStandIn({ behave: () => behaviour });
  open.push(server.close);
  return server;
};

const ask = async (behaviour: Behaviour): Promise<RequestRecord | null> => {
  const server = await serve(behaviour);
  return sendRequest(depsFor(server.baseUrl), request, null).record;
};

describe('a request', () => {
  it('that is answered has a record with all its pieces in order', async () => {
    const record = await ask('good');
    expect(record).toMatchObject({
      failure: null,
      status: 200,
      inputTokens: 3,
      outputTokens: 8,
      finishReason: 'length',
    });
    const pieces = [...(record?.pieceMs ?? [])];
    expect(pieces).toHaveLength(8);
    expect(pieces).toEqual(pieces.toSorted((a, b) => a - b));
    const latencies = record === null ? null : latenciesOf(record);
    expect(latencies?.e2eMs).toBeGreaterThan(latencies?.ttftMs ?? Infinity);
  });

  it.each<[Behaviour, string]>([
    ['hang', 'timeout_first_byte'],
    ['stall', 'timeout_stalled'],
    ['drop', 'dropped'],
    ['close_early', 'closed_early'],
    ['malformed_json', 'malformed_stream'],
    ['not_a_stream', 'malformed_stream'],
    ['rate_limit', 'rate_limited'],
    ['server_error', 'server_error'],
    ['bad_request', 'request_refused'],
    ['error_in_stream', 'error_in_stream'],
    ['empty', 'no_output'],
    ['usage_too_small', 'usage_implausible'],
    ['usage_too_large', 'usage_implausible'],
    ['usage_negative', 'usage_implausible'],
  ])('to a server that does %s fails as %s and has no latency', async (behaviour, failure) => {
    const record = await ask(behaviour);
    expect(record?.failure).toBe(failure);
    expect(record === null ? null : latenciesOf(record)).toBeNull();
    expect(record?.pieceMs).toHaveLength(0);
  });

  it('keeps no secret of an error message', async () => {
    expect((await ask('server_error'))?.detail).toBe('HTTP 503: {"error":{"message":"overloaded, key [redacted]"}}');
  });

  it('to a port where nobody listens cannot connect', async () => {
    const server = await startStandIn();
    await server.close();
    expect(await sendRequest(depsFor(server.baseUrl), request, null).record).toMatchObject({
      failure: 'connect_failed',
      detail: 'ECONNREFUSED',
      status: null,
    });
  });

  it('counts its latency from when it was due, not from when it left', async () => {
    const server = await serve('good');
    const due = performance.now() - 1000;
    const record = await sendRequest(depsFor(server.baseUrl), request, due).record;
    const latencies = record === null ? null : latenciesOf(record);
    expect(record?.intendedMs).toBe(due);
    expect(latencies?.ttftMs).toBeGreaterThan(1000);
  });

  it('that is given up leaves no record', async () => {
    const server = await serve('hang');
    const running = sendRequest(depsFor(server.baseUrl), request, null);
    running.giveUp();
    expect(await running.record).toBeNull();
  });

  it('is sent once more when the server had closed the kept connection in that moment', async () => {
    const answer = 'data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}\n\n';
    const head = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${answer.length}\r\n\r\n`;
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(head + answer);
        socket.once('data', () => socket.destroy());
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => void server.close());
    const deps = depsFor(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    expect((await sendRequest(deps, request, null).record)?.failure).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect((await sendRequest(deps, request, null).record)?.failure).toBeNull();
    expect(connections).toBe(2);
  });
});

describe('addresses', () => {
  it.each([
    ['http://h:8000/v1', 'models', 'http://h:8000/v1/models'],
    ['http://h:8000/v1/', 'models', 'http://h:8000/v1/models'],
    ['http://h:8000/v1', '/metrics', 'http://h:8000/metrics'],
    ['http://h/team/v1', '/tokenize', 'http://h/team/tokenize'],
    ['http://h', 'models', 'http://h/models'],
  ])('%s and %s give %s', (base, path, url) => {
    expect(resolveUrl(new URL(base), path).href).toBe(url);
  });
});
