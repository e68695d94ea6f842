// The number of an entry that a list shows, and whether an entry is of the hardware, model, unit and tag that a caller asks for.
// Reads; judges nothing, and checks no bytes.
import { metricKey, type Metric } from '../metrics/metric.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { sameUnit } from '../metrics/units.ts';
import { sameContextValue } from '../verdict/context-match.ts';
import { headlineMetrics } from '../verdict/headline-metrics.ts';
import { entrySide } from './entry-side.ts';
import type { IndexedFacts } from './index-facts.ts';
import { readEntry, type Entry } from './read-entry.ts';

/** What a list is narrowed to; spelling does not count, as in every comparison of contexts. */
export interface EntryFilter {
  readonly hardware?: string | undefined;
  readonly model?: string | undefined;
  readonly unit?: string | undefined;
  readonly tag?: string | undefined;
}

export const isFiltered = (filter: EntryFilter): boolean =>
  Object.values(filter).some((wanted) => wanted !== undefined);

/** An entry as a list shows it. */
export interface ListedEntry {
  readonly slug: string;
  readonly folder: string;
  readonly tags: readonly string[];
  /** Key of the metric that `value` is of: the first headline, else the first; null for a profile and for one number. */
  readonly metric: string | null;
  readonly value: number | null;
  readonly unit: string | null;
  /** Trials behind the value; null where the entry does not say. */
  readonly n: number | null;
  readonly tier: string | null;
  readonly registered_at_utc: string | null;
  readonly context_key: string | null;
  readonly hardware: string | null;
  readonly model: string | null;
  /** Why it cannot be read; null where it can. */
  readonly error: string | null;
}

const sameModel = (stated: string, wanted: string): boolean => sameContextValue('model', stated, wanted);

const isHardware = (stated: string, wanted: string): boolean => sameContextValue('hardware', stated, wanted);

const sameName = (tag: string, wanted: string): boolean => tag.toLowerCase() === wanted.trim().toLowerCase();

/** Answers of `same` for one wanted value: thousands of entries state the same few. */
const matcher = (
  wanted: string | undefined,
  same: (stated: string, wanted: string) => boolean,
): ((stated: string | null) => boolean) => {
  if (wanted === undefined) return () => true;
  const known = new Map<string, boolean>();
  return (stated) => {
    if (stated === null) return false;
    const answer = known.get(stated) ?? same(stated, wanted);
    known.set(stated, answer);
    return answer;
  };
};

/** A filter made ready for many entries. */
export interface EntryMatcher {
  readonly filter: EntryFilter;
  readonly tagged: (tags: readonly string[]) => boolean;
  /** Whether what the index says fits; undefined where it does not say enough. */
  readonly facts: (facts: IndexedFacts) => boolean | undefined;
  /** Whether an entry fits that was read. One that cannot be read fits no filter. */
  readonly entry: (entry: ListedEntry) => boolean;
}

export const entryMatcher = (filter: EntryFilter): EntryMatcher => {
  const fits = {
    hardware: matcher(filter.hardware, isHardware),
    model: matcher(filter.model, sameModel),
    unit: matcher(filter.unit, sameUnit),
    tag: matcher(filter.tag, sameName),
  };
  const ofContext = ({ hardware, model }: Pick<IndexedFacts, 'hardware' | 'model'>): boolean =>
    fits.hardware(hardware) && fits.model(model);
  return {
    filter,
    tagged: (tags) => filter.tag === undefined || tags.some(fits.tag),
    facts: ({ units, ...context }) => {
      if (!ofContext(context)) return false;
      return filter.unit === undefined ? true : units?.some(fits.unit);
    },
    entry: (entry) => !isFiltered(filter) || (entry.error === null && ofContext(entry) && fits.unit(entry.unit)),
  };
};

const numbersOf = async (entry: Entry, unit: string | undefined, defaults: readonly PolicyRule[]) => {
  const { baseline } = entry;
  const { n = null } = baseline;
  if (typeof baseline.value === 'number')
    return { metric: null, value: baseline.value, unit: baseline.unit ?? null, n: n ?? 1 };
  const { metrics, trials, policy: document } = await entrySide(entry);
  const headline = baseline.headline ?? [];
  const wanted = matcher(unit, sameUnit);
  const inUnit = ({ unit: stated }: Metric): boolean => wanted(stated);
  const shown = headlineMetrics(metrics, { document, defaults, headline }).find(inUnit) ?? metrics.find(inUnit);
  if (shown === undefined) return { metric: null, value: null, unit: null, n };
  return { metric: metricKey(shown), value: shown.value, unit: shown.unit, n: n ?? Math.max(1, trials.length) };
};

/** The entry in `folder` with the number that the filter's unit asks for; with the reason where it cannot be read. */
export const listedEntry = async (
  place: Pick<ListedEntry, 'slug' | 'folder' | 'tags'>,
  { unit }: EntryFilter,
  defaults: readonly PolicyRule[],
): Promise<ListedEntry> => {
  try {
    const entry = await readEntry(place.folder);
    const { tier = null, registered_at_utc = null, context_key = null, context } = entry.baseline;
    const [hardware, model] = [context?.hardware ?? null, context?.model ?? null];
    const numbers = await numbersOf(entry, unit, defaults);
    return { ...place, ...numbers, tier, registered_at_utc, context_key, hardware, model, error: null };
  } catch (error) {
    return { ...place, ...NOTHING, error: error instanceof Error ? error.message : String(error) };
  }
};

const NOTHING = {
  metric: null,
  value: null,
  unit: null,
  n: null,
  tier: null,
  registered_at_utc: null,
  context_key: null,
  hardware: null,
  model: null,
} as const;
