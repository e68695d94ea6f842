// SVG as PNG, small enough to be sent to whoever looks at it: at most 256 colours, of which those that cover most are exact (PNG
// specification, third edition, colour type 3). Draws what it is given; opens no font but those that are named.
import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import { loadRasteriser } from './resvg-package.ts';

export interface PngRequest {
  /** Pixels; the height follows. */
  readonly width: number;
  /** Paths of TrueType files. */
  readonly fonts: readonly string[];
}

const MOST_COLOURS = 256;
const PAPER = '#ffffff';

/** Red, green and blue in one number. */
type Colour = number;

/** Squared, weighted as eyes weigh: green most. */
const distance = (a: Colour, b: Colour): number => {
  const red = (a >> 16) - (b >> 16);
  const green = ((a >> 8) & 255) - ((b >> 8) & 255);
  const blue = (a & 255) - (b & 255);
  return 2 * red * red + 4 * green * green + 3 * blue * blue;
};

const nearest = (colour: Colour, palette: Uint32Array): number => {
  let best = 0;
  let least = Infinity;
  for (let index = 0; index < palette.length && least > 0; index += 1) {
    const far = distance(colour, palette[index] ?? 0);
    if (far < least) {
      best = index;
      least = far;
    }
  }
  return best;
};

/** Red, green and blue of each pixel in one number. */
const coloursOf = (pixels: Uint8Array): Uint32Array => {
  const colours = new Uint32Array(pixels.length / 4);
  for (let at = 0; at < colours.length; at += 1)
    colours[at] = ((pixels[4 * at] ?? 0) << 16) | ((pixels[4 * at + 1] ?? 0) << 8) | (pixels[4 * at + 2] ?? 0);
  return colours;
};

const paletteOf = (counts: ReadonlyMap<Colour, number>): Uint32Array => {
  const most = [...counts].toSorted(([a, countA], [b, countB]) => countB - countA || a - b).slice(0, MOST_COLOURS);
  return Uint32Array.from(most.map(([colour]) => colour));
};

/** The colours that cover most, and for every pixel the place of the one that is nearest to its own. */
const indexed = (pixels: Uint8Array): { readonly palette: Uint32Array; readonly places: Uint8Array } => {
  const colours = coloursOf(pixels);
  const counts = new Map<Colour, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = paletteOf(counts);
  const placeOf = new Map([...counts.keys()].map((colour) => [colour, nearest(colour, palette)]));
  const places = new Uint8Array(colours.length);
  for (let at = 0; at < colours.length; at += 1) places[at] = placeOf.get(colours[at] ?? 0) ?? 0;
  return { palette, places };
};

/** Keyword and text: by it whoever made the file knows it again. */
const SOFTWARE = 'Software\0profile-and-optimize';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
};

/** Eight bits a pixel, indexed, no filter: what the specification advises for a palette. */
const headOf = (width: number, height: number): Buffer => {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return head;
};

const encode = async (pixels: Uint8Array, width: number, height: number): Promise<Buffer> => {
  const { palette, places } = indexed(pixels);
  const rows = Buffer.alloc(height * (width + 1));
  for (let row = 0; row < height; row += 1)
    rows.set(places.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', headOf(width, height)),
    chunk('tEXt', Buffer.from(SOFTWARE, 'latin1')),
    chunk('PLTE', Buffer.from([...palette].flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))),
    chunk('IDAT', await promisify(deflate)(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

/** The picture on white ground. Throws a Fault `rasteriser_absent`. */
export const svgPng = async (svg: string, { width, fonts }: PngRequest): Promise<Buffer> => {
  const render = await loadRasteriser();
  const image = await render(svg, {
    font: { loadSystemFonts: false, fontFiles: [...fonts], defaultFontFamily: 'DejaVu Sans' },
    fitTo: { mode: 'width', value: width },
    background: PAPER,
    logLevel: 'off',
  });
  return encode(image.pixels, image.width, image.height);
};
