// Brings the paths that a call reads into the form that verbs take: `file://` URIs become paths, globs become the files that they
// match. Refuses what is neither a file nor a folder before anything is opened: a pipe without a writer would hold the call for ever.
import { readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, sep } from 'node:path';
import { ioFault } from '../fs/io-fault.ts';
import { Fault, systemCode } from '../text/fault.ts';
import { compileGlobs } from '../text/glob-set.ts';
import type { VerbContext } from './context.ts';
import type { PathUse } from './path-use.ts';
import { withoutScheme } from './paths.ts';

/** Most files that one glob may stand for. */
const MOST_MATCHES = 1000;
const GLOB = /[*?]/;

const kindOf = (path: string): 'file' | 'folder' | 'other' | undefined => {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status === undefined ? undefined : status.isFile() ? 'file' : status.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (['ENOTDIR', 'ENAMETOOLONG', 'ENOENT'].includes(systemCode(error) ?? '')) return undefined;
    throw ioFault(error, path);
  }
};

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
};

/** Files and folders that match, part by part; a part without `*` and `?` stands for itself, hidden names only match literally. */
const expand = (folder: string, parts: readonly string[]): string[] => {
  const [part, ...rest] = parts;
  if (part === undefined) return [folder];
  if (!GLOB.test(part)) {
    const path = join(folder, part);
    return kindOf(path) === undefined ? [] : expand(path, rest);
  }
  const matches = compileGlobs([part]);
  const names = namesIn(folder).filter((name) => !name.startsWith('.') && matches(name).matched.length > 0);
  return names.flatMap((name) => expand(join(folder, name), rest)).slice(0, MOST_MATCHES + 1);
};

const globbed = (field: string, text: string, context: VerbContext): string[] => {
  const path = context.path(text);
  if (!GLOB.test(text) || kindOf(path) !== undefined) return [text];
  const found = isAbsolute(path)
    ? expand(
        sep,
        path.split(sep).filter((part) => part !== ''),
      )
    : [];
  if (found.length > 0 && found.length <= MOST_MATCHES) return found;
  const says = found.length === 0 ? 'matches no file' : `matches more than ${MOST_MATCHES} files`;
  throw new Fault('input', 'glob_unfit', `${field}: ${text} ${says}`, { path, fix: 'name files or a folder' });
};

const refuseOther = (field: string, text: string, context: VerbContext): void => {
  const path = context.path(text);
  if (kindOf(path) === 'other')
    throw new Fault('input', 'not_a_file', `${field}: ${path} is neither a file nor a folder`, {
      path,
      fix: 'write it to a file first',
    });
};

const healed = (field: string, value: unknown, { use }: PathUse, context: VerbContext): unknown => {
  if (typeof value === 'string') {
    const text = withoutScheme(value);
    if (use === 'read') refuseOther(field, text, context);
    return text;
  }
  if (!Array.isArray(value)) return value;
  const texts = value.map((each: unknown) => (typeof each === 'string' ? withoutScheme(each) : each));
  if (use !== 'read') return texts;
  const all = texts.flatMap((each) => (typeof each === 'string' ? globbed(field, each, context) : [each]));
  for (const each of all) if (typeof each === 'string') refuseOther(field, each, context);
  return all;
};

/** The input with its path fields as verbs take them. Throws a Fault `not_a_file` or `glob_unfit`. */
export const nameInputs = (
  paths: Readonly<Record<string, PathUse>>,
  input: Readonly<Record<string, unknown>>,
  context: VerbContext,
): Record<string, unknown> => {
  const named = Object.entries(paths).flatMap(([field, use]) =>
    input[field] === undefined ? [] : [[field, healed(field, input[field], use, context)] as const],
  );
  return { ...input, ...Object.fromEntries(named) };
};
