// Numbers at the ticks of an axis: as many decimals as tell neighbours apart, prefixes where they are long. Small, since the script
// of a page holds it too.

const PREFIXES = ['y', 'z', 'a', 'f', 'p', 'n', '\u00b5', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'] as const;
const NONE = 8;

/** A minus as wide as a digit. */
const withMinus = (text: string): string => text.replace('-', '\u2212');

/** `1,200`, `0.25`: with that many decimals. */
export const plainValue = (value: number, decimals: number): string =>
  withMinus(value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));

/** `12M`, `2.5µ`: by the prefix of `size`, with the digits that values a `step` apart need and no zero at the end. */
export const prefixedValue = (value: number, size: number, step = size): string => {
  const third = (of: number): number => Math.floor(Math.log10(Math.abs(of) || 1) / 3 + 1e-12);
  const prefix = Math.min(Math.max(third(size), -NONE), NONE);
  const decimals = Math.min(Math.max(0, 3 * prefix - Math.floor(Math.log10(step) + 1e-12)), 12);
  const digits = (value / 1000 ** prefix).toFixed(decimals);
  const trimmed = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return `${withMinus(trimmed)}${PREFIXES[prefix + NONE] ?? ''}`;
};
