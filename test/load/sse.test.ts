import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSseParser, MOST_EVENT_BYTES } from '../../src/load/sse.ts';

const parseAll = (chunks: readonly Uint8Array[]): { events: string[]; partial: boolean; stray: number } => {
  const events: string[] = [];
  const parser = createSseParser((bytes, start, end) => events.push(bytes.toString('utf8', start, end)));
  chunks.forEach((chunk, index) => parser.feed(Buffer.from(chunk), 0, chunk.length, index));
  return { events, partial: parser.end(), stray: parser.strayLines().count };
};

const parseText = (text: string) => parseAll([Buffer.from(text)]);

/** Cuts bytes at the given places. */
const cut = (bytes: Uint8Array, places: readonly number[]): Uint8Array[] => {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
};

describe('the event stream parser', () => {
  it.each([
    ['one event', 'data: a\n\n', ['a']],
    ['no space after the colon', 'data:a\n\n', ['a']],
    ['only one space is taken off', 'data:  a\n\n', [' a']],
    ['several data lines', 'data: a\ndata: b\n\n', ['a\nb']],
    ['an empty data line', 'data\n\n', ['']],
    ['carriage return and line feed', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['lone carriage returns', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['comments and other fields', ': ping\nevent: x\nid: 1\nretry: 5\ndata: a\n\n', ['a']],
    ['an event without data', 'event: x\n\n', []],
    ['a byte order mark', '\uFEFFdata: a\n\n', ['a']],
    ['text of several bytes', 'data: Grüße 你好 🚀\n\n', ['Grüße 你好 🚀']],
  ])('reads %s', (_, text, events) => {
    expect(parseText(text)).toEqual({ events, partial: false, stray: 0 });
  });

  it('drops an event that the stream stops in, and says so', () => {
    expect(parseText('data: a\n\ndata: b\n')).toEqual({ events: ['a'], partial: true, stray: 0 });
    expect(parseText('data: a\n\ndata: b')).toEqual({ events: ['a'], partial: true, stray: 0 });
  });

  it('counts lines that are no event stream', () => {
    expect(parseText('<html>\n<body>oops</body>\n\n')).toMatchObject({ events: [], stray: 2 });
  });

  it('stamps an event with the chunk that completed it', () => {
    const stamps: [string, number][] = [];
    const parser = createSseParser((bytes, start, end, atMs) =>
      stamps.push([bytes.toString('utf8', start, end), atMs]),
    );
    ['data: a\n\ndata: ', 'b\n', '\ndata: c\n\n'].forEach((text, index) =>
      parser.feed(Buffer.from(text), 0, text.length, index + 1),
    );
    expect(stamps).toEqual([
      ['a', 1],
      ['b', 3],
      ['c', 3],
    ]);
  });

  it.each([
    ['a line', 'x'.repeat(100_000)],
    ['lines of data without end', 'data: x\n'.repeat(12_000)],
  ])('wants no more of a stream with %s that never ends', (_, text) => {
    const parser = createSseParser(() => undefined);
    const bytes = Buffer.from(text);
    let fed = 0;
    while (fed < 2 * MOST_EVENT_BYTES && parser.feed(bytes, 0, bytes.length, 0)) fed += bytes.length;
    expect(fed).toBeLessThan(MOST_EVENT_BYTES);
    expect(createSseParser(() => undefined).feed(bytes, 0, bytes.length, 0)).toBe(true);
  });

  it('gives the same events however the bytes are cut', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme' }).map((text) => `data: ${text.replace(/[\r\n]/g, '')}`),
      fc.constantFrom('', '', ': comment', 'event: x', 'data', 'data:', 'stray'),
    );
    const stream = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 30 })
      .map((lines) => Buffer.from(lines.map(([text, end]) => text + end).join('')));
    fc.assert(
      fc.property(stream, fc.array(fc.nat({ max: 500 }), { maxLength: 40 }), (bytes, places) => {
        expect(parseAll(cut(bytes, places))).toEqual(parseAll([bytes]));
      }),
    );
  });

  it('reads back what was written', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, '')));
    fc.assert(
      fc.property(texts, (data) => {
        expect(parseText(data.map((text) => `data: ${text}\n\n`).join('')).events).toEqual(data);
      }),
    );
  });
});
