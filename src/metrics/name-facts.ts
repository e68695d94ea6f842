// What the name of a number says when nothing else is known: whether it is a measurement at all, which way is better, in which
// unit. A rule of words, not a list of names: it holds for names that nobody has seen yet. What a name leaves open stays open.
import { CATALOGUE, type CatalogueEntry, metricNamed } from './catalogue.ts';
import {
  BYTES,
  CARRIERS,
  COSTS,
  EXACT_COUNTS,
  FILLERS,
  IDENTITIES,
  MOMENTS,
  MONEY,
  NEGATIONS,
  PER_TIME,
  QUANTITIES,
  type Quantity,
  RESOURCES,
  SERIES_WORDS,
  SETTINGS,
  SETTING_NOUNS,
  SINGULARS,
  SPREADS,
  SPREADS_AT_END,
  SPREAD_ENDS,
  STATISTICS,
  TIMES,
  TURNS,
  type Turn,
  UNITS,
  WORK,
  WORK_VERBS,
} from './name-words.ts';
import { rememberByShape, splitName } from './split-name.ts';
import type { Direction } from '../stats/direction.ts';

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

const better = (sign: 1 | -1 | 0): Direction | null =>
  sign === 0 ? null : sign > 0 ? 'higher-is-better' : 'lower-is-better';

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

/** Whole names that follow no rule. */
const WHOLE: ReadonlyMap<string, NameFacts> = new Map([
  ...'tp pp dp ep cp sp lr isl osl batch temperature request_rate size threads replicas poll depth step iteration gpu device node layer main_gpu world_size top_p top_k min_p n conc load_avg gpu_memory_utilization gpu_memory_util gpu_mem_util mem_fraction_static kv_cache_percentage kv_cache_free_gpu_memory_fraction issue_rate arrival_rate df rate'
    .split(' ')
    .map((name) => [name, SETTING] as const),
  ...'success count sum total_sum'.split(' ').map((name) => [name, COUNT] as const),
  ['number', OPEN],
  ...'ts time_t epoch_s'.split(' ').map((name) => [name, IDENTITY] as const),
]);

/** Settings that stay settings whatever follows them. */
const STRONG_SETTINGS = new Set(
  'target goal limit limits cap threshold budget required configured requested nominal offered config'.split(' '),
);
const SERVICE_LEVELS = new Set(['slo', 'sla', 'slos', 'slas']);
/** What a service level is measured by; every other number beside one is the level itself. */
const LEVEL_RESULTS = new Set(
  'attainment attained violation violations compliance compliant goodput met miss misses missed pass passed passing success'.split(
    ' ',
  ),
);
const NUMBER_OF = new Set(['num', 'n', 'nr', 'number', 'nb', 'no#']);
/** Harm of which a setting says how much is allowed: `max_retries`. */
const ALLOWED = new Set(['retries', 'errors', 'failures', 'restarts', 'timeouts', 'misses']);
const EXTREMES = new Set(['max', 'min', 'maximum', 'minimum', 'peak', 'best', 'worst']);
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
const FREE = new Set(['free', 'available', 'saved', 'unused', 'headroom']);
const CLOCK_ENDS = new Set(['time', 'ns', 'us']);
const TIME_OF_ONE = new Set(['first', 'last', 'next', 'per', 'each', 'inter', 'second']);
const RATE_OF_TS = new Set(['samples', 'pp', 'tg', 'gen', 'prompt', 'avg', 'mean', 'median', 'min', 'max', 'p#']);

const LISTS: readonly { readonly has: (word: string) => boolean }[] = [
  STATISTICS, FILLERS, SPREADS, IDENTITIES, SETTINGS, WORK, TIMES, UNITS, QUANTITIES, TURNS, PER_TIME,
]; // prettier-ignore
const isWord = (word: string): boolean => LISTS.some((list) => list.has(word));

/** The words of a name, phrases that mean one thing as one word. */
const wordsOf = (name: string): readonly string[] => {
  const text = ` ${splitName(name, isWord).join(' ')} `;
  return PHRASES.reduce((joined, [phrase, word]) => joined.replace(` ${phrase} `, ` ${word} `), text)
    .trim()
    .split(' ');
};

