// Whether anybody has written to a file since it was last looked at, by what its inode says. Never reads the file.
import { statSync } from 'node:fs';

/** What any writing changes, the change of a link or of times included; undefined for a file that is not there. */
export const fileStamp = (path: string): string | undefined => {
  const status = statSync(path, { throwIfNoEntry: false });
  return status === undefined ? undefined : `${status.ino} ${status.ctimeMs} ${status.mtimeMs} ${status.size}`;
};

interface Kept<T> {
  readonly stamp: string;
  readonly value: T;
}

/** Finds something in a file; what it found is kept as long as the file is as it was before it looked. */
export type FileMemo<T> = (path: string, what: string, find: () => T) => T;

/** Keeps the `most` findings that were asked for last. An absent file is asked every time. */
export const createFileMemo = <T>(most: number): FileMemo<T> => {
  const kept = new Map<string, Kept<T>>();
  return (path, what, find) => {
    const stamp = fileStamp(path);
    if (stamp === undefined) return find();
    const id = `${path}\0${what}`;
    const known = kept.get(id);
    const value = known?.stamp === stamp ? known.value : find();
    kept.delete(id);
    const [oldest] = kept.keys();
    if (kept.size >= most && oldest !== undefined) kept.delete(oldest);
    kept.set(id, { stamp, value });
    return value;
  };
};
