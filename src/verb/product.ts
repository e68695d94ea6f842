// Which build of the product this is and where its own files lie. Decided at build time, read once.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Product } from './context.ts';

/** Set by the build: version, and the commit (or the hash of the sources where there is no repository). */
declare const BUILD_VERSION: string | undefined;
declare const BUILD_SHA: string | undefined;

export const PRODUCT_NAME = 'profile-and-optimize';

/** Version and commit of this build; sources that were never built have version `0.0.0-source` and no commit. */
export const thisProduct = (): Product => ({
  name: PRODUCT_NAME,
  version: typeof BUILD_VERSION === 'string' ? BUILD_VERSION : '0.0.0-source',
  sha: typeof BUILD_SHA === 'string' ? BUILD_SHA : null,
});

/** The folder that holds `configs/`, `schemas/`, `docs/` and `dist/`. */
export const thisProductFolder = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'configs', 'metrics.yaml')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
};
