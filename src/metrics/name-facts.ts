// What the name of a number says when nothing else is known: whether it is a measurement at all, which way is better, in which
// unit. A rule of words, not a list of names: it holds for names that nobody has seen yet. What a name leaves open stays open.
import { CATALOGUE, type CatalogueEntry, metricNamed } from './catalogue.ts';
import {
  CARRIERS,
  COSTS,
  type Quantity,
  RESOURCES,
  SERIES_WORDS,
  SETTING_NOUNS,
  TIMES,
  WORK,
  WORK_VERBS,
} from './name-words.ts';
import { rememberByShape } from './split-name.ts';
import type { Direction } from '../stats/direction.ts';
import {
  EXTREMES,
  NUMBER_OF,
  STRONG_SETTINGS,
  isCount,
  isEmptyName,
  isIdentity,
  isServiceLevel,
  isSetting,
  isSpread,
} from './name-kind.ts';
import { headOf, isSaid, lastOf, unitOf, wordsOf } from './name-parts.ts';
import type { Found } from './name-quantity.ts';
import { quantityIn } from './name-quantity.ts';
import type { Rate } from './name-rate.ts';
import { perUnit, shortRate, spelledRate, tsRate } from './name-rate.ts';

export interface NameFacts {
  /**
   * `metric`; or what is none: `setting` (was asked for), `count` (how much work was done), `spread` (how far values lie
   * apart), `identity` (names, versions, moments), `series` (values over time, counts of values).
   */
  readonly kind: 'metric' | 'setting' | 'count' | 'spread' | 'identity' | 'series';
  /** Null where the name does not say: two-sided, and never called better or worse. */
  readonly direction: Direction | null;
  readonly unit: string | null;
  /** What the number is of; null where the name does not say. */
  readonly quantity: Quantity['kind'] | null;
  /** The direction was turned or set by a word such as `drop` or `speedup`: the unit does not contradict it. */
  readonly turned: boolean;
  /** A rate of work done. */
  readonly headline: boolean;
  /** Says nothing but which statistic it is (`p99`, `value`): what stands around it names it. */
  readonly vague: boolean;
}

const PLAIN = { direction: null, unit: null, quantity: null, turned: false, headline: false, vague: false } as const;

const none = (kind: NameFacts['kind']): NameFacts => Object.freeze({ ...PLAIN, kind });

const metric = (facts: Partial<NameFacts>): NameFacts => Object.freeze({ ...PLAIN, kind: 'metric', ...facts });

const SETTING = none('setting');

const COUNT = none('count');

const SPREAD = none('spread');

const IDENTITY = none('identity');

const SERIES = none('series');

const OPEN = none('metric');

const VAGUE = metric({ vague: true });

export const better = (sign: 1 | -1 | 0): Direction | null =>
  sign === 0 ? null : sign > 0 ? 'higher-is-better' : 'lower-is-better';

/** Whole names that follow no rule. */
const WHOLE: ReadonlyMap<string, NameFacts> = new Map([
  ...'tp pp dp ep cp sp lr isl osl batch temperature request_rate size threads replicas poll depth step iteration gpu device node layer main_gpu world_size top_p top_k min_p n conc load_avg gpu_memory_utilization gpu_memory_util gpu_mem_util mem_fraction_static kv_cache_percentage kv_cache_free_gpu_memory_fraction issue_rate arrival_rate df rate'
    .split(' ')
    .map((name) => [name, SETTING] as const),
  ...'success count sum total_sum'.split(' ').map((name) => [name, COUNT] as const),
  ['number', OPEN],
  ...'ts time_t epoch_s'.split(' ').map((name) => [name, IDENTITY] as const),
]);

/** One user's or one request's rate is no rate of the work done. */
const NOT_THE_WHOLE = new Set([
  ...EXTREMES,
  'user',
  'users',
  'stream',
  'speed',
  'velocity',
  'algbw',
  'p#',
  'intvty',
  'interactivity',
  'requested',
]);

const isWhole = (words: readonly string[]): boolean => !words.some((word) => NOT_THE_WHOLE.has(word));

/** More of it per second is better, unless it is harm or energy; a latency that is named as a rate contradicts itself. */
const factsOfRate = (words: readonly string[], rate: Rate): NameFacts => {
  const found = quantityIn(rate.of);
  const unit = perUnit(words, rate.unit);
  if (found?.quantity.kind === 'fault' && !rate.of.some((word) => COSTS.has(word)))
    return metric({ direction: better(found.sign), unit, quantity: 'fault', turned: found.turned });
  if (rate.of.some((word) => COSTS.has(word))) return metric({ direction: found ? better(found.sign) : null, unit });
  if (found?.quantity.kind === 'time') return metric({ unit });
  const turned = found?.turned === true;
  const headline = rate.known && isWhole(words) && !turned;
  return metric({
    direction: turned ? better(found.sign) : 'higher-is-better',
    unit,
    quantity: 'rate',
    turned,
    headline,
  });
};

