// What a comparison with the newest entry cannot show: how far the candidate has come since the oldest entry of the same era, and
// since the entry tagged golden. Small steps within the tolerance add up. Never part of the colour or the decision of the diff.
import { dirname, join } from 'node:path';
import { linesBackward, linesHolding } from '../fs/append-line.ts';
import { createFileMemo } from '../fs/file-stamp.ts';
import { metricKey } from '../metrics/metric.ts';
import { readSeenSide, type BaselineSide } from '../registry/entry-side.ts';
import { parseRow, type IndexRow } from '../registry/index-row.ts';
import { placeOf, type Place } from '../registry/layout.ts';
import { currentTags } from '../registry/tags.ts';
import { Fault } from '../text/fault.ts';
import { formatPercent } from '../render/numbers.ts';
import { deltaPercent, exceeds, isWorse } from '../verdict/value-rule.ts';
import { titleOf } from '../verdict/wording.ts';
import type { JudgedRow, Judgement } from './judgement.ts';

/** One metric against an older entry. */
export interface SinceRow {
  readonly key: string;
  readonly baseline: number;
  readonly current: number;
  readonly delta_pct: number | null;
  readonly unit: string | null;
  /** Worse by more than the tolerance of the row. */
  readonly beyond: boolean;
}

/** The change since one older entry of the measurement. */
export interface SinceEntry {
  readonly slug: string;
  /** When it was recorded, as its entry says. */
  readonly at: string | null;
  /** Headline metrics, or all where there are none; what is beyond its tolerance first. */
  readonly rows: readonly SinceRow[];
}

export interface SinceEra {
  readonly since_oldest: SinceEntry | null;
  readonly since_golden: SinceEntry | null;
}

export const NOTHING_SINCE: SinceEra = Object.freeze({ since_oldest: null, since_golden: null });

/** The tag that names the entry to hold on to. */
const GOLDEN = 'golden';

const MOST_ROWS = 20;

/** The row of `slug` in the index, the newest where there are several. */
const rowOf = (place: Place, slug: string): IndexRow | undefined => {
  for (const line of linesHolding(place.rows, `"slug":${JSON.stringify(slug)}`)) {
    const row = parseRow(line);
    if (row?.slug === slug) return row;
  }
  return undefined;
};

/** As `oldestOfEra`, from an index whose rows do not say it yet. */
const scannedEra = (place: Place, slug: string, contextKey: string): string | null => {
  const key = `"context_key":${JSON.stringify(contextKey)}`;
  const name = `"slug":${JSON.stringify(slug)}`;
  let oldest: string | null = null;
  for (const line of linesBackward(place.rows)) {
    if (oldest === null && !line.includes(name)) continue;
    if (!line.includes(key)) break;
    oldest = line;
  }
  return oldest === null ? null : (parseRow(oldest)?.slug ?? null);
};

/**
 * Slug of the oldest entry of the era that ends with `slug`: the entries before it in the index, as long as their context key is
 * the same. Null where the index does not name the entry. Reads lines, not entries.
 */
const oldestOfEra = (place: Place, slug: string, contextKey: string): string | null =>
  eraMemo(place.rows, `${slug} ${contextKey}`, () => searchEra(place, slug, contextKey));

const eraMemo = createFileMemo<string | null>(64);

const searchEra = (place: Place, slug: string, contextKey: string): string | null => {
  const row = rowOf(place, slug);
  if (row?.context_key !== contextKey) return null;
  return row.era ?? scannedEra(place, slug, contextKey);
};

const rowsSince = (older: BaselineSide, judgement: Judgement): SinceRow[] => {
  const values = new Map(older.metrics.map((metric) => [metricKey(metric), metric]));
  const headline = judgement.rows.filter((row) => row.headline);
  const compared = (headline.length > 0 ? headline : judgement.rows).flatMap((row: JudgedRow) => {
    const then = values.get(row.key);
    if (then === undefined || (then.unit !== null && row.unit !== null && then.unit !== row.unit)) return [];
    const { key, candidate, unit, direction, tolerance } = row;
    const baseline = then.value;
    const beyond = isWorse(baseline, candidate, direction) && exceeds(baseline, candidate, tolerance);
    return [{ key, baseline, current: candidate, delta_pct: deltaPercent(baseline, candidate), unit, beyond }];
  });
  const size = ({ delta_pct }: SinceRow): number => Math.abs(delta_pct ?? Infinity);
  return compared.sort((a, b) => Number(b.beyond) - Number(a.beyond) || size(b) - size(a)).slice(0, MOST_ROWS);
};

/** An older entry that cannot be read is passed over: perf_baseline_verify names it. */
const since = async (place: Place, slug: string, judgement: Judgement, cwd: string): Promise<SinceEntry | null> => {
  try {
    const older = await readSeenSide(place.registry, join(place.folder, slug), cwd);
    return { slug, at: older.entry.baseline.registered_at_utc ?? null, rows: rowsSince(older, judgement) };
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
};

/** The changes since the oldest entry of the baseline's era and since `@golden`, where these are other entries of the same context. */
export const sinceEra = async (
  registry: string,
  { entry }: BaselineSide,
  judgement: Judgement,
  cwd: string,
): Promise<SinceEra> => {
  const place = placeOf(registry, entry.family, entry.measurement);
  const contextKey = entry.baseline.context_key ?? null;
  if (place.folder !== dirname(entry.folder) || contextKey === null || !judgement.context.match) return NOTHING_SINCE;
  const oldest = oldestOfEra(place, entry.slug, contextKey);
  const golden = (await currentTags(place)).get(GOLDEN) ?? null;
  const other = async (slug: string | null): Promise<SinceEntry | null> =>
    slug === null || slug === entry.slug ? null : since(place, slug, judgement, cwd);
  const since_oldest = await other(oldest);
  return { since_oldest, since_golden: golden === oldest ? since_oldest : await other(golden) };
};

const MOST_NAMED = 3;

const line = (what: string, entry: SinceEntry | null): string[] => {
  const [first] = entry?.rows ?? [];
  if (entry === null || first === undefined) return [];
  const shown = (first.beyond ? entry.rows.filter(({ beyond }) => beyond) : entry.rows).slice(0, MOST_NAMED);
  const changes = shown.map(({ key, delta_pct }) => `${titleOf(key)} ${formatPercent(delta_pct)}`).join(', ');
  return [`${first.beyond ? 'warning: ' : ''}since ${what} (${entry.slug}): ${changes}`];
};

/** A line for each older entry, a warning where a metric is worse than there by more than its tolerance. */
export const sinceLines = ({ since_oldest, since_golden }: SinceEra): string[] => [
  ...line('the oldest entry of this era', since_oldest),
  ...(since_golden?.slug === since_oldest?.slug ? [] : line('@golden', since_golden)),
];