const isSaid = (word: string): boolean => !STATISTICS.has(word);

/** The last word that is no statistic: `latency_ms_p99` ends in `ms`. */
const lastOf = (words: readonly string[]): string => words.findLast(isSaid) ?? '';
const isUnitWord = (word: string): boolean => TIMES.has(word) || UNITS.has(word);
/** The last word before the unit. */
const headOf = (words: readonly string[]): string => words.findLast((word) => isSaid(word) && !isUnitWord(word)) ?? '';

const isSpread = (words: readonly string[]): boolean => {
  if (words.some((word) => SPREADS.has(word))) return true;
  const at = words.findLastIndex((word) => SPREADS_AT_END.has(word));
  return at >= 0 && words.slice(at + 1).every((word) => SPREAD_ENDS.has(word));
};

const isMoment = (words: readonly string[]): boolean => {
  if (words.includes('timestamp') || words.includes('timestamps')) return true;
  const last = words.at(-1) ?? '';
  const clock = CLOCK_ENDS.has(last)
    ? words.length - 1
    : words.at(-2) === 'time' && TIMES.has(last)
      ? words.length - 2
      : 0;
  return clock > 0 && MOMENTS.has(words[clock - 1] ?? '') && !['cold', 'warm'].includes(words[clock - 2] ?? '');
};

const isIdentity = (words: readonly string[]): boolean => IDENTITIES.has(words.at(-1) ?? '') || isMoment(words);

