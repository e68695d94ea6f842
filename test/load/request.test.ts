import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createDeferredQueue } from '../../src/load/deferred.ts';
import { createHttpClient, fetchText, resolveUrl } from '../../src/load/http-client.ts';
import { latenciesOf, type RequestRecord } from '../../src/load/request-record.ts';
import { sendRequest, type RequestDeps } from '../../src/load/request.ts';
import { startStandIn, type Behaviour, type StandIn } from './stand-in-server.ts';

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const depsFor = (baseUrl: string): RequestDeps => {
  const queue = createDeferredQueue();
  const client = createHttpClient({ baseUrl: new URL(baseUrl), apiKey: 'secret-key-of-the-test' }, queue);
  open.push(client.close);
  return { client, queue, limits: { firstByteMs: 300, stallMs: 150, totalMs: null } };
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

/** A key and a certificate that nobody vouches for. */
const selfSigned = (): { key: Buffer; cert: Buffer } => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const asked = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost';
    execFileSync('openssl', [...asked.split(' '), '-keyout', key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('a request over TLS (needs openssl)', () => {
  const serveSecurely = async (): Promise<string> => {
    const server = createSecureServer(selfSigned(), (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const piece = `data: {"choices":[{"delta":{"content":"${'a'.repeat(50_000)}"}}]}\n\n`;
      response.write(piece + piece);
      response.end('data: {"choices":[{"delta":{"content":"b"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => void server.close());
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  };

  it('is answered, and again on the same connection', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    open.push(() => void vi.unstubAllEnvs());
    const deps = depsFor(await serveSecurely());
    for (let i = 0; i < 2; i += 1)
      expect(await sendRequest(deps, request, null).record).toMatchObject({ failure: null, outputTokens: 3 });
  });

  it('is not sent to a server whose certificate nobody vouches for', async () => {
    expect(await sendRequest(depsFor(await serveSecurely()), request, null).record).toMatchObject({
      failure: 'connect_failed',
      detail: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
  });
});

describe('what is sent', () => {
  /** The bytes of the first request that comes, and of the second on the same connection. */
  const heads = async (base: (port: number) => string, apiKey: string | null): Promise<string[]> => {
    const seen: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        seen.push(bytes.toString('utf8'));
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    open.push(() => void server.close());
    const target = { baseUrl: new URL(base((server.address() as AddressInfo).port)), apiKey };
    const client = createHttpClient(target, createDeferredQueue());
    open.push(client.close);
    expect(await fetchText(client, 'models')).toEqual({ status: 200, text: 'ok' });
    expect(await fetchText(client, '/tokenize', { prompt: 'Grüße' })).toEqual({ status: 200, text: 'ok' });
    return seen.map((text) => text.replace(/127\.0\.0\.1:\d+/, 'HOST'));
  };

  it('is a request with its length in bytes and the key', async () => {
    expect(await heads((port) => `http://127.0.0.1:${port}/v1?x=1`, 'k')).toEqual([
      'GET /v1/models?x=1 HTTP/1.1\r\nhost: HOST\r\nconnection: keep-alive\r\naccept-encoding: identity\r\nauthorization: Bearer k\r\n\r\n',
      'POST /tokenize?x=1 HTTP/1.1\r\nhost: HOST\r\nconnection: keep-alive\r\naccept-encoding: identity\r\nauthorization: Bearer k\r\n' +
        'content-type: application/json\r\ncontent-length: 20\r\n\r\n{"prompt":"Grüße"}',
    ]);
  });

  it('names the user of the address where there is no key', async () => {
    const [first] = await heads((port) => `http://a%40b:c@127.0.0.1:${port}/v1`, null);
    expect(first).toContain(`\r\nauthorization: Basic ${Buffer.from('a@b:c').toString('base64')}\r\n`);
  });

  it('never holds a key with a line break', async () => {
    await expect(heads((port) => `http://127.0.0.1:${port}/v1`, 'a\r\nx: y')).rejects.toThrow(/Invalid character/);
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
