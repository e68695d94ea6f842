// Finds the measurements of a folder of new results: <family>/<measurement>.<ext>, or <family>/<measurement>/ for trials.
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { isSafeSegment } from '../fs/safe-path.ts';

export interface SweepSource {
  readonly family: string;
  readonly measurement: string;
  readonly path: string;
}

/** In the order of names; hidden files and unsafe names are passed over. */
export const sweepItems = async (folder: string, only?: string): Promise<SweepSource[]> => {
  const families = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && isSafeSegment(entry.name) && (only === undefined || entry.name === only))
    .map((entry) => entry.name)
    .sort();
  const found: SweepSource[] = [];
  for (const family of families) {
    const entries = await readdir(join(folder, family), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const measurement = entry.isDirectory() ? entry.name : parse(entry.name).name;
      if (!entry.name.startsWith('.') && isSafeSegment(measurement))
        found.push({ family, measurement, path: join(folder, family, entry.name) });
    }
  }
  return found;
};
