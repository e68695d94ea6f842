// A stand-in for an OpenAI-compatible server on 127.0.0.1 that behaves, or misbehaves, as a test asks. Never generates text.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export type Behaviour =
  | 'good'
  | 'no_usage'
  | 'hang'
  | 'stall'
  | 'drop'
  | 'close_early'
  | 'malformed_json'
  | 'not_a_stream'
  | 'rate_limit'
  | 'server_error'
  | 'bad_request'
  | 'error_in_stream'
  | 'empty'
  | 'usage_too_small'
  | 'usage_too_large'
  | 'usage_negative'
  | 'usage_one_above'
  | 'done_without_finish'
  | 'unauthorized'
  | 'not_found'
  | 'endless'
  | 'endless_comments'
  | 'gzip_bomb'
  | 'slow_head';

export interface StandInOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Behaviour of the n-th completion request, counted from 0 over streamed ones. */
  readonly behave?: (n: number) => Behaviour;
  readonly chunks?: number;
  readonly gapMs?: number;
  readonly firstMs?: number;
  /** Tokens per space-separated word as `/tokenize` counts them; null answers 404. */
  readonly tokenize?: ((text: string) => number) | null;
  readonly models?: readonly string[];
  readonly refuseField?: string;
  /** Refuses `max_tokens`, as servers of newer models do. */
  readonly wantsNewLimit?: boolean;
  readonly metrics?: () => string;
  readonly version?: string | null;
}

export interface StandIn {
  readonly baseUrl: string;
  /** Bodies of the streamed requests, in order. */
  readonly bodies: Record<string, unknown>[];
  readonly close: () => Promise<void>;
}

type Body = Record<string, unknown>;

const readBody = async (request: IncomingMessage): Promise<Body> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString('utf8');
  return text === '' ? {} : (JSON.parse(text) as Body);
};

const words = (body: Body): string =>
  Array.isArray(body['messages'])
    ? (body['messages'] as { content: string }[]).map(({ content }) => content).join(' ')
    : String(body['prompt'] ?? '');

export const countWords = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;

const json = (response: ServerResponse, status: number, value: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const event = (value: unknown): string => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const piece = (content: string, finish: string | null = null, body: Body = {}): string =>
  event(
    body['prompt'] === undefined
      ? { object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content }, finish_reason: finish }] }
      : { object: 'text_completion', choices: [{ index: 0, text: content, finish_reason: finish }] },
  );

const usageOf = (behaviour: Behaviour, prompt: number, chunks: number, body: Body): Record<string, number> => ({
  prompt_tokens: behaviour === 'usage_negative' ? -1 : prompt,
  completion_tokens:
    behaviour === 'usage_too_small'
      ? 1
      : behaviour === 'usage_too_large'
        ? 100_000
        : behaviour === 'usage_one_above'
          ? Number(body['max_tokens']) + 1
          : chunks,
});

