// Finds the measurements of a folder of new results: <family>/<measurement>.<ext>, or <family>/<measurement>/ for trials. What
// does not fit that layout is named, never passed over in silence.
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { onFile } from '../fs/io-fault.ts';
import { isSafeSegment } from '../fs/safe-path.ts';

export interface SweepSource {
  readonly family: string;
  readonly measurement: string;
  readonly path: string;
}

export interface SweepFolder {
  /** In the order of names. */
  readonly sources: readonly SweepSource[];
  /** Paths below the folder that are no measurement of a family. Hidden files are left out. */
  readonly misplaced: readonly string[];
}

const visible = async (folder: string): Promise<Dirent[]> => {
  const entries = await onFile(folder, () => readdir(folder, { withFileTypes: true }));
  return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** The measurements below `folder`, of one family where `only` names it. Throws the Faults of reading a folder. */
export const sweepItems = async (folder: string, only?: string): Promise<SweepFolder> => {
  const sources: SweepSource[] = [];
  const misplaced: string[] = [];
  for (const top of await visible(folder)) {
    if (only !== undefined && top.name !== only) continue;
    if (!top.isDirectory() || !isSafeSegment(top.name)) {
      misplaced.push(top.name);
      continue;
    }
    for (const entry of await visible(join(folder, top.name))) {
      const measurement = entry.isDirectory() ? entry.name : parse(entry.name).name;
      if (isSafeSegment(measurement))
        sources.push({ family: top.name, measurement, path: join(folder, top.name, entry.name) });
      else misplaced.push(join(top.name, entry.name));
    }
  }
  return { sources, misplaced };
};
