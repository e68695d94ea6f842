// A completion server on 127.0.0.1 that notes when it sent each chunk, for `bench/load.ts`. Runs as a process of its own, so
// that server and generator do not share a core's time slice by slice.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { machineMs } from './machine-clock.ts';

/** What a request asks for, in its `user` field: `key chunks gap_ms`. A gap of 0 sends everything at once. */
interface Stream {
  readonly response: ServerResponse;
  readonly stamps: number[];
  left: number;
  dueMs: number;
  readonly gapMs: number;
}

const TOKEN =
  'data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":" word"},"finish_reason":null}]}\n\n';
const LAST = `data: {"id":"x","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":""},"finish_reason":"length"}]}\n\ndata: [DONE]\n\n`;

/** One chunk of the chunked transfer coding, ready to be written past the server's own buffering. */
const FRAME = `${Buffer.byteLength(TOKEN).toString(16)}\r\n${TOKEN}\r\n`;

const noted = new Map<string, { arrivedMs: number; stamps: number[] }>();
const active = new Set<Stream>();

const sendDue = (nowMs: number): void => {
  for (const stream of active) {
    if (stream.dueMs > nowMs) continue;
    stream.stamps.push(machineMs());
    stream.left -= 1;
    stream.response.socket?.write(FRAME);
    if (stream.left === 0) {
      stream.response.end(LAST);
      active.delete(stream);
    } else stream.dueMs += stream.gapMs;
  }
};

const start = (user: string, response: ServerResponse): void => {
  const [key = '', chunks = '1', gap = '0', mode = 'spread'] = user.split(' ');
  const arrivedMs = machineMs();
  const gapMs = Number(gap);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (gapMs === 0) return void response.end(TOKEN.repeat(Number(chunks)) + LAST);
  response.flushHeaders();
  const stamps: number[] = [];
  noted.set(key, { arrivedMs, stamps });
  // `step`: all streams are written in the same turn, as an engine's decode step does; `spread`: each in its own time.
  const dueMs = mode === 'step' ? Math.ceil(arrivedMs / gapMs) * gapMs : arrivedMs + gapMs * Math.random();
  active.add({ response, stamps, left: Number(chunks), dueMs, gapMs });
};

const server = createServer((request, response) => {
  if (request.url === '/stamps') {
    response.end(JSON.stringify([...noted]));
    noted.clear();
    return;
  }
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (piece: string) => (body += piece));
  request.on('end', () => {
    const { user } = JSON.parse(body) as { user: string };
    start(user, response);
  });
});
server.keepAliveTimeout = 60_000;
setInterval(() => sendDue(machineMs()), 1);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());
