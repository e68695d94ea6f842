// Makes a folder appear whole or not at all: it is filled under a hidden name, flushed to the disk, and renamed. Never
// renames onto a name that exists, and never leaves a file of a published folder writable.
import { fchmodSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault, systemCode } from '../text/fault.ts';
import { READ_ONLY } from './atomic-file.ts';
import { mapBounded } from './bounded.ts';
import { flushDescriptor, syncPath, withOpen } from './durable.ts';
import { exists } from './exists.ts';
import { ioFault, onFile } from './io-fault.ts';
import { ownedName, ownerState, parseOwner, type OwnerState } from './process-owner.ts';

const WIDTH = 8;
const STALE_ELSEWHERE_MS = 7 * 24 * 3600 * 1000;

/** One folder; another process may have made it meanwhile. */
const makeFolder = (path: string): void => {
  try {
    mkdirSync(path);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
};

/** The folders of `path` that are missing, outermost first. */
const missingFolders = (path: string): string[] => {
  const missing: string[] = [];
  for (let at = path; !exists(at); at = dirname(at)) missing.unshift(at);
  return missing;
};

/**
 * Creates folders and flushes the names of those that are new. One by one, because Node's recursive mkdir never returns
 * below some special file systems and hides why a folder cannot be made.
 */
export const makeFolders = (path: string): Promise<void> =>
  onFile(path, async () => {
    const missing = missingFolders(path);
    for (const folder of missing) makeFolder(folder);
    await Promise.all(missing.map((folder) => syncPath(dirname(folder))));
  });

/** A new empty folder below `stagingRoot` whose name says which process owns it. */
export const stageFolder = async (stagingRoot: string): Promise<string> => {
  await makeFolders(stagingRoot);
  const path = join(stagingRoot, ownedName());
  await onFile(path, async () => mkdirSync(path));
  return path;
};

const sealFile = (path: string): Promise<void> =>
  withOpen(path, 'r', (descriptor) => {
    fchmodSync(descriptor, READ_ONLY);
    return flushDescriptor(descriptor);
  });

/** Makes every file below `staged` read-only and flushes the files, the folders and the name of `staged` to the disk. */
export const sealFolder = (staged: string): Promise<void> =>
  onFile(staged, async () => {
    const entries = readdirSync(staged, { withFileTypes: true, recursive: true });
    const seals = entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return entry.isFile() ? () => sealFile(path) : () => syncPath(path);
    });
    const folders = [staged, dirname(staged)].map((path) => () => syncPath(path));
    await mapBounded([...seals, ...folders], WIDTH, (seal) => seal());
  });

const taken = (target: string, cause?: unknown): Fault =>
  new Fault('refused', 'already_exists', `${target} exists and is not overwritten`, { path: target, cause });

/**
 * Gives a sealed folder its final name and flushes that name. rename(2) replaces an empty folder silently, so the target
 * must not exist at all: callers that may meet another writer hold a lock. Throws a Fault `already_exists`.
 */
export const moveIntoPlace = async (staged: string, target: string): Promise<void> => {
  try {
    if (exists(target)) throw taken(target);
    renameSync(staged, target);
    await syncPath(dirname(target));
  } catch (error) {
    const code = systemCode(error);
    throw code === 'ENOTEMPTY' || code === 'EEXIST' ? taken(target, error) : ioFault(error, target);
  }
};

/**
 * Fills a folder through `fill` and publishes it as `target`, for what can be made again (a diff, a report): whole or not at
 * all, but not flushed to the disk, so a power cut may lose it. `stagingRoot` must lie on the same file system.
 */
export const publishDerived = async (
  stagingRoot: string,
  target: string,
  fill: (staged: string) => Promise<void>,
): Promise<void> => {
  for (const folder of missingFolders(stagingRoot)) makeFolder(folder);
  const staged = join(stagingRoot, ownedName());
  try {
    mkdirSync(staged);
    await fill(staged);
    for (const folder of missingFolders(dirname(target))) makeFolder(folder);
    if (exists(target)) throw taken(target);
    renameSync(staged, target);
  } catch (error) {
    await rm(staged, { recursive: true, force: true });
    throw ioFault(error, target);
  }
};

export interface Leftover {
  readonly path: string;
  readonly owner: OwnerState;
  /** Nobody will finish this folder: its process is dead, or was elsewhere and has not touched it for a week. */
  readonly abandoned: boolean;
}

const leftover = (path: string, name: string): Leftover => {
  const owner = parseOwner(name);
  const state = owner === undefined ? 'dead' : ownerState(owner);
  if (state !== 'elsewhere') return { path, owner: state, abandoned: state === 'dead' };
  const status = statSync(path, { throwIfNoEntry: false });
  const abandoned = status !== undefined && Date.now() - status.mtimeMs > STALE_ELSEWHERE_MS;
  return { path, owner: state, abandoned };
};

/** What lies below `stagingRoot`; empty when that is absent. */
export const leftovers = (stagingRoot: string): Leftover[] => {
  try {
    return readdirSync(stagingRoot).map((name) => leftover(join(stagingRoot, name), name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw ioFault(error, stagingRoot);
  }
};

/** Removes what killed processes left below `stagingRoot`. */
export const sweepStaging = async (stagingRoot: string): Promise<void> => {
  const swept = leftovers(stagingRoot).filter(({ abandoned }) => abandoned);
  await mapBounded(swept, WIDTH, ({ path }) => rm(path, { recursive: true, force: true }));
};
