// A copy of the project in a temporary folder, in which single files may be changed, and who imports whom in it.
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, normalize, relative, resolve } from 'node:path';
import ts from 'typescript';

const COPIED = ['src', 'tools', 'test', 'configs', 'schemas', 'examples', 'docs', 'scripts', '.github', 'package.json'];

/** Copies the sources into a temporary folder; the installed packages are shared. */
export const copyProject = (): string => {
  const copy = mkdtempSync(join(tmpdir(), 'mutation-'));
  for (const name of COPIED) if (existsSync(name)) cpSync(name, join(copy, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  return copy;
};

/** TypeScript files below `folder` (or the one file it names), relative to `root`; none where it does not exist. */
export const sourcesIn = (root: string, folder: string): string[] => {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  if (folder.endsWith('.ts')) return [folder];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
};

const importsOf = (root: string, file: string): string[] =>
  ts
    .preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => normalize(join(file, '..', fileName)));

/** Every source and test with the files that it imports. */
export const importGraph = (root: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    ['src', 'tools', 'test']
      .flatMap((folder) => sourcesIn(root, folder))
      .map((file) => [file, importsOf(root, file)] as const),
  );

/** `file` and everything that imports it, directly or not, with the number of steps to it. */
export const importersOf = (graph: ReadonlyMap<string, readonly string[]>, file: string): Map<string, number> => {
  const found = new Map([[file, 0]]);
  for (const [next, distance] of found)
    for (const [from, to] of graph) if (to.includes(next) && !found.has(from)) found.set(from, distance + 1);
  return found;
};
