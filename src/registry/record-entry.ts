// Records one measurement: an immutable entry with its snapshot, its provenance and its link in the chain. Never overwrites,
// never shows half an entry, never stores a credential.
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createFile, READ_ONLY, writeNew } from '../fs/atomic-file.ts';
import { exists } from '../fs/exists.ts';
import { ioFault } from '../fs/io-fault.ts';
import { makeFolders, sealFolder, stageFolder } from '../fs/publish-folder.ts';
import { ensureIgnoredFolder } from '../fs/root.ts';
import { Fault } from '../text/fault.ts';
import { jsonFile } from '../text/json.ts';
import { nearestName } from '../text/nearest.ts';
import type { Moment } from '../text/time.ts';
import { checkSchema } from './check-schema.ts';
import { commitEntry, type OnStage, type RecordedEntry, type StagedEntry } from './commit.ts';
import { requireProvenance, type Provenance } from './compose-baseline.ts';
import { entryDigest, textFile } from './entry-files.ts';
import type { Baseline } from './entry-schema.ts';
import { slugsOf } from './folder-names.ts';
import { requireNewPlace } from './new-name.ts';
import { BASELINE_FILE, placeOf, SOURCE_PAGE, workFolder, type Place } from './layout.ts';
import { isSlug } from './slug.ts';
import { openSource, surveySource, takeSnapshot, type CheckOptions, type Snapshot, type Source } from './snapshot.ts';
import { sourcePage } from './source-page.ts';

export interface RecordInput extends Provenance {
  /** Folder of the registry, see `registryFolder`. */
  readonly registry: string;
  readonly family: string;
  readonly measurement: string;
  /** Absolute path of the file or folder that the measuring tool wrote, or what the call states in place of one. */
  readonly source: string | Source;
  /** Secret values that must not be stored, see `environmentSecrets`. */
  readonly secrets: readonly string[];
}

export interface RecordOptions {
  /** Called after every stage; tests stop or kill the process there. */
  readonly onStage?: OnStage;
  /** Ends the recording before it is committed. */
  readonly signal?: AbortSignal;
  /** Called with how many bytes of the source were read, of how many; 0 of a folder, whose size is not known before. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

export interface PublishOptions extends RecordOptions {
  /** Units of the measured metrics, which the index holds so that a list by unit need not read the source again. */
  readonly units?: readonly string[];
}

/** A recording under way: the source was read, nothing of it is visible. */
export interface OpenRecording {
  readonly place: Place;
  /** The copy that is kept: what is read out of it are the numbers of the stored bytes. In a rehearsal the source itself. */
  readonly snapshot: Snapshot;
  /** The folder that becomes the entry; null in a rehearsal. */
  readonly staged: string | null;
}

const GIT_ATTRIBUTES = [
  '# Sources are kept byte for byte; histories of two branches are kept side by side.',
  '* -text',
  'chain.jsonl merge=union',
  'tags.jsonl merge=union',
  'index.jsonl merge=union',
  'INDEX.md merge=union',
  '',
].join('\n');

/** Makes the registry's own files once. */
const prepareRegistry = async (registry: string): Promise<void> => {
  if (exists(workFolder(registry))) return;
  await makeFolders(registry);
  await createFile(join(registry, '.gitattributes'), GIT_ATTRIBUTES).catch((error: unknown) => {
    if (!(error instanceof Fault && error.code === 'already_exists')) throw error;
  });
  await ensureIgnoredFolder(workFolder(registry));
};

const requireSuperseded = async (place: Place, slug: string): Promise<void> => {
  if (isSlug(slug) && exists(join(place.folder, slug))) return;
  const known = await slugsOf(place.folder);
  const near = nearestName(slug, known) ?? known.at(-1);
  throw new Fault('usage', 'superseded_missing', `${place.family}/${place.measurement} holds no entry ${slug}`, {
    fix: near === undefined ? 'leave supersedes out' : `did you mean ${near}?`,
  });
};

const checkAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted === true)
    throw new Fault('interrupted', 'interrupted', 'interrupted before the entry was committed; nothing was recorded');
};

/** What a reader of the source is given: where to report, and when to stop. */
const checksOf = ({ secrets }: RecordInput, source: Source, { signal, onProgress }: RecordOptions): CheckOptions => {
  if (onProgress === undefined) return { secrets, signal };
  const total = source.kind === 'file' ? statSync(source.path).size : 0;
  let bytes = 0;
  return { secrets, signal, onBytes: (count) => onProgress((bytes += count), total) };
};

