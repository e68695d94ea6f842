import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResponseHead } from '../../src/load/response-head.ts';
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
    onHead: ({ status, contentType }) => void heads.push([status, contentType]),
    onBody: (bytes, start, end, atMs) => {
      body += bytes.toString('latin1', start, end);
      bodyMs.add(atMs);
    },
    onEnd: (atMs) => (endMs = atMs),
  });
  let problem: string | null = null;
  pieces.forEach((piece, index) => {
    const surrounded = Buffer.concat([Buffer.from('??'), piece, Buffer.from('!!')]);
    problem ??= reader.feed(surrounded, 2, 2 + piece.length, index, index);
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
    ['of a coding said twice', `${CHUNKED.replace('chunked', 'chunked, Chunked')}3\r\nabc\r\n0\r\n\r\n`, 'abc', true],
    ['with spaces behind a size', `${CHUNKED}3 \t\r\nabc\r\n0\r\n\r\n`, 'abc', true],
    ['with zeros before a size', `${CHUNKED}0000000000000003\r\nabc\r\n0\r\n\r\n`, 'abc', true],
    ['of HTTP/1.0 that stays', 'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\na', 'a', true],
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
    ['HTTP/1.1 099 x\r\n\r\n', 'HPE_INVALID_CONSTANT'],
    ['\x15\x03\x03\x00\x02\x02\x46', 'HPE_INVALID_CONSTANT'],
    ['<html>without a line', 'HPE_INVALID_CONSTANT'],
    ['HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1 200 OK\r\nx: a\r\n folded\r\n\r\n', 'HPE_INVALID_HEADER_TOKEN'],
    ['HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'.repeat(500), 'HPE_HEADER_OVERFLOW'],
    ['HTTP/1.1 200 OK\r\nno field\r\n\r\n', 'HPE_INVALID_HEADER_TOKEN'],
    ...['3, 3', '-1', '+3', '0x3', '3 4', '', '9'.repeat(23)].map((length): [string, string] => [
      `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`,
      'HPE_INVALID_CONTENT_LENGTH',
    ]),
    ['HTTP/1.1 200 OK\r\ncontent-length: 3\r\nContent-Length: 4\r\n\r\n', 'HPE_INVALID_CONTENT_LENGTH'],
    [CHUNKED.replace('\r\n\r\n', '\r\ncontent-length: 3\r\n\r\n'), 'HPE_INVALID_TRANSFER_ENCODING'],
    [CHUNKED.replace('chunked', 'gzip, chunked'), 'transfer-encoding gzip, chunked'],
    [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(17_000)}`, 'HPE_HEADER_OVERFLOW'],
    [`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(3000)}`, 'HPE_HEADER_OVERFLOW'],
    ['HTTP/1.1 101 Switching Protocols\r\n\r\n', 'HPE_PAUSED_UPGRADE'],
  ])('%j is refused as %s before its body', (text, problem) => {
    expect(readText(text)).toMatchObject({ problem, mayReuse: false, endMs: null, heads: [], body: '' });
  });

  it.each([
    ['xyz\r\n', 'HPE_INVALID_CHUNK_SIZE'],
    ['\r\n', 'HPE_INVALID_CHUNK_SIZE'],
    ['-3\r\n', 'HPE_INVALID_CHUNK_SIZE'],
    ['3 4\r\n', 'HPE_INVALID_CHUNK_SIZE'],
    ['fffffffffffffffff\r\n', 'HPE_INVALID_CHUNK_SIZE'],
    ['1\r0\n0123456789abcdef\r\n0\r\n\r\n', 'HPE_STRICT'],
    ['3\r\nabcd\r\n', 'HPE_STRICT'],
    ['3\r\nabc\r\r\n', 'HPE_STRICT'],
    [`3;${'x'.repeat(17_000)}`, 'HPE_CHUNK_EXTENSIONS_OVERFLOW'],
    [`3${' '.repeat(17_000)}`, 'HPE_CHUNK_EXTENSIONS_OVERFLOW'],
    ['0\r\nno field\r\n\r\n', 'HPE_INVALID_HEADER_TOKEN'],
    [`0\r\n${'x: y\r\n'.repeat(3000)}`, 'HPE_HEADER_OVERFLOW'],
  ])('in chunks is refused at %j as %s', (text, problem) => {
    expect(readText(CHUNKED + text)).toMatchObject({ problem, mayReuse: false, endMs: null });
  });

  it('says what its body is, its first type counting', () => {
    const heads: ResponseHead[] = [];
    const onHead = (head: ResponseHead): void => void heads.push(head);
    const reader = createResponseReader({ onHead, onBody: () => undefined, onEnd: () => undefined });
    const fields = 'Content-TYPE: a/b\r\ncontent-type: c/d\r\nCONTENT-ENCODING: gzip\r\nlocation: /x\r\n';
    const bytes = Buffer.from(`HTTP/1.1 307 No\r\n${fields}content-length: 0\r\n\r\n`);
    reader.feed(bytes, 0, bytes.length, 0, 0);
    expect(heads).toEqual([{ status: 307, contentType: 'a/b', contentEncoding: 'gzip', location: '/x' }]);
  });

  it('has begun with its first byte, and not yet when another one is expected', () => {
    const reader = createResponseReader({ onHead: () => undefined, onBody: () => undefined, onEnd: () => undefined });
    const bytes = Buffer.from('HTTP/1.1 204 No Content\r\n\r\n');
    expect(reader.hasBegun()).toBe(false);
    reader.feed(bytes, 0, 1, 0, 0);
    expect(reader.hasBegun()).toBe(true);
    reader.feed(bytes, 1, bytes.length, 0, 0);
    expect(reader.hasBegun()).toBe(true);
    reader.expect();
    expect(reader.hasBegun()).toBe(false);
  });

  it('has each piece of its body at the time at which it came', () => {
    const pieces = [CHUNKED, '3\r\na', 'bc', '\r\n2', '\r\n', 'de\r\n', '0\r\n\r\n'];
    expect(read(pieces.map((text) => Buffer.from(text)))).toMatchObject({ body: 'abcde', bodyMs: [1, 2, 5], endMs: 6 });
  });

  it.each([
    ['its first chunk the first time', CHUNKED + '3\r\nabc\r\n2\r\nde\r\n', { abc: 1, de: 5 }],
    ['what is not chunked the later one', 'HTTP/1.1 200 OK\r\n\r\nabc', { abc: 5 }],
  ])('has of two times %s', (_, text, times) => {
    const seen: Record<string, number> = {};
    const reader = createResponseReader({
      onHead: () => undefined,
      onBody: (bytes, start, end, atMs) => (seen[bytes.toString('latin1', start, end)] = atMs),
      onEnd: () => undefined,
    });
    reader.feed(Buffer.from(text), 0, text.length, 1, 5);
    expect(seen).toEqual(times);
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
    reader.feed(bytes, 0, bytes.length, 0, 0);
    expect(reader.keepAliveS()).toBe(5);
  });
});
