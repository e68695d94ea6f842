// Writes `state.json` in one go. The end of a job is written on a full disk too.
import { replaceFile } from '../fs/atomic-file.ts';
import { jsonFile } from '../text/json.ts';
import type { JobFiles } from './job-folder.ts';
import { hasEnded, type JobState } from './job-state.ts';
import { dropReserve, withReserve } from './reserve.ts';

/** Throws the Fault of the file; readers see the old state then. */
export const writeState = async (files: JobFiles, state: JobState): Promise<void> => {
  const write = (): Promise<void> => replaceFile(files.state, jsonFile(state));
  if (!hasEnded(state.state)) return write();
  await withReserve(files, write);
  dropReserve(files);
};
