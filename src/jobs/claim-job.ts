// Decides who ends the wait of a queued job: the supervisor that takes it or a canceller, never both (link(2) is atomic).
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { createFile } from '../fs/atomic-file.ts';
import { currentOwner } from '../fs/process-owner.ts';
import { Fault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import type { JobFiles } from './job-folder.ts';
import { processSchema, recordProcess, type RecordedProcess } from './job-state.ts';
import { withReserve } from './reserve.ts';

/** True when this process now decides what becomes of the job. */
export const claimJob = async (files: JobFiles, purpose: 'run' | 'cancel'): Promise<boolean> => {
  try {
    const claim = jsonFile({ purpose, process: recordProcess(currentOwner()) });
    await withReserve(files, () => createFile(files.claim, claim));
    return true;
  } catch (error) {
    if (error instanceof Fault && error.code === 'already_exists') return false;
    throw error;
  }
};

const claimSchema = z.object({ process: processSchema });

/** The process that has claimed the job; null while nobody has. */
export const claimantOf = async (files: JobFiles): Promise<RecordedProcess | null> => {
  try {
    return claimSchema.parse(JSON.parse(await readFile(files.claim, 'utf8'))).process;
  } catch {
    return null; // not there; it is written whole
  }
};
