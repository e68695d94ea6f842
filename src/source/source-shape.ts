// What kind of thing a path holds, as far as recording and comparing need to know. Looks at names and at the first bytes.
import { readdirSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileEnds } from '../fs/file-ends.ts';
import { inputFault } from '../text/fault.ts';

export type SourceShape = 'file' | 'folder' | 'profile';

const PROFILE_NAME = /\.(nsys-rep|qdrep|ncu-rep|sqlite|sqlite3|db)$|\.(pt\.)?trace\.json(\.gz)?$/i;
const SQLITE = 'SQLite format 3\0';
const TRACE = /^\s*\{[\s\S]{0,4000}"(?:schemaVersion|deviceProperties|traceEvents)"\s*:/;

/** Files of a folder of `nsys stats` reports, or of an nsys export to Parquet; other Parquet files are no profile. */
const NSYS_TABLE = /_(cuda_gpu_kern_sum|gpukernsum)\.csv$|^(CUPTI_ACTIVITY_KIND_\w+|StringIds|NVTX_EVENTS)\.parquet$/;

/** Header line of the kernel table that `nsys stats` writes, and of a page of `ncu --csv`. */
const KERNEL_TABLE = /^[ \t|"]*Time ?\(%\)[", \t|]+Total Time|^"ID","Process ID",.*"Kernel Name"/m;

/** JSON may quote such a table. `[3/8] Executing …` is the progress of nsys, which comes before its tables. */
const JSON_START = /^\s*[[{](?!\d+\/\d+\])/;

/** True for profiles of Nsight Systems and Nsight Compute, also as tables of text, and for torch profiler traces. */
const isProfileFile = async (path: string): Promise<boolean> => {
  if (PROFILE_NAME.test(path)) return true;
  const { head } = await fileEnds(path);
  if (head.startsWith(SQLITE)) return true;
  if (!JSON_START.test(head)) return KERNEL_TABLE.test(head);
  return TRACE.test(head) && /"(ph|traceEvents|deviceProperties)"\s*:/.test(head);
};

/** The shape of an existing path. Throws the system's error where the path is missing or cannot be read. */
export const sourceShape = async (path: string): Promise<SourceShape> => {
  const status = statSync(path);
  if (status.isDirectory()) {
    const names = readdirSync(path);
    const profiles = names.filter((name) => PROFILE_NAME.test(name));
    return profiles.length > 0 || names.some((name) => NSYS_TABLE.test(name)) ? 'profile' : 'folder';
  }
  if (status.isFile()) return (await isProfileFile(path)) ? 'profile' : 'file';
  throw inputFault('not_a_regular_file', `${path} is neither a file nor a folder`, {
    path,
    fix: 'name a file or folder',
  });
};

/** Files of a folder and below, sorted, hidden ones left out; paths relative to the folder. */
export const filesOf = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
};
