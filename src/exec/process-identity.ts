// Names a process so that a later one with the same number is not taken for it. Never starts anything on Linux; on macOS it
// asks `ps`.
import { readFileSync } from 'node:fs';
import { currentOwner, ownerState, type OwnerState, type ProcessOwner } from '../fs/process-owner.ts';
import { runProcess } from './run-process.ts';

/** Process number with start time, host, boot and process-number namespace. */
export type ProcessIdentity = ProcessOwner;

/** Start time in clock ticks since boot: field 22 of `/proc/<pid>/stat`, proc(5). */
const linuxStart = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};

/** Start time in seconds since the epoch, from `ps -o lstart=` (`Mon Nov 23 01:20:44 2026`). */
const psStart = async (pid: number): Promise<string | undefined> => {
  const env = { PATH: '/bin:/usr/bin', LC_ALL: 'C' };
  const { code, stdout } = await runProcess(['ps', '-o', 'lstart=', '-p', String(pid)], { env, timeoutMs: 5000 });
  const epochMs = Date.parse(stdout.trim());
  return code === 0 && Number.isFinite(epochMs) ? String(epochMs / 1000) : undefined;
};

const startOf = async (pid: number): Promise<string | undefined> =>
  process.platform === 'linux' ? linuxStart(pid) : psStart(pid);

/** The identity of a running process; null when there is none with this number. */
export const identifyProcess = async (pid: number): Promise<ProcessIdentity | null> => {
  const started = await startOf(pid);
  return started === undefined ? null : { ...currentOwner(), pid, started };
};

/** `alive`, `dead` (also: another process has the number now), or `elsewhere` (another machine or container). */
export const processState = async (identity: ProcessIdentity): Promise<OwnerState> => {
  const state = ownerState(identity);
  if (state !== 'alive' || process.platform === 'linux') return state;
  return (await psStart(identity.pid)) === identity.started ? 'alive' : 'dead';
};

export const isAlive = async (identity: ProcessIdentity): Promise<boolean> =>
  (await processState(identity)) === 'alive';
