// The rows of a comparison as the cases of a gate's report: outside is failed, undecided is skipped, the rest has passed. Decides
// nothing: what a row is has been judged.
import type { CaseOutcome, ReportCase } from '../render/junit.ts';
import { type Changed, changeText } from './wording.ts';

/** A row as answers hold it, where the candidate's value is `current`. */
export interface ReportedRow extends Omit<Changed, 'candidate'> {
  readonly key: string;
  readonly current: number;
}

export interface ReportedDiff {
  readonly adverse: readonly ReportedRow[];
  readonly undecided?: readonly ReportedRow[] | undefined;
  readonly improved: readonly ReportedRow[];
  readonly vanished: readonly { readonly key: string }[];
}

/** What changed in a row of an answer: `500 -> 610 ms (+22.0%)`. */
export const reportedChange = (row: ReportedRow): string => changeText({ ...row, candidate: row.current });

/** The cases of one comparison; `group` names it. */
export const diffCases = (group: string, diff: ReportedDiff): ReportCase[] => {
  const failed = new Set(diff.adverse.map(({ key }) => key));
  const cases = (rows: readonly ReportedRow[], outcome: CaseOutcome): ReportCase[] =>
    rows.map((row) => ({ group, name: row.key, outcome, message: reportedChange(row) }));
  return [
    ...cases(diff.adverse, 'failed'),
    ...diff.vanished.map(({ key }): ReportCase => ({ group, name: key, outcome: 'failed', message: 'vanished' })),
    ...cases(
      (diff.undecided ?? []).filter(({ key }) => !failed.has(key)),
      'skipped',
    ),
    ...cases(diff.improved, 'passed'),
  ];
};
