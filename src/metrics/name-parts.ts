// A metric's name in parts: its words, phrases that mean one thing as one word, the noun it is about, the unit it ends in. Says
// nothing about what they mean together.
import {
  FILLERS,
  IDENTITIES,
  PER_TIME,
  QUANTITIES,
  SETTINGS,
  SPREADS,
  STATISTICS,
  TIMES,
  TURNS,
  UNITS,
  WORK,
} from './name-words.ts';
import { splitName } from './split-name.ts';

/** Names whose words mean something else together, or that mean one thing by convention. */
const PHRASES: readonly (readonly [string, string])[] = [
  ['end to end', 'e#e'],
  ['wall clock', 'wallclock'],
  ['time to first token', 'ttft'],
  ['time per output token', 'tpot'],
  ['inter token', 'itl'],
  ['first token', 'ttft'],
  ['acceptance length', 'acceptlength'],
  ['accepted length', 'acceptlength'],
  ['accept length', 'acceptlength'],
  ['accept len', 'acceptlength'],
  ['acc length', 'acceptlength'],
  ['acc len', 'acceptlength'],
  ['exact match', 'accuracy'],
  ['cache usage', 'memory'],
  ['standard deviation', 'stddev'],
  ['std dev', 'stddev'],
  ['standard error', 'stderr'],
  ['margin of error', 'stderr'],
  ['error margin', 'stderr'],
  ['t critical', 'stderr'],
  ['t crit', 'stderr'],
  ['ramp up', 'rampup'],
  ['ramp down', 'rampup'],
  ['warm up', 'warmup'],
  ['cool down', 'cooldown'],
  ['think time', 'thinktime'],
  ['time limit', 'limit'],
  ['over time', 'timeseries'],
  ['score error', 'stderr'],
  ['memory total', 'capacity'],
  ['total memory', 'capacity'],
  ['queue length', 'backlog'],
  ['queue len', 'backlog'],
  ['to failure', 'uptime'],
  ['between failures', 'uptime'],
];

const LISTS: readonly { readonly has: (word: string) => boolean }[] = [
  STATISTICS, FILLERS, SPREADS, IDENTITIES, SETTINGS, WORK, TIMES, UNITS, QUANTITIES, TURNS, PER_TIME,
]; // prettier-ignore

const isWord = (word: string): boolean => LISTS.some((list) => list.has(word));

/** The words of a name, phrases that mean one thing as one word. */
export const wordsOf = (name: string): readonly string[] => {
  const text = ` ${splitName(name, isWord).join(' ')} `;
  return PHRASES.reduce((joined, [phrase, word]) => joined.replace(` ${phrase} `, ` ${word} `), text)
    .trim()
    .split(' ');
};

export const isSaid = (word: string): boolean => !STATISTICS.has(word);

/** The last word that is no statistic: `latency_ms_p99` ends in `ms`. */
export const lastOf = (words: readonly string[]): string => words.findLast(isSaid) ?? '';

const isUnitWord = (word: string): boolean => TIMES.has(word) || UNITS.has(word);

/** The last word before the unit. */
export const headOf = (words: readonly string[]): string =>
  words.findLast((word) => isSaid(word) && !isUnitWord(word)) ?? '';

export const unitOf = (words: readonly string[]): string | undefined => {
  const last = lastOf(words);
  if (words.length === 1 && last.length === 1) return undefined;
  return TIMES.get(last) ?? UNITS.get(last);
};
