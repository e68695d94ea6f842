// One connection of the load generator. What comes off the socket is stamped and set aside with one copy and without an
// allocation; it is read as HTTP in a later turn, so that neither parsing nor a collection of its garbage makes another
// stream's stamp late.
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { systemCode } from '../text/fault.ts';
import type { DeferredQueue } from './deferred.ts';
import { createResponseReader, type ResponseHandlers, type ResponseReader } from './response-reader.ts';

export interface Endpoint {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
}

/** What becomes of one request on a connection: `onHead`, any `onBody`, then one of `onEnd` and `onFailure`. */
export interface ConnectionUser extends ResponseHandlers {
  /** `answered` says that something of a response had come. */
  readonly onFailure: (error: string, atMs: number, answered: boolean) => void;
}

export interface Connection {
  /** Sends a request; the one before must be over. */
  readonly send: (text: string, user: ConnectionUser) => void;
  /** Breaks the connection off; its user hears no more. */
  readonly destroy: () => void;
  /** Breaks it off if `user` still has it. */
  readonly giveUp: (user: ConnectionUser) => void;
  /** It carried a request before the present one. */
  readonly isReused: () => boolean;
  /** It can carry another request now. */
  readonly isFree: () => boolean;
}

export interface Surroundings {
  readonly queue: DeferredQueue;
  /** Sockets are read one after another, so one buffer serves them all. */
  readonly readBuffer: Buffer;
  /** The connection's response is over, before its user hears of it. */
  readonly onFree: (connection: Connection) => void;
  readonly onGone: (connection: Connection) => void;
}

/** Up to this size copying byte by byte is faster than the call that copies, which makes a view of the bytes first. */
const SMALL = 512;

const twiceAsLong = (numbers: Float64Array): Float64Array<ArrayBuffer> => {
  const longer = new Float64Array(2 * numbers.length);
  longer.set(numbers);
  return longer;
};

/** What came off the socket and is not read yet: bytes, and for each piece its end in them and its two times. */
const createCapture = () => {
  let bytes = Buffer.allocUnsafeSlow(4096);
  let ends = new Float64Array(16);
  let times = new Float64Array(16);
  let laterTimes = new Float64Array(16);
  let length = 0;
  let pieces = 0;

  const add = (source: Buffer, size: number, atMs: number, laterMs: number): void => {
    if (length + size > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(2 * (length + size));
      bytes.copy(larger, 0, 0, length);
      bytes = larger;
    }
    if (pieces === ends.length) {
      [ends, times, laterTimes] = [twiceAsLong(ends), twiceAsLong(times), twiceAsLong(laterTimes)];
    }
    if (size > SMALL) source.copy(bytes, length, 0, size);
    else for (let i = 0; i < size; i += 1) bytes[length + i] = source[i] ?? 0;
    length += size;
    ends[pieces] = length;
    times[pieces] = atMs;
    laterTimes[pieces] = laterMs;
    pieces += 1;
  };

  /** Hands every piece over until one is refused with a reason, and forgets them all. */
  const drain = (take: ResponseReader['feed']): string | null => {
    let problem: string | null = null;
    for (let i = 0; i < pieces && problem === null; i += 1)
      problem = take(bytes, i === 0 ? 0 : (ends[i - 1] ?? 0), ends[i] ?? 0, times[i] ?? 0, laterTimes[i] ?? 0);
    length = 0;
    pieces = 0;
    return problem;
  };

  return { add, drain };
};

const openSocket = ({ secure, host, port }: Endpoint, readBuffer: Buffer, onRead: (size: number) => void): Socket => {
  if (!secure) {
    const callback = (size: number): boolean => {
      onRead(size);
      return true;
    };
    return connectPlain({ host, port, noDelay: true, keepAlive: true, onread: { buffer: readBuffer, callback } });
  }
  const ALPNProtocols = ['http/1.1'];
  const socket = connectSecure({ host, port, ALPNProtocols, ...(isIP(host) === 0 ? { servername: host } : {}) });
  socket.setNoDelay(true);
  socket.setKeepAlive(true);
  socket.on('data', (bytes: Buffer) => {
    for (let start = 0; start < bytes.length; start += readBuffer.length)
      onRead(bytes.copy(readBuffer, 0, start, start + readBuffer.length));
  });
  return socket;
};

export const openConnection = (endpoint: Endpoint, surroundings: Surroundings): Connection => {
  const { queue, readBuffer, onFree, onGone } = surroundings;
  const capture = createCapture();
  let user: ConnectionUser | null = null;
  let requests = 0;
  let idleSinceMs = 0;
  let lastWokeMs = Number.NaN;
  let waiting = false;
  let gone = false;
  let error: string | null = null;

  const reader = createResponseReader({
    onHead: (head) => user?.onHead(head),
    onBody: (bytes, start, end, atMs) => user?.onBody(bytes, start, end, atMs),
    onEnd: (atMs) => {
      const served = user;
      user = null;
      idleSinceMs = performance.now();
      // An answer that came before the whole request was taken leaves the rest of it in the way of the next one.
      if (isUsable() && socket.writableLength === 0) {
        socket.unref();
        onFree(connection);
      } else socket.destroy();
      served?.onEnd(atMs);
    },
  });

  /** A socket that was destroyed, by a user that gave up within its response, does not say so at once. */
  const isUsable = (): boolean => reader.mayReuse() && !gone && !socket.destroyed;

  const fail = (code: string, atMs: number): void => {
    const failed = user;
    user = null;
    socket.destroy();
    failed?.onFailure(code, atMs, reader.hasBegun());
  };

  const read = (): void => {
    waiting = false;
    const problem = capture.drain(reader.feed);
    if (problem !== null) fail(problem, performance.now());
    else if (user === null && !isUsable()) socket.destroy(); // what nobody asked for is not read on and on
  };

  const take = (size: number): void => {
    const readMs = performance.now();
    const wokeMs = queue.arrivalMs(readMs);
    // What is read a second time in one go may have come since.
    capture.add(readBuffer, size, wokeMs === lastWokeMs ? readMs : wokeMs, readMs);
    lastWokeMs = wokeMs;
    if (waiting) return;
    waiting = true;
    queue.push(read);
  };

  const leave = (): void => {
    if (gone) return;
    gone = true;
    const atMs = performance.now();
    queue.push(() => {
      onGone(connection);
      const complete = error === null && reader.close(atMs);
      if (!complete) fail(error ?? 'ECONNRESET', atMs);
    });
  };

  const socket = openSocket(endpoint, readBuffer, take);
  socket.on('error', (cause) => {
    error ??= systemCode(cause) ?? cause.message;
    leave();
  });
  socket.on('end', leave);
  socket.on('close', leave);
  socket.resume(); // else the end of the stream is never announced

  const send = (text: string, by: ConnectionUser): void => {
    user = by;
    requests += 1;
    if (requests > 1) {
      reader.expect();
      socket.ref();
    }
    socket.write(text);
  };

  /** Somewhat before the server's own limit, as a request that crosses with the closing is lost. */
  const isStale = (): boolean => {
    const limitS = reader.keepAliveS();
    return limitS !== null && performance.now() - idleSinceMs > 1000 * Math.max(limitS / 2, limitS - 1);
  };

  const destroy = (): void => {
    user = null;
    socket.destroy();
  };

  const connection: Connection = {
    send,
    destroy,
    giveUp: (by) => {
      if (user === by) destroy();
    },
    isReused: () => requests > 1,
    isFree: () => !waiting && isUsable() && !isStale(),
  };
  return connection;
};
