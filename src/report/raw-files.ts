// The raw files that rows of a campaign were read from: the hash of each, and their bytes where the caller hands them on. Reads only
// below the campaign's folder.
import { existsSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { mapBounded } from '../fs/bounded.ts';
import { hashFile } from '../fs/hash.ts';
import { CELL_FILES, cellFolder } from '../campaign/layout.ts';
import type { AtlasRow } from '../campaign/row.ts';

export interface RawFile {
  /** As rows name it. */
  readonly name: string;
  readonly sha256: string;
  /** Absolute; null outside of a campaign. */
  readonly path: string;
}

const AT_ONCE = 8;

const placeOf = (campaign: string, cell: string, name: string): string | null => {
  const folder = cellFolder(campaign, cell);
  const places = [join(folder, CELL_FILES.raw, name.replace(/^raw\//, '')), join(folder, name)];
  const found = places.find((path) => existsSync(path));
  if (found === undefined) return null;
  const real = realpathSync(found);
  return real.startsWith(`${realpathSync(campaign)}${sep}`) ? real : null;
};

/** `<cell>/<name>` for a file of a cell: rows of two cells may name theirs alike. */
export const rawName = ({ cell_id: cell }: Pick<AtlasRow, 'cell_id'>, path: string): string => `${cell}/${path}`;

/** The raw files of these rows that are there, by their names, in the order of the rows. */
export const rawFilesOf = async (campaign: string, rows: readonly AtlasRow[], signal: AbortSignal): Promise<readonly RawFile[]> => {
  const places = new Map<string, string>();
  for (const row of rows)
    for (const path of [row.raw_path, ...row.trials.map((trial) => trial.raw_path)]) {
      const name = rawName(row, path);
      if (path === '' || places.has(name)) continue;
      const place = placeOf(campaign, row.cell_id, path);
      if (place !== null) places.set(name, place);
    }
  return mapBounded([...places], AT_ONCE, async ([name, path]) => {
    const { sha256 } = await hashFile(path, { signal });
    return { name, sha256, path };
  });
}; // prettier-ignore
