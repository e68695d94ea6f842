// A completion server on 127.0.0.1 that notes when it sent each chunk, for `bench/load.ts`. Runs as a process of its own, so
// that server and generator do not share a core's time slice by slice. Nothing is allocated or written out for a stamp.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { machineMs } from './machine-clock.ts';

/** What a request asks for, in its `user` field: `key chunks gap_ms`. A gap of 0 sends everything at once. */
interface Stream {
  readonly response: ServerResponse;
  readonly socket: Socket;
  readonly stamps: Float64Array;
  sent: number;
  dueMs: number;
  readonly gapMs: number;
}

const event = (text: string, finish: string | null): string =>
  `data: ${JSON.stringify({
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta: { content: text }, finish_reason: finish }],
  })}\n\n`;

const TOKEN = event(' word', null);
const LAST = `${event('', 'length')}data: [DONE]\n\n`;

/** Chunks of the chunked transfer coding, ready to be written past the server's own buffering. */
const FRAMES = [' The', ' quick', ' brown', ' fox', ' jumps', ' over', ' a', ' lazy', ' dog', '.', '\n', ' 犬'].map(
  (word) => {
    const text = event(word, null);
    return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
  },
);
const frame = (index: number): Buffer => FRAMES[index % FRAMES.length] ?? Buffer.alloc(0);

const noted = new Map<string, { arrivedMs: number; stamps: Float64Array }>();
const active = new Set<Stream>();

const sendNext = (stream: Stream): void => {
  const bytes = frame(stream.sent);
  stream.stamps[stream.sent] = machineMs();
  stream.socket.write(bytes);
  stream.sent += 1;
};

const sendDue = (nowMs: number): void => {
  for (const stream of active) {
    if (stream.dueMs > nowMs) continue;
    sendNext(stream);
    stream.dueMs += stream.gapMs;
    if (stream.sent < stream.stamps.length) continue;
    stream.response.end(LAST);
    active.delete(stream);
  }
};

const start = (user: string, response: ServerResponse): void => {
  const [key = '', chunks = '1', gap = '0', mode = 'spread'] = user.split(' ');
  const arrivedMs = machineMs();
  const gapMs = Number(gap);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (gapMs === 0 || response.socket === null) return void response.end(TOKEN.repeat(Number(chunks)) + LAST);
  response.flushHeaders();
  const stamps = new Float64Array(Number(chunks));
  noted.set(key, { arrivedMs, stamps });
  // `step`: all streams are written in the same turn, as an engine's decode step does; `spread`: each in its own time.
  const dueMs = mode === 'step' ? Math.ceil(arrivedMs / gapMs) * gapMs : arrivedMs + gapMs * Math.random();
  active.add({ response, socket: response.socket, stamps, sent: 0, dueMs, gapMs });
};

const server = createServer((request, response) => {
  if (request.url === '/stamps') {
    const all = [...noted].map(([key, { arrivedMs, stamps }]) => [key, { arrivedMs, stamps: [...stamps] }]);
    response.end(JSON.stringify(all));
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
