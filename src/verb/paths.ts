// Turns the paths that callers write into absolute ones. Reads nothing from disk but whether a name exists.
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { exists } from '../fs/exists.ts';

export const controlCharacter = /[\u0000-\u001f\u007f]/;

/** Absolute form of a path as a person writes it: `~` is the home folder, relative paths start at `cwd`. */
export const absolutePath = (path: string, cwd: string): string => {
  if (path === '~') return homedir();
  if (path.startsWith('~/')) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? resolve(path) : resolve(cwd, path);
};

/**
 * Absolute form of a path that a caller names: a relative one starts at `cwd`, or at `root` where only there something of that
 * name, or else the folder for it, exists.
 */
export const namedPath = (path: string, cwd: string, root: string): string => {
  const here = absolutePath(path, cwd);
  if (cwd === root || isAbsolute(path) || path.startsWith('~') || exists(here)) return here;
  const there = resolve(root, path);
  const fits = exists(there) || (!exists(dirname(here)) && exists(dirname(there)));
  return fits ? there : here;
};
