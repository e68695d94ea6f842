// Puts a site in its place whole or not at all: pages are written into a folder beside it, which then takes its name. What has not
// changed is the same file as before. Never replaces a folder that is no site of ours, and never removes a file that is not of it.
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeNew } from '../fs/atomic-file.ts';
import { stageFolder, sweepStaging } from '../fs/publish-folder.ts';
import { ioFault } from '../fs/io-fault.ts';
import { Fault } from '../text/fault.ts';
import { isJsonObject, jsonFile, parseJson } from '../text/json.ts';

/** Names the site and its files: by it a folder is known as ours. */
export const SITE_FILE = 'site.json';
const SITE_MARK = 'profile-and-optimize site';

export interface SiteHead {
  /** ISO 8601 UTC. */
  readonly rendered_at: string;
  readonly product_version: string;
}

/** A file of a site: its text, or the file that it is a copy of. */
export type SiteFile = { readonly path: string } & ({ readonly text: string } | { readonly from: string });

export interface Written {
  readonly files: number;
  /** New, or with other bytes than before. */
  readonly changed: number;
  readonly unchanged: number;
  /** Of the site that was there and not of this one. */
  readonly removed: number;
  readonly bytes: number;
}

interface Earlier {
  readonly files: ReadonlySet<string>;
}

/** Files below a folder, relative with `/`. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

const refuse = (out: string, code: string, says: string, fix: string): Fault =>
  new Fault('refused', code, `out: ${out} ${says}`, { path: out, fix });

/** The names in the mark of a site; undefined where it is none of ours. */
const markedFiles = (out: string): string[] | undefined => {
  const path = join(out, SITE_FILE);
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  try {
    const mark = parseJson(readFileSync(path, 'utf8'), path);
    if (!isJsonObject(mark) || mark['site'] !== SITE_MARK || !Array.isArray(mark['files'])) return undefined;
    return mark['files'].filter((file) => typeof file === 'string');
  } catch {
    return undefined;
  }
};

/**
 * What is at `out`: nothing, or a site of ours. Throws a Fault `site_not_ours` for any other folder that is not empty, and
 * `site_foreign_files` where files lie in a site that are not of it, unless `overwrite`.
 */
export const earlierSite = (out: string, overwrite: boolean): Earlier => {
  if (!existsSync(out) || readdirSync(out).length === 0) return { files: new Set() };
  const marked = markedFiles(out);
  if (marked === undefined)
    throw refuse(out, 'site_not_ours', 'is no site of this verb and is not replaced', 'name a new or an empty folder');
  const files = new Set([...marked, SITE_FILE]);
  const foreign = filesIn(out).filter((file) => !files.has(file));
  if (foreign.length > 0 && !overwrite)
    throw refuse(out, 'site_foreign_files', `holds ${foreign.slice(0, 5).join(', ')}${foreign.length > 5 ? ` and ${foreign.length - 5} more` : ''}, which would be removed`, 'move them away, name another folder, or set overwrite: true'); // prettier-ignore
  return { files };
};

const sameBytes = (path: string, bytes: Buffer): boolean => {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.isFile() === true && status.size === bytes.length && readFileSync(path).equals(bytes);
};

/** The file as it was, under its new name; false where the system has no such links. */
const linkAsItWas = (from: string, to: string): boolean => {
  try {
    linkSync(from, to);
    return true;
  } catch {
    return false;
  }
};

interface Count {
  files: number;
  changed: number;
  unchanged: number;
  bytes: number;
}

const putText = async (file: SiteFile & { readonly text: string }, out: string, staged: string | null, count: Count) => {
  const bytes = Buffer.from(file.text);
  const before = join(out, file.path);
  const isSame = sameBytes(before, bytes);
  count[isSame ? 'unchanged' : 'changed'] += 1;
  count.bytes += bytes.length;
  if (staged === null || (isSame && linkAsItWas(before, join(staged, file.path)))) return;
  await writeNew(join(staged, file.path), bytes);
}; // prettier-ignore

const putCopy = async ({ path, from }: { readonly path: string; readonly from: string }, out: string, staged: string | null, count: Count) => {
  const { size } = statSync(from);
  const isSame = sameBytes(join(out, path), readFileSync(from));
  count[isSame ? 'unchanged' : 'changed'] += 1;
  count.bytes += size;
  if (staged === null || (isSame && linkAsItWas(join(out, path), join(staged, path)))) return;
  await copyFile(from, join(staged, path));
}; // prettier-ignore

/** Gives the staged folder the name of the site; the one that was there is put back where that fails. */
const swap = (staged: string, out: string, aside: string): void => {
  const isThere = existsSync(out);
  if (isThere && readdirSync(out).length === 0) rmdirSync(out);
  else if (isThere) renameSync(out, aside);
  try {
    renameSync(staged, out);
  } catch (error) {
    if (existsSync(aside)) renameSync(aside, out);
    throw ioFault(error, out);
  }
};

/** Where pages are put together: beside the site, so that a rename brings them there. */
const workOf = (out: string): string => join(dirname(out), `.${basename(out)}.work`);

const putAll = async (
  files: AsyncIterable<SiteFile>,
  out: string,
  staged: string | null,
): Promise<{ count: Count; names: string[] }> => {
  const count = { files: 0, changed: 0, unchanged: 0, bytes: 0 };
  const names: string[] = [];
  const made = new Set<string>();
  for await (const file of files) {
    const folder = dirname(file.path);
    if (staged !== null && !made.has(folder)) mkdirSync(join(staged, folder), { recursive: true });
    made.add(folder);
    names.push(file.path);
    count.files += 1;
    if ('text' in file) await putText(file, out, staged, count);
    else await putCopy(file, out, staged, count);
  }
  return { count, names };
};

export interface WriteRequest {
  /** Absolute. */
  readonly out: string;
  readonly head: SiteHead;
  readonly overwrite: boolean;
  /** Compare with what is there and write nothing. */
  readonly dryRun: boolean;
}

const markText = (head: SiteHead, names: readonly string[]): string =>
  jsonFile({ site: SITE_MARK, schema_version: 1, ...head, files: [...names].sort() });

/**
 * Writes the site. Throws a Fault `site_not_ours`, `site_foreign_files`, or one about the disk; then what was there is as it was.
 */
export const writeSite = async (files: AsyncIterable<SiteFile>, request: WriteRequest): Promise<Written> => {
  const { out, head, overwrite, dryRun } = request;
  const earlier = earlierSite(out, overwrite);
  const work = workOf(out);
  if (!dryRun) await sweepStaging(work);
  const staged = dryRun ? null : await stageFolder(work);
  try {
    const { count, names } = await putAll(files, out, staged);
    const mark = { path: SITE_FILE, text: markText(head, names) };
    await putText(mark, out, staged, count);
    if (staged !== null) {
      swap(staged, out, `${staged}.before`);
    }
    const now = new Set([...names, SITE_FILE]);
    return { ...count, files: now.size, removed: [...earlier.files].filter((file) => !now.has(file)).length };
  } catch (error) {
    throw error instanceof Fault ? error : ioFault(error, out);
  } finally {
    if (staged !== null) await removeWork(work, staged);
  }
};

const removeWork = async (work: string, staged: string): Promise<void> => {
  for (const path of [staged, `${staged}.before`]) await rm(path, { recursive: true, force: true });
  try {
    rmdirSync(work);
  } catch {
    // another rendering works there
  }
};
