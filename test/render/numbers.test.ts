import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCell,
  formatFactor,
  formatNanoseconds,
  formatNumber,
  formatPercent,
  formatShare,
} from '../../src/render/numbers.ts';

describe('number formats', () => {
  it.each([
    [310, '310'],
    [0.053, '0.053'],
    [1234567, '1234570'],
    [0, '0'],
    [1.5e12, '1.5e+12'],
    [-0.000000123, '-1.23e-7'],
  ])('formats %d', (value, text) => expect(formatNumber(value)).toBe(text));

  it('formats shares, sizes and durations with their units', () => {
    expect(formatPercent(-4.84)).toBe('-4.8%');
    expect(formatPercent(null)).toBe('n/a');
    expect(formatBytes(1_460_000_000)).toBe('1.46 GB');
    expect(formatNanoseconds(535_200_650)).toBe('535.201 ms');
    expect(formatFactor(1.2345)).toBe('1.23×');
    expect(formatShare(41.44)).toBe('41.4%');
  });

  it.each([
    [null, '-'],
    [123456.78, '123,456.8'],
    [12.345, '12.35'],
    [0.123456, '0.1235'],
  ])('puts %d under the others of its column as %s', (value, text) => expect(formatCell(value)).toBe(text));
});
