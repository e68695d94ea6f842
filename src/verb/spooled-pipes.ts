// Pipes that a shell gives in place of files, `<(command)`: they are written to temporary files before the verb runs, since readers
// look at the beginning, go back, and know sizes. Only for callers at a command line; the files go when the call ends.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isPipe, spoolPipe } from '../fs/pipe.ts';
import { Fault } from '../text/fault.ts';
import type { PathUse } from './path-use.ts';
import { absolutePath, namedPath } from './paths.ts';

/** Absolute path of a pipe as the caller gave it, and the file that holds what came through it. */
export type PipeFiles = Readonly<Record<string, string>>;

export interface SpooledPipes {
  readonly files: PipeFiles;
  readonly remove: () => void;
}

export const NO_PIPES: SpooledPipes = { files: {}, remove: () => undefined };

/** A text in which the caller's names stand for the temporary ones. */
export const withGivenNames = (text: string, files: PipeFiles): string =>
  Object.entries(files).reduce((named, [pipe, file]) => named.replaceAll(file, pipe), text);

/**
 * The `path` of a context: what a caller names as an absolute path, for a pipe the file in its place. Within a call one name
 * always means the same path, whatever appears meanwhile.
 */
export const pathReader = ({
  cwd,
  root,
  pipes,
}: {
  readonly cwd: string;
  readonly root: string;
  readonly pipes: PipeFiles;
}): ((path: string) => string) => {
  const known = new Map<string, string>();
  return (path) => {
    const found = known.get(path) ?? pipes[absolutePath(path, cwd)] ?? namedPath(path, cwd, root);
    known.set(path, found);
    return found;
  };
};

/** The fault with the names that the caller gave. */
export const faultWithGivenNames = (error: unknown, files: PipeFiles): unknown => {
  if (!(error instanceof Fault) || Object.keys(files).length === 0) return error;
  const { kind, code, message, details } = error;
  const path = details.path === undefined ? {} : { path: withGivenNames(details.path, files) };
  return new Fault(kind, code, withGivenNames(message, files), { ...details, ...path });
};

/** Plain data in which the caller's names stand for the temporary ones. */
export const dataWithGivenNames = <T>(value: T, files: PipeFiles): T =>
  Object.keys(files).length === 0 ? value : JSON.parse(withGivenNames(JSON.stringify(value), files));

const textsOf = (value: unknown): string[] => [value].flat().filter((each): each is string => typeof each === 'string');

const pipesIn = (
  paths: Readonly<Record<string, PathUse>>,
  input: Readonly<Record<string, unknown>>,
  cwd: string,
): string[] => {
  const read = Object.entries(paths).filter(([, { use }]) => use === 'read');
  const named = read.flatMap(([field]) => textsOf(input[field])).map((text) => absolutePath(text, cwd));
  return [...new Set(named)].filter(isPipe);
};

const temporaryFolder = (): string => mkdtempSync(join(realpathSync(tmpdir()), 'profile-and-optimize-'));

const removal = (folder: string) => (): void => rmSync(folder, { recursive: true, force: true });

/** A text made of what lies at `given`, as a file called `name` that stands for it until it is removed. */
export const spoolText = (given: string, name: string, text: string): SpooledPipes => {
  const folder = temporaryFolder();
  const file = join(folder, name);
  writeFileSync(file, text);
  return { files: { [given]: file }, remove: removal(folder) };
};

/**
 * Reads every pipe among the paths that a call reads, one after another. Throws a Fault `time_limit` of one that does not end in
 * time, `file_too_large`, or one of `ioFault`; then nothing is left behind.
 */
export const spoolPipes = async (
  paths: Readonly<Record<string, PathUse>>,
  input: Readonly<Record<string, unknown>>,
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<SpooledPipes> => {
  const pipes = pipesIn(paths, input, cwd);
  if (pipes.length === 0) return NO_PIPES;
  const folder = temporaryFolder();
  const remove = removal(folder);
  const files: Record<string, string> = {};
  try {
    for (const [index, pipe] of pipes.entries()) {
      const file = join(folder, `${index}-${basename(pipe)}`);
      await spoolPipe(pipe, file, { signal });
      files[pipe] = file;
    }
  } catch (error) {
    remove();
    throw error;
  }
  return { files, remove };
};
