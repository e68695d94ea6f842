// SVG as PNG: read back by a decoder of the test, so that colours and sizes are those that were drawn.
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { svgPng } from '../../src/render/png.ts';

interface Decoded {
  readonly width: number;
  readonly height: number;
  readonly colours: number;
  readonly colourAt: (x: number, y: number) => string;
}

const chunksOf = (png: Buffer): Map<string, Buffer> => {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    chunks.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return chunks;
};

const decoded = (png: Buffer): Decoded => {
  const chunks = chunksOf(png);
  const [head, palette] = [chunks.get('IHDR') ?? Buffer.alloc(13), chunks.get('PLTE') ?? Buffer.alloc(0)];
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const colourAt = (x: number, y: number): string => {
    const place = 3 * (rows[y * (width + 1) + 1 + x] ?? 0);
    return `#${palette.toString('hex', place, place + 3)}`;
  };
  return { width, height, colours: palette.length / 3, colourAt };
};

const square = (content: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="50" viewBox="0 0 100 50">${content}</svg>`;

describe('a picture as PNG', () => {
  test('has the width that was asked for, white ground, and the exact colours of its areas', async () => {
    const svg = square('<rect x="0" y="0" width="50" height="50" fill="#0072b2"/>');
    const png = decoded(await svgPng(svg, { width: 200, fonts: [] }));
    expect(png).toMatchObject({ width: 200, height: 100, colours: 2 });
    expect([png.colourAt(10, 10), png.colourAt(190, 90)]).toEqual(['#0072b2', '#ffffff']);
  });

  test('keeps the colours that cover most where there are more than 256', async () => {
    const stripes = Array.from({ length: 50 }, (_, y) =>
      Array.from(
        { length: 10 },
        (_, x) => `<rect x="${x}" y="${y}" width="1" height="1" fill="rgb(${y * 5},${x * 25},90)"/>`,
      ),
    );
    const svg = square(`<rect x="50" width="50" height="50" fill="#d55e00"/>${stripes.flat().join('')}`);
    const png = decoded(await svgPng(svg, { width: 100, fonts: [] }));
    expect(png.colours).toBe(256);
    expect([png.colourAt(75, 25), png.colourAt(30, 25)]).toEqual(['#d55e00', '#ffffff']);
  });

  test('is the same bytes for the same picture', async () => {
    const svg = square('<circle cx="50" cy="25" r="20" fill="#009e73"/>');
    const [a, b] = await Promise.all([svgPng(svg, { width: 300, fonts: [] }), svgPng(svg, { width: 300, fonts: [] })]);
    expect(a.equals(b)).toBe(true);
  });
});
