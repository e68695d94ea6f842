// Finds the file that a thread of the product starts from. Starts nothing.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The built entry lies beside the bundle or one folder above its chunks. From TypeScript sources a thread can only run where
 * this process was started with a loader, which threads inherit: null elsewhere. `source` is relative to `src/`.
 */
export const threadEntry = (built: string, source: string): URL | null => {
  if (import.meta.url.endsWith('.ts')) {
    const loaded = process.execArgv.some((flag) => flag.includes('tsx'));
    return loaded ? new URL(`../${source}`, import.meta.url) : null;
  }
  const places = [`./${built}`, `../${built}`].map((place) => new URL(place, import.meta.url));
  return places.find((place) => existsSync(fileURLToPath(place))) ?? null;
};
