// Trials that were measured in turn, and so go together one by one. Never says so where the rows do not show it.
import { isValidTrial, type Trial } from '../../metrics/trial.ts';
import type { Side } from '../../source/side.ts';

/** What of a row shows it. */
export interface RepeatedRow {
  readonly raw_path: string;
  readonly trials: readonly Pick<Trial, 'validity'>[];
}

/** Folder of trials that were measured in turn, in the paths of their rows. */
const IN_TURN = /(^|\/)variant-ab\//;

const areAllInTurn = (rows: readonly RepeatedRow[], trials: number): boolean =>
  rows.length > 0 &&
  rows.every(
    (row) => IN_TURN.test(row.raw_path) && row.trials.length === trials && row.trials.every((trial) => isValidTrial(trial)),
  ); // prettier-ignore

/** Trials of both sides in blocks, where all of them were measured in turn and each load has as many: the n-th go together. */
export const inBlocks = (
  [baseline, candidate]: readonly [Side, Side],
  rows: readonly [readonly RepeatedRow[], readonly RepeatedRow[]],
): readonly [Side, Side] => {
  const [first] = rows[0];
  if (first === undefined || !rows.every((each) => areAllInTurn(each, first.trials.length)))
    return [baseline, candidate];
  const blocked = (side: Side): Side => ({
    ...side,
    trials: side.trials.map((trial) => ({ ...trial, block: trial.index })),
  });
  return [blocked(baseline), blocked(candidate)];
};
