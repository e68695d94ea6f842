// What kind of number a name says it is not: a setting, a count of work, a spread, an identity or a moment. Decides nothing about
// direction or unit.
import {
  CARRIERS,
  EXACT_COUNTS,
  FILLERS,
  IDENTITIES,
  MOMENTS,
  SETTINGS,
  SETTING_NOUNS,
  SINGULARS,
  SPREADS,
  SPREADS_AT_END,
  SPREAD_ENDS,
  STATISTICS,
  TIMES,
  WORK,
} from './name-words.ts';
import { headOf, lastOf } from './name-parts.ts';
import type { Found } from './name-quantity.ts';

/** Settings that stay settings whatever follows them. */
export const STRONG_SETTINGS = new Set(
  'target goal limit limits cap threshold budget required configured requested nominal offered config'.split(' '),
);

const SERVICE_LEVELS = new Set(['slo', 'sla', 'slos', 'slas']);

/** What a service level is measured by; every other number beside one is the level itself. */
const LEVEL_RESULTS = new Set(
  'attainment attained violation violations compliance compliant goodput met miss misses missed pass passed passing success'.split(
    ' ',
  ),
);

export const NUMBER_OF = new Set(['num', 'n', 'nr', 'number', 'nb', 'no#']);

/** Harm of which a setting says how much is allowed: `max_retries`. */
const ALLOWED = new Set(['retries', 'errors', 'failures', 'restarts', 'timeouts', 'misses']);

export const EXTREMES = new Set(['max', 'min', 'maximum', 'minimum', 'peak', 'best', 'worst']);

const CLOCK_ENDS = new Set(['time', 'ns', 'us']);

export const isSpread = (words: readonly string[]): boolean => {
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

export const isIdentity = (words: readonly string[]): boolean => IDENTITIES.has(words.at(-1) ?? '') || isMoment(words);

export const isServiceLevel = (words: readonly string[]): boolean =>
  words.some((word) => SERVICE_LEVELS.has(word)) && !words.some((word) => LEVEL_RESULTS.has(word));

const MEASURED_KINDS: readonly unknown[] = ['fault', 'share', 'score'];

/** A number that was asked for: a target, a limit, a size, a count of machines. */
export const isSetting = (words: readonly string[], found: Found | undefined): boolean => {
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
export const isCount = (words: readonly string[], found: Found | undefined): boolean => {
  const last = lastOf(words);
  const counted = WORK.has(last) && !SINGULARS.has(last) && !words.some((word) => EXACT_COUNTS.has(word));
  if (!counted) return false;
  if (words.some((word) => CARRIERS.has(word))) return false;
  return (
    found === undefined || (found.quantity.kind === 'share' && !found.turned) || found.quantity.kind === 'physical'
  );
};

export const isEmptyName = (words: readonly string[]): boolean =>
  words.every((word) => STATISTICS.has(word) || FILLERS.has(word) || word === '');
