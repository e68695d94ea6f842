// Numbers as people read them, the one home of their formats. One formatter per kind; never rounds a value that is stored.

/** Up to six significant digits, like C's `%.6g`: `310`, `0.0530`, `1.23457e+06`. */
export const formatNumber = (value: number, digits = 6): string => {
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent < -5 || exponent >= digits + 3) return value.toExponential(digits - 1).replace(/\.?0+e/, 'e');
  return String(Number(value.toPrecision(digits)));
};

/** `24,459`: whole, with separators. */
export const formatCount = (value: number): string => Math.round(value).toLocaleString('en-US');

/** `+3.2%`, `-41.4%`; `n/a` for null. */
export const formatPercent = (percent: number | null, decimals = 1): string =>
  percent === null ? 'n/a' : `${percent >= 0 ? '+' : ''}${percent.toFixed(decimals)}%`;

/** `41.4%`: a share, which has no sign to show. */
export const formatShare = (percent: number, decimals = 1): string => `${percent.toFixed(decimals)}%`;

/** `2.50`: that many decimals, whatever the size. */
export const formatFixed = (value: number, decimals: number): string => value.toFixed(decimals);

/** `1.2e-5`: for what is too small for decimals. */
export const formatScientific = (value: number): string => value.toExponential(1);

/** A probability: `0.034`, `<0.001`. */
export const formatChance = (p: number): string => (p < 0.001 ? '<0.001' : p.toFixed(3));

/** `1.23×`: how many times one value is the other. */
export const formatFactor = (ratio: number): string => `${ratio.toFixed(2)}×`;

/** For columns of figures: from 100 one decimal with separators, from 1 two, below that four; `-` for null. */
export const formatCell = (value: number | null): string => {
  if (value === null) return '-';
  const size = Math.abs(value);
  const decimals = size >= 100 ? 1 : size >= 1 ? 2 : 4;
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
};

/** `2,221.1`: thousands separated, with as many decimals as its neighbours in a column. */
export const formatGrouped = (value: number, decimals: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** `310 GB/s`, `12.5`; the unit is left out when there is none. */
export const withUnit = (value: number, unit: string | null, digits = 6): string =>
  unit === null || unit === '' ? formatNumber(value, digits) : `${formatNumber(value, digits)} ${unit}`;

/** `1 entry`, `2 entries`; without `many` the word gets an s. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `1.5 MB`, decimal prefixes. */
export const formatBytes = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${formatNumber(bytes / 1000 ** step, 3)} ${units[step] ?? 'B'}`;
};

/** `535.2 ms`, `41.0 us`: a duration given in nanoseconds. */
export const formatNanoseconds = (ns: number): string => {
  const size = Math.abs(ns);
  if (size >= 1e9) return `${(ns / 1e9).toFixed(3)} s`;
  if (size >= 1e6) return `${(ns / 1e6).toFixed(3)} ms`;
  if (size >= 1e3) return `${(ns / 1e3).toFixed(3)} us`;
  return `${formatNumber(ns)} ns`;
};

/** `+535.2 ms`, `-41.0 us`: a difference of durations given in nanoseconds. */
export const formatSignedNanoseconds = (ns: number): string =>
  `${ns < 0 ? '-' : '+'}${formatNanoseconds(Math.abs(ns))}`;
