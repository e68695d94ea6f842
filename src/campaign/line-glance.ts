// What a line of an atlas shows before it is parsed, of the lines that the aggregate wrote: fields in the order of their names, quotes
// inside a text escaped. For whoever needs the whole of few rows and of all others only that they are there.
import type { AtlasRow } from './row.ts';

/** A point that was measured and served, by what it says before its `extra`. */
export type Glance = Pick<AtlasRow, 'cell_id' | 'concurrency' | 'dataset'>;

/** Fields that stand before `extra`, in the order of a line, so that the first of that name is the row's own. */
const CELL = '"cell_id":"';
const LOAD = '"concurrency":';
const DATASET = '"dataset":"';

/** The text between a name and the mark that ends its value; empty without the name. */
const valueAt = (line: string, name: string, end: string): string => {
  const at = line.indexOf(name);
  return at < 0 ? '' : line.slice(at + name.length, line.indexOf(end, at + name.length));
};

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
  const [cell_id, load, dataset] = [valueAt(line, CELL, '"'), valueAt(line, LOAD, ','), valueAt(line, DATASET, '"')];
  return cell_id === '' || load === '' || dataset === '' || dataset.includes('\\')
    ? null
    : { cell_id, concurrency: Number(load), dataset };
};
