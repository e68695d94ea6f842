// The HTTP/1.1 client of the load generator: kept-alive connections, and as little as possible between the socket and the time
// stamp. Never logs a header and never follows a redirect.
import { validateHeaderValue } from 'node:http';
import { openConnection, type Connection, type ConnectionUser } from './connection.ts';
import type { DeferredQueue } from './deferred.ts';
import type { ResponseHead } from './response-head.ts';
import { serverRoot } from './server-root.ts';

export interface HttpTarget {
  /** The OpenAI base URL, usually ending in `/v1`. */
  readonly baseUrl: URL;
  /** Sent as a bearer token when given. */
  readonly apiKey: string | null;
}

/**
 * What happens to one exchange, in order: `onHead`, any number of `onData`, then exactly one of `onEnd` and `onFailure`. All are
 * called some time after the bytes came, in turns of the queue; `atMs` says when they did.
 */
export interface ExchangeHandlers {
  readonly onHead: (head: ResponseHead) => void;
  /** `bytes[start, end)`, valid only during the call. */
  readonly onData: (bytes: Buffer, start: number, end: number, atMs: number) => void;
  readonly onEnd: (atMs: number) => void;
  /** The system code (`ECONNRESET`) or the message of the error. */
  readonly onFailure: (error: string, atMs: number) => void;
}

export interface HttpClient {
  /**
   * Sends `body` as JSON (GET when null) and returns a function that gives the exchange up. `path` is taken under the base URL
   * (`chat/completions`), or from the server's root when it starts with a slash (`/metrics`).
   */
  readonly exchange: (path: string, body: string | null, handlers: ExchangeHandlers) => () => void;
  readonly close: () => void;
}

/** Under the base URL, whether or not that ends in a slash; a path with a leading slash is taken beside its `/v1`. */
export const resolveUrl = (baseUrl: URL, path: string): URL => {
  const base = baseUrl.pathname.replace(/\/+$/, '');
  const url = new URL(baseUrl);
  url.pathname = path.startsWith('/') ? `${serverRoot(base)}${path}` : `${base}/${path}`;
  return url;
};

