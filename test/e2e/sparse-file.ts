// A file of any size that takes no room on the disk, for work that must still be running when a test stops it.
import { closeSync, existsSync, ftruncateSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Far more than can be copied while a test waits. */
const ENDLESS_BYTES = 64 * 2 ** 30;

/** A file that the registry takes for a profile and therefore copies without reading numbers from it. */
export const endlessProfile = (folder: string): string => {
  const path = join(folder, 'endless.nsys-rep');
  const file = openSync(path, 'w');
  ftruncateSync(file, ENDLESS_BYTES);
  closeSync(file);
  return path;
};

/** Files that lie staged in the registry of this root. */
export const stagedFiles = (root: string): string[] => {
  const folder = join(root, 'experiments/artifacts/perf-baselines/.work/staging');
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

/** Waits until `holds`, at most ten seconds. */
export const until = async (holds: () => boolean): Promise<void> => {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (holds()) return;
    await sleep(25);
  }
  throw new Error(`did not come true within ten seconds: ${holds.toString()}`);
};
