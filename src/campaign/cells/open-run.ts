// What a run of a cell says of itself while it lasts, so that one that was killed is found again: where its tools write, and what it
// is called. Results move into the cell file by file, each whole or not at all.
import { existsSync, readFileSync } from 'node:fs';
import { cp, lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../../fs/atomic-file.ts';
import { onFile } from '../../fs/io-fault.ts';
import { inputFault, systemCode } from '../../text/fault.ts';
import { jsonFile, parseJson } from '../../text/json.ts';
import { cellFolder } from '../layout.ts';

const openRunSchema = z.strictObject({
  /** Names the run. */
  stamp: z.string(),
  /** Absolute path of the folder that its tools write into. */
  raw: z.string(),
  /** Absolute path of the folder of the cell that keeps it. */
  kept: z.string(),
});

export type OpenRun = z.output<typeof openRunSchema>;

const pathOf = (campaign: string, cellId: string): string => join(cellFolder(campaign, cellId), 'run.json');

/** The run of the cell that has not ended by itself; null where there is none. Throws a Fault `open_run_invalid`. */
export const openRunOf = (campaign: string, cellId: string): OpenRun | null => {
  const path = pathOf(campaign, cellId);
  if (!existsSync(path)) return null;
  const found = openRunSchema.safeParse(parseJson(readFileSync(path, 'utf8'), path));
  if (found.success) return found.data;
  throw inputFault('open_run_invalid', `${path} is no record of a run`, { path, fix: 'remove it: it was changed by hand' });
}; // prettier-ignore

export const beginRun = async (campaign: string, cellId: string, { stamp, raw, kept }: OpenRun): Promise<void> => {
  await onFile(raw, () => mkdir(raw, { recursive: true }));
  await onFile(cellFolder(campaign, cellId), () => mkdir(cellFolder(campaign, cellId), { recursive: true }));
  await replaceFile(pathOf(campaign, cellId), jsonFile({ stamp, raw, kept }));
};

export const endRun = (campaign: string, cellId: string): Promise<void> =>
  onFile(pathOf(campaign, cellId), () => rm(pathOf(campaign, cellId), { force: true }));

const isFolder = async (path: string): Promise<boolean> => existsSync(path) && (await lstat(path)).isDirectory();

/**
 * A folder that is there already takes the entries one by one. Across file systems a copy takes the place of the move: it appears whole,
 * and what a killed run left of one is made anew.
 */
const moveWhole = async (from: string, to: string, staged: string): Promise<void> => {
  if ((await isFolder(from)) && (await isFolder(to))) return moveEntries(from, to, staged);
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    await rm(staged, { recursive: true, force: true });
    await cp(from, staged, { recursive: true, verbatimSymlinks: true });
    await rename(staged, to);
    await rm(from, { recursive: true });
  }
};

const moveEntries = async (from: string, to: string, staged: string): Promise<void> => {
  for (const name of await readdir(from)) await moveWhole(join(from, name), join(to, name), staged);
  await rm(from, { recursive: true });
};

/** Moves what the tools have written so far into the cell; names that begin with a dot only where `all`: executors use them. */
export const keepResults = ({ raw, kept }: Omit<OpenRun, 'stamp'>, all = false): Promise<void> =>
  onFile(kept, async () => {
    if (!existsSync(raw)) return;
    await mkdir(kept, { recursive: true });
    for (const name of await readdir(raw)) {
      if (all || !name.startsWith('.')) await moveWhole(join(raw, name), join(kept, name), join(kept, '.staged'));
    }
  });