const authorizationOf = ({ baseUrl, apiKey }: HttpTarget): string | null => {
  if (apiKey !== null) return `Bearer ${apiKey}`;
  if (baseUrl.username === '' && baseUrl.password === '') return null;
  const pair = `${decodeURIComponent(baseUrl.username)}:${decodeURIComponent(baseUrl.password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
};

/** Everything of a request but the length of its body; written once per path, as little as possible is left for sending. */
const headText = (target: HttpTarget, path: string, method: 'GET' | 'POST'): string => {
  const url = resolveUrl(target.baseUrl, path);
  const authorization = authorizationOf(target);
  if (authorization !== null) validateHeaderValue('authorization', authorization);
  return [
    `${method} ${url.pathname}${url.search} HTTP/1.1`,
    `host: ${url.host}`,
    'connection: keep-alive',
    'accept-encoding: identity',
    ...(authorization === null ? [] : [`authorization: ${authorization}`]),
    ...(method === 'GET' ? ['', ''] : ['content-type: application/json', 'content-length: ']),
  ].join('\r\n');
};

const endpointOf = ({ protocol, hostname, port }: URL) => {
  const secure = protocol === 'https:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { secure, host, port: port === '' ? (secure ? 443 : 80) : Number(port) };
};

const MOST_IDLE = 4096;
const READ_BYTES = 64 * 1024;

/** Free connections in the order in which they became free, and every open one. */
const createPool = ({ baseUrl }: HttpTarget, queue: DeferredQueue) => {
  const endpoint = endpointOf(baseUrl);
  const open = new Set<Connection>();
  const idle = new Set<Connection>();
  const surroundings = {
    queue,
    readBuffer: Buffer.allocUnsafeSlow(READ_BYTES),
    onFree: (connection: Connection): void => {
      if (idle.size < MOST_IDLE) idle.add(connection);
      else connection.destroy();
    },
    onGone: (connection: Connection): void => {
      open.delete(connection);
      idle.delete(connection);
    },
  };

  const openNew = (): Connection => {
    const connection = openConnection(endpoint, surroundings);
    open.add(connection);
    return connection;
  };
  const takeIdle = (): Connection | null => {
    for (const connection of idle) {
      idle.delete(connection);
      if (connection.isFree()) return connection;
      connection.destroy();
    }
    return null;
  };
  return {
    openNew,
    take: (): Connection => takeIdle() ?? openNew(),
    close: (): void => open.forEach((connection) => connection.destroy()),
  };
};

/** Keeps every connection for reuse; as many connections as requests in flight. */
export const createHttpClient = (target: HttpTarget, queue: DeferredQueue): HttpClient => {
  const pool = createPool(target, queue);
  const heads = new Map<string, string>();
  const headOf = (path: string, method: 'GET' | 'POST'): string => {
    const key = `${method} ${path}`;
    const known = heads.get(key) ?? headText(target, path, method);
    heads.set(key, known);
    return known;
  };
  const textOf = (path: string, body: string | null): string =>
    body === null ? headOf(path, 'GET') : `${headOf(path, 'POST')}${Buffer.byteLength(body)}\r\n\r\n${body}`;

  const exchange = (path: string, body: string | null, handlers: ExchangeHandlers): (() => void) => {
    const text = textOf(path, body);
    let connection = pool.take();

    const user: ConnectionUser = {
      onHead: handlers.onHead,
      onBody: handlers.onData,
      onEnd: handlers.onEnd,
      onFailure: (error, atMs, answered) => {
        // A kept connection that the server closed in the same moment is the client's affair: once more on a new one.
        if (answered || !connection.isReused()) return handlers.onFailure(error, atMs);
        connection = pool.openNew();
        connection.send(text, user);
      },
    };
    connection.send(text, user);
    return () => connection.giveUp(user);
  };

  return { exchange, close: pool.close };
};

/** The same client for single questions: they end as failures (`cancelled`) when `signal` fires. */
export const untilAborted = (client: HttpClient, signal: AbortSignal): HttpClient => ({
  ...client,
  exchange: (path, body, handlers) => {
    let giveUp = (): void => undefined;
    const cancel = (): void => {
      giveUp();
      handlers.onFailure('cancelled', performance.now());
    };
    if (signal.aborted) {
      setImmediate(cancel);
      return () => undefined;
    }
    const over = (): void => signal.removeEventListener('abort', cancel);
    signal.addEventListener('abort', cancel, { once: true });
    giveUp = client.exchange(path, body, {
      ...handlers,
      onEnd: (atMs) => {
        over();
        handlers.onEnd(atMs);
      },
      onFailure: (error, atMs) => {
        over();
        handlers.onFailure(error, atMs);
      },
    });
    return () => {
      over();
      giveUp();
    };
  },
});

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** One short exchange read to its end (server facts, token counts). Null when it failed, timed out, is encoded or exceeds 8 MiB. */
export const fetchText = (
  client: HttpClient,
  path: string,
  body: unknown = null,
  timeoutMs = 10_000,
): Promise<Reply | null> =>
  new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let size = 0;
    let status = 0;
    let encoded = false;
    const settle = (reply: Reply | null): void => {
      clearTimeout(timer);
      resolve(reply);
    };
    const giveUp = client.exchange(path, body === null ? null : JSON.stringify(body), {
      onHead: (head) => {
        status = head.status;
        encoded = head.contentEncoding !== '';
      },
      onData: (bytes, start, end) => {
        size += end - start;
        pieces.push(Buffer.from(bytes.subarray(start, end)));
        if (size <= 8 * 1024 * 1024) return;
        giveUp();
        settle(null);
      },
      onEnd: () => settle(encoded ? null : { status, text: Buffer.concat(pieces).toString('utf8') }),
      onFailure: () => settle(null),
    });
    const timer = setTimeout(() => {
      giveUp();
      settle(null);
    }, timeoutMs);
  });
