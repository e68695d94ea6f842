import { describe, expect, test } from 'vitest';
import { tintOf } from '../../src/render/tint.ts';

const luminance = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const shares = Array.from({ length: 101 }, (_, index) => index / 100);

describe('the tint of a cell', () => {
  test('keeps its text readable at every share: at least 4.5 to 1', () => {
    for (const share of shares) {
      const { fill, ink } = tintOf(share);
      const [light = 0, dark = 0] = [luminance(fill), luminance(ink)].toSorted((a, b) => b - a);
      expect((light + 0.05) / (dark + 0.05), `share ${share}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('gets darker with the share, so that it reads in grey', () => {
    const seen = shares.map((share) => luminance(tintOf(share).fill));
    expect(seen).toEqual(seen.toSorted((a, b) => b - a));
  });
});
