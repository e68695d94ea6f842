// Puts the product's server factory behind a local HTTP port, because the conformance suite speaks nothing else. Serves tests
// only; the product itself speaks stdio.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createServer } from '../../src/mcp/server.ts';
import { WHOLE_TOOLSET } from '../../src/catalog/toolset.ts';

export interface HttpFront {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
};

const asRequest = async (request: IncomingMessage, origin: string): Promise<Request> => {
  const { method = 'GET', headers, url = '/' } = request;
  const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  const body = method === 'POST' ? { body: await bodyOf(request) } : {};
  return new Request(new URL(url, origin), { method, headers: pairs, ...body });
};

const send = (answer: Response, response: ServerResponse): void => {
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) response.end();
  else Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]).pipe(response); // checked boundary: one stream, two typings
};

/** Serves on a free port of the loopback interface, with everything kept below `root`. */
export const startHttpFront = async (root: string): Promise<HttpFront> => {
  const host = {
    cwd: root,
    env: {},
    product: { name: 'profile-and-optimize', version: '0.0.0', sha: null },
    productFolder: resolve('.'),
    log: async () => undefined,
    resolveRoot: () => ({ root, source: 'flag' }),
  };
  const handler = createMcpHandler(() => createServer({ host, toolset: WHOLE_TOOLSET }));
  let origin = '';
  const listener = createHttpServer((request, response) => {
    asRequest(request, origin)
      .then((asked) => handler.fetch(asked))
      .then((answer) => send(answer, response))
      .catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`; // checked boundary: a TCP listener has a port
  return {
    url: `${origin}/mcp`,
    close: async () => {
      await handler.close();
      listener.closeAllConnections();
      await new Promise<void>((closed) => listener.close(() => closed()));
    },
  };
};
