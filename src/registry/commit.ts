// Makes a staged entry part of a measurement, and finishes what a killed process left half done. Everything here runs under
// the lock of the measurement.
//
// The link in the chain is the moment of commitment: it is flushed to the disk before the entry gets its name. A process
// killed in between leaves a link whose entry is still staged; whoever comes next recognises the staged folder by its
// digest and gives it its name. A process killed before the link leaves a staged folder that nothing names; it is removed.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../fs/exists.ts';
import { withLock } from '../fs/lock.ts';
import { leftovers, makeFolders, moveIntoPlace, sweepStaging } from '../fs/publish-folder.ts';
import { isoSeconds, presentMoment, type Moment } from '../text/time.ts';
import { appendLink, lastLink, linkHash, fixChain, nextLink, rollBackLink, type ChainLink } from './chain.ts';
import { entryDigest, readEntryFiles } from './entry-files.ts';
import type { Baseline } from './entry-schema.ts';
import type { RowEntry } from './index-row.ts';
import { catchUpIndexes } from './indexes.ts';
import { BASELINE_FILE, type Place } from './layout.ts';
import { slugAfter } from './slug.ts';

/** The steps of recording, in order. Each is reported when it has been done. */
export const RECORD_STAGES = [
  'staged', // an empty staging folder exists
  'copied', // it holds the snapshot
  'sealed', // it holds the whole entry, read-only and on the disk
  'locked',
  'recovered', // what others left is finished
  'linked', // the chain names the entry: committed
  'renamed', // the entry is visible
  'row_written', // index.jsonl has its row
  'indexed', // INDEX.md has its row
  'released', // the lock is free; only the answer is missing
] as const;

export type RecordStage = (typeof RECORD_STAGES)[number];

/** Called after each stage; what it throws before the entry is visible ends the recording. */
export type OnStage = (stage: RecordStage) => void | Promise<void>;

export interface CommitOptions {
  readonly onStage: OnStage;
  readonly signal?: AbortSignal | undefined;
}

/** A whole entry that has no name yet. */
export interface StagedEntry {
  readonly folder: string;
  readonly baseline: Baseline;
  readonly entrySha256: string;
  /** Units of its metrics, for the index; null where the caller did not read them. */
  readonly units: readonly string[] | null;
}

/** An entry that is visible, chained and on the disk. */
export interface RecordedEntry {
  readonly slug: string;
  /** Absolute path of the entry. */
  readonly folder: string;
  readonly baselinePath: string;
  readonly baseline: Baseline;
  /** Position in the chain, and the chain's head now. */
  readonly seq: number;
  readonly head: string;
  readonly entrySha256: string;
  readonly warnings: readonly string[];
}

/**
 * The staged folder that holds the entry of `link`, if there is one. Folders of living processes are still to be recorded:
 * one of them may hold the very same measurement.
 */
export const stagedEntryOf = async (place: Place, link: ChainLink): Promise<string | undefined> => {
  for (const { path, owner } of leftovers(place.staging)) {
    if (owner === 'alive') continue;
    const digest = await readEntryFiles(path).then(
      ({ files }) => entryDigest(files),
      () => undefined,
    );
    if (digest === link.entry_sha256) return path;
  }
  return undefined;
};

/** Finishes or clears away what killed processes left, and returns the last link of the chain. */
export const recoverInterrupted = async (place: Place): Promise<ChainLink | undefined> => {
  await fixChain(place);
  const last = lastLink(place);
  if (last !== undefined && !exists(join(place.folder, last.slug))) {
    const staged = await stagedEntryOf(place, last);
    if (staged !== undefined) await moveIntoPlace(staged, join(place.folder, last.slug));
  }
  await sweepStaging(place.staging);
  return last;
};

const freeSlug = (place: Place, moment: Moment, last: string | undefined): string => {
  let slug = slugAfter(moment, last);
  while (exists(join(place.folder, slug))) slug = slugAfter(moment, slug);
  return slug;
};

/** Undoes a link whose entry could not be named; where even that fails, `recoverInterrupted` will finish the entry. */
const rollBack = async (place: Place, link: ChainLink, staged: string): Promise<void> => {
  if (!exists(staged)) return; // it has its name after all
  try {
    await rollBackLink(place, link);
  } catch {
    await rename(staged, `${staged}.committed`).catch(() => undefined);
  }
};

/** A committed entry stays recorded when its indexes cannot be written; the next recording brings them up to date. */
const indexOrWarn = async (place: Place, known: RowEntry, onStage: OnStage): Promise<string[]> => {
  try {
    await catchUpIndexes(place, known, () => onStage('row_written'));
    await onStage('indexed');
    return [];
  } catch (error) {
    return [`the indexes are behind: ${error instanceof Error ? error.message : String(error)}`];
  }
};

const commitLocked = async (
  place: Place,
  staged: StagedEntry,
  moment: Moment,
  onStage: OnStage,
): Promise<RecordedEntry> => {
  const { baseline, entrySha256, units } = staged;
  await onStage('locked');
  const last = await recoverInterrupted(place);
  await onStage('recovered');
  await makeFolders(place.folder);
  const slug = freeSlug(place, moment, last?.slug);
  const folder = join(place.folder, slug);
  const link = nextLink(last, slug, entrySha256, isoSeconds(presentMoment().epochMs));
  await appendLink(place, link);
  try {
    await onStage('linked');
    await moveIntoPlace(staged.folder, folder);
  } catch (error) {
    await rollBack(place, link, staged.folder);
    throw error;
  }
  await onStage('renamed');
  const warnings = await indexOrWarn(place, { slug, baseline, units }, onStage);
  const baselinePath = join(folder, BASELINE_FILE);
  return { slug, folder, baselinePath, baseline, seq: link.seq, head: linkHash(link), entrySha256, warnings };
};

/** Links and names a sealed entry, and adds it to the indexes. The slug is that of `moment`, or the first one after the last. */
export const commitEntry = (
  place: Place,
  staged: StagedEntry,
  moment: Moment,
  { onStage, signal }: CommitOptions,
): Promise<RecordedEntry> =>
  withLock(place.lock, () => commitLocked(place, staged, moment, onStage), signal === undefined ? {} : { signal });

/** Finishes interrupted recordings of a measurement and brings its indexes up to date. */
export const recoverMeasurement = (place: Place): Promise<void> =>
  withLock(place.lock, async () => {
    await recoverInterrupted(place);
    await catchUpIndexes(place);
  });
