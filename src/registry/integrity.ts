// Says whether an entry is what was recorded: its snapshot against `source_sha256`, and all of its files against the chain.
// Reads every byte once and writes nothing.
import { lstatSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { FOLDER_HASH, folderDigest, originalFolderDigest, type FolderFile } from '../fs/folder-hash.ts';
import { isInside } from '../fs/safe-path.ts';
import { Fault } from '../text/fault.ts';
import { findLink, type ChainLink } from './chain.ts';
import { entryDigest, findSnapshot, readEntryFiles, type StoredSnapshot } from './entry-files.ts';
import type { StoredBaseline } from './entry-schema.ts';
import { BASELINE_FILE, placeOf, SNAPSHOT } from './layout.ts';
import { entryOf, parseBaseline, readBaseline, type Entry } from './read-entry.ts';

export type EntryStatus =
  | 'intact' // as it was recorded
  | 'unchained' // whole, written by another tool or by hand, and not linked into the chain
  | 'inserted' // says that this tool wrote it, but the chain does not know it
  | 'changed' // not the bytes that were recorded
  | 'half'; // a file of the entry is absent or unreadable

export interface Integrity {
  readonly status: EntryStatus;
  /** What is wrong, in words; null for an intact entry. */
  readonly detail: string | null;
  /** Digest of all files as they are now; null when they cannot be read. */
  readonly entry_sha256: string | null;
  /** What the bytes of that digest say; null where they do not make an entry. */
  readonly entry: Entry | null;
}

const sourceDigest = async (baseline: StoredBaseline, snapshot: StoredSnapshot, files: readonly FolderFile[]) => {
  if (snapshot.kind === 'file') return files.find((file) => file.path === snapshot.name)?.sha256;
  if (baseline.source_hash_format !== FOLDER_HASH) return originalFolderDigest(snapshot.path);
  const prefix = `${SNAPSHOT}/`;
  const inside = files.filter((file) => file.path.startsWith(prefix));
  return folderDigest(inside.map((file) => ({ ...file, path: file.path.slice(prefix.length) })));
};

const says = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Judges the entry at `folder` against its link; `link` is undefined for an entry that the chain does not name. */
export const inspectEntry = async (folder: string, link: ChainLink | undefined): Promise<Integrity> => {
  let digest: string | null = null;
  let entry: Entry | null = null;
  const result = (status: EntryStatus, detail: string | null): Integrity => ({
    status,
    detail,
    entry_sha256: digest,
    entry,
  });
  if (link !== undefined && lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    return result('changed', 'a symbolic link has taken its place');
  try {
    const { files, manifest } = await readEntryFiles(folder);
    digest = entryDigest(files);
    const path = join(folder, BASELINE_FILE);
    const baseline = manifest === null ? await readBaseline(path) : parseBaseline(manifest, path);
    const snapshot = await findSnapshot(folder);
    entry = entryOf(folder, baseline, snapshot);
    if ((await sourceDigest(baseline, snapshot, files)) !== baseline.source_sha256)
      return result('changed', `${snapshot.name} does not have the recorded source_sha256`);
    if (link !== undefined && link.entry_sha256 !== digest)
      return result('changed', `${BASELINE_FILE}, SOURCE.md or the list of files is not as it was recorded`);
    if (link !== undefined) return result('intact', null);
    return typeof baseline.schema_version === 'number'
      ? result('inserted', 'its link is not in chain.jsonl')
      : result('unchained', 'written by another tool or by hand; adopting it links it into the chain');
  } catch (error) {
    const broken = link === undefined ? 'half' : 'changed';
    return result(digest !== null && digest === link?.entry_sha256 ? 'intact' : broken, says(error));
  }
};

/** Judges the entry at `folder` against the chain beside it. */
export const checkEntry = async (folder: string): Promise<Integrity> => {
  const measurement = dirname(folder);
  const family = dirname(measurement);
  const place = placeOf(dirname(family), basename(family), basename(measurement));
  return inspectEntry(folder, findLink(place, basename(folder)));
};

/**
 * The integrity of an entry that is to be judged by: `intact`, or `unchained` for one of another tool or by hand. An entry
 * that says that this tool wrote it, and that no chain knows, is `inserted`: a copy outside of `registry` may be judged by,
 * one that was put into it may not. Throws a Fault `baseline_tampered` when its bytes are not those recorded, or for that.
 */
export const requireIntact = async (folder: string, registry: string): Promise<Integrity> => {
  const integrity = await checkEntry(folder);
  const { status } = integrity;
  const planted = status === 'inserted' && isInside(registry, folder);
  if (status !== 'changed' && status !== 'half' && !planted) return integrity;
  throw new Fault('refused', 'baseline_tampered', `${folder} is ${integrity.status}: ${integrity.detail ?? ''}`, {
    path: folder,
    fix: 'run perf_baseline_verify and restore the entry, or record the baseline anew',
  });
};
