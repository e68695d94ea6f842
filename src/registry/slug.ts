// The names of entries: the moment of recording in UTC. Sortable, and in the order of the chain.
import { nextMicrosecond, timeSlug, type Moment } from '../text/time.ts';

const SLUG = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(?:(\d{3})(\d{3}))?Z$/;

/** The word that an address has for the newest entry. */
export const LATEST = 'latest';

/** True for `20261122T020816992331Z`, and for the second-precision form `20261122T020816Z` that is written by hand. */
export const isSlug = (name: string): boolean => SLUG.test(name);

/** The moment that a slug names; undefined for other text. */
export const momentOfSlug = (slug: string): Moment | undefined => {
  const found = SLUG.exec(slug);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, milli = '000', micro = '000'] = found;
  const epochMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`);
  return Number.isNaN(epochMs) ? undefined : { epochMs, micros: Number(micro) };
};

const full = (slug: string): string => (slug.length === 16 ? `${slug.slice(0, 15)}000000Z` : slug);

/** Order of slugs in time; a slug without microseconds stands for the beginning of its second. */
export const compareSlugs = (a: string, b: string): number => {
  if (a.length === b.length) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [full(a), full(b)];
  if (left !== right) return left < right ? -1 : 1;
  return a.length - b.length;
};

/** The slug for `moment`, or the first microsecond after `last` when the clock is behind it. */
export const slugAfter = (moment: Moment, last: string | undefined): string => {
  const wanted = timeSlug(moment);
  const before = last === undefined ? undefined : momentOfSlug(last);
  if (before === undefined || compareSlugs(wanted, timeSlug(before)) > 0) return wanted;
  return timeSlug(nextMicrosecond(before));
};
