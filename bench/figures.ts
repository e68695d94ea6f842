// Small things that every benchmark needs: medians, percentiles, a printed table.
import { readdirSync, readFileSync } from 'node:fs';
import { markdownTable } from '../src/render/markdown.ts';

export const percentile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const table = (title: string, columns: readonly string[], rows: readonly (readonly string[])[]): void => {
  console.log(
    `\n## ${title}\n\n${markdownTable(
      columns.map((name) => ({ title: name })),
      rows,
    )}`,
  );
};

/** CPU milliseconds that all threads of a process have used. */
export const cpuMs = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, each) => sum + each, 0);
