// Reads a CSV that holds nothing but a load sweep: a column of concurrencies, and columns named as vllm bench serve names its figures.
// A table with a column of any other name is somebody's own and is not guessed at.
import { contextOf } from './context-fields.ts';
import { type Sample, assemble, present } from './point.ts';
import { latency, perUserSpeed, serving } from './serving-metrics.ts';
import { latenciesWrittenBy, writtenBy } from '../metrics/catalogue.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { parseCsv } from '../text/csv.ts';
import { inputFault } from '../text/fault.ts';

const FORMAT = 'serve_csv';
const LOAD = ['concurrency', 'max_concurrency', 'conc'];
const KINDS = latenciesWrittenBy('vllm');
const FIGURES = new Map([...writtenBy('vllm'), ['output_tok_s', 'throughput'] as const]);
const LATENCY = /^(mean|median|p\d+(?:\.\d+)?)_([a-z0-9]+)_ms$/;

const isFigure = (column: string): boolean => FIGURES.has(column) || KINDS.has(LATENCY.exec(column)?.[2] ?? '');

const columnsOf = (line: string): string[] => line.replace(/^\uFEFF/, '').trim().split(',').map((cell) => cell.trim()); // prettier-ignore

/** The columns in order, where every one is known and one is the load. */
const isSweep = (columns: readonly string[]): boolean =>
  columns.filter((column) => LOAD.includes(column)).length === 1 &&
  columns.length > 1 &&
  columns.every((column) => LOAD.includes(column) || isFigure(column));

const sampleOf = (column: string, value: number): Sample | undefined => {
  const id = FIGURES.get(column);
  if (id !== undefined) return serving(id, value, column);
  const [, statistic = '', kind = ''] = LATENCY.exec(column) ?? [];
  const known = KINDS.get(kind);
  return known && latency(known, statistic === 'median' ? 'p50' : statistic, value, column);
};

const parse = async (text: string, path: string): Promise<ReadOutcome> => {
  const [header = [], ...rows] = await parseCsv(text, path);
  const columns = columnsOf(header.join(','));
  const points = rows.map((row, index) => {
    const number = (column: number): number | undefined => {
      const cell = row[column]?.trim() ?? '';
      const value = Number(cell);
      if (cell === '' || Number.isFinite(value)) return cell === '' ? undefined : value;
      throw inputFault('not_a_number', `${path}:${index + 2}: ${columns[column]} is ${JSON.stringify(cell)}`, { path, at: `${index + 2}` });
    };
    const concurrency = number(columns.findIndex((column) => LOAD.includes(column)));
    const measured = present(columns.map((column, at) => {
      const value = LOAD.includes(column) ? undefined : number(at);
      return value === undefined ? undefined : sampleOf(column, value);
    }));
    return {
      labels: concurrency === undefined ? {} : { concurrency },
      samples: [...measured, ...present([perUserSpeed(measured)])],
      context: contextOf({ concurrency }),
    };
  });
  return assemble({ format: FORMAT, path, points });
}; // prettier-ignore

/** `concurrency,output_throughput,median_ttft_ms,…`. */
export const serveTable: Reader = {
  format: FORMAT,
  sniff: (_path, head) => (isSweep(columnsOf(head.split('\n')[0] ?? '')) ? 0.9 : 0),
  parse,
};
