// Signals to a whole process group, so that what a program started ends with it: also servers that it started in a group of their own.
// Never signals a group whose leader neither this product nor a program of it started.
import { readdirSync, readFileSync } from 'node:fs';
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

/** Parent and group of a process, of Linux's /proc (`pid (name) state ppid pgrp …`); undefined where it has ended. */
const placeOf = (pid: string): { pid: number; parent: number; group: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid: Number(pid), parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
};

/** Other groups of what the group started, however deep. Linux; none elsewhere. */
const groupsBelow = (leader: number): number[] => {
  if (process.platform !== 'linux') return [];
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => placeOf(pid) ?? []);
  const below = new Set(all.filter(({ group }) => group === leader).map(({ pid }) => pid));
  for (const pid of below) for (const child of all) if (child.parent === pid) below.add(child.pid);
  return [...new Set(all.filter(({ pid }) => below.has(pid)).map(({ group }) => group))].filter((group) => group !== leader);
}; // prettier-ignore

/** Asks the group and those below it to end, waits up to `graceMs`, then kills what is left. */
export const stopGroup = async (pid: number, graceMs: number): Promise<void> => {
  const groups = [pid, ...groupsBelow(pid)];
  for (const group of groups) signalGroup(group, 'SIGTERM');
  const deadline = Date.now() + graceMs;
  while (groups.filter((group) => signalGroup(group, 0)).length > 0 && Date.now() < deadline) await sleep(POLL_MS);
  for (const group of groups) signalGroup(group, 'SIGKILL');
};
