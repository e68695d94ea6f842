import { describe, expect, it } from 'vitest';
import { convertUnit, dimensionOf, sameUnit } from '../../src/metrics/units.ts';

describe('units', () => {
  it.each([
    [1.8, 'TB/s', 'GB/s', 1800],
    [0.0612, 's', 'ms', 61.2],
    [250, 'us', 'ms', 0.25],
    [2.25, 'PFLOPS', 'TFLOPS', 2250],
    [50, '%', 'ratio', 0.5],
    [1, 'GiB/s', 'MB/s', 1073.741824],
    [120, 'tok/min', 'tok/s', 2],
  ])('converts %d %s to %s', (value, from, to, expected) => {
    expect(convertUnit(value, from, to)).toBeCloseTo(expected, 9);
  });

  it.each([
    ['GB/s', 'gb/s', true],
    ['ms', 'milliseconds', true],
    ['tok/s', 'tok/s/gpu', false],
    ['GB/s', 'GiB/s', false],
  ])('%s and %s are the same unit: %s', (a, b, same) => expect(sameUnit(a, b)).toBe(same));

  it('refuses to convert between dimensions and from units it does not know', () => {
    expect(() => convertUnit(1, 'ms', 'GB/s')).toThrowError(/does not convert/);
    expect(() => convertUnit(1, 'furlong', 'ms')).toThrowError(/not known/);
    expect(dimensionOf('furlong')).toBeNull();
  });
});
