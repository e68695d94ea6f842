// What a page's script gets of a report's rows: columns of words and of numbers, and each row as a side of a comparison. Plain data,
// written by the report and read by the script.
import type { Contradiction } from '../../metrics/contradiction.ts';
import type { Metric } from '../../metrics/metric.ts';
import type { Trial } from '../../metrics/trial.ts';
import type { Role } from '../../render/palette.ts';
import type { MetricPolicy } from '../../verdict/policy.ts';

/** What an axis can show. */
export interface Measure {
  readonly name: string;
  readonly unit: string;
  /** Field of the row. */
  readonly field: string;
  /** One for each row. */
  readonly values: readonly (number | null)[];
}

/** Words of the rows, each word once. */
export interface WordColumn {
  readonly name: string;
  readonly words: readonly string[];
  /** For each row the position of its word. */
  readonly at: readonly number[];
}

export interface ArmLook {
  readonly role: Role;
  /** A cross in place of a circle. */
  readonly cross: boolean;
  readonly hollow: boolean;
  readonly dotted: boolean;
}

export type MetricKind = Omit<Metric, 'value' | 'labels'> & { readonly policy: MetricPolicy };

export interface RowTrial {
  readonly values: readonly (number | null)[];
  readonly validity: Trial['validity'];
  readonly requests: number | null;
}

/** A row as a side: positions of its metrics, their values, and the same of its repeats. */
export interface RowSide {
  readonly metrics: readonly number[];
  readonly values: readonly number[];
  readonly trials: readonly RowTrial[];
  readonly prompts: number | null;
  readonly contradictions?: readonly Contradiction[];
}

export interface ExplorerData {
  readonly ids: readonly string[];
  readonly measures: readonly Measure[];
  /** By the names of `COLUMNS`. */
  readonly columns: Readonly<Record<ColumnId, WordColumn>>;
  /** For each word of the column `arm`. */
  readonly looks: readonly ArmLook[];
  /** Positions of rows whose window was too short, and of those that cannot be true. */
  readonly short: readonly number[];
  readonly impossible: readonly number[];
  readonly concurrency: readonly number[];
  readonly metrics: readonly MetricKind[];
  /** Null where a row holds no measurement. */
  readonly sides: readonly (RowSide | null)[];
}

/** Columns of words, by what a reader calls them. Rows with the same `pair` are measured under the same load. */
export const COLUMNS = {
  arm: 'configuration',
  cell: 'cell',
  model: 'model',
  hardware: 'hardware',
  engine: 'engine',
  quant: 'format',
  strategy: 'strategy',
  batch: 'batch tokens',
  load: 'load',
  shape: 'ISL/OSL',
  dataset: 'data set',
  cache: 'prefix cache',
  trials: 'repeats',
  status: 'status',
  captured: 'measured',
  file: 'raw file',
  notes: 'notes',
  pair: '',
} as const;
export type ColumnId = keyof typeof COLUMNS;

/** What the points are filtered by. */
export const FILTERS = [
  'model',
  'hardware',
  'engine',
  'quant',
  'strategy',
  'batch',
] as const satisfies readonly ColumnId[];
