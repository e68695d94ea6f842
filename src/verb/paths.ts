// Turns the paths that callers write into absolute ones. Reads nothing from disk but whether a name exists.
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exists } from '../fs/exists.ts';
import { Fault } from '../text/fault.ts';

export const controlCharacter = /[\u0000-\u001f\u007f]/;

/** `file:///a%20b` as a path; any other text as it is. */
export const withoutScheme = (text: string): string => {
  if (!text.startsWith('file://')) return text;
  try {
    return fileURLToPath(text);
  } catch {
    throw new Fault('usage', 'invalid_input', `${text} is no URI of a local file`, { fix: 'give the path' });
  }
};

/** Absolute form of a path as a person or a link writes it: `~` is the home folder, relative paths start at `cwd`. */
export const absolutePath = (named: string, cwd: string): string => {
  const path = withoutScheme(named);
  if (path === '~') return homedir();
  if (path.startsWith('~/')) return join(homedir(), path.slice(2));
  return isAbsolute(path) ? resolve(path) : resolve(cwd, path);
};

/**
 * Absolute form of a path that a caller names: a relative one starts at `cwd`, or at `root` where only there something of that
 * name, or else the folder for it, exists.
 */
export const namedPath = (named: string, cwd: string, root: string): string => {
  const path = withoutScheme(named);
  const here = absolutePath(path, cwd);
  if (cwd === root || isAbsolute(path) || path.startsWith('~') || exists(here)) return here;
  const there = resolve(root, path);
  const fits = exists(there) || (!exists(dirname(here)) && exists(dirname(there)));
  return fits ? there : here;
};
