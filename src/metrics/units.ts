// Units of measurement: which dimension a unit has and how units of one dimension convert. Never guesses a unit.
import { inputFault } from '../text/fault.ts';

export type Dimension =
  | 'time' | 'bandwidth' | 'bytes' | 'flops' | 'token_rate' | 'token_rate_per_gpu' | 'token_rate_per_user' | 'request_rate' | 'power' | 'energy' | 'ratio'
  | 'count' | 'frequency' | 'energy_per_token' | 'temperature'
  /** Work of a kind without a dimension of its own, per second: `rate of images`. */
  | `rate of ${string}`; // prettier-ignore

interface Unit {
  readonly dimension: Dimension;
  /** Size in the dimension's base unit (s, B/s, B, FLOP/s, tok/s, req/s, W, J, 1, 1, Hz, J/tok, C). */
  readonly size: number;
}

const DECIMAL = { k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 } as const;
const BINARY = { ki: 2 ** 10, mi: 2 ** 20, gi: 2 ** 30, ti: 2 ** 40 } as const;

const table = new Map<string, Unit>();
const add = (dimension: Dimension, size: number, ...names: string[]): void => {
  for (const name of names) table.set(name, { dimension, size });
};

add('time', 1, 's', 'sec', 'secs', 'second', 'seconds');
add('time', 1e-3, 'ms', 'msec', 'millisecond', 'milliseconds');
add('time', 1e-6, 'us', 'usec', 'µs', 'microsecond', 'microseconds');
add('time', 1e-9, 'ns', 'nsec', 'nanosecond', 'nanoseconds');
add('time', 60, 'min', 'minute', 'minutes');
add('time', 3600, 'h', 'hour', 'hours');
add('bytes', 1, 'b', 'byte', 'bytes');
add('bandwidth', 1, 'b/s', 'bytes/s');
for (const [prefix, size] of Object.entries({ ...DECIMAL, ...BINARY })) {
  add('bytes', size, `${prefix}b`);
  add('bandwidth', size, `${prefix}b/s`, `${prefix}b_per_s`);
  if (prefix.length === 1) {
    add('flops', size, `${prefix}flops`, `${prefix}flop/s`);
    add('frequency', size, `${prefix}hz`);
    add('bandwidth', size / 8, `${prefix}bit/s`, `${prefix}bits/s`);
  }
}
add('flops', 1, 'flops', 'flop/s');
add('frequency', 1, 'hz');
for (const [dimension, suffix] of [
  ['token_rate', ''],
  ['token_rate_per_gpu', '/gpu'],
  ['token_rate_per_user', '/user'],
] as const)
  add(dimension, 1, ...['tok/s', 'toks/s', 'token/s', 'tokens/s'].map((name) => `${name}${suffix}`));
add('token_rate', 1 / 60, 'tok/min', 'tpm', 'tokens/min');
add('request_rate', 1, 'req/s', 'request/s', 'requests/s', 'rps', 'qps', 'queries/s', 'samples/s');
add('request_rate', 1 / 60, 'req/min', 'requests/min', 'rpm');
add('request_rate', 1 / 3600, 'req/h', 'requests/h');
add('token_rate', 1 / 3600, 'tok/h', 'tokens/h');
add('power', 1, 'w', 'watt', 'watts');
add('power', 1e-3, 'mw');
add('power', 1e3, 'kw');
add('energy', 1, 'j', 'joule', 'joules');
add('energy', 3600, 'wh');
add('energy_per_token', 1, 'j/tok', 'j/token', 'joules/token');
add('ratio', 1, 'ratio', 'fraction', '1', 'mfu');
add('ratio', 0.01, '%', 'percent', 'percentage', 'pct', 'points');
add('count', 1, 'count', 'requests', 'tokens', 'tok', 'errors', 'n');
add('temperature', 1, 'c', '°c');

/** Bits differ from bytes by a small `b` after a capital prefix: `Gb/s`, `Gbps`. */
const BITS = /^([KMGT])(?:b|bit|bits)(?:\/s|ps|\/sec)$/;
const BYTES_PER_SECOND = /^([KMGT]i?)Bps$/;

const inWords = (unit: string): string => {
  const text = unit.trim();
  const [, bits] = BITS.exec(text) ?? [];
  const [, bytes] = BYTES_PER_SECOND.exec(text) ?? [];
  if (bits !== undefined) return `${bits.toLowerCase()}bit/s`;
  if (bytes !== undefined) return `${bytes.toLowerCase()}b/s`;
  return text
    .toLowerCase()
    .replace(/\s*(?:\/|\bper\b)\s*/g, '/')
    .replace(/\/(?:sec|second|seconds)$/, '/s')
    .replace(/\/(?:minute|minutes)$/, '/min')
    .replace(/\/(?:hr|hour|hours)$/, '/h');
};

const PER = new Map([
  ['s', 1],
  ['min', 60],
  ['h', 3600],
]);

/** `images/s` is a rate of images; `us/op` is a time, of one operation. */
const derived = (name: string): Unit | undefined => {
  const [, counted = '', per = ''] = /^([\p{L}_# ]+)\/([\p{L}_ ]+)$/u.exec(name) ?? [];
  const seconds = PER.get(per);
  const time = table.get(counted);
  if (seconds === undefined) return time?.dimension === 'time' ? time : undefined;
  return counted === '' || time?.dimension === 'time'
    ? undefined
    : { dimension: `rate of ${counted}`, size: 1 / seconds };
};

const spellings = new Map<string, Unit | null>();
const MOST_SPELLINGS = 1000;

const lookUp = (unit: string): Unit | undefined => {
  const known = spellings.get(unit);
  if (known !== undefined) return known ?? undefined;
  const name = inWords(unit);
  const found = table.get(name) ?? derived(name);
  if (spellings.size < MOST_SPELLINGS && unit.length < 12) spellings.set(unit, found ?? null);
  return found;
};

/** The dimension of a unit, or null when the unit is not known. Matching ignores case, but for bits and bytes. */
export const dimensionOf = (unit: string): Dimension | null => lookUp(unit)?.dimension ?? null;

/** True when both spellings name the same unit (`GB/s` and `gb/s`, `ms` and `msec`). */
export const sameUnit = (a: string, b: string): boolean => {
  if (a.trim() === b.trim()) return true;
  const [left, right] = [lookUp(a), lookUp(b)];
  if (left === undefined && right === undefined) return a.trim().toLowerCase() === b.trim().toLowerCase();
  return left !== undefined && right !== undefined && left.dimension === right.dimension && left.size === right.size;
};

/** Converts between units of one dimension. Throws a Fault `unit_mismatch` when they do not fit, `unit_unknown` when one is not known. */
export const convertUnit = (value: number, from: string, to: string): number => {
  if (sameUnit(from, to)) return value;
  const [source, target] = [lookUp(from), lookUp(to)];
  const unknown = source === undefined ? from : target === undefined ? to : undefined;
  if (source === undefined || target === undefined)
    throw inputFault('unit_unknown', `unit ${JSON.stringify(unknown)} is not known`, {
      fix: 'use a unit such as ms, s, GB/s, TB/s, tok/s, req/s, TFLOPS, W, J',
    });
  if (source.dimension !== target.dimension)
    throw inputFault('unit_mismatch', `${from} (${source.dimension}) does not convert to ${to} (${target.dimension})`, {
      fix: 'compare values of one dimension',
    });
  const factor = source.size / target.size;
  return factor >= 1 ? (value * Math.round(factor * 1e6)) / 1e6 : value / (Math.round((1 / factor) * 1e6) / 1e6);
};
