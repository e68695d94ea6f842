// A lock between processes that survives the death of its holder at any moment. Never breaks the lock of a process that
// lives, or that runs where it cannot be seen.
//
// A lock is a folder of numbered files. The file with the highest number says who holds the lock; an empty one says that
// nobody does. Taking the lock means creating the next number, which exactly one process can do (link(2) fails on an
// existing name); releasing it means emptying that file. Numbers only grow, so "this holder is gone" can never become
// false again, and two processes that find the same dead holder cannot both succeed. The last numbers are kept for a
// while: a process that counted on an old number finds higher ones after its link, and steps back.
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, systemCode } from '../text/fault.ts';
import { writeNew } from './atomic-file.ts';
import { ioFault } from './io-fault.ts';
import { currentOwner, ownedName, ownerState, ownerTag, parseOwner } from './process-owner.ts';

export interface LockOptions {
  /** How long to wait for another holder, in milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Old numbers kept; far more than can be used up while one folder listing runs. */
const KEPT = 64;
const LONGEST_PAUSE_MS = 20;
const CLAIM = /^\.(.+)\.claim$/;

const numberName = (number: number): string => String(number).padStart(12, '0');

const highest = (names: readonly string[]): number =>
  names.reduce((most, name) => (/^\d{12}$/.test(name) ? Math.max(most, Number(name)) : most), 0);

type Holder = 'nobody' | { readonly who: string; readonly elsewhere: boolean };

const holderOf = (folder: string, number: number): Holder => {
  if (number === 0) return 'nobody';
  const owner = parseOwner(readFileSync(join(folder, numberName(number)), 'utf8'));
  if (owner === undefined) return 'nobody';
  const state = ownerState(owner);
  if (state === 'dead') return 'nobody';
  return {
    who: `process ${owner.pid}${state === 'elsewhere' ? ' of another machine or container' : ''}`,
    elsewhere: state === 'elsewhere',
  };
};

const sweep = (folder: string, names: readonly string[], held: number): void => {
  const old = names.filter((name) => /^\d{12}$/.test(name) && Number(name) < held - KEPT);
  const dead = names.filter((name) => {
    const owner = parseOwner(CLAIM.exec(name)?.[1] ?? '');
    return owner !== undefined && ownerState(owner) === 'dead';
  });
  for (const name of [...old, ...dead]) rmSync(join(folder, name), { force: true });
};

/** Gives a held number up. */
const release = (folder: string, number: number): void => {
  try {
    truncateSync(join(folder, numberName(number)), 0);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw ioFault(error, folder);
  }
};

/** Settles a number that this call has just linked: true when no higher one exists, so that the lock is held. */
const confirm = (folder: string, number: number): boolean => {
  const names = readdirSync(folder);
  if (highest(names) > number) {
    rmSync(join(folder, numberName(number)), { force: true });
    return false;
  }
  if (number % KEPT === 0) sweep(folder, names, number);
  return true;
};

/** True when this call now holds `number`. */
const claim = async (folder: string, number: number): Promise<boolean> => {
  const written = join(folder, `.${ownedName()}.claim`);
  try {
    await writeNew(written, ownerTag(currentOwner()));
    linkSync(written, join(folder, numberName(number)));
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(written, { force: true });
  }
  try {
    return confirm(folder, number);
  } catch (error) {
    release(folder, number);
    throw error;
  }
};

const timedOut = (folder: string, holder: Exclude<Holder, 'nobody'>, waitedMs: number): Fault =>
  new Fault('timeout', 'lock_timeout', `${folder} is still held by ${holder.who} after ${Math.round(waitedMs)} ms`, {
    path: folder,
    fix: holder.elsewhere
      ? 'delete this folder if that process is gone; it cannot be seen from here'
      : 'wait until that process is done, or end it',
  });

const pause = async (attempt: number, signal: AbortSignal | undefined): Promise<void> => {
  const longest = Math.min(LONGEST_PAUSE_MS, 1.5 ** attempt);
  const [options, ms] = [signal === undefined ? {} : { signal }, longest * (0.5 + Math.random() / 2)];
  await sleep(ms, undefined, options).catch(() => {
    throw new Fault('interrupted', 'interrupted', 'interrupted while waiting for a lock');
  });
};

/** Who holds the lock and the number to claim next; undefined when the folder changed while it was read. */
const look = (folder: string): { holder: Holder; next: number } | undefined => {
  const top = highest(readdirSync(folder));
  try {
    return { holder: holderOf(folder, top), next: top + 1 };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined; // swept meanwhile: higher numbers exist
    throw error;
  }
};

/** Takes the lock and returns its number. */
const acquire = async (folder: string, { timeoutMs = 60_000, signal }: LockOptions): Promise<number> => {
  const began = performance.now();
  mkdirSync(folder, { recursive: true });
  for (let attempt = 0; ; attempt += 1) {
    const seen = look(folder);
    if (seen?.holder === 'nobody') {
      if (await claim(folder, seen.next)) return seen.next;
    } else if (seen !== undefined) {
      const waited = performance.now() - began;
      if (waited > timeoutMs) throw timedOut(folder, seen.holder, waited);
    }
    await pause(attempt, signal);
  }
};

/**
 * Runs `body` while no other process or call holds the lock `folder` (created when absent). The lock is free again when
 * `body` has settled, or when this process has died. Throws a Fault `lock_timeout` naming the holder, or `interrupted`.
 */
export const withLock = async <T>(folder: string, body: () => Promise<T>, options: LockOptions = {}): Promise<T> => {
  let number: number;
  try {
    number = await acquire(folder, options);
  } catch (error) {
    throw ioFault(error, folder);
  }
  try {
    return await body();
  } finally {
    release(folder, number);
  }
};
