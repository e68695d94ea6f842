// Goes through families, measurements and entries with a filter, and gives them page by page with their numbers. What
// the index knows is not read again.
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { mapBounded } from '../fs/bounded.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { isFiltered, listedEntry, type EntryMatcher, type ListedEntry } from './entry-numbers.ts';
import { foldersIn, slugsOf } from './folder-names.ts';
import { withIndex, type FactsOf } from './index-facts.ts';
import { placeOf, type Place } from './layout.ts';
import { pageOf, type Page, type PageRequest } from './list.ts';
import { currentTags } from './tags.ts';

const WIDTH = 8;

export interface Search {
  readonly matcher: EntryMatcher;
  readonly defaults: readonly PolicyRule[];
  readonly signal?: AbortSignal | undefined;
}

/** Entries after which other calls get their turn. */
const TURN = 2000;

const takeTurns = async (index: number, signal: AbortSignal | undefined): Promise<void> => {
  if (index % TURN !== TURN - 1) return;
  await setImmediate();
  signal?.throwIfAborted();
};

/** A measurement under a search: its slugs, newest first, and how one of them is read. */
interface Searched {
  readonly place: Place;
  readonly slugs: readonly string[];
  readonly read: (slug: string) => Promise<ListedEntry>;
  /** Those with the wanted tag; all where none is wanted. */
  readonly candidates: readonly string[];
}

const searchedPlace = async (place: Place, { matcher, defaults }: Search): Promise<Searched> => {
  const tags = new Map<string, string[]>();
  for (const [tag, slug] of await currentTags(place)) tags.set(slug, [...(tags.get(slug) ?? []), tag]);
  const tagsOf = (slug: string): string[] => tags.get(slug) ?? [];
  const slugs = (await slugsOf(place.folder)).reverse();
  return {
    place,
    slugs,
    read: (slug) =>
      listedEntry({ slug, folder: join(place.folder, slug), tags: tagsOf(slug) }, matcher.filter, defaults),
    candidates: matcher.filter.tag === undefined ? slugs : slugs.filter((slug) => matcher.tagged(tagsOf(slug))),
  };
};

/** Whether an entry fits, as the index says, else as it says itself. */
const entryFits = async (slug: string, factsOf: FactsOf, { read }: Searched, { matcher }: Search): Promise<boolean> => {
  const facts = factsOf(slug);
  return (facts === undefined ? undefined : matcher.facts(facts)) ?? matcher.entry(await read(slug));
};

/** Entries of a measurement that fit, newest first; the entries of the page are read, of the others what the index says. */
export const findEntries = async (place: Place, search: Search, page: PageRequest): Promise<Page<ListedEntry>> => {
  const searched = await searchedPlace(place, search);
  if (!isFiltered(search.matcher.filter)) return pageOf(searched.slugs, page, searched.read);
  const fitting = await withIndex(place, async (factsOf) => {
    const found: string[] = [];
    for (const [index, slug] of searched.candidates.entries()) {
      if (await entryFits(slug, factsOf, searched, search)) found.push(slug);
      await takeTurns(index, search.signal);
    }
    return found;
  });
  return pageOf(fitting, page, searched.read);
};

export interface FoundMeasurement {
  /** `family/measurement`. */
  readonly place: string;
  readonly family: string;
  readonly measurement: string;
  readonly entries: number;
  /** The newest entry that fits; null where there is none. */
  readonly latest: ListedEntry | null;
}

/** The newest entry that fits and can be read; without a filter the newest, whatever it is. */
const newest = async (searched: Searched, search: Search): Promise<ListedEntry | null> => {
  const [first] = searched.candidates;
  if (!isFiltered(search.matcher.filter)) return first === undefined ? null : searched.read(first);
  return withIndex(searched.place, async (factsOf) => {
    for (const [index, slug] of searched.candidates.entries()) {
      await takeTurns(index, search.signal);
      if (!(await entryFits(slug, factsOf, searched, search))) continue;
      const entry = await searched.read(slug);
      if (entry.error === null) return entry;
    }
    return null;
  });
};

const describe = async (place: Place, search: Search): Promise<FoundMeasurement> => {
  const { family, measurement } = place;
  search.signal?.throwIfAborted();
  const searched = await searchedPlace(place, search);
  const latest = await newest(searched, search);
  return { place: `${family}/${measurement}`, family, measurement, entries: searched.slugs.length, latest };
};

/** Measurements of the families with the newest entry that fits; with a filter only those that have one. */
export const findMeasurements = async (
  registry: string,
  families: readonly string[],
  search: Search,
  page: PageRequest,
): Promise<Page<FoundMeasurement>> => {
  const places: Place[] = [];
  for (const family of families)
    for (const measurement of await foldersIn(join(registry, family)))
      places.push(placeOf(registry, family, measurement));
  const byName = new Map(places.map((place) => [`${place.family}/${place.measurement}`, place]));
  const found = new Map<string, FoundMeasurement>();
  const look = async (name: string): Promise<FoundMeasurement | undefined> => {
    const place = byName.get(name);
    return found.get(name) ?? (place === undefined ? undefined : describe(place, search));
  };
  if (isFiltered(search.matcher.filter))
    for (const one of await mapBounded([...byName.keys()], WIDTH, look))
      if (one !== undefined && one.latest !== null) found.set(one.place, one);
  const names = isFiltered(search.matcher.filter) ? [...found.keys()] : [...byName.keys()];
  const listed = await pageOf(names, page, look);
  return { ...listed, items: listed.items.flatMap((item) => item ?? []) };
};
