// Turns the paths that callers write into absolute ones. Reads nothing from disk.
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

export const controlCharacter = /[\u0000-\u001f\u007f]/;

/** Absolute form of a path as a person writes it: `~` is the home folder, relative paths start at `cwd`. */
export const absolutePath = (path: string, cwd: string): string => {
  if (path === '~') return homedir();
  if (path.startsWith('~/')) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? resolve(path) : resolve(cwd, path);
};
