// What a cell holds as one side of a comparison: its rows as the reader of atlases reads them, under a name that both sides share.
// Never says that trials ran in turn where the rows do not show it.
import { readMeasurement } from '../../importers/read.ts';
import type { Reading } from '../../metrics/reading.ts';
import { isValidTrial } from '../../metrics/trial.ts';
import { attestedOfContext, attestedOfTrials, joinAttested, originOf } from '../../source/fact-origin.ts';
import type { Side } from '../../source/side.ts';
import { writtenRow } from '../row-text.ts';
import type { AtlasRow } from '../row.ts';

/** Rows that hold a measurement, as one side; null where none does. `name` stands for the cell in the keys of its metrics. */
export const sideOfRows = async (rows: readonly AtlasRow[], name: string, path: string): Promise<Side | null> => {
  const named = rows.map((row) => writtenRow({ ...row, cell_id: name }));
  if (named.length === 0) return null;
  const outcome = await readMeasurement(path, { format: 'atlas', text: JSON.stringify(named) });
  return outcome.kind === 'measured' ? sideOfReading(outcome.reading) : null;
};

const sideOfReading = (reading: Reading): Side => {
  const { metrics, trials, context, contradictions } = reading;
  const origin = originOf(reading);
  const attested = joinAttested(attestedOfTrials(origin, trials, undefined), attestedOfContext(origin, context));
  return { metrics, trials, context, attested, contradictions };
};

/** Folder of trials that were measured in turn, in the paths of their rows. */
const IN_TURN = /(^|\/)variant-ab\//;

const areAllInTurn = (rows: readonly AtlasRow[], trials: number): boolean =>
  rows.length > 0 &&
  rows.every(
    (row) => IN_TURN.test(row.raw_path) && row.trials.length === trials && row.trials.every((trial) => isValidTrial(trial)),
  ); // prettier-ignore

/** Trials of both sides in blocks, where all of them were measured in turn and each load has as many: the n-th go together. */
export const inBlocks = (
  [baseline, candidate]: readonly [Side, Side],
  rows: readonly [readonly AtlasRow[], readonly AtlasRow[]],
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
