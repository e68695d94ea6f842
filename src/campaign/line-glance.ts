// What a line of an atlas shows before it is parsed, of the lines that the aggregate wrote: fields in the order of their names, quotes
// inside a text escaped. For whoever needs the whole of few rows and of all others only that they are there.
import type { AtlasRow } from './row.ts';

/** A point that was measured and served, by what it says before its `extra`. */
export type Glance = Pick<AtlasRow, 'cell_id' | 'concurrency' | 'dataset'>;

/** Fields that stand before `extra`, so that the first of that name is the row's own. */
const POINT = /"cell_id":"([^"\\]+)",.*?"concurrency":(\d+),.*?"dataset":"([^"\\]*)"/;

/** The last of its name is the row's own: behind it stand numbers, trials and plain texts. */
const STATUS = '"status":"';

const isMeasured = (line: string): boolean => {
  const at = line.lastIndexOf(STATUS) + STATUS.length;
  return line.startsWith('full"', at) || line.startsWith('partial"', at);
};

/** Names in `extra` of what is no point of a serving curve. */
const OTHERWISE = ['"metric_kind":', '"phase":'];

/** What a line shows; null where only its row can say what it is. */
export const glanceAt = (line: string): Glance | null => {
  if (!isMeasured(line) || OTHERWISE.some((name) => line.includes(name))) return null;
  const [, cell_id, concurrency, dataset] = POINT.exec(line) ?? [];
  if (cell_id === undefined || concurrency === undefined || dataset === undefined) return null;
  return { cell_id, concurrency: Number(concurrency), dataset };
};
