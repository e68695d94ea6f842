import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createResponseReader } from '../../src/load/response-reader.ts';

interface Reading {
  readonly heads: [number, string][];
  readonly body: string;
  /** Times at which a body came, without repetitions, and at which it ended. */
  readonly bodyMs: number[];
  readonly endMs: number | null;
  readonly problem: string | null;
  readonly mayReuse: boolean;
  /** What closing the connection at the end says. */
  readonly closedWell: boolean;
}

const read = (pieces: readonly Uint8Array[]): Reading => {
  const heads: [number, string][] = [];
  const bodyMs = new Set<number>();
  let body = '';
  let endMs: number | null = null;
  const reader = createResponseReader({
    onHead: (status, type) => heads.push([status, type]),
    onBody: (bytes, start, end, atMs) => {
      body += bytes.toString('latin1', start, end);
      bodyMs.add(atMs);
    },
    onEnd: (atMs) => (endMs = atMs),
  });
  let problem: string | null = null;
  pieces.forEach((piece, index) => {
    const surrounded = Buffer.concat([Buffer.from('??'), piece, Buffer.from('!!')]);
    problem ??= reader.feed(surrounded, 2, 2 + piece.length, index);
  });
  const mayReuse = reader.mayReuse();
  return { heads, body, bodyMs: [...bodyMs], problem, mayReuse, closedWell: reader.close(99), endMs };
};

const readText = (text: string): Reading => read([Buffer.from(text, 'latin1')]);

const cut = (bytes: Uint8Array, places: readonly number[]): Uint8Array[] => {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
};

const CHUNKED = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('a response', () => {
  it.each([
    ['of known length', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc', 'abc', true],
    ['of length 0', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n', '', true],
    ['in chunks', `${CHUNKED}3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n`, 'abc0123456789', true],
    ['in chunks with extensions', `${CHUNKED}3;x=y\r\nabc\r\n0 ;z\r\n\r\n`, 'abc', true],
    ['with trailers', `${CHUNKED}3\r\nabc\r\n0\r\nx: y\r\n\r\n`, 'abc', true],
    ['without a body', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
    ['after an interim one', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na', 'a', true],
    ['with bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 1\n\na', 'a', true],
    ['that closes', 'HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 1\r\n\r\na', 'a', false],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', 'a', false],
    ['without a reason phrase', 'HTTP/1.1 200\r\ncontent-length: 1\r\n\r\na', 'a', true],
    ['with more behind it', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nabc', 'a', false],
  ])('%s is read', (_, text, body, mayReuse) => {
    expect(readText(text)).toMatchObject({ problem: null, body, mayReuse, endMs: 0, closedWell: true });
  });

  it('without a length ends with the connection', () => {
    const reading = readText('HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\r\n<html>');
    expect(reading).toMatchObject({
      heads: [[200, 'text/html; charset=utf-8']],
      body: '<html>',
      endMs: 99,
      mayReuse: false,
      closedWell: true,
    });
  });

  it.each([
    ['before its head', ''],
    ['in its head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['before its length', 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab'],
    ['before its last chunk', `${CHUNKED}3\r\nabc\r\n`],
  ])('that is cut off %s has not ended', (_, text) => {
    expect(readText(text)).toMatchObject({ endMs: null, closedWell: false, problem: null });
  });

  it.each([
    ['SSH-2.0-OpenSSH\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['HTTP/2 200\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['HTTP/1.1 200 OK\r\nno field\r\n\r\n', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 3, 4\r\n\r\n', 'HPE_INVALID_CONTENT_LENGTH'],
    [`${CHUNKED}xyz\r\n`, 'HPE_INVALID_CHUNK_SIZE'],
    [`${CHUNKED}\r\n`, 'HPE_INVALID_CHUNK_SIZE'],
    [`${CHUNKED}3\r\nabcd\r\n`, 'HPE_STRICT'],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(17_000)}`, 'HPE_HEADER_OVERFLOW'],
    [`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(3000)}`, 'HPE_HEADER_OVERFLOW'],
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 'HPE_PAUSED_UPGRADE'],
  ])('%j is refused as %s', (text, problem) => {
    expect(readText(text)).toMatchObject({ problem, mayReuse: false, endMs: null });
  });

  it('has each piece of its body at the time at which it came', () => {
    const pieces = [CHUNKED, '3\r\na', 'bc', '\r\n2', '\r\n', 'de\r\n', '0\r\n\r\n'];
    expect(read(pieces.map((text) => Buffer.from(text)))).toMatchObject({ body: 'abcde', bodyMs: [1, 2, 5], endMs: 6 });
  });

  it('reads the same however the bytes are cut', () => {
    const bodies = fc.array(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
    const response = bodies.map((parts) => {
      const chunks = parts.map((part) => `${Buffer.byteLength(part).toString(16)};e=1\r\n${part}\r\n`);
      return Buffer.from(`HTTP/1.1 100 Continue\r\n\r\n${CHUNKED}${chunks.join('')}0\r\nx: y\r\n\r\n`);
    });
    fc.assert(
      fc.property(response, fc.array(fc.nat({ max: 600 }), { maxLength: 40 }), (bytes, places) => {
        const [whole, inPieces] = [read([bytes]), read(cut(bytes, places))];
        expect({ ...inPieces, bodyMs: [], endMs: 0 }).toEqual({ ...whole, bodyMs: [], endMs: 0 });
        expect(whole).toMatchObject({ problem: null, mayReuse: true });
      }),
    );
  });

  it('says for how long the server keeps an idle connection', () => {
    const reader = createResponseReader({ onHead: () => undefined, onBody: () => undefined, onEnd: () => undefined });
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\nkeep-alive: timeout=5, max=100\r\ncontent-length: 0\r\n\r\n');
    reader.feed(bytes, 0, bytes.length, 0);
    expect(reader.keepAliveS()).toBe(5);
  });
});
