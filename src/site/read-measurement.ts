// Reads one measurement of the registry for its pages: every entry with its numbers, its standing in the chain and its tags, newest
// first and one at a time, and the history of its headline metric. Reads; judges nothing that another room does not judge.
import { join } from 'node:path';
import { statSync } from 'node:fs';
import { filesBelow } from '../fs/folder-hash.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { walkChain, type ChainWalk } from '../registry/chain-walk.ts';
import { readChain, type ChainLink } from '../registry/chain.ts';
import { findSnapshot } from '../registry/entry-files.ts';
import { entrySide, type EntrySide } from '../registry/entry-side.ts';
import { slugsOf } from '../registry/folder-names.ts';
import { inspectEntry, type EntryStatus } from '../registry/integrity.ts';
import type { Place } from '../registry/layout.ts';
import { readEntry, type Entry } from '../registry/read-entry.ts';
import { isHarmless } from '../registry/verify.ts';
import { currentTags } from '../registry/tags.ts';
import { Fault } from '../text/fault.ts';
import { redacted } from '../text/redact.ts';
import type { TrendPoint } from '../trend/eras.ts';
import { chooseMetric, pointOf, type ChosenMetric, type MetricChoice } from '../trend/history.ts';

/** How an entry stands to the chain; `linked`: its link is there, and its bytes are too many to be checked for a page. */
export type ChainState = EntryStatus | 'linked';

/** An entry as its page shows it. */
export interface ReadEntry {
  readonly slug: string;
  readonly state: ChainState;
  /** What is wrong with it, in words. */
  readonly detail: string | null;
  readonly link: ChainLink | null;
  readonly tags: readonly string[];
  /** Slug of the entry that took its place. */
  readonly supersededBy: string | null;
  /** Null where it cannot be read; `error` says why. */
  readonly entry: Entry | null;
  readonly side: EntrySide | null;
  readonly error: string | null;
  readonly newer: string | null;
  readonly older: string | null;
}

/** A history that a page draws: points oldest first. */
export interface History {
  readonly metric: ChosenMetric;
  readonly points: readonly TrendPoint[];
}

/** What the measurement is known by before its entries are read. */
export interface OpenMeasurement {
  readonly place: Place;
  /** Newest first. */
  readonly slugs: readonly string[];
  readonly walk: ChainWalk;
  /** Linked entries that are not there. */
  readonly absent: readonly ChainLink[];
  readonly choice: MetricChoice | null;
  /** Why there is no metric to follow; null where there is one. */
  readonly noMetric: string | null;
}

export interface ReadOptions {
  readonly defaults: readonly PolicyRule[];
  readonly secrets: readonly string[];
  readonly signal: AbortSignal;
}

/** Above so many bytes an entry is not read for its digest. */
const MOST_CHECKED = 4 * 1024 * 1024;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Bytes of the stored source; infinite where that cannot be seen. */
const sourceBytes = async (folder: string): Promise<number> => {
  try {
    const { path, kind } = await findSnapshot(folder);
    if (kind === 'file') return statSync(path).size;
    return (await filesBelow(path)).reduce((sum, { real }) => sum + statSync(real).size, 0);
  } catch {
    return 0; // whoever reads it says what is wrong
  }
};

interface Inspected {
  readonly state: ChainState;
  readonly detail: string | null;
  readonly entry: Entry | null;
  readonly error: string | null;
}

const inspect = async (folder: string, link: ChainLink | undefined): Promise<Inspected> => {
  if ((await sourceBytes(folder)) <= MOST_CHECKED) {
    const { status, detail, entry } = await inspectEntry(folder, link);
    return { state: status, detail, entry, error: entry === null ? (detail ?? 'cannot be read') : null };
  }
  const state = link === undefined ? 'unchained' : 'linked';
  const detail = `its source has more than ${MOST_CHECKED / 1024 ** 2} MiB and was not read; perf_baseline_verify reads all of it`;
  try {
    return { state, detail, entry: await readEntry(folder), error: null };
  } catch (error) {
    return { state, detail, entry: null, error: reasonOf(error) };
  }
};

const sideOf = async (entry: Entry): Promise<{ side: EntrySide | null; error: string | null }> => {
  try {
    return { side: await entrySide(entry), error: null };
  } catch (error) {
    return { side: null, error: reasonOf(error) };
  }
};

/** The metric to follow: that of the oldest entry that has numbers, as a trend takes it. */
const choose = async (
  place: Place,
  slugs: readonly string[],
  { defaults }: ReadOptions,
): Promise<Pick<OpenMeasurement, 'choice' | 'noMetric'>> => {
  for (const slug of slugs.toReversed()) {
    try {
      const side = await entrySide(await readEntry(join(place.folder, slug)));
      if (side.metrics.length === 0) continue;
      const name = `${place.family}/${place.measurement}`;
      return { choice: chooseMetric(side, undefined, defaults, name), noMetric: null };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      if (error.code === 'metric_needed') return { choice: null, noMetric: error.message };
    }
  }
  return { choice: null, noMetric: 'no entry holds numbers' };
};

/** Opens a measurement. Throws a Fault about its files. */
export const openMeasurement = async (place: Place, options: ReadOptions): Promise<OpenMeasurement> => {
  const slugs = (await slugsOf(place.folder)).reverse();
  const walk = walkChain((await readChain(place)).lines);
  const present = new Set(slugs);
  return {
    place,
    slugs,
    walk,
    absent: walk.links.filter(({ slug }) => !present.has(slug)),
    ...(await choose(place, slugs, options)),
  };
};

const withoutSecrets = (entry: Entry, secrets: readonly string[]): Entry => ({
  ...entry,
  baseline: redacted(entry.baseline, secrets),
});

/** The entries, newest first, one in memory at a time. */
export async function* readEntries(
  { place, slugs, walk }: OpenMeasurement,
  { secrets, signal }: ReadOptions,
): AsyncGenerator<ReadEntry> {
  const links = new Map(walk.links.map((link) => [link.slug, link]));
  const tags = [...(await currentTags(place))];
  const supersededBy = new Map<string, string>();
  for (const [index, slug] of slugs.entries()) {
    signal.throwIfAborted();
    const link = links.get(slug);
    const { entry, ...inspected } = await inspect(join(place.folder, slug), link);
    const read = entry === null ? { side: null, error: inspected.error } : await sideOf(entry);
    const replaced = entry?.baseline.supersedes ?? null;
    if (replaced !== null) supersededBy.set(replaced, slug);
    yield {
      slug,
      ...inspected,
      link: link ?? null,
      tags: tags.filter(([, tagged]) => tagged === slug).map(([tag]) => tag),
      supersededBy: supersededBy.get(slug) ?? null,
      entry: entry === null ? null : withoutSecrets(entry, secrets),
      ...read,
      newer: slugs[index - 1] ?? null,
      older: slugs[index + 1] ?? null,
    };
  }
}

/** True of an entry that is not as it was recorded. */
export const isDamaged = ({ state }: Pick<ReadEntry, 'state'>): boolean => state !== 'linked' && !isHarmless(state);

/** The point of an entry in the history of a metric. */
export const historyPoint = ({ entry, side }: ReadEntry, key: string): TrendPoint | undefined =>
  entry === null || side === null ? undefined : pointOf(entry, side, key);
