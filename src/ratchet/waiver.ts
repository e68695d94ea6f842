// Waivers: regressions that somebody accepted for a while, with the reason and the last day. An expired waiver waives nothing.
import { inputFault } from '../text/fault.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';

export interface Waiver {
  readonly config: string;
  readonly reason: string;
  /** Last day on which it holds, `YYYY-MM-DD`, UTC. */
  readonly expires: string;
  /** Slowdowns above this many percent are not covered; null covers any. */
  readonly max_regression_percent: number | null;
}

const isDay = (text: string): boolean => {
  const moment = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(moment) && new Date(moment).toISOString().startsWith(text);
};

const parseWaiver = (entry: JsonObject, at: string, path: string): Waiver => {
  const refuse = (message: string, fix: string): never => {
    throw inputFault('waiver_invalid', `${path}: ${at} ${message}`, { path, at, fix });
  };
  const text = (key: string): string => {
    const value = entry[key];
    return typeof value === 'string' && value.trim() !== ''
      ? value.trim()
      : refuse(`has no ${key}`, `write \`${key}\``);
  };
  const [config, reason, expires] = [text('config'), text('reason'), text('expires')];
  if (!isDay(expires))
    refuse(`expires ${JSON.stringify(expires)}, which is not a day`, 'write the last day as YYYY-MM-DD');
  const limit = entry['max_regression_percent'] ?? null;
  if (limit !== null && !(typeof limit === 'number' && limit > 0))
    refuse(`has max_regression_percent ${JSON.stringify(limit)}`, 'write a percentage above zero, or leave it out');
  return { config, reason, expires, max_regression_percent: typeof limit === 'number' ? limit : null };
};

/** Waivers from `{ waivers: [{ config, reason, expires, max_regression_percent? }] }`. Throws a Fault `waiver_invalid`. */
export const parseWaivers = (document: JsonValue, path: string): Waiver[] => {
  const listed = isJsonObject(document) ? document['waivers'] : undefined;
  if (!Array.isArray(listed))
    throw inputFault('waiver_invalid', `${path} has no list \`waivers\``, {
      path,
      fix: 'write `waivers: [{config, reason, expires}]`',
    });
  return listed.map((entry, index) => {
    const at = `waivers[${index}]`;
    if (!isJsonObject(entry)) throw inputFault('waiver_invalid', `${path}: ${at} is not an object`, { path, at });
    return parseWaiver(entry, at, path);
  });
};

/** What the waivers say about a slowdown of `slowerPercent` on `day` (`YYYY-MM-DD`): the one that covers it, or why none does. */
export const findWaiver = (
  waivers: readonly Waiver[],
  config: string,
  slowerPercent: number,
  day: string,
): { readonly covering: Waiver | null; readonly note: string | null } => {
  const named = waivers.filter((waiver) => waiver.config === config);
  const current = named.filter(({ expires }) => day <= expires);
  const covering = current.find(({ max_regression_percent: most }) => most === null || slowerPercent <= most);
  if (covering !== undefined) return { covering, note: null };
  const [exceeded, expired] = [current[0], named[0]];
  if (exceeded !== undefined)
    return { covering: null, note: `the waiver covers ${exceeded.max_regression_percent}% at most` };
  return { covering: null, note: expired === undefined ? null : `the waiver expired on ${expired.expires}` };
};
