// What a row comes to once its family is taken into account. Decides nothing: the family says how the row stands.
import type { Standing } from '../verdict/overall.ts';
import type { JudgedRow } from './judgement.ts';

const OUTSIDE: ReadonlySet<Standing> = new Set(['failed', 'suspect', 'invalid']);

const isImproved = ({ improved, decision: { basis, status, reason } }: JudgedRow): boolean =>
  improved && (basis === 'point' || (status === 'PASS' && reason === 'improved'));

/** The row as the decision over all of them leaves it. */
export const settleRow = (row: JudgedRow, standing: Standing): JudgedRow => {
  const [adverse, improved] = [OUTSIDE.has(standing), isImproved(row)];
  return standing === row.standing && adverse === row.adverse && improved === row.improved
    ? row
    : { ...row, standing, adverse, improved };
};