const isResource = (word: string): boolean => RESOURCES.has(word);

/** `ms_per_token`, `tokens_per_watt`, `joules_per_token`, `tflops_per_gpu`; undefined where `per` is no word of the name. */
const factsOfShare = (words: readonly string[]): NameFacts | undefined => {
  const per = words.lastIndexOf('per');
  if (per < 1 || per === words.length - 1) return undefined;
  const [left, right] = [words.slice(0, per), words.slice(per + 1)];
  const noun = left.findLast(isSaid) ?? '';
  const time = TIMES.get(noun);
  if (time !== undefined) return metric({ direction: 'lower-is-better', unit: time, quantity: 'time' });
  if (left.some((word) => COSTS.has(word))) {
    const unit =
      ['j', 'joule', 'joules'].includes(noun) && right.some((word) => WORK.get(word) === 'tok') ? 'J/tok' : null;
    return metric({ direction: 'lower-is-better', unit, quantity: 'fault' });
  }
  const found = quantityIn(left);
  if (found !== undefined) {
    const unit =
      perUnit(words, found.quantity.unit ?? null) ?? (found.quantity.kind === 'time' ? (unitOf(words) ?? null) : null);
    const headline = found.quantity.headline === true && isWhole(words) && !found.turned;
    return metric({
      direction: better(found.sign),
      unit,
      quantity: found.quantity.kind,
      turned: found.turned,
      headline,
    });
  }
  if (right.some(isResource)) return metric({ direction: 'higher-is-better', quantity: 'share' });
  return left.some((word) => NUMBER_OF.has(word)) || SETTING_NOUNS.has(noun) ? SETTING : OPEN;
};

const isRateOfWork = (words: readonly string[]): boolean =>
  ['rate', 'rates'].includes(headOf(words)) && words.some((word) => WORK_VERBS.has(word));

const timeOut = (words: readonly string[]): boolean =>
  words.includes('timeout') && (CARRIERS.has(lastOf(words)) || ['count', 'counts'].includes(lastOf(words)));

const factsOfQuantity = (words: readonly string[], { quantity, sign, turned }: Found): NameFacts => {
  const headline = quantity.headline === true && !turned && isWhole(words) && sign > 0;
  const unit = unitOf(words) ?? perUnit(words, quantity.unit ?? null);
  return metric({ direction: better(sign), unit, quantity: quantity.kind, turned, headline });
};

const classify = (words: readonly string[]): NameFacts => {
  const whole = WHOLE.get(words.join('_'));
  if (whole !== undefined) return whole;
  if (isSpread(words)) return SPREAD;
  if (words.some((word) => SERIES_WORDS.has(word))) return SERIES;
  if (isEmptyName(words)) return VAGUE;
  const found = quantityIn(words);
  const isStrong = words.some((word) => STRONG_SETTINGS.has(word)) || isServiceLevel(words);
  const rate = spelledRate(words) ?? shortRate(words) ?? tsRate(words);
  if (rate !== undefined && !isStrong) return factsOfRate(words, rate);
  if (isIdentity(words)) return IDENTITY;
  if (timeOut(words)) return metric({ direction: 'lower-is-better', unit: unitOf(words) ?? null, quantity: 'fault' });
  if (isSetting(words, found)) return SETTING;
  const share = factsOfShare(words);
  if (share !== undefined) return share;
  if (isCount(words, found)) return COUNT;
  if (found !== undefined) return factsOfQuantity(words, found);
  if (isRateOfWork(words))
    return metric({ direction: 'higher-is-better', unit: unitOf(words) ?? null, quantity: 'rate' });
  const unit = unitOf(words);
  if (unit === undefined) return OPEN;
  return TIMES.has(lastOf(words)) ? metric({ direction: 'lower-is-better', unit, quantity: 'time' }) : metric({ unit });
};

/** What the catalogue says of its own names; how much work there was is no metric where nobody reports it as one. */
const cataloguedFacts = (name: string): NameFacts | undefined => {
  const id = metricNamed(name);
  if (id === undefined) return undefined;
  const { unit, direction, headline, work }: CatalogueEntry = CATALOGUE[id];
  const { quantity, turned } = classify(wordsOf(name));
  if (quantity === 'physical') return undefined;
  return work ? COUNT : metric({ unit, direction, headline: headline ?? false, quantity, turned });
};

const compute = (name: string): NameFacts => cataloguedFacts(name) ?? classify(wordsOf(name));

/** What a name says by itself. `name` is one member's name, not a path. Equal shapes share one frozen object. */
export const factsOfName: (name: string) => NameFacts = rememberByShape(compute);
