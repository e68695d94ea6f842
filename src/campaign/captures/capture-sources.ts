// Profiles that a bundle holds of its arms, and what `capture_sources.json` declares of them. A declared profile must be there
// and whole; one that is not declared is skipped with the reason, never guessed from what lies about.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import { inputFault, type Fault } from '../../text/fault.ts';
import { parseJsonObject } from '../../text/json.ts';
import { cellName } from '../bundles/bundle.ts';

export const CAPTURE_SOURCES = ['nsys', 'ncu', 'zymtrace'] as const;
export type CaptureSource = (typeof CAPTURE_SOURCES)[number];

const DECLARATION = 'capture_sources.json';

const FOLDER_OF: Readonly<Record<CaptureSource, string>> = { nsys: 'nsys', ncu: 'ncu-profiles', zymtrace: 'zymtrace' };

/** The sources whose captures lie among files of a bundle, by the folders they lie in. */
export const captureSourcesIn = (files: readonly string[]): CaptureSource[] =>
  CAPTURE_SOURCES.filter((source) => files.some((file) => file.split('/').slice(0, -1).includes(FOLDER_OF[source])));

/** A folder whose captures belong to one cell. */
export interface CaptureFolder {
  readonly path: string;
  readonly cellId: string;
  /** Null where nothing is declared: then files that are there are taken. */
  readonly declared: ReadonlySet<string> | null;
}

/** Throws a Fault `declaration_invalid`. */
const declarationOf = async (folder: string): Promise<ReadonlySet<string> | null> => {
  const path = join(folder, DECLARATION);
  if (!existsSync(path)) return null;
  const { captured_sources: sources } = parseJsonObject(await readNamedText(path), path);
  if (Array.isArray(sources)) return new Set(sources.map(String));
  throw inputFault('declaration_invalid', `${path} holds no list captured_sources`, {
    path,
    fix: 'write {"captured_sources": ["nsys"]}',
  });
};

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** The folder itself where it declares or holds captures, else its arms that do. */
export const captureFolders = async (bundle: string, cellId: string | undefined): Promise<CaptureFolder[]> => {
  const holds = (folder: string): boolean =>
    [DECLARATION, ...Object.values(FOLDER_OF)].some((name) => existsSync(join(folder, name)));
  const arms = isFolder(bundle) && !holds(bundle) ? readdirSync(bundle).sort().map((name) => join(bundle, name)) : [];
  const holding = arms.filter((arm) => isFolder(arm) && holds(arm));
  const folders = holding.length === 0 ? [bundle] : holding;
  return Promise.all(
    folders.map(async (path) => ({
      path,
      cellId: (folders.length === 1 ? cellId : undefined) ?? cellName(basename(path)),
      declared: isFolder(path) ? await declarationOf(path) : null,
    })),
  );
}; // prettier-ignore

/** Why a folder's captures of a source are not read; undefined where they are. */
export const skipReason = ({ declared }: CaptureFolder, source: CaptureSource): string | undefined =>
  declared === null || declared.has(source) ? undefined : `${DECLARATION} does not declare ${source}`;

/** A capture that should be there and is not, or is not what it should be. */
export const captureFault = (path: string, says: string): Fault =>
  inputFault('capture_incomplete', `${path} ${says}`, {
    path,
    fix: `bring the file, or give the folder that holds it; a source that ${DECLARATION} declares may be taken out there`,
  });
