// What the last aggregate left beside the atlas: which file it wrote, and where the rows of each cell lie in it. An index that does not
// describe the atlas as it stands is none.
import { existsSync, readFileSync, type Stats } from 'node:fs';
import { isJsonObject, parseJson } from '../text/json.ts';
import { aggregateIndexPath } from './layout.ts';

/** What the last aggregate saw of a cell, and where its rows lie in the atlas. */
export interface Seen {
  readonly size: number;
  readonly mtime_ms: number;
  readonly from: number;
  readonly length: number;
}

/** Key of the rows that come from no cell's folder. */
export const FOREIGN = '';

export interface AggregateIndex {
  readonly atlas: { readonly size: number; readonly mtime_ms: number };
  readonly cells: Readonly<Record<string, Seen>>;
}

/** The index of the last aggregate; undefined where the atlas is not the one that it describes. */
export const readIndex = (campaign: string, status: Pick<Stats, 'size' | 'mtimeMs'>): AggregateIndex | undefined => {
  if (!existsSync(aggregateIndexPath(campaign))) return undefined;
  try {
    const index = parseJson(readFileSync(aggregateIndexPath(campaign), 'utf8'));
    if (!isJsonObject(index) || !isJsonObject(index['atlas']) || !isJsonObject(index['cells'])) return undefined;
    const { size, mtime_ms } = index['atlas'];
    if (size !== status.size || mtime_ms !== status.mtimeMs) return undefined;
    return index as unknown as AggregateIndex; // checked boundary: only the aggregate writes it, and the atlas is the one it describes
  } catch {
    return undefined;
  }
};
