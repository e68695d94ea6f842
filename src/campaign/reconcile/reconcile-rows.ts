// All rows against all balances, and how many could be held against each: what was not checked is said with its reason, so that a list
// without violations is never read as more than it is.
import type { AtlasRow } from '../row.ts';
import type { Balance } from './balance.ts';
import { CHECKS } from './checks.ts';
import type { Evidence } from './evidence.ts';
import { factsOf } from './row-facts.ts';
import { hasFigures } from './usable-rows.ts';
import { violationOf, type Violation } from './violation.ts';

export interface BalanceCount {
  readonly balance: Balance;
  /** Rows that could be held against it. */
  readonly checked: number;
  /** Rows that break it. */
  readonly broken: number;
  /** Why others could not, the commonest reason first. */
  readonly lacking: readonly { readonly because: string; readonly rows: number }[];
}

export interface Reconciliation {
  /** Rows with figures. */
  readonly rows: number;
  /** Rows with at least one impossible violation. */
  readonly impossible: number;
  /** Further rows with an odd one. */
  readonly odd: number;
  /** Impossible ones first, in the order of the rows. */
  readonly violations: readonly Violation[];
  readonly balances: readonly BalanceCount[];
}

interface OpenCount {
  readonly check: (typeof CHECKS)[number];
  checked: number;
  broken: number;
  readonly lacking: Map<string, number>;
}

/** Takes rows as they stream by; keeps violations and counts, no rows. */
export interface Reconciler {
  readonly add: (row: AtlasRow, further?: readonly Violation[]) => void;
  readonly result: () => Reconciliation;
}

const severest = (violations: readonly Violation[]): Violation['severity'] | null => {
  if (violations.length === 0) return null;
  return violations.some(({ severity }) => severity === 'impossible') ? 'impossible' : 'odd';
};

const checkRow = (row: AtlasRow, evidence: Evidence, counts: readonly OpenCount[]): Violation[] => {
  const facts = factsOf(row);
  const found: Violation[] = [];
  for (const count of counts) {
    const { check, lacking } = count;
    const because = check.lacks(facts, evidence);
    if (because === null) count.checked += 1;
    else lacking.set(because, (lacking.get(because) ?? 0) + 1);
    const findings = check.find(facts, evidence);
    if (findings.length > 0) count.broken += 1;
    for (const finding of findings) found.push(violationOf(row, finding));
  }
  return found;
};

const counted = ({ check: { balance }, checked, broken, lacking }: OpenCount): BalanceCount => ({
  balance,
  checked,
  broken,
  lacking: [...lacking].map(([because, rows]) => ({ because, rows })).toSorted((a, b) => b.rows - a.rows),
});

export const reconciler = (evidence: Evidence): Reconciler => {
  const counts = CHECKS.map((check): OpenCount => ({ check, checked: 0, broken: 0, lacking: new Map() }));
  const violations: Violation[] = [];
  const rows = { all: 0, impossible: 0, odd: 0 };
  return {
    add: (row, further = []) => {
      if (!hasFigures(row)) return;
      rows.all += 1;
      const found = [...checkRow(row, evidence, counts), ...further];
      const severity = severest(found);
      if (severity !== null) rows[severity] += 1;
      violations.push(...found);
    },
    result: () => ({
      rows: rows.all,
      impossible: rows.impossible,
      odd: rows.odd,
      violations: violations.toSorted((a, b) => Number(a.severity === 'odd') - Number(b.severity === 'odd')),
      balances: rows.all === 0 ? [] : counts.map(counted),
    }),
  };
};
