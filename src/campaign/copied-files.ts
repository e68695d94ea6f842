// Files that are copies of one another: no two runs write the same bytes, so a copy is no trial. Reads only files of equal size.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PointFile } from './bundles/bundle.ts';

export interface DistinctFiles {
  readonly files: readonly PointFile[];
  /** Copies, and the file that stands for them. */
  readonly copies: readonly { readonly path: string; readonly of: string }[];
}

const hashOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
};

/** Equal where files may be copies at the same point. */
const keyOf = ({ concurrency, speculativeTokens }: PointFile, size: number): string =>
  `${size} ${concurrency ?? ''} ${speculativeTokens ?? ''}`;

/** Leaves out copies. Empty files and files that are gone stay: their reader says so. */
export const distinctFiles = async (folder: string, points: readonly PointFile[]): Promise<DistinctFiles> => {
  const bySize = new Map<string, PointFile[]>();
  for (const point of points) {
    const size = statSync(join(folder, point.path), { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0) bySize.set(keyOf(point, size), [...(bySize.get(keyOf(point, size)) ?? []), point]);
  }
  const copies = new Map<string, string>();
  for (const alike of bySize.values()) {
    if (alike.length < 2) continue;
    const first = new Map<string, string>();
    for (const { path } of alike) {
      const hash = await hashOf(join(folder, path));
      const of = first.get(hash);
      if (of === undefined) first.set(hash, path);
      else copies.set(path, of);
    }
  }
  return {
    files: points.filter(({ path }) => !copies.has(path)),
    copies: [...copies].map(([path, of]) => ({ path, of })),
  };
}; // prettier-ignore
