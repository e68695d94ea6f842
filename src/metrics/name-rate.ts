// Rates in names: `tok_per_s`, `req_s`, `gb_s`, whatever stands before a unit of time and is counted. A singular before one is the
// time of one.
import { BYTES, PER_TIME, SINGULARS, TIMES, WORK } from './name-words.ts';
import { isSaid } from './name-parts.ts';

const TIME_OF_ONE = new Set(['first', 'last', 'next', 'per', 'each', 'inter', 'second']);

const RATE_OF_TS = new Set(['samples', 'pp', 'tg', 'gen', 'prompt', 'avg', 'mean', 'median', 'min', 'max', 'p#']);

export interface Rate {
  /** The words without the unit of time: what is counted, and what turns it (`tok_per_s_drop`). */
  readonly of: readonly string[];
  readonly unit: string | null;
  /** The noun is known to be work or bytes. */
  readonly known: boolean;
}

const rateUnit = (noun: string, time: string): string | null => {
  const bytes = noun === 'bytes' ? 'B' : BYTES.get(noun);
  const work = WORK.get(noun);
  if (bytes !== undefined) return `${bytes}/${time}`;
  return work === undefined || work === null ? null : `${work}/${time}`;
};

const isBytes = (word: string): boolean => BYTES.has(word) || word === 'bytes';

/** `tok_per_s`, `requests_per_minute`: whatever stands before is counted. */
export const spelledRate = (words: readonly string[]): Rate | undefined => {
  const per = words.findLastIndex((word, at) => word === 'per' && PER_TIME.has(words[at + 1] ?? ''));
  if (per < 1) return undefined;
  const noun = words.slice(0, per).findLast(isSaid) ?? '';
  if (TIMES.has(noun) && !isBytes(noun)) return undefined;
  const unit = rateUnit(noun, PER_TIME.get(words[per + 1] ?? '') ?? 's');
  return { of: words.toSpliced(per, 2), unit, known: WORK.has(noun) || isBytes(noun) };
};

/** `decode_tok_s`, `req_s`, `bw_gb_s`: a plural or a unit of bytes before a unit of time. A singular is the time of one. */
export const shortRate = (words: readonly string[]): Rate | undefined => {
  const end = words.findLastIndex(isSaid);
  const [before = '', noun = '', time = ''] =
    words.slice(Math.max(0, end - 2), end + 1).length < 3
      ? ['', ...words.slice(Math.max(0, end - 1), end + 1)]
      : words.slice(end - 2, end + 1);
  const over = PER_TIME.get(time);
  if (over === undefined || over === 'ms' || over === 'day' || TIME_OF_ONE.has(before)) return undefined;
  if (!isBytes(noun) && (!WORK.has(noun) || SINGULARS.has(noun))) return undefined;
  return { of: words.slice(0, end), unit: rateUnit(noun, over), known: true };
};

/** `avg_ts` of llama-bench is tokens per second; `created_ts` is a moment. */
export const tsRate = (words: readonly string[]): Rate | undefined =>
  words.at(-1) === 'ts' && RATE_OF_TS.has(words.at(-2) ?? '') ? { of: words, unit: 'tok/s', known: true } : undefined;

export const perUnit = (words: readonly string[], unit: string | null): string | null => {
  const per = words.findIndex((word, at) => word === 'per' && ['user', 'gpu'].includes(words[at + 1] ?? ''));
  if (per < 0) return unit;
  if (unit !== 'tok/s') return null;
  return words[per + 1] === 'user' ? 'tok/s/user' : 'tok/s/GPU';
};
