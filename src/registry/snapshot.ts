// Copies the source of a measurement into a staged entry, hashing and searching it for credentials in the same pass. Never
// takes anything out of the registry itself, and never follows a link out of a source folder.
import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { READ_ONLY, writeNew } from '../fs/atomic-file.ts';
import { mapBounded } from '../fs/bounded.ts';
import { filesBelow, folderDigest, FOLDER_HASH, type FolderFile, type FoundFile } from '../fs/folder-hash.ts';
import { copyHashed, hashFile, type FileDigest } from '../fs/hash.ts';
import { onFile } from '../fs/io-fault.ts';
import { isInside } from '../fs/safe-path.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { holdsSecret } from '../text/redact.ts';
import { SNAPSHOT } from './layout.ts';
import { searchedInside } from './secret-inside.ts';
import { secretScan } from './secret-scan.ts';
import { isDatabase, searchedTables } from './secret-tables.ts';

export interface Source {
  /** Absolute, symbolic links resolved; `STATED_PATH` for what no file holds. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'stated';
  /** What the call states, as the file that is kept; null for what lies on the disk. */
  readonly text: string | null;
}

/** Stands for the path of numbers that a call states without a file. */
export const STATED_PATH = 'stated in the call';

/** A source that no file holds: `text` is kept as one. */
export const statedSource = (text: string): Source => ({ path: STATED_PATH, kind: 'stated', text });

/** The bytes that an entry keeps. */
export interface Snapshot {
  /** Where the copy lies while the entry is staged. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly source: Source;
  readonly sha256: string;
  readonly hashFormat: 'sha256' | typeof FOLDER_HASH;
  readonly bytes: number;
  /** The files as they lie in the entry: `source-snapshot.json`, or `source-snapshot/…`. */
  readonly files: readonly FolderFile[];
}

const WIDTH = 4;

/**
 * The source at `path`. Throws a Fault `file_not_found`, `not_a_regular_file`, `source_in_registry` or
 * `source_holds_registry` (the copy would then contain itself).
 */
export const openSource = async (path: string, registry: string): Promise<Source> => {
  const real = await onFile(path, async () => realpathSync.native(path));
  const status = statSync(real);
  const refuse = (code: string, says: string): Fault =>
    new Fault('refused', code, `${real} ${says}`, { path: real, fix: 'name the file that the tool wrote' });
  if (isInside(registry, real)) throw refuse('source_in_registry', 'lies in the registry');
  if (status.isFile()) return { path: real, kind: 'file', text: null };
  if (!status.isDirectory()) throw refuse('not_a_regular_file', 'is neither a file nor a folder');
  if (isInside(real, registry)) throw refuse('source_holds_registry', 'holds the registry');
  return { path: real, kind: 'folder', text: null };
};

/** The last extension with its dot, as pathlib's `suffix` has it: `.gz` for `x.tar.gz`, none for `.bashrc` and `x.`. */
export const lastExtension = (path: string): string => /[^.](\.[A-Za-z0-9_+-]+)$/.exec(basename(path))?.[1] ?? '';

const refuseSecret = (path: string, kind: string, at: string): Fault =>
  new Fault('refused', 'secret_in_source', `${path} holds a credential (${kind}) at ${at}`, {
    path,
    at,
    fix: 'take it out of the file, or measure again without it; what is kept is kept unchanged',
    data: { kind },
  });

