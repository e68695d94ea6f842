// How violations read: one line for each row that cannot be true, and one for all that are odd. Every importer, the status of a campaign
// and the reconciliation say it by these words.
import { plural } from '../../render/numbers.ts';
import type { BalanceCount, Reconciliation } from './reconcile-rows.ts';
import type { Violation } from './violation.ts';

/** Rows that a line names before it counts them. */
const NAMED = 2;

const placeOf = ({ cell_id, concurrency }: Violation): string => `${cell_id} at concurrency ${concurrency}`;

/** One violation of each row: the first whose cause is known, else the first. */
const byRow = (violations: readonly Violation[]): Violation[] => {
  const rows = new Map<string, Violation>();
  for (const violation of violations) {
    const known = rows.get(violation.row_id);
    if (known === undefined || (known.likely_cause === 'unknown' && violation.likely_cause !== 'unknown'))
      rows.set(violation.row_id, violation);
  }
  return [...rows.values()];
};

const line = (violations: readonly Violation[], words: string): string[] => {
  const rows = byRow(violations);
  const [first] = rows;
  if (first === undefined) return [];
  const named = rows.slice(0, NAMED).map(placeOf).join(', ');
  const more = rows.length > NAMED ? ` and ${rows.length - NAMED} more` : '';
  return [`${plural(rows.length, 'row')} ${words} (${named}${more}): ${first.says}`];
};

/** What the reader of rows should know of their balances: a line for those that cannot be true, a line for the odd ones. */
export const violationWarnings = (violations: readonly Violation[]): string[] => [
  ...line(
    violations.filter(({ severity }) => severity === 'impossible'),
    'cannot be true; kept, and left out of champion, tokens per minute and cost',
  ),
  ...line(
    violations.filter(({ severity }) => severity === 'odd'),
    'odd',
  ),
];

/** Violations that the text shows; the structured answer has all. */
const SHOWN = 12;

const checkedText = (balances: readonly BalanceCount[]): string =>
  balances
    .filter(({ checked }) => checked > 0)
    .map(({ balance, checked, broken }) => `${balance} ${checked}${broken > 0 ? ` (${broken} broken)` : ''}`)
    .join(', ');

const lackingText = (balances: readonly BalanceCount[]): string[] =>
  balances.flatMap(({ balance, lacking }) =>
    lacking.slice(0, 1).map(({ because, rows }) => `not checked: ${balance} of ${plural(rows, 'row')}: ${because}`),
  );

const violationLine = ({ severity, row_id, balance, says }: Violation): string =>
  `${severity} ${row_id} ${balance}: ${says}`;

export const reconciliationText = ({ rows, impossible, odd, violations, balances }: Reconciliation): string => {
  if (rows === 0) return 'no row has figures yet';
  return [
    `${impossible} of ${plural(rows, 'row')} cannot be true, ${odd} more ${odd === 1 ? 'is' : 'are'} odd`,
    ...violations.slice(0, SHOWN).map(violationLine),
    ...(violations.length > SHOWN ? [`… ${violations.length - SHOWN} more violations`] : []),
    `rows held against: ${checkedText(balances)}`,
    ...lackingText(balances),
  ].join('\n');
};
