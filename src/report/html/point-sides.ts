// Rows as sides of a comparison, as the reader of atlases reads them. Rows without repeats are read in one go; repeats of different
// rows were not run together, so a row with repeats is read by itself.
import { sideOfPoint } from '../../champion/ranked-variants.ts';
import { cellFile } from '../../campaign/layout.ts';
import type { AtlasRow } from '../../campaign/row.ts';
import { writtenRow } from '../../campaign/row-text.ts';
import { readMeasurement } from '../../importers/read.ts';
import { NO_LABELS, type Metric } from '../../metrics/metric.ts';
import type { Side } from '../../source/side.ts';

const isRepeated = ({ trials }: AtlasRow): boolean => trials.length > 1;

const unrepeated = async (rows: readonly AtlasRow[], path: string): Promise<ReadonlyMap<AtlasRow, Side>> => {
  const named = rows.map((row, index) => writtenRow({ ...row, cell_id: `r${index}` }));
  const outcome = rows.length === 0 ? null : await readMeasurement(path, { format: 'atlas', text: JSON.stringify(named) });
  if (outcome === null || outcome.kind !== 'measured') return new Map();
  const metrics = new Map<string, Metric[]>();
  for (const metric of outcome.reading.metrics) {
    const name = String(metric.labels['cell_id']);
    const own = metrics.get(name) ?? [];
    if (own.push({ ...metric, labels: NO_LABELS }) === 1) metrics.set(name, own);
  }
  return new Map(
    rows.flatMap((row, index) => {
      const own = metrics.get(`r${index}`);
      const context = row.num_prompts === null ? {} : { num_prompts: row.num_prompts };
      return own === undefined ? [] : [[row, { metrics: own, trials: [], context }] as const];
    }),
  );
}; // prettier-ignore

/** The side that each row is; rows that hold no measurement are not in it. */
export const sidesOfRows = async (rows: readonly AtlasRow[], campaign: string): Promise<ReadonlyMap<AtlasRow, Side>> => {
  const sides = new Map(await unrepeated(rows.filter((row) => !isRepeated(row)), cellFile(campaign, 'rows', 'rows')));
  for (const row of rows.filter(isRepeated)) {
    const side = await sideOfPoint(campaign, row);
    if (side !== null) sides.set(row, side);
  }
  return sides;
}; // prettier-ignore
