// What a cell holds as one side of a comparison: its rows as the reader of atlases reads them, under a name that both sides share.
// Never says that trials ran in turn where the rows do not show it.
import { readMeasurement } from '../../importers/read.ts';
import type { Reading } from '../../metrics/reading.ts';
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