/** What must hold before anything is read or written. */
const admit = async (input: RecordInput): Promise<{ place: Place; source: Source }> => {
  requireProvenance(input);
  const place = placeOf(input.registry, input.family, input.measurement, input.secrets);
  await requireNewPlace(place);
  const source = typeof input.source === 'string' ? await openSource(input.source, input.registry) : input.source;
  if (typeof input.supersedes === 'string') await requireSuperseded(place, input.supersedes);
  return { place, source };
};

const requireSchema = async (snapshot: Snapshot, { schemaPath }: RecordInput): Promise<void> => {
  if (typeof schemaPath === 'string') await checkSchema(snapshot, schemaPath);
};

/** Opens a recording that writes nothing and ends before `publishEntry`. Throws every Fault of `openRecording`. */
export const rehearseRecording = async (input: RecordInput, options: RecordOptions = {}): Promise<OpenRecording> => {
  const { place, source } = await admit(input);
  const snapshot = await surveySource(source, checksOf(input, source, options));
  await requireSchema(snapshot, input);
  return { place, snapshot, staged: null };
};

/** Takes back what an open recording has staged. */
export const dropRecording = async ({ staged }: Pick<OpenRecording, 'staged'>): Promise<void> => {
  if (staged !== null) await rm(staged, { recursive: true, force: true });
};

/**
 * Copies the source to where the entry will be; `publishEntry` makes it one, `dropRecording` takes it back. Throws a Fault:
 * `provenance_missing`, one of `requireNewPlace`, `path_escapes`, `secret_in_name`, `secret_in_source`, `source_in_registry`,
 * `source_holds_registry`, `source_empty`, `source_changed`, `schema_violation`, `superseded_missing`, or one of `ioFault`.
 */
export const openRecording = async (input: RecordInput, options: RecordOptions = {}): Promise<OpenRecording> => {
  const { place, source } = await admit(input);
  await prepareRegistry(input.registry);
  const staged = await stageFolder(place.staging);
  try {
    await options.onStage?.('staged');
    const snapshot = await takeSnapshot(source, staged, checksOf(input, source, options));
    await options.onStage?.('copied');
    await requireSchema(snapshot, input);
    return { place, snapshot, staged };
  } catch (error) {
    await dropRecording({ staged });
    throw ioFault(error, place.folder);
  }
};

/** Fills the staged folder; `baseline.json` comes last. */
const sealEntry = async (
  folder: string,
  snapshot: Snapshot,
  baseline: Baseline,
): Promise<Omit<StagedEntry, 'units'>> => {
  const page = sourcePage(baseline, basename(snapshot.path));
  const manifest = jsonFile(baseline);
  await writeNew(join(folder, SOURCE_PAGE), page, READ_ONLY);
  await writeNew(join(folder, BASELINE_FILE), manifest, READ_ONLY);
  await sealFolder(folder);
  const files = [...snapshot.files, textFile(SOURCE_PAGE, page), textFile(BASELINE_FILE, manifest)];
  return { folder, baseline, entrySha256: entryDigest(files) };
};

/**
 * Records `baseline` with its snapshot, under the slug of `registeredAt` or the next free one. When the promise resolves the
 * entry is visible, chained, indexed and on the disk; when it rejects nothing of it is visible, and the recording is to be
 * dropped. Throws a Fault: `chain_unreadable`, `lock_timeout`, `interrupted`, or one of `ioFault`.
 */
export const publishEntry = async (
  { place, snapshot, staged }: OpenRecording,
  baseline: Baseline,
  registeredAt: Moment,
  { onStage = () => undefined, signal, units }: PublishOptions = {},
): Promise<RecordedEntry> => {
  if (staged === null) throw new Error('a rehearsal cannot be published');
  try {
    const entry = { ...(await sealEntry(staged, snapshot, baseline)), units: units ?? null };
    checkAborted(signal);
    await onStage('sealed');
    const recorded = await commitEntry(place, entry, registeredAt, { onStage, signal });
    await onStage('released');
    return recorded;
  } catch (error) {
    throw ioFault(error, place.folder);
  }
};