interface Rate {
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
const spelledRate = (words: readonly string[]): Rate | undefined => {
  const per = words.findLastIndex((word, at) => word === 'per' && PER_TIME.has(words[at + 1] ?? ''));
  if (per < 1) return undefined;
  const noun = words.slice(0, per).findLast(isSaid) ?? '';
  if (TIMES.has(noun) && !isBytes(noun)) return undefined;
  const unit = rateUnit(noun, PER_TIME.get(words[per + 1] ?? '') ?? 's');
  return { of: words.toSpliced(per, 2), unit, known: WORK.has(noun) || isBytes(noun) };
};

/** `decode_tok_s`, `req_s`, `bw_gb_s`: a plural or a unit of bytes before a unit of time. A singular is the time of one. */
const shortRate = (words: readonly string[]): Rate | undefined => {
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
const tsRate = (words: readonly string[]): Rate | undefined =>
  words.at(-1) === 'ts' && RATE_OF_TS.has(words.at(-2) ?? '') ? { of: words, unit: 'tok/s', known: true } : undefined;

const perUnit = (words: readonly string[], unit: string | null): string | null => {
  const per = words.findIndex((word, at) => word === 'per' && ['user', 'gpu'].includes(words[at + 1] ?? ''));
  if (per < 0) return unit;
  if (unit !== 'tok/s') return null;
  return words[per + 1] === 'user' ? 'tok/s/user' : 'tok/s/GPU';
};

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

interface Found {
  readonly quantity: Quantity;
  readonly sign: 1 | -1 | 0;
  readonly turned: boolean;
}

const turnedBy = (turn: Turn, { quantity, sign }: Found): Found => {
  const turned = { less: sign === 0 ? 0 : sign > 0 ? -1 : 1, harm: -1, gain: 1, open: 0 } as const;
  return { quantity, sign: turned[turn], turned: true };
};

const ALONE: Readonly<Record<Turn, Found | undefined>> = {
  less: { quantity: { kind: 'fault', better: -1 }, sign: -1, turned: false },
  harm: { quantity: { kind: 'fault', better: -1 }, sign: -1, turned: false },
  gain: { quantity: { kind: 'share', better: 1 }, sign: 1, turned: false },
  open: undefined,
};

/** The quantity that follows another one: the last noun is the head, except where it only says how much of the first. */
const followedBy = (found: Found | undefined, quantity: Quantity, before: string, isNegated: boolean): Found => {
  if (quantity.kind === 'memory' && FREE.has(before)) return { quantity, sign: 1, turned: true };
  if (isNegated) return { quantity, sign: quantity.better > 0 ? -1 : quantity.better < 0 ? 1 : 0, turned: true };
  if (quantity.kind !== 'physical' || found === undefined) return { quantity, sign: quantity.better, turned: false };
  if (found.quantity.kind === 'rate') return { quantity: { kind: 'share', better: 1 }, sign: found.sign, turned: true };
  return { quantity, sign: 0, turned: false };
};

const OPPOSED = new Set(['ratio', 'vs', 'versus', 'over']);

/** What a name is of and which way is better; undefined where no word says. */
const quantityIn = (words: readonly string[]): Found | undefined => {
  let found: Found | undefined;
  let isNegated = false;
  const signs = new Set<number>();
  words.forEach((word, at) => {
    const [turn, quantity] = [TURNS.get(word), QUANTITIES.get(word)];
    if (word === 'acceptlength')
      found = { quantity: { kind: 'share', better: 1, unit: 'tokens' }, sign: 1, turned: false };
    else if (turn !== undefined && found !== undefined) found = turnedBy(turn, found);
    else if (found !== undefined && MONEY.has(word)) return;
    else if (quantity?.kind === 'physical' && word.startsWith('usage') && found?.quantity.kind === 'memory') return;
    else if (quantity !== undefined) found = followedBy(found, quantity, words[at - 1] ?? '', isNegated);
    else if (turn !== undefined) found = ALONE[turn];
    if (quantity !== undefined && (quantity.kind === 'time' || quantity.kind === 'rate')) signs.add(quantity.better);
    isNegated = NEGATIONS.has(word) || (isNegated && quantity === undefined);
  });
  if (found !== undefined && signs.size > 1 && words.some((word) => OPPOSED.has(word)))
    return { quantity: found.quantity, sign: 0, turned: false };
  return found;
};

const unitOf = (words: readonly string[]): string | undefined => {
  const last = lastOf(words);
  if (words.length === 1 && last.length === 1) return undefined;
  return TIMES.get(last) ?? UNITS.get(last);
};

const isServiceLevel = (words: readonly string[]): boolean =>
  words.some((word) => SERVICE_LEVELS.has(word)) && !words.some((word) => LEVEL_RESULTS.has(word));

const MEASURED_KINDS: readonly unknown[] = ['fault', 'share', 'score'];

/** A number that was asked for: a target, a limit, a size, a count of machines. */
const isSetting = (words: readonly string[], found: Found | undefined): boolean => {
  const head = headOf(words);
  const result = found !== undefined && (MEASURED_KINDS.includes(found.quantity.kind) || found.turned);
  if (words.some((word) => STRONG_SETTINGS.has(word)))
    return !words.some((word) => LEVEL_RESULTS.has(word) || word === 'exceeded');
  if (words[0] === 'slo' && words.length === 1) return true;
  if (isServiceLevel(words)) return true;
  if (SETTINGS.has(head)) return true;
  if (words.some((word) => SETTINGS.has(word))) return !result && found?.quantity.kind !== 'rate';
  if (words.some((word) => EXACT_COUNTS.has(word))) return false;
  if (EXTREMES.has(words[0] ?? '') && ALLOWED.has(head)) return true;
  if (NUMBER_OF.has(words[0] ?? '') && found === undefined) return true;
  if (found !== undefined) return false;
  if (SETTING_NOUNS.has(head) && !TIMES.has(lastOf(words))) return true;
  return EXTREMES.has(words[0] ?? '') && WORK.has(head) && words.length > 1 && !TIMES.has(lastOf(words));
};

/** How much work there was; a plural or `count` with nothing that is good or bad about it. */
const isCount = (words: readonly string[], found: Found | undefined): boolean => {
  const last = lastOf(words);
  const counted = WORK.has(last) && !SINGULARS.has(last) && !words.some((word) => EXACT_COUNTS.has(word));
  if (!counted) return false;
  if (words.some((word) => CARRIERS.has(word))) return false;
  return (
    found === undefined || (found.quantity.kind === 'share' && !found.turned) || found.quantity.kind === 'physical'
  );
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

const isEmptyName = (words: readonly string[]): boolean =>
  words.every((word) => STATISTICS.has(word) || FILLERS.has(word) || word === '');

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
