// What a row says that cannot be true, or hardly can: the balance it breaks, both figures, and what most likely went wrong. Values
// only; whether a row is used is decided where it is used.
import { createHash } from 'node:crypto';
import { formatNumber, formatFactor } from '../../render/numbers.ts';
import { pointKey, type AtlasRow } from '../row.ts';
import type { Balance, Severity } from './balance.ts';
import { CAUSES, type CauseId } from './causes.ts';

/** A balance that does not hold, before it is known of which row. */
export interface Finding {
  readonly balance: Balance;
  readonly severity: Severity;
  /** What the other figures of the row give, or the limit. */
  readonly expected: number;
  readonly seen: number;
  readonly unit: string;
  readonly cause: CauseId;
  /** The figures by their names: `output tok/s against requests per second x OSL`. */
  readonly of: string;
}

export interface Violation {
  readonly row_id: string;
  readonly cell_id: string;
  readonly concurrency: number;
  readonly balance: Balance;
  readonly severity: Severity;
  readonly expected: number;
  readonly seen: number;
  /** Seen over expected. */
  readonly factor: number;
  readonly unit: string;
  readonly likely_cause: CauseId;
  /** The whole in a sentence. */
  readonly says: string;
}

/** Cell, load and eight digits of what else makes the point: rows of one load are told apart by them. */
export const rowId = (row: AtlasRow): string =>
  `${row.cell_id}:c${row.concurrency}:${createHash('sha256').update(pointKey(row)).digest('hex').slice(0, 8)}`;

/** JSON has no infinity. */
const finite = (value: number): number =>
  Number.isFinite(value) ? value : value < 0 ? -Number.MAX_VALUE : Number.MAX_VALUE;

export const factorOf = ({ expected, seen }: Pick<Finding, 'expected' | 'seen'>): number =>
  finite(expected === 0 ? (seen === 0 ? 1 : Infinity) : seen / expected);

const factorText = (factor: number): string =>
  factor >= 0.1 && factor < 1000 ? formatFactor(factor) : `${formatNumber(factor, 3)}×`;

const saysOf = ({ of, expected, seen, unit, cause }: Finding, factor: number): string => {
  const amount = (value: number): string => `${formatNumber(finite(value), 4)}${unit === '' ? '' : ` ${unit}`}`;
  return `${of}: ${amount(seen)} seen, ${amount(expected)} expected (${factorText(factor)}): ${CAUSES[cause]}`;
};

export const violationOf = (row: AtlasRow, finding: Finding): Violation => {
  const factor = factorOf(finding);
  return {
    row_id: rowId(row),
    cell_id: row.cell_id,
    concurrency: row.concurrency,
    balance: finding.balance,
    severity: finding.severity,
    expected: finite(finding.expected),
    seen: finite(finding.seen),
    factor,
    unit: finding.unit,
    likely_cause: finding.cause,
    says: saysOf(finding, factor),
  };
};
