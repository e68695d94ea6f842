// Finds the entry that a caller means: a path, or `family/measurement` with `@latest`, `@<slug>` or `@<tag>`. Never guesses:
// a name that does not exist is an error that says which names do.
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { exists } from '../fs/exists.ts';
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import { foldersIn, slugsOf } from './folder-names.ts';
import { BASELINE_FILE, placeOf, type Place } from './layout.ts';
import { isSlug, LATEST } from './slug.ts';
import { currentTags } from './tags.ts';

const SHOWN = 8;

const notFound = (code: string, what: string, name: string, known: readonly string[], where: string): Fault => {
  const near = nearestName(name, known);
  const some = known.slice(-SHOWN).join(', ');
  const few = known.length === 1 ? `the only one is ${some}` : `there are ${some}`;
  const list = known.length > SHOWN ? `the last of ${known.length} are ${some}` : few;
  const fix =
    known.length === 0
      ? `nothing is recorded in ${where}: record one with perf_baseline_record, or name another root with repo_root`
      : near === undefined
        ? list
        : `did you mean ${near}? ${list}`;
  const shown = /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
  return new Fault('usage', code, `${what}${shown} does not exist`, { fix, data: { nearest: near ?? null } });
};

/** `family` as the registry holds it; no name leads out of it. Throws a Fault `family_not_found` with the nearest name. */
export const existingFamily = async (registry: string, family: string): Promise<string> => {
  const families = await foldersIn(registry);
  if (families.includes(family)) return family;
  throw notFound('family_not_found', 'family ', family, families, registry);
};

/**
 * The paths of a measurement that exists. Throws a Fault `family_not_found` or `measurement_not_found` with the nearest
 * name.
 */
export const existingPlace = async (registry: string, family: string, measurement: string): Promise<Place> => {
  const place = placeOf(registry, family, measurement);
  if (exists(place.folder)) return place;
  const measurements = await foldersIn(join(registry, await existingFamily(registry, family)));
  throw notFound('measurement_not_found', `measurement ${family}/`, measurement, measurements, join(registry, family));
};

/** The newest entry that is whole enough to be read. */
export const latestSlug = async (place: Place): Promise<string> => {
  for (const slug of (await slugsOf(place.folder)).reverse())
    if (exists(join(place.folder, slug, BASELINE_FILE))) return slug;
  throw notFound('entry_not_found', `an entry of ${place.family}/`, place.measurement, [], place.folder);
};

const slugNamed = async (place: Place, name: string): Promise<string> => {
  if (name === LATEST) return latestSlug(place);
  const tags = await currentTags(place);
  const tagged = tags.get(name);
  const slug = tagged ?? name;
  if (isSlug(slug) && exists(join(place.folder, slug))) return slug;
  if (tagged !== undefined)
    throw new Fault('input', 'tag_dangling', `tag ${name} names ${tagged}, which is not there`, {
      fix: 'run perf_baseline_verify, restore the entry, or give the tag to another one with perf_baseline_tag',
    });
  const known = [...(await slugsOf(place.folder)), ...tags.keys()];
  throw notFound('entry_not_found', `entry ${place.family}/${place.measurement}@`, name, known, place.folder);
};

const ADDRESS = /^([^/@]+)\/([^/@]+)(?:[@/]([^/@]+))?$/;

/** The entry at a path: its folder, or its `baseline.json`. */
const entryAtPath = (path: string): string | undefined => {
  const folder = basename(path) === BASELINE_FILE ? dirname(path) : path;
  return exists(join(folder, BASELINE_FILE)) ? folder : undefined;
};

/** True for the path of something that was not recorded. */
const isFile = (cwd: string, address: string): boolean =>
  !/[\u0000-\u001f]/.test(address) && exists(resolve(cwd, address));

/**
 * The absolute folder of the entry that `address` names: a path (relative ones from `cwd`) to an entry or its
 * `baseline.json`; `family/measurement`, the same with `@latest`, `@<slug>`, `/<slug>` or `@<tag>`. Throws a Fault
 * `address_unreadable`, `family_not_found`, `measurement_not_found` or `entry_not_found`, with the nearest name.
 */
export const resolveAddress = async (registry: string, address: string, cwd: string): Promise<string> => {
  const path = /[\u0000-\u001f]/.test(address) ? undefined : entryAtPath(resolve(cwd, address));
  if (path !== undefined) return path;
  const [, family, measurement, name = LATEST] = ADDRESS.exec(address) ?? [];
  if (family === undefined || measurement === undefined || isAbsolute(address) || address.startsWith('.'))
    throw new Fault(
      'usage',
      'address_unreadable',
      `${JSON.stringify(address)} names no entry${isFile(cwd, address) ? ', it is a file' : ''}`,
      {
        fix: isFile(cwd, address)
          ? 'compare two files as they are with bench_diff, two captures with profile_profile_diff; make the file an entry with perf_baseline_record'
          : 'give the path of an entry, or family/measurement with @latest, @<slug> or @<tag>',
      },
    );
  const place = await existingPlace(registry, family, measurement);
  return join(place.folder, await slugNamed(place, name));
};
