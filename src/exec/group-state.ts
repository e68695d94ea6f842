// Says whether anything of a process group still runs, also when its leader has ended. Never signals anything but 0.
import { readdirSync, readFileSync } from 'node:fs';
import { currentOwner, type OwnerState } from '../fs/process-owner.ts';
import { signalGroup } from './process-group.ts';
import { processState, type ProcessIdentity } from './process-identity.ts';

/** State and group of a process, fields 3 and 5 of `/proc/<pid>/stat`, proc(5). */
const statOf = (pid: string): readonly [state: string, group: number] | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [state, Number(group)];
  } catch {
    return null;
  }
};

/** Any process of the group that still runs; one that only waits to be collected does not. */
const hasMembers = (group: number): boolean => {
  if (!signalGroup(group, 0)) return false;
  if (process.platform !== 'linux') return true;
  return readdirSync('/proc').some((name) => {
    const [state, of] = /^\d+$/.test(name) ? (statOf(name) ?? []) : [];
    return of === group && state !== 'Z' && state !== 'X';
  });
};

/**
 * Whether anything of the group that `leader` led still runs, also when the leader itself has ended: as long as a group has
 * members, no other process gets its number. `elsewhere`: another machine or container.
 */
export const groupState = async (leader: ProcessIdentity): Promise<OwnerState> => {
  const state = await processState(leader);
  if (state !== 'dead' || leader.boot !== currentOwner().boot || leader.pidSpace !== currentOwner().pidSpace)
    return state;
  const present = statOf(String(leader.pid));
  const isTaken = present !== null && present[0] !== 'Z' && present[0] !== 'X'; // by another process: the group is over
  return !isTaken && hasMembers(leader.pid) ? 'alive' : 'dead';
};
