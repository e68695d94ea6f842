// Reads the files that a caller names into one measurement: a file, repeats of it, a folder of repeats, or a folder that is
// a measurement of its own. "No measurement" is an error of its own, never a value of zero.
import { join } from 'node:path';
import { readFileText } from '../importers/file-text.ts';
import { readMeasurement } from '../importers/read.ts';
import type { Reading } from '../metrics/reading.ts';
import { Fault, inputFault } from '../text/fault.ts';
import { joinFolder, joinTrials, type NamedReading } from './read-trials.ts';
import { filesOf } from './source-shape.ts';

/** What a file gets in which the run completed nothing. */
export const noMeasurementFault = (path: string, reason: string): Fault =>
  inputFault('no_measurement', `${path} holds no measurement: ${reason}`, {
    path,
    fix: 'run the benchmark again; a run without a completed request has no latency',
  });

/**
 * Reads one file, which errors call `path`, from where its bytes lie. Throws a Fault `no_measurement` where the run completed
 * nothing.
 */
export const readFileSide = async (path: string, format: string | undefined, content = path): Promise<Reading> => {
  const outcome = await readMeasurement(path, { format, text: await readFileText(content) });
  if (outcome.kind === 'measured') return outcome.reading;
  throw noMeasurementFault(path, outcome.reason);
};

/** Files of a folder that some reader understands. Throws a Fault `folder_without_measurement` where there is none. */
const readingsOf = async (folder: string, format: string | undefined): Promise<NamedReading[]> => {
  const readings: NamedReading[] = [];
  const refused: string[] = [];
  for (const file of await filesOf(folder)) {
    try {
      readings.push({ path: file, reading: await readFileSide(join(folder, file), format) });
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

/** Repeats of a folder that is one measurement. */
export const readFolderRepeats = async (folders: readonly string[], format: string | undefined): Promise<Reading> => {
  const readings: NamedReading[] = [];
  for (const path of folders) readings.push({ path, reading: await readFolderSide(path, format) });
  return joinTrials(readings);
};

/** Repeats of one measurement: files, and folders that stand for their files. */
export const readRepeats = async (
  paths: readonly { readonly path: string; readonly isFolder: boolean }[],
  format: string | undefined,
): Promise<Reading> => {
  const readings: NamedReading[] = [];
  for (const { path, isFolder } of paths)
    readings.push(
      ...(isFolder ? await readingsOf(path, format) : [{ path, reading: await readFileSide(path, format) }]),
    );
  return joinTrials(readings);
};