/** Writes the same for ever, as fast as it is taken. */
const endlessly = async (response: ServerResponse, what: string | Buffer): Promise<void> => {
  while (!response.destroyed) {
    if (!response.write(what)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    await pause(0);
  }
};

/** One byte of a head every 20 ms, never its end. */
const slowHead = async ({ socket }: ServerResponse): Promise<void> => {
  socket?.write('HTTP/1.1 200 OK\r\nx-slow: ');
  while (socket?.destroyed === false) {
    socket.write('a');
    await pause(20);
  }
};

/** Megabytes for every kilobyte sent. */
const BOMB = gzipSync(Buffer.alloc(4 * 1024 * 1024));

const hostile = (response: ServerResponse, behaviour: Behaviour): Promise<void> | undefined => {
  const events = { 'content-type': 'text/event-stream' };
  if (behaviour === 'slow_head') return slowHead(response);
  if (behaviour === 'gzip_bomb') response.writeHead(200, { ...events, 'content-encoding': 'gzip' });
  if (behaviour === 'gzip_bomb') return endlessly(response, BOMB);
  if (behaviour !== 'endless' && behaviour !== 'endless_comments') return undefined;
  response.writeHead(200, events);
  return endlessly(response, behaviour === 'endless' ? piece(' w') : ': ping\n\n');
};

const stream = async (
  response: ServerResponse,
  behaviour: Behaviour,
  body: Body,
  options: StandInOptions,
): Promise<void> => {
  const { chunks = 8, gapMs = 1, firstMs = 2 } = options;
  if (behaviour === 'hang') return;
  if (behaviour === 'rate_limit') return json(response, 429, { error: { message: 'slow down' } });
  if (behaviour === 'server_error')
    return json(response, 503, { error: { message: 'overloaded, key sk-abcdefghijklmnopqrstuv' } });
  const forEver = hostile(response, behaviour);
  if (forEver !== undefined) return forEver;
  if (behaviour === 'unauthorized') return json(response, 401, { error: { message: 'no key' } });
  if (behaviour === 'not_found') return json(response, 404, { error: { message: 'no chat template' } });
  if (behaviour === 'bad_request') return json(response, 400, { error: { message: 'no' } });
  if (behaviour === 'not_a_stream') return json(response, 200, { choices: [{ message: { content: 'all at once' } }] });
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (body['prompt'] === undefined)
    response.write(event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }));
  await pause(firstMs);
  const count = behaviour === 'empty' ? 0 : chunks;
  for (let i = 0; i < count; i += 1) {
    if (i === 3 && behaviour === 'drop') return void response.socket?.destroy();
    if (i === 3 && behaviour === 'close_early') return void response.end();
    if (i === 3 && behaviour === 'stall') return;
    if (i === 3 && behaviour === 'malformed_json') response.write('data: {"choices":[{"delta":\n\n');
    if (i === 3 && behaviour === 'error_in_stream') response.write(event({ error: { message: 'engine died' } }));
    response.write(piece(` w${i}`, null, body));
    if (gapMs > 0) await pause(gapMs);
  }
  if (behaviour !== 'done_without_finish') response.write(piece('', 'length', body));
  if (behaviour !== 'no_usage')
    response.write(event({ choices: [], usage: usageOf(behaviour, countWords(words(body)), count, body) }));
  response.write(event('[DONE]'));
  response.end();
};

/** SGLang's own interface: every event holds the whole text so far. */
const generate = async (response: ServerResponse, options: StandInOptions): Promise<void> => {
  const { chunks = 8, gapMs = 1, firstMs = 2 } = options;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  await pause(firstMs);
  for (let i = 1; i <= chunks; i += 1) {
    response.write(event({ text: ' w'.repeat(i), meta_info: { completion_tokens: i } }));
    if (gapMs > 0) await pause(gapMs);
  }
  response.end(event('[DONE]'));
};

const completion = async (
  response: ServerResponse,
  body: Body,
  options: StandInOptions,
  bodies: Body[],
): Promise<void> => {
  if (options.refuseField !== undefined && body[options.refuseField] !== undefined)
    return json(response, 400, { error: { message: `unexpected field ${options.refuseField}` } });
  if (options.wantsNewLimit === true && body['max_tokens'] !== undefined)
    return json(response, 400, {
      error: { message: "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead." },
    });
  if (body['stream'] !== true)
    return json(response, 200, {
      choices: [],
      usage: { prompt_tokens: countWords(words(body)), completion_tokens: 1 },
    });
  const n = bodies.push(body) - 1;
  await stream(response, options.behave?.(n) ?? 'good', body, options);
};

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  options: StandInOptions,
  bodies: Body[],
): Promise<void> => {
  const body = await readBody(request);
  const { tokenize = countWords, models = ['stand-in'], version = '0.11.0' } = options;
  if (request.url === '/v1/models')
    return json(response, 200, {
      data: models.map((id) => ({ id, root: `org/${id}`, max_model_len: 16384, owned_by: 'vllm' })),
    });
  if (request.url === '/health') return void response.end();
  if (request.url === '/generate') {
    bodies.push(body);
    return generate(response, options);
  }
  if (request.url === '/version' && version !== null) return json(response, 200, { version });
  if (request.url === '/tokenize' && tokenize !== null) return json(response, 200, { count: tokenize(words(body)) });
  if (request.url === '/metrics' && options.metrics !== undefined) {
    response.writeHead(200, { 'content-type': 'text/plain' });
    return void response.end(options.metrics());
  }
  if (request.url?.endsWith('/completions') === true) return completion(response, body, options, bodies);
  json(response, 404, { error: { message: 'no such page' } });
};

const listen = (server: Server, port: number): Promise<number> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

/** Starts the stand-in. */
export const startStandIn = async (options: StandInOptions = {}): Promise<StandIn> => {
  const bodies: Body[] = [];
  const server = createServer((request, response) => void answer(request, response, options, bodies));
  const port = await listen(server, options.port ?? 0);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { baseUrl: `http://127.0.0.1:${port}/v1`, bodies, close };
};
