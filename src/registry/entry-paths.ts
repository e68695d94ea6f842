// Fields that name entries of the registry: where the bytes lie that reading one takes, for the run wrapper's estimate. Reads
// names only, and errs towards more.
import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { lastLine } from '../fs/append-line.ts';
import { exists } from '../fs/exists.ts';
import { createFileMemo } from '../fs/file-stamp.ts';
import type { PathUse } from '../verb/path-use.ts';
import { INDEX_ROWS, registryFolder } from './layout.ts';
import { isSlug, LATEST } from './slug.ts';

const ADDRESS = /^([^/@]+)\/([^/@]+)(?:@([^/@]+))?$/;

const newestMemo = createFileMemo<string | undefined>(64);

/** What the last row of the index names; without an index the newest of the folder. */
const newestIn = (folder: string): string | undefined => {
  const rows = join(folder, INDEX_ROWS);
  const named = newestMemo(rows, 'newest', () => /"slug":"([^"]+)"/.exec(lastLine(rows) ?? '')?.[1]);
  return named !== undefined && isSlug(named) ? named : readdirSync(folder).filter(isSlug).sort().at(-1);
};

/** The folder that an address reads: its entry, the newest as the index knows it; of a tag, all entries of the measurement. */
const folderOf = (address: string, root: string): string | undefined => {
  const [, family, measurement, name = LATEST] = ADDRESS.exec(address) ?? [];
  if (family === undefined || measurement === undefined) return undefined;
  const folder = join(registryFolder(root), family, measurement);
  if (!exists(folder)) return undefined;
  if (isSlug(name)) return join(folder, name);
  const newest = name === LATEST ? newestIn(folder) : undefined;
  return newest === undefined ? folder : join(folder, newest);
};

/** Addresses or folders of entries, which are read. */
export const readsEntries = { use: 'read', place: folderOf } as const satisfies PathUse;

/** A measurement, all entries of which are read. */
export const readsMeasurement = {
  use: 'read',
  place: (text: string, root: string): string | undefined => {
    const [, family, measurement] = ADDRESS.exec(text) ?? [];
    return family === undefined || measurement === undefined
      ? undefined
      : join(registryFolder(root), family, measurement);
  },
} as const satisfies PathUse;

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** The entries that results in `<family>/<measurement>.<ext>` or `<family>/<measurement>/` below a folder are compared with. */
const counterparts = (folder: string, root: string, { tag }: Readonly<Record<string, unknown>>): string[] =>
  namesIn(folder).flatMap((family) =>
    namesIn(join(folder, family)).flatMap(
      (name) => folderOf(`${family}/${parse(name).name}@${typeof tag === 'string' ? tag : LATEST}`, root) ?? [],
    ),
  );

/** A folder of new results, which are read with the entries of their names. */
export const readsResultsOfEntries = { use: 'read', also: counterparts } as const satisfies PathUse;
