// Goes through families, measurements and entries with a filter, and gives them page by page with their numbers.
import { join } from 'node:path';
import { mapBounded } from '../fs/bounded.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import { isFiltered, listedEntry, type EntryFilter, type ListedEntry } from './entry-numbers.ts';
import { foldersIn, slugsOf } from './folder-names.ts';
import { placeOf, type Place } from './layout.ts';
import { pageOf, type Page, type PageRequest } from './list.ts';
import { currentTags } from './tags.ts';

const WIDTH = 8;

export interface Search {
  readonly filter: EntryFilter;
  readonly defaults: readonly PolicyRule[];
  readonly signal?: AbortSignal | undefined;
}

type Read = (slug: string) => Promise<ListedEntry | undefined>;

const readerOf = async (place: Place, { filter, defaults }: Search): Promise<Read> => {
  const tags = [...(await currentTags(place))];
  return (slug) => {
    const own = tags.filter(([, tagged]) => tagged === slug).map(([tag]) => tag);
    return listedEntry({ slug, folder: join(place.folder, slug), tags: own }, filter, defaults);
  };
};

/** Entries of a measurement that fit, newest first. Without a filter only the entries of the page are read. */
export const findEntries = async (place: Place, search: Search, page: PageRequest): Promise<Page<ListedEntry>> => {
  const read = await readerOf(place, search);
  const slugs = (await slugsOf(place.folder)).reverse();
  if (!isFiltered(search.filter)) {
    const found = await pageOf(slugs, page, read);
    return { ...found, items: found.items.flatMap((item) => item ?? []) };
  }
  const all = (await mapBounded(slugs, WIDTH, read)).flatMap((item) => item ?? []);
  const bySlug = new Map(all.map((item) => [item.slug, item]));
  const found = await pageOf([...bySlug.keys()], page, async (slug) => bySlug.get(slug));
  return { ...found, items: found.items.flatMap((item) => item ?? []) };
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

const describe = async (place: Place, search: Search): Promise<FoundMeasurement> => {
  const { family, measurement } = place;
  const slugs = (await slugsOf(place.folder)).reverse();
  const read = await readerOf(place, search);
  let latest: ListedEntry | undefined;
  for (const slug of slugs) {
    search.signal?.throwIfAborted();
    latest = await read(slug);
    if (latest !== undefined) break;
  }
  return { place: `${family}/${measurement}`, family, measurement, entries: slugs.length, latest: latest ?? null };
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
  if (isFiltered(search.filter))
    for (const one of await mapBounded([...byName.keys()], WIDTH, look))
      if (one !== undefined && one.latest !== null) found.set(one.place, one);
  const names = isFiltered(search.filter) ? [...found.keys()] : [...byName.keys()];
  const listed = await pageOf(names, page, look);
  return { ...listed, items: listed.items.flatMap((item) => item ?? []) };
};
