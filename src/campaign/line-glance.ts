// What a line of an atlas shows before it is parsed, of the lines that the aggregate wrote: fields in the order of their names, quotes
// inside a text escaped. For whoever needs the whole of few rows and of all others only that they are there.
import type { AtlasRow } from './row.ts';

/** A point that was measured and served, by what it says before its `extra`. */
export type Glance = Pick<AtlasRow, 'cell_id' | 'concurrency' | 'dataset'>;

/** Fields in the order of a line: the first of its name, behind the one before, is the row's own. */
const CELL = '"cell_id":"';
const LOAD = '"concurrency":';
const DATASET = '"dataset":"';
const EXTRA = '"extra":{';
/** The last of its name is the row's own: behind it stand numbers, trials and plain texts. */
const STATUS = '"status":"';

/** Names in `extra` of what is no point of a serving curve. */
const OTHERWISE = ['"metric_kind":', '"phase":'];

const isMeasured = (line: string): boolean => {
  const at = line.lastIndexOf(STATUS) + STATUS.length;
  return line.startsWith('full"', at) || line.startsWith('partial"', at);
};

/** True of a row whose `extra`, which begins at `extra`, may say that it is something else than a point of a serving curve. */
const mayBeOther = (line: string, extra: number): boolean =>
  line[extra + EXTRA.length] !== '}' && OTHERWISE.some((name) => line.includes(name, extra));

const valueAt = (line: string, from: number, name: string, end: string): string =>
  line.slice(from + name.length, line.indexOf(end, from + name.length));

/** What a line shows; null where only its row can say what it is. */
export const glanceAt = (line: string): Glance | null => {
  const cell = line.indexOf(CELL);
  const load = line.indexOf(LOAD, cell);
  const dataset = line.indexOf(DATASET, load);
  const extra = line.indexOf(EXTRA, dataset);
  if (cell < 0 || load < 0 || dataset < 0 || extra < 0 || mayBeOther(line, extra) || !isMeasured(line)) return null;
  const workload = valueAt(line, dataset, DATASET, '"');
  return workload.includes('\\')
    ? null
    : {
        cell_id: valueAt(line, cell, CELL, '"'),
        concurrency: Number(valueAt(line, load, LOAD, ',')),
        dataset: workload,
      };
};
