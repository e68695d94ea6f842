// Decides who ends the wait of a queued job: the supervisor that takes it or a canceller, never both (link(2) is atomic).
import { createFile } from '../fs/atomic-file.ts';
import { currentOwner } from '../fs/process-owner.ts';
import { Fault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import type { JobFiles } from './job-folder.ts';
import { recordProcess } from './job-state.ts';

/** True when this process now decides what becomes of the job. */
export const claimJob = async (files: JobFiles, purpose: 'run' | 'cancel'): Promise<boolean> => {
  try {
    await createFile(files.claim, jsonFile({ purpose, process: recordProcess(currentOwner()) }));
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'already_exists') return false;
    throw error;
  }
};
