// Reads the files that a caller names into one measurement: a file, repeats of it, a folder of repeats, or a folder that is
// a measurement of its own. "No measurement" is an error of its own, never a value of zero.
import { join } from 'node:path';
import { readFileText } from '../importers/file-text.ts';
import { besideAiperfSummary } from '../importers/aiperf-tree.ts';
import { readMeasurement } from '../importers/read.ts';
import type { Reading } from '../metrics/reading.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { joinFolder, joinTrials, type NamedReading } from './read-trials.ts';
import { folderKind, requireDistinct, textDigest, type FolderReading } from './repeats.ts';
import { filesOf } from './source-shape.ts';

/** What a file gets in which the run completed nothing. */
export const noMeasurementFault = (path: string, reason: string): Fault =>
  inputFault('no_measurement', `${path} holds no measurement: ${reason}`, {
    path,
    fix: 'run the benchmark again; a run without a completed request has no latency',
  });

const readText = async (path: string, text: string, format: string | undefined): Promise<Reading> => {
  const outcome = await readMeasurement(path, { format, text });
  if (outcome.kind === 'measured') return outcome.reading;
  throw noMeasurementFault(path, outcome.reason);
};

/**
 * Reads one file, which errors call `path`, from where its bytes lie. Throws a Fault `no_measurement` where the run completed
 * nothing.
 */
export const readFileSide = async (path: string, format: string | undefined, content = path): Promise<Reading> =>
  readText(path, await readFileText(content), format);

const readFile = async (path: string, format: string | undefined): Promise<FolderReading> => {
  const text = await readFileText(path);
  return { path, reading: await readText(path, text, format), sha256: textDigest(text) };
};

/** Files of a folder that some reader understands. Throws a Fault `folder_without_measurement` where there is none. */
const readingsOf = async (folder: string, format: string | undefined): Promise<FolderReading[]> => {
  const readings: FolderReading[] = [];
  const refused: string[] = [];
  const files = await filesOf(folder);
  const tree = new Set(files);
  for (const file of files.filter((each) => besideAiperfSummary(each, tree) === undefined)) {
    try {
      readings.push({ ...(await readFile(join(folder, file), format)), path: file });
    } catch (error) {
      if (!(error instanceof Fault) || error.code === 'no_measurement') throw error;
      refused.push(`${file} (${error.code})`);
    }
  }
  if (readings.length > 0) return readings;
  const what = refused.length === 0 ? 'it is empty' : `none of ${refused.slice(0, 3).join(', ')} is one`;
  throw inputFault('folder_without_measurement', `${folder} holds no measurement file: ${what}`, {
    path: folder,
    fix: 'name a folder of result files',
  });
};

/** A folder that is one measurement: every file keeps its own metrics. */
export const readFolderSide = async (folder: string, format: string | undefined): Promise<Reading> =>
  joinFolder(await readingsOf(folder, format));

/** What a folder is when it is recorded. `repeats` names the files that became trials; empty where each keeps its metrics. */
export interface NewFolder {
  readonly reading: Reading;
  readonly repeats: readonly string[];
}

/** A folder whose files are repeats of one measurement, or parts of it. `stated`: the caller says that they are repeats. */
export const readNewFolder = async (
  folder: string,
  format: string | undefined,
  stated: boolean,
): Promise<NewFolder> => {
  const files = await readingsOf(folder, format);
  const { repeats, note } = folderKind(files, stated);
  if (repeats) return { reading: joinTrials(files), repeats: files.map(({ path }) => path) };
  const reading = joinFolder(files);
  return { reading: note === null ? reading : { ...reading, warnings: [note, ...reading.warnings] }, repeats: [] };
};

/** Repeats of a folder that is one measurement. */
export const readFolderRepeats = async (folders: readonly string[], format: string | undefined): Promise<Reading> => {
  const readings: NamedReading[] = [];
  for (const path of folders) readings.push({ path, reading: await readFolderSide(path, format) });
  return joinTrials(readings);
};

/** Repeats of one measurement: files, and folders that stand for their files. Throws a Fault `file_twice`. */
export const readRepeats = async (
  paths: readonly { readonly path: string; readonly isFolder: boolean }[],
  format: string | undefined,
): Promise<Reading> => {
  const files: FolderReading[] = [];
  for (const { path, isFolder } of paths)
    files.push(...(isFolder ? await readingsOf(path, format) : [await readFile(path, format)]));
  requireDistinct(files);
  return joinTrials(files);
};
