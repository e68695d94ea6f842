// The rows of a campaign's atlas for whatever sums them up: a block at a time, so that an atlas of any size is read in little memory.
// Rows that the aggregate itself wrote were checked then; those of any other file are checked here.
import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { inputFault } from '../text/fault.ts';
import { readIndex } from './aggregate-index.ts';
import { atlasPath } from './layout.ts';
import { atlasBlocks, type AtlasReading } from './row-text.ts';
import type { AtlasRow } from './row.ts';

/**
 * The rows of a campaign, a block at a time, each with every field; `isLeftOut` as `AtlasReading` has it. Throws a Fault `atlas_missing`
 * where there is no atlas, and the Faults of its rows.
 */
export async function* campaignRows(
  campaign: string,
  signal: AbortSignal,
  isLeftOut?: AtlasReading['isLeftOut'],
): AsyncGenerator<Iterable<AtlasRow>> {
  const path = atlasPath(campaign);
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined)
    throw inputFault('atlas_missing', `${path} is not there`, { path, fix: 'aggregate the atlas first: perf_tune_report_atlas_aggregate' });
  for await (const rows of atlasBlocks(path, { isChecked: readIndex(campaign, status) !== undefined, isLeftOut })) {
    await setImmediate();
    signal.throwIfAborted();
    yield rows;
  }
} // prettier-ignore
