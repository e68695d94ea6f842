// Serves MCP on stdin and stdout until the client closes the stream. Nothing else may write to stdout.
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { Fault } from '../text/fault.ts';
import { faultOf } from '../verb/failure.ts';
import { createUnfinished } from '../verb/unfinished.ts';
import { createLinkedFiles } from './linked-files.ts';
import { lineGuard, LONGEST_LINE, type RequestId } from './line-guard.ts';
import { watchRequests } from './open-requests.ts';
import { createShownPages } from './app.ts';
import { createShownPictures } from './shown-pictures.ts';
import { createServer, type ServerSettings } from './server.ts';

/** After the end of its input the server answers what is under way for so long, then refuses it. */
const ANSWER_MS = 2000;
/** Time for refusals to reach the client. */
const REFUSE_MS = 1000;
/** Time for stopped calls to put things in order. */
const CLEAN_UP_MS = 3000;

const INVALID_REQUEST = -32600;

const connectionClosed = (): Fault =>
  new Fault('interrupted', 'connection_closed', 'the connection was closed before the call was done', {
    fix: 'keep stdin open until the answer is there; long work belongs into a job',
  });

/** Resolves at a signal to end, or when nobody reads the answers any more. */
const untilTold = (): Promise<void> =>
  new Promise((resolve) => {
    process.stdout.once('error', () => resolve());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });

const answerTooLong = (id: RequestId | null, bytes: number): void => {
  const message = `the message has ${bytes} bytes, the limit is ${LONGEST_LINE}: give large data as a file`;
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code: INVALID_REQUEST, message } })}\n`);
};

/** Resolves when the last request of an input that has ended is counted. */
const delivered = async (input: Readable): Promise<void> => {
  while (input.readableLength > 0) await setImmediate();
  await setImmediate();
};

/** Starts serving; resolves when stdin has ended, or a signal came, and every call is answered or refused. */
export const serve = async (settings: ServerSettings): Promise<void> => {
  const { log } = settings.host;
  process.on('unhandledRejection', (reason) => void log('error', `unhandled: ${faultOf(reason).message}`));
  const informed = untilTold();
  const closing = new AbortController();
  const unfinished = createUnfinished();
  let onEnd = (): void => undefined;
  const ended = new Promise<void>((resolve) => (onEnd = resolve));
  const input = lineGuard({ onTooLong: answerTooLong, onEnd });
  const watched = watchRequests(new StdioServerTransport(input, process.stdout));
  const linkedFiles = createLinkedFiles();
  const pictures = createShownPictures();
  const pages = createShownPages();
  const serving = {
    linkedFiles,
    pictures,
    pages,
    ...settings,
    host: { ...settings.host, unfinished },
    closing: closing.signal,
  };
  const handle = serveStdio(() => createServer(serving), {
    transport: watched.transport,
    onerror: (error) => void log('warn', error.message),
  });
  process.stdin.on('error', onEnd).pipe(input);
  const answered = ended.then(() => delivered(input)).then(() => watched.answeredWithin(ANSWER_MS));
  await Promise.race([informed, answered]);
  closing.abort(connectionClosed());
  await watched.answeredWithin(REFUSE_MS);
  await handle.close();
  await unfinished.settledWithin(CLEAN_UP_MS);
};
