// Rows that cannot be true, by name and with the balance that each one breaks; they are in no champion, no capacity and no cost.
import { hasFigures } from '../../campaign/reconcile/usable-rows.ts';
import type { AtlasRow } from '../../campaign/row.ts';
import { figure } from '../../render/document.ts';
import { plural } from '../../render/numbers.ts';
import { pageTable } from '../../render/page.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';

const SHOWN = 60;

const titleOf = (rows: readonly AtlasRow[]): string => {
  const checked = rows.filter(hasFigures).length;
  if (checked === 0) return 'No row holds figures that could disagree';
  return checked === 1 ? 'The one row with figures agrees with itself' : `All ${checked} rows with figures agree with themselves`;
}; // prettier-ignore

export const reconciliationPages: PagePlan = ({ rows, excluded }) => {
  if (rows.length === 0) return omitted('reconciliation', 'there are no rows', 'import measurements first');
  const table = pageTable(
    [
      { title: 'cell', share: 2 },
      { title: 'C', align: 'right' },
      { title: 'balance', share: 1 },
      { title: 'why it cannot be true', share: 4 },
    ],
    excluded
      .slice(0, SHOWN)
      .map(({ cell_id: cell, row_id: row, concurrency, violation }) => [cell, `${concurrency}`, violation.balance, figure(violation.says, [row], [violation.balance])]),
    9,
  );
  const held = `Every row was held against the balances that its own figures decide: requests in flight, tokens, rates and times.`;
  return drawn([
    {
      id: 'reconciliation',
      title: excluded.length === 0 ? titleOf(rows) : `${plural(excluded.length, 'row')} of ${rows.length} cannot be true and ${excluded.length === 1 ? 'is' : 'are'} left out of every conclusion`,
      subtitle: `${plural(rows.length - excluded.length, 'row')} used; counters and bounds beside them: perf_tune_report_reconcile`,
      orientation: 'landscape',
      blocks: [
        { kind: 'paragraph', text: held },
        ...(excluded.length === 0 ? [] : [table]),
        ...(excluded.length > SHOWN ? [{ kind: 'paragraph', text: `${excluded.length - SHOWN} more are in the answer of perf_tune_report_reconcile.` } as const] : []),
      ],
    },
  ]);
}; // prettier-ignore
