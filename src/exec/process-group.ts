// Signals to a whole process group, so that what a program started ends with it. Never signals a group whose leader this
// product did not start.
import { setTimeout as sleep } from 'node:timers/promises';
import { systemCode } from '../text/fault.ts';

const POLL_MS = 20;

/** Sends `signal` (0 only asks) to the group of `pid`. False when no member is left. */
export const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
};

/** Asks the group to end, waits up to `graceMs`, then kills what is left. */
export const stopGroup = async (pid: number, graceMs: number): Promise<void> => {
  signalGroup(pid, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (signalGroup(pid, 0) && Date.now() < deadline) await sleep(POLL_MS);
  signalGroup(pid, 'SIGKILL');
};
