// The one rule for every path that a verb writes because a caller named it: never into the trees that verbs of their own keep,
// never over an input, never through a link, never over a file that is not ours unless `overwrite` says so. Changes nothing.
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { ioFault } from '../fs/io-fault.ts';
import { artifactsFolder } from '../fs/root.ts';
import { isInside, realAsFarAsItGoes } from '../fs/safe-path.ts';
import { Fault } from '../text/fault.ts';
import type { VerbContext } from './context.ts';
import { type Ours, OUR_JUNIT, type PathUse, writes } from './path-use.ts';

const HEAD_BYTES = 4096;
const WRITABLE_BITS = 0o222;

type Paths = Readonly<Record<string, PathUse>>;

interface Target {
  readonly field: string;
  readonly path: string;
  /** Null: whatever is there is not ours. Undefined: the verb recognises it. */
  readonly ours: Ours | null | undefined;
}

/** What of a call decides where it may write. */
export type Place = Pick<VerbContext, 'root' | 'campaigns' | 'path'>;

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string');

const statusOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw ioFault(error, path);
  }
};

const refuse = (code: string, { field, path }: Target, says: string, fix: string): Fault =>
  new Fault('refused', code, `${field}: ${path} ${says}`, { path, fix });

type Tree = readonly [name: string, path: string];

const treesOfRoot = (root: string): readonly Tree[] => [
  ['the registry', join(artifactsFolder(root), 'perf-baselines')],
  ['the jobs', join(artifactsFolder(root), 'jobs')],
  ['the repository', join(root, '.git')],
];

const foldersAbove = (path: string): string[] =>
  dirname(path) === path ? [path] : [path, ...foldersAbove(dirname(path))];

/** A folder that holds a campaign, whoever keeps it. */
const isCampaign = (folder: string): boolean =>
  existsSync(join(folder, 'SOURCE.md')) && existsSync(join(folder, 'cells'));

/** Trees that only verbs of their own write: those of the call, and of every other root that the path lies under. */
const protectedTrees = (path: string, { root, campaigns }: Place): readonly Tree[] => {
  const above = foldersAbove(realAsFarAsItGoes(dirname(path)));
  return [
    ...treesOfRoot(root),
    ['the campaigns', campaigns],
    ...above.flatMap(treesOfRoot),
    ...[path, ...above].filter(isCampaign).map((folder): Tree => ['a campaign', folder]),
  ];
};

const checkPlace = (target: Target, context: Place): void => {
  const found = protectedTrees(target.path, context).find(([, tree]) => isInside(tree, target.path));
  if (found !== undefined)
    throw refuse('path_protected', target, `lies within ${found[0]}`, `name a place outside ${found[1]}`);
};

/** The first bytes of a regular file, without waiting for anything else. */
const headOf = (path: string): string => {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, HEAD_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
};

const isSame = (a: Stats, b: Stats): boolean => a.dev === b.dev && a.ino === b.ino;

const OVERWRITE = 'name another file, or set overwrite: true';

/** What is at the path now. `inputs` are the files that the call reads. */
const checkFile = (target: Target, inputs: readonly Stats[], overwrite: boolean): void => {
  const status = statusOf(target.path);
  if (status === undefined) return;
  if (status.isSymbolicLink())
    throw refuse('path_is_link', target, 'is a symbolic link', 'name the file that it leads to, or remove it');
  if (!status.isFile()) throw refuse('not_a_file', target, 'is no regular file', 'name a file');
  if (inputs.some((input) => isSame(input, status)))
    throw refuse('path_is_input', target, 'is read by the same call', 'name another file');
  if (overwrite || target.ours === undefined) return;
  if ((status.mode & WRITABLE_BITS) === 0) throw refuse('path_read_only', target, 'is read-only', OVERWRITE);
  if (target.ours === null || !target.ours.test(headOf(target.path)))
    throw refuse('path_not_ours', target, 'exists and was not written by this verb', OVERWRITE);
};

const checkFolder = (target: Target): void => {
  const status = statusOf(target.path);
  if (status === undefined) return;
  if (status.isSymbolicLink())
    throw refuse('path_is_link', target, 'is a symbolic link', 'name the folder that it leads to');
  if (!status.isDirectory()) throw refuse('not_a_folder', target, 'is no folder', 'name a folder');
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const filesOf = (field: string, path: string, use: PathUse, input: Readonly<Record<string, unknown>>): Target[] => {
  if (use.use === 'update') return [{ field, path, ours: undefined }];
  if (use.use === 'write') {
    const stem = join(dirname(path), basename(path, extname(path)));
    const beside = Object.entries(use.beside(input)).map(([extension, ours]) => ({
      field,
      path: `${stem}${extension}`,
      ours,
    }));
    return [{ field, path, ours: use.ours }, ...beside.filter((other) => other.path !== path)];
  }
  if (use.use === 'read') return [];
  const files = use.files(input);
  return namesIn(path).flatMap((name) => {
    const known = files.find(([pattern]) => pattern.test(name));
    return known === undefined ? [] : [{ field, path: join(path, name), ours: known[1] }];
  });
};

const inputsOf = (paths: Paths, input: Readonly<Record<string, unknown>>, context: Place): Stats[] =>
  Object.entries(paths)
    .filter(([, { use }]) => use === 'read')
    .flatMap(([field]) => textsOf(input[field]))
    .flatMap((text) => statSync(context.path(text), { throwIfNoEntry: false }) ?? []);

/**
 * Throws a Fault for a path that must not be written: `path_protected`, `path_is_link`, `path_is_input`, `path_read_only`,
 * `path_not_ours`, `not_a_file`, `not_a_folder`.
 */
export const checkWrittenPaths = (paths: Paths, input: Readonly<Record<string, unknown>>, context: Place): void => {
  const written = Object.entries(paths).filter(([field, { use }]) => use !== 'read' && input[field] !== undefined);
  if (written.length === 0) return;
  const inputs = inputsOf(paths, input, context);
  for (const [field, use] of written)
    for (const text of textsOf(input[field])) {
      const place: Target = { field, path: context.path(text), ours: undefined };
      checkPlace(place, context);
      if (use.use === 'fill') checkFolder(place);
      for (const target of filesOf(field, place.path, use, input)) {
        checkPlace(target, context);
        checkFile(target, inputs, input['overwrite'] === true);
      }
    }
};

/** The same for the file of a gate's report, which no field of a verb names. `paths` and `input` are those of the call. */
export const checkReportPath = (
  junit: string,
  context: Place,
  { paths = {}, input = {} }: { readonly paths?: Paths; readonly input?: Readonly<Record<string, unknown>> } = {},
): void => {
  const read = Object.fromEntries(Object.entries(paths).filter(([, { use }]) => use === 'read'));
  checkWrittenPaths({ ...read, junit: writes(OUR_JUNIT) }, { ...input, junit, overwrite: false }, context);
};
