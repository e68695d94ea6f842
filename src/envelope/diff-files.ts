// Finds and reads the files of a comparison: single files, or folders that stand for the measurements in them.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { filesOf } from '../source/source-shape.ts';
import { readNamedText } from '../fs/named-text.ts';
import { besideAiperfSummary } from '../importers/aiperf-tree.ts';
import { readMeasurement } from '../importers/read.ts';
import type { Reading } from '../metrics/reading.ts';
import { requireDistinct, textDigest } from '../source/repeats.ts';
import { onFile } from '../fs/io-fault.ts';
import { inputFault } from '../text/fault.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';

export interface DiffFile {
  readonly path: string;
  readonly sha256: string;
  readonly reading: Reading;
  /** The document itself when it is an envelope: what its reading has no place for (suite, fingerprint). */
  readonly envelope: JsonObject | null;
}

/** Result files among the names of a folder or tree. */
const resultsAmong = (names: readonly string[]): string[] => {
  const tree = new Set(names);
  const isResult = (name: string): boolean =>
    name.endsWith('.json') && !basename(name).startsWith('.') && besideAiperfSummary(name, tree) === undefined;
  return names.filter(isResult).sort();
};

/**
 * The JSON files of a folder, without those of hidden names; a file stands for itself. Of a folder that holds none itself, those
 * of the folders below where `deep`.
 */
const expand = async (path: string, deep: boolean): Promise<string[]> => {
  const found = await onFile(path, () => stat(path));
  if (!found.isDirectory()) return [path];
  const names = resultsAmong(await readdir(path));
  if (names.length > 0) return names.map((name) => join(path, name));
  const below = resultsAmong(await filesOf(path));
  if (deep && below.length > 0) return below.map((name) => join(path, name));
  const folders = [...new Set(below.map((name) => join(path, dirname(name))))];
  throw inputFault('folder_empty', `${path} holds no JSON files itself`, {
    path,
    fix:
      folders.length === 0
        ? 'name a folder that holds result files'
        : `name one of the folders that do: ${folders.slice(0, 4).join(', ')}`,
  });
};

const asEnvelope = (text: string): JsonObject | null => {
  try {
    const value = JSON.parse(text) as JsonValue; // checked boundary: JSON.parse returns JSON
    return isJsonObject(value) && typeof value['envelope_version'] === 'string' ? value : null;
  } catch {
    return null;
  }
};

const readOne = async (path: string): Promise<DiffFile> => {
  const text = await onFile(path, () => readNamedText(path));
  const outcome = await readMeasurement(path, { text });
  if (outcome.kind === 'no_measurement')
    throw inputFault('no_measurement', `${path} holds no measurement: ${outcome.reason}`, {
      path,
      fix: 'measure again',
    });
  const sha256 = textDigest(text);
  return { path, sha256, reading: outcome.reading, envelope: outcome.format === 'envelope' ? asEnvelope(text) : null };
};

/**
 * Reads all files of one side; `deep` takes a tree of folders as well, whose runs need not be one measurement. Throws the Faults of `ioFault`, `folder_empty`, `no_measurement`, the readers' own, or
 * `file_twice`: a file is no trial of itself.
 */
export const readSide = async (paths: readonly string[], { deep = false } = {}): Promise<DiffFile[]> => {
  const files: DiffFile[] = [];
  for (const path of (await Promise.all(paths.map((path) => expand(path, deep)))).flat())
    files.push(await readOne(path));
  requireDistinct(files);
  return files;
};
