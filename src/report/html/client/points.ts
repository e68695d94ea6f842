// The rows of the report as the script reads them: words, values, which of them are shown, and what a row says of itself.
import type { MetricPolicy } from '../../../verdict/policy.ts';
import { formatNumber, withUnit } from '../../../render/numbers.ts';
import type { MeasuredPoint } from '../compare-points.ts';
import type { ColumnId, ExplorerData } from '../explorer-model.ts';

export const data = JSON.parse(document.getElementById('explorer-data')?.textContent ?? 'null') as ExplorerData; // checked boundary: we wrote it

export const word = (id: ColumnId, row: number): string => data.columns[id].words[data.columns[id].at[row] ?? 0] ?? '';

export const valueOf = (measure: number, row: number): number | null => data.measures[measure]?.values[row] ?? null;

export const valueText = (measure: number, row: number): string => {
  const value = valueOf(measure, row);
  return value === null ? '' : withUnit(value, data.measures[measure]?.unit ?? null, 5);
};

export const cellNumber = (measure: number, row: number): string => {
  const value = valueOf(measure, row);
  return value === null ? '' : formatNumber(value, 5);
};

export const short = new Set(data.short);
export const impossible = new Set(data.impossible);

/** Words that are left out, by column. */
export const off = new Map<ColumnId, Set<number>>();

/** Rows that no filter leaves out. */
export const visibleRows = (): number[] => {
  const active = [...off]
    .filter(([, words]) => words.size > 0)
    .map(([id, words]) => [data.columns[id].at, words] as const);
  const rows: number[] = [];
  for (let row = 0; row < data.ids.length; row += 1)
    if (active.every(([at, words]) => !words.has(at[row] ?? 0))) rows.push(row);
  return rows;
};

export const rowsOfCell = (cell: string): number[] =>
  data.ids.flatMap((_, row) => (word('cell', row) === cell ? [row] : []));

export const policyOf = (name: string): MetricPolicy | undefined =>
  data.metrics.find((metric) => metric.name === name)?.policy;

/** The row as the judge reads it; null where it holds nothing to judge. */
export const measured = (row: number): MeasuredPoint | null => {
  const side = data.sides[row];
  if (side === null || side === undefined) return null;
  const kinds = side.metrics.flatMap((at) => data.metrics[at] ?? []);
  const trials = side.trials.map(({ values, validity, requests }, index) => ({
    index,
    block: null,
    started_at: null,
    replicate_level: null,
    values: Object.fromEntries(kinds.flatMap(({ name }, at) => {
        const value = values[at] ?? null;
        return value === null ? [] : [[name, value]];
      })),
    validity,
    gpu_uuids: null,
    requests,
  }));
  return {
    row: { raw_path: word('file', row), trials },
    side: {
      metrics: kinds.map((kind, at) => ({ ...kind, labels: {}, value: side.values[at] ?? 0 })),
      trials,
      context: side.prompts === null ? {} : { num_prompts: side.prompts },
      contradictions: side.contradictions,
    },
  };
}; // prettier-ignore
