// Lists what the registry holds, page by page. Looks at the entries themselves, so that entries made by hand are seen too.
import { join } from 'node:path';
import { mapBounded } from '../fs/bounded.ts';
import { Fault } from '../text/fault.ts';
import { existingPlace } from './address.ts';
import type { StoredBaseline } from './entry-schema.ts';
import { foldersIn, slugsOf } from './folder-names.ts';
import { BASELINE_FILE } from './layout.ts';
import { readBaseline } from './read-entry.ts';
import { currentTags } from './tags.ts';

/** A part of a list. `cursor` is the last item of the page before. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  /** Null on the last page. */
  readonly next_cursor: string | null;
}

const WIDTH = 8;

/** The part of `names` that a request is for, each described. Throws a Fault `cursor_unknown`. */
export const pageOf = async <T>(
  names: readonly string[],
  request: PageRequest,
  describe: (name: string) => Promise<T>,
) => {
  const { limit, cursor } = request;
  const before = cursor === undefined ? -1 : names.indexOf(cursor);
  if (cursor !== undefined && before < 0)
    throw new Fault('usage', 'cursor_unknown', `cursor ${JSON.stringify(cursor)} is not in the list`, {
      fix: 'leave the cursor out to begin anew',
    });
  const shown = names.slice(before + 1, before + 1 + limit);
  const last = shown.at(-1);
  const more = last !== undefined && before + 1 + limit < names.length;
  return { items: await mapBounded(shown, WIDTH, describe), total: names.length, next_cursor: more ? last : null };
};

export interface FamilyItem {
  readonly family: string;
  readonly measurements: number;
}

/** Families in the order of their names. */
export const listFamilies = async (registry: string, request: PageRequest): Promise<Page<FamilyItem>> =>
  pageOf(await foldersIn(registry), request, async (family) => ({
    family,
    measurements: (await foldersIn(join(registry, family))).length,
  }));

export interface MeasurementItem {
  readonly family: string;
  readonly measurement: string;
  readonly entries: number;
  /** Slug of the newest entry, null when there is none. */
  readonly latest: string | null;
}

/** Measurements of a family in the order of their names. */
export const listMeasurements = async (registry: string, family: string, request: PageRequest) =>
  pageOf(await foldersIn(join(registry, family)), request, async (measurement): Promise<MeasurementItem> => {
    const slugs = await slugsOf(join(registry, family, measurement));
    return { family, measurement, entries: slugs.length, latest: slugs.at(-1) ?? null };
  });

export interface EntryItem {
  readonly slug: string;
  readonly folder: string;
  readonly tags: readonly string[];
  /** Null when it cannot be read; `error` says why. */
  readonly baseline: StoredBaseline | null;
  readonly error: string | null;
}

/** Entries of a measurement, newest first. */
export const listEntries = async (registry: string, family: string, measurement: string, request: PageRequest) => {
  const place = await existingPlace(registry, family, measurement);
  const tags = [...(await currentTags(place))];
  return pageOf((await slugsOf(place.folder)).reverse(), request, async (slug): Promise<EntryItem> => {
    const folder = join(place.folder, slug);
    const item = { slug, folder, tags: tags.filter(([, tagged]) => tagged === slug).map(([tag]) => tag) };
    try {
      return { ...item, baseline: await readBaseline(join(folder, BASELINE_FILE)), error: null };
    } catch (error) {
      return { ...item, baseline: null, error: error instanceof Error ? error.message : String(error) };
    }
  });
};