export interface CheckOptions {
  /** Secret values that must not be stored. */
  readonly secrets: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Called with how many more bytes were read, file by file. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

type OnBlock = (block: Buffer) => void;

const formOf = (block: Buffer): 'gzip' | 'sqlite' | 'other' => {
  if (block[0] === 0x1f && block[1] === 0x8b) return 'gzip';
  return isDatabase(block) ? 'sqlite' : 'other';
};

/** Lets `read` show every block of `from` to the search. Throws a Fault `secret_in_source`. */
const searched = async (
  from: string,
  options: CheckOptions,
  read: (onBlock: OnBlock) => Promise<FileDigest>,
): Promise<FileDigest> => {
  const { secrets, onBytes } = options;
  const scan = secretScan(secrets);
  let form: 'gzip' | 'sqlite' | 'other' | undefined;
  const digest = await read((block) => {
    form ??= formOf(block);
    scan.push(block);
    onBytes?.(block.length);
  });
  const finding =
    scan.finish() ??
    (form === 'gzip' ? await searchedInside(from, options) : undefined) ??
    (form === 'sqlite' ? await searchedTables(from, secrets) : undefined);
  if (finding !== undefined) throw refuseSecret(from, finding.kind, finding.at);
  return digest;
};

/** Hash of a file that holds no credential. Throws a Fault `secret_in_source`. */
export const hashChecked = (from: string, options: CheckOptions): Promise<FileDigest> =>
  searched(from, options, (onBlock) => hashFile(from, { signal: options.signal, onBlock }));

/** Copies a file that holds no credential. Throws a Fault `secret_in_source`; the caller drops the copy. */
export const copyChecked = (
  from: string,
  to: string,
  options: CheckOptions & { readonly mode?: number },
): Promise<FileDigest> => {
  const { signal, mode } = options;
  return searched(from, options, (onBlock) =>
    copyHashed(from, to, { signal, onBlock, ...(mode === undefined ? {} : { mode }) }),
  );
};

const empty = (path: string): Fault =>
  inputFault('source_empty', `${path} is empty`, { path, fix: 'check that the tool finished' });

const takeFile = async (source: Source, staged: string, options: CheckOptions): Promise<Snapshot> => {
  const name = `${SNAPSHOT}${lastExtension(source.path)}`;
  const path = join(staged, name);
  const digest = await copyChecked(source.path, path, { ...options, mode: READ_ONLY });
  if (digest.bytes === 0) throw empty(source.path);
  return { path, kind: 'file', source, ...digest, hashFormat: 'sha256', files: [{ path: name, ...digest }] };
};

/** What a stated source is as a file. Throws a Fault `secret_in_source`. */
const stated = (source: Source, text: string, { secrets }: CheckOptions): Omit<Snapshot, 'path' | 'files'> => {
  const bytes = Buffer.from(text);
  const scan = secretScan(secrets);
  scan.push(bytes);
  const finding = scan.finish();
  if (finding !== undefined) throw refuseSecret(source.path, finding.kind, finding.at);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { kind: 'file', source, sha256, hashFormat: 'sha256', bytes: bytes.length };
};

const takeStated = async (source: Source, text: string, staged: string, options: CheckOptions): Promise<Snapshot> => {
  const name = `${SNAPSHOT}.json`;
  const path = join(staged, name);
  const snapshot = stated(source, text, options);
  await writeNew(path, text, READ_ONLY);
  return { ...snapshot, path, files: [{ path: name, sha256: snapshot.sha256, bytes: snapshot.bytes }] };
};

const takeFolder = async (source: Source, staged: string, options: CheckOptions): Promise<Snapshot> => {
  const found = await filesBelow(source.path);
  if (found.length === 0) throw empty(source.path);
  const path = join(staged, SNAPSHOT);
  const copy = async (file: FoundFile): Promise<FolderFile> => {
    if (holdsSecret(file.path, options.secrets)) throw refuseSecret(source.path, 'file name', 'the name of a file');
    const target = join(path, file.path);
    mkdirSync(dirname(target), { recursive: true });
    return { path: file.path, ...(await copyChecked(file.real, target, { ...options, mode: READ_ONLY })) };
  };
  const copied = await mapBounded(found, WIDTH, copy);
  return {
    path,
    kind: 'folder',
    source,
    sha256: folderDigest(copied),
    hashFormat: FOLDER_HASH,
    bytes: copied.reduce((sum, file) => sum + file.bytes, 0),
    files: copied.map((file) => ({ ...file, path: `${SNAPSHOT}/${file.path}` })),
  };
};

/**
 * Copies the source into the folder `staged`. Throws a Fault `secret_in_source` (file, kind and line, never the secret),
 * `source_empty`, `source_changed`, or one about a file that cannot be read.
 */
export const takeSnapshot = (source: Source, staged: string, options: CheckOptions): Promise<Snapshot> => {
  if (source.text !== null) return takeStated(source, source.text, staged, options);
  return source.kind === 'file' ? takeFile(source, staged, options) : takeFolder(source, staged, options);
};

const surveyFolder = async (source: Source, options: CheckOptions): Promise<FolderFile[]> =>
  mapBounded(await filesBelow(source.path), WIDTH, async ({ path, real }) => ({
    path,
    ...(await hashChecked(real, options)),
  }));

/** What `takeSnapshot` would find, without a copy: `path` is the source itself. Throws the same Faults. */
export const surveySource = async (source: Source, options: CheckOptions): Promise<Snapshot> => {
  if (source.text !== null) return { ...stated(source, source.text, options), path: source.path, files: [] };
  if (source.kind === 'file') {
    const digest = await hashChecked(source.path, options);
    if (digest.bytes === 0) throw empty(source.path);
    return { path: source.path, kind: 'file', source, ...digest, hashFormat: 'sha256', files: [] };
  }
  const files = await surveyFolder(source, options);
  if (files.length === 0) throw empty(source.path);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return {
    path: source.path,
    kind: 'folder',
    source,
    sha256: folderDigest(files),
    hashFormat: FOLDER_HASH,
    bytes,
    files: [],
  };
};
