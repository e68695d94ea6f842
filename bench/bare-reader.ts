// The least that a client can do: one socket a stream, and a time stamp for each piece of data that comes off it. What it is
// wrong by is the machine and Node, not the generator: the floor beside which `load-measure.ts` puts the generator's errors.
import { connect, type Socket } from 'node:net';

/** When the chunks of one stream arrived, in milliseconds of `performance.now()`. */
export interface BareStream {
  readonly key: string;
  readonly arrivedMs: readonly number[];
}

/** Ends each chunk of the server's answer, in the chunked transfer coding. */
const END_OF_CHUNK = '\n\n\r\n';

const countOf = (text: string): number => text.split(END_OF_CHUNK).length - 1;

const requestText = (baseUrl: URL, body: string): string =>
  [
    `POST ${baseUrl.pathname}/chat/completions HTTP/1.1`,
    `host: ${baseUrl.host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');

const opened = (baseUrl: URL): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(baseUrl.port), baseUrl.hostname, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });

const readStream = (socket: Socket, key: string, request: string): Promise<BareStream> =>
  new Promise((resolve, reject) => {
    const pieces: { readonly atMs: number; readonly data: Buffer }[] = [];
    socket.on('data', (data) => pieces.push({ atMs: performance.now(), data }));
    socket.on('error', reject);
    socket.on('close', () =>
      resolve({
        key,
        arrivedMs: pieces.flatMap(({ atMs, data }) => Array<number>(countOf(data.toString('latin1'))).fill(atMs)),
      }),
    );
    socket.write(request);
  });

/** Reads `streams` answers at once, over connections that are open by then. `asked` is for the server: `chunks gap_ms mode`. */
export const readBare = async (baseUrl: URL, streams: number, asked: string): Promise<BareStream[]> => {
  const sockets: Socket[] = [];
  for (let i = 0; i < streams; i += 1) sockets.push(await opened(baseUrl));
  return Promise.all(
    sockets.map((socket, index) => {
      const key = `bare-${index}`;
      return readStream(socket, key, requestText(baseUrl, JSON.stringify({ user: `${key} ${asked}` })));
    }),
  );
};
