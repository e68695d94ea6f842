// Decides whether the files of a folder are repeats of one measurement or parts of a larger one. Goes by what the files say and by
// how they are called; never takes parts for repeats because their numbers happen to have the same names.
import { createHash } from 'node:crypto';
import { metricKey } from '../metrics/metric.ts';
import type { Reading } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import { compareContexts } from '../verdict/context-match.ts';

/** A file of a folder, read. */
export interface FolderReading {
  /** Below the folder. */
  readonly path: string;
  readonly reading: Reading;
  /** Digest of the text. */
  readonly sha256: string;
}

export const textDigest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A date with or without a time, as tools put it into names: `20250601-120001`, `2025-06-01T12:00:01Z`. */
const MOMENT = /\d{4}-?\d{2}-?\d{2}(?:[T_-]?\d{2}[-:.]?\d{2}(?:[-:.]?\d{2})?(?:\.\d+)?Z?)?/g;

/** What stands before a number that counts repeats: nothing, a time, or a word that says so. `c16`, `rank3` and `tp8` say else. */
const BEFORE_COUNTER =
  /(?:^|\/|#[._-]?|(?:^|[^a-z])(?:runs?|trials?|reps?|repeats?|repetition|iter|iteration|attempt|pass|try|samples?|seed|results?)[ ._-]?)$/i;

/** `run3/out.json` as `run#/out.json`: what the names of repeats have in common. */
const withoutCounters = (path: string): string =>
  path
    .replace(MOMENT, '#')
    .replace(/\d+(?![a-z0-9])/gi, (digits, at: number, whole: string) =>
      BEFORE_COUNTER.test(whole.slice(0, at)) ? '#' : digits,
    );

/** True for two or more names that differ by nothing but a counter of repeats or a time. */
export const areRepeatNames = (paths: readonly string[]): boolean =>
  paths.length > 1 && new Set(paths.map(withoutCounters)).size === 1;

const keysOf = ({ format, metrics }: Reading): string => JSON.stringify([format, metrics.map(metricKey).sort()]);

/** The same metrics of the same points, measured under the same circumstances; two or more of them. */
const measureTheSame = (files: readonly FolderReading[]): boolean => {
  const [first, ...others] = files;
  if (first === undefined || others.length === 0) return false;
  return others.every(
    ({ reading }) =>
      keysOf(reading) === keysOf(first.reading) &&
      compareContexts(first.reading.context, reading.context).mismatches.length === 0,
  );
};

/** Throws a Fault `file_twice`: a file is no trial of itself, and neither is its copy. */
export const requireDistinct = (files: readonly Pick<FolderReading, 'path' | 'sha256'>[]): void => {
  const seen = new Map<string, string>();
  for (const { path, sha256 } of files) {
    const twin = seen.get(sha256);
    if (twin !== undefined)
      throw inputFault('file_twice', `${twin} and ${path} are the same file; a measurement is no trial of itself`, {
        path,
        fix: 'give each file once',
      });
    seen.set(sha256, path);
  }
};

/** How the files of a folder belong together. */
export interface FolderKind {
  readonly repeats: boolean;
  /** Why files that look like repeats are kept apart; null where nothing needs to be said. */
  readonly note: string | null;
}

/** `stated`: the caller says that they are repeats. A file is no repeat of itself. */
export const folderKind = (files: readonly FolderReading[], stated: boolean): FolderKind => {
  const apart = (note: string | null): FolderKind => ({ repeats: false, note });
  const named = areRepeatNames(files.map(({ path }) => path));
  if (!measureTheSame(files))
    return apart(named || stated ? 'the files do not hold the same metrics of one setting: each is kept apart' : null);
  if (new Set(files.map(({ sha256 }) => sha256)).size < files.length)
    return apart('some files are copies of one another: each is kept apart, and none counts as a repeat');
  if (named || stated) return { repeats: true, note: null };
  return apart('the files hold the same metrics and are kept apart; if they are repeats, give replicate_level');
};
