// What the pages of a report read: rows and the files beside them, opened once. Pages never open a file.
import type { AtlasRow } from '../campaign/row.ts';
import { usableRows, type ExcludedRow } from '../campaign/reconcile/usable-rows.ts';
import { armsOf, type Arm } from './arms.ts';
import { NO_EVIDENCE, type Evidence } from './evidence.ts';
import { looksOf, type Look } from './looks.ts';

export interface ReportData {
  readonly campaign: string;
  readonly title: string;
  /** What the caller wants said of the variants and of where the data come from; null: computed, or left out. */
  readonly variantsLine: string | null;
  readonly dataSourceLine: string | null;
  readonly rows: readonly AtlasRow[];
  /** Rows that cannot be true, with the balance that each breaks: no finding is taken from them. */
  readonly excluded: readonly ExcludedRow[];
  /** True for every other row. */
  readonly isUsable: (row: AtlasRow) => boolean;
  readonly arms: readonly Arm[];
  readonly lookOf: (arm: Arm) => Look;
  /** What the campaign is about: `throughput`, `latency` or `mixed`. */
  readonly focus: string;
  /** Concurrencies that carry a label in the scatter. */
  readonly labelled: readonly number[];
  /** What lies beside the rows. */
  readonly evidence: Evidence;
  /** The numbers are made up, and every page says so. */
  readonly invented: boolean;
}

export type ReportRequest = Omit<ReportData, 'arms' | 'lookOf' | 'evidence' | 'excluded' | 'isUsable'> &
  Partial<Pick<ReportData, 'evidence'>>;

export const reportData = (request: ReportRequest): ReportData => {
  const arms = armsOf(request.rows);
  const { usable, excluded } = usableRows(request.rows);
  const isUsed = new Set(usable);
  return {
    evidence: NO_EVIDENCE,
    ...request,
    excluded,
    isUsable: (row) => isUsed.has(row),
    arms,
    lookOf: looksOf(arms),
  };
};

/** First and last `captured_at` of the rows, `unknown` where none has one. */
export const benchWindow = (rows: readonly AtlasRow[]): string => {
  const times = rows
    .map(({ captured_at: at }) => at)
    .filter((at) => at !== '')
    .toSorted();
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined) return 'unknown';
  return first === last ? first : `${first} .. ${last}`;
};
