// The HTTP client of the load generator: `node:http` with kept-alive connections, nothing between the socket and the time
// stamp. Never logs a header and never follows a redirect.
import { Agent as PlainAgent, request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { systemCode } from '../text/fault.ts';

export interface HttpTarget {
  /** The OpenAI base URL, usually ending in `/v1`. */
  readonly baseUrl: URL;
  /** Sent as a bearer token when given. */
  readonly apiKey: string | null;
}

/** What happens to one exchange, in order: `onHead`, any number of `onData`, then exactly one of `onEnd` and `onFailure`. */
export interface ExchangeHandlers {
  readonly onHead: (status: number, contentType: string) => void;
  readonly onData: (bytes: Buffer, atMs: number) => void;
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
  url.pathname = path.startsWith('/') ? `${base.replace(/\/v1$/, '')}${path}` : `${base}/${path}`;
  return url;
};

const wire = (response: IncomingMessage, handlers: ExchangeHandlers, isOver: () => boolean): void => {
  handlers.onHead(response.statusCode ?? 0, response.headers['content-type'] ?? '');
  response.on('data', (bytes: Buffer) => {
    const atMs = performance.now();
    if (!isOver()) handlers.onData(bytes, atMs);
  });
};

/** Keeps every connection for reuse; as many connections as requests in flight. */
export const createHttpClient = ({ baseUrl, apiKey }: HttpTarget): HttpClient => {
  const secure = baseUrl.protocol === 'https:';
  const options = {
    keepAlive: true,
    noDelay: true,
    maxSockets: Infinity,
    maxFreeSockets: 4096,
    scheduling: 'fifo',
  } as const;
  const agent = secure ? new SecureAgent(options) : new PlainAgent(options);
  const send = secure ? secureRequest : plainRequest;
  const authorization = apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };

  // Addresses are taken apart once: between deciding to send and sending there should be as little work as possible.
  const targets = new Map<string, ReturnType<typeof urlToHttpOptions>>();
  const targetOf = (path: string): ReturnType<typeof urlToHttpOptions> => {
    const known = targets.get(path) ?? urlToHttpOptions(resolveUrl(baseUrl, path));
    targets.set(path, known);
    return known;
  };

  const exchange = (path: string, body: string | null, handlers: ExchangeHandlers): (() => void) => {
    let over = false;
    let current: ClientRequest | null = null;
    const headers =
      body === null
        ? authorization
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...authorization };

    const finish = (act: () => void): void => {
      if (over) return;
      over = true;
      act();
    };

    const start = (mayRetry: boolean): void => {
      const request = send({ ...targetOf(path), agent, method: body === null ? 'GET' : 'POST', headers });
      let answered = false;
      current = request;
      request.on('response', (response) => {
        answered = true;
        if (over) return void response.resume();
        wire(response, handlers, () => over);
        response.on('end', () => finish(() => handlers.onEnd(performance.now())));
        response.on('error', (error) =>
          finish(() => handlers.onFailure(systemCode(error) ?? error.message, performance.now())),
        );
      });
      request.on('error', (error) => {
        // A kept connection that the server closed in the same moment is the client's affair: once more on a new one.
        if (!over && !answered && mayRetry && request.reusedSocket) return start(false);
        finish(() => handlers.onFailure(systemCode(error) ?? error.message, performance.now()));
      });
      request.end(body ?? undefined);
    };
    start(true);
    return () => {
      over = true;
      current?.destroy();
    };
  };

  return { exchange, close: () => agent.destroy() };
};

export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** One short exchange read to its end (server facts, token counts). Null when it failed, timed out or exceeded 8 MiB. */
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
    const settle = (reply: Reply | null): void => {
      clearTimeout(timer);
      resolve(reply);
    };
    const giveUp = client.exchange(path, body === null ? null : JSON.stringify(body), {
      onHead: (seen) => (status = seen),
      onData: (bytes) => {
        size += bytes.length;
        pieces.push(bytes);
        if (size <= 8 * 1024 * 1024) return;
        giveUp();
        settle(null);
      },
      onEnd: () => settle({ status, text: Buffer.concat(pieces).toString('utf8') }),
      onFailure: () => settle(null),
    });
    const timer = setTimeout(() => {
      giveUp();
      settle(null);
    }, timeoutMs);
  });
