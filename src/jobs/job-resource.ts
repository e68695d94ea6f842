// What a client can read of a job without calling a verb: its state, its logs, its events and its result. A log that has grown
// large is given from its end. Never leaves the job's folder.
import { readSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { exists } from '../fs/exists.ts';
import { onFile } from '../fs/io-fault.ts';
import { withRegularFile } from '../fs/regular-file.ts';
import { isJobId, jobFiles, jobsFolder, type JobFiles } from './job-folder.ts';
import { readJob } from './read-job.ts';

/** Most bytes of one file. */
const LIMIT = 256 * 1024;

type Part = 'stdout' | 'stderr' | 'events' | 'result';

const MIME_TYPES: Readonly<Record<Part, string>> = {
  stdout: 'text/plain',
  stderr: 'text/plain',
  events: 'application/x-ndjson',
  result: 'application/json',
};

/** Names of what can be read of a job beside its state. */
export const JOB_PARTS = Object.keys(MIME_TYPES);

const partOf = (name: string): Part | undefined => (Object.keys(MIME_TYPES) as Part[]).find((part) => part === name); // checked boundary: the keys of a Record<Part>

export interface JobText {
  readonly mimeType: string;
  readonly text: string;
}

/** The end of a growing text file, from the start of a line; says how much is left out. A result is never cut. */
const textOf = (path: string, whole: boolean): Promise<string> =>
  onFile(path, () =>
    withRegularFile(path, ({ descriptor, status: { size } }) => {
      const length = whole ? size : Math.min(size, LIMIT);
      const bytes = Buffer.alloc(length);
      const text = bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, length, size - length));
      return length === size ? text : `… ${size - length} bytes before this are left out\n${text.replace(/^.*\n/, '')}`;
    }),
  );

/**
 * The state of a job (`part` absent), or one of `JOB_PARTS`; null for a part that no job has. Throws `job_id_invalid`,
 * `job_not_found`, or the Fault of the file.
 */
export const readJobText = async (root: string, id: string, part?: string): Promise<JobText | null> => {
  if (part === undefined) return { mimeType: 'application/json', text: JSON.stringify(await readJob(root, id)) };
  const known = partOf(part);
  if (known === undefined) return null;
  return { mimeType: MIME_TYPES[known], text: await textOf(jobFiles(root, id)[known], known === 'result') };
};

/** The first of the roots that holds the job; the first of all where none does. */
export const rootOfJob = (roots: readonly string[], id: string): string =>
  roots.find((root) => isJobId(id) && exists(jobFiles(root, id).state)) ?? roots[0] ?? '';

/** The job and the part that a path of this root names, such as a link of a result; null for any other path. */
export const jobPartAt = (
  root: string,
  path: string,
): { readonly id: string; readonly part: string | undefined } | null => {
  const full = resolve(path);
  const id = basename(dirname(full));
  if (!isJobId(id) || dirname(dirname(full)) !== jobsFolder(root)) return null;
  const files: JobFiles = jobFiles(root, id);
  if (full === files.state) return { id, part: undefined };
  const part = JOB_PARTS.find((name) => full === files[name as Part]); // checked boundary: the keys of a Record<Part>
  return part === undefined ? null : { id, part };
};
