// Waivers: regressions that somebody accepted for a while, with the reason and the last day. An expired waiver waives nothing.
import { z } from 'zod';
import type { JsonValue } from '../text/json.ts';
import { checkAgainst } from '../text/schema-fault.ts';

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

const text = z.string().trim().min(1);

/** `{ waivers: [{ config, reason, expires, max_regression_percent? }] }`; further fields of a waiver are the writer's own. */
export const waiversFileSchema = z.looseObject({
  waivers: z.array(
    z.looseObject({
      config: text,
      reason: text,
      expires: text.refine(isDay, { error: ({ input }) => `${JSON.stringify(input)} is not a day, YYYY-MM-DD` }),
      max_regression_percent: z.number().positive().nullable().default(null),
    }),
  ),
});

/** Waivers of a file. Throws a Fault `waiver_invalid` with the place. */
export const parseWaivers = (document: JsonValue, path: string): Waiver[] =>
  checkAgainst(waiversFileSchema, document, {
    path,
    code: 'waiver_invalid',
    keys: ['waivers', 'config', 'reason', 'expires', 'max_regression_percent'],
    shape: 'waivers',
  }).waivers.map(({ config, reason, expires, max_regression_percent }) => ({
    config,
    reason,
    expires,
    max_regression_percent,
  }));

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
