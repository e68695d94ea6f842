// Keeps the state of a running job in memory and on disk. Writes one after another, newest content only, each one atomic;
// never lets an older state replace a newer one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobFiles } from './job-folder.ts';
import type { JobState } from './job-state.ts';
import { writeState } from './write-state.ts';

export interface StateWriter {
  readonly state: () => JobState;
  /** Changes the state; it is written soon. */
  readonly update: (patch: Partial<JobState>) => void;
  /** Changes the state at most a few times a second; the last change is never dropped. */
  readonly updateSlowly: (patch: Partial<JobState>) => void;
  /** Resolves when everything so far is on disk. Throws what the last write threw. */
  readonly flush: () => Promise<void>;
}

const SLOW_MS = 250;

export const openStateWriter = (files: JobFiles, first: JobState, now: () => string): StateWriter => {
  let state = first;
  let written = first;
  let running: Promise<void> | undefined;
  let pausing = false;
  const writeAll = async (): Promise<void> => {
    while (written !== state) {
      const next = state;
      await writeState(files, next);
      written = next;
    }
  };
  const write = (): Promise<void> => (running ??= writeAll().finally(() => (running = undefined)));
  const change = (patch: Partial<JobState>): void => {
    state = { ...state, ...patch, updated_at: now() };
  };
  return {
    state: () => state,
    update: (patch) => {
      change(patch);
      write().catch(() => undefined); // `flush` reports it
    },
    updateSlowly: (patch) => {
      change(patch);
      if (pausing) return;
      pausing = true;
      void sleep(SLOW_MS, undefined, { ref: false })
        .then(() => (pausing = false))
        .then(write)
        .catch(() => undefined);
    },
    flush: async () => {
      await write().catch(() => undefined); // an older state; the newest is what counts
      await write();
    },
  };
};
