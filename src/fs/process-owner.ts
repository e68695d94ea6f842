// Says which process made a file and whether that process still lives, so that leftovers of killed processes can be recognised
// from work in progress. Never calls a process dead when it cannot know.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemCode } from '../text/fault.ts';

/** One process of one machine, distinct from a later process with the same number by its start time. */
export interface ProcessOwner {
  readonly pid: number;
  /** Clock ticks since boot (Linux, field 22 of `/proc/<pid>/stat`); `0` where the system does not state. */
  readonly started: string;
  /** Digests of host name and machine id, of the boot, and of the process-number namespace; `0` where unknown. */
  readonly host: string;
  readonly boot: string;
  readonly pidSpace: string;
}

/** `elsewhere`: another machine or container; whether the process lives there cannot be seen from here. */
export type OwnerState = 'alive' | 'dead' | 'elsewhere';

const UNKNOWN = '0';

const digest = (text: string): string =>
  text === '' ? UNKNOWN : createHash('sha256').update(text).digest('hex').slice(0, 12);

const textOf = (read: () => string): string => {
  try {
    return read().trim();
  } catch {
    return '';
  }
};

/** State letter and start time of a process; undefined where `/proc` does not show it. Format: proc(5), `/proc/pid/stat`. */
const processStatus = (pid: number): { state: string; started: string } | undefined => {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, started] = [fields[0], fields[19]];
  return state === undefined || started === undefined ? undefined : { state, started };
};

const describeSelf = (): ProcessOwner => ({
  pid: process.pid,
  started: processStatus(process.pid)?.started ?? UNKNOWN,
  host: digest(`${hostname()}\n${textOf(() => readFileSync('/etc/machine-id', 'utf8'))}`),
  boot: digest(textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))),
  pidSpace: digest(textOf(() => readlinkSync('/proc/self/ns/pid'))),
});

let self: ProcessOwner | undefined;

/** This process. */
export const currentOwner = (): ProcessOwner => (self ??= describeSelf());

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemCode(error) === 'ESRCH';
  }
};

/** Whether the owner still lives. A killed process that its parent has not collected yet is dead. */
export const ownerState = (owner: ProcessOwner): OwnerState => {
  const here = currentOwner();
  if (owner.host !== here.host) return 'elsewhere';
  if (owner.boot !== here.boot) return 'dead';
  if (owner.pidSpace !== here.pidSpace) return 'elsewhere';
  if (isGone(owner.pid)) return 'dead';
  const status = processStatus(owner.pid);
  if (status === undefined) return 'alive';
  if (status.state === 'Z' || status.state === 'X') return 'dead';
  return owner.started === UNKNOWN || owner.started === status.started ? 'alive' : 'dead';
};

/** The owner as one word that may stand in a file name: `4711.88123.<host>.<boot>.<pid space>`. */
export const ownerTag = (owner: ProcessOwner): string =>
  [owner.pid, owner.started, owner.host, owner.boot, owner.pidSpace].join('.');

/** A name that no other process and no other call makes: the owner's tag and 12 random hex digits. */
export const ownedName = (): string => `${ownerTag(currentOwner())}.${randomBytes(6).toString('hex')}`;

/** Reads `ownerTag` or `ownedName` back; undefined for any other text. */
export const parseOwner = (text: string): ProcessOwner | undefined => {
  const found = /^(\d+)\.(\d+)\.([0-9a-f]+)\.([0-9a-f]+)\.([0-9a-f]+)(?:\.[0-9a-f]{12})?$/.exec(text);
  if (found === null) return undefined;
  const [, pid = '', started = '', host = '', boot = '', pidSpace = ''] = found;
  return { pid: Number(pid), started, host, boot, pidSpace };
};
