// Where everything of the registry lies. Names only: nothing here reads or writes, except the check that no link leads out.
//
//   <root>/experiments/artifacts/perf-baselines/
//     .work/                      staged entries and locks; never committed, safe to delete when nothing runs
//     <family>/<measurement>/
//       <slug>/                   one entry: baseline.json, SOURCE.md, source-snapshot<ext> or source-snapshot/
//       chain.jsonl               append-only hash chain: the truth about what was recorded
//       tags.jsonl                append-only names for entries
//       index.jsonl, INDEX.md     derived; can be rebuilt at any time
import { join } from 'node:path';
import { artifactsFolder } from '../fs/root.ts';
import { containedPath, safeSegment } from '../fs/safe-path.ts';
import { Fault } from '../text/fault.ts';
import { holdsSecret } from '../text/redact.ts';

export const BASELINE_FILE = 'baseline.json';
export const SOURCE_PAGE = 'SOURCE.md';
export const SNAPSHOT = 'source-snapshot';

const CHAIN = 'chain.jsonl';
const TAGS = 'tags.jsonl';
/** The index for programs, beside the entries. */
export const INDEX_ROWS = 'index.jsonl';
const PAGE = 'INDEX.md';
const WORK = '.work';

/** Files that belong beside the entries of a measurement. */
export const MEASUREMENT_FILES: readonly string[] = [CHAIN, TAGS, INDEX_ROWS, PAGE];

/** The registry of a root. */
export const registryFolder = (root: string): string => join(artifactsFolder(root), 'perf-baselines');

/** The paths of one measurement. */
export interface Place {
  readonly registry: string;
  readonly family: string;
  readonly measurement: string;
  readonly folder: string;
  readonly chain: string;
  readonly tags: string;
  readonly rows: string;
  readonly page: string;
  /** Where entries are staged, on the same file system. */
  readonly staging: string;
  readonly lock: string;
}

const openName = (name: string, label: string, secrets: readonly string[]): string => {
  if (!holdsSecret(name, secrets)) return safeSegment(name, label);
  throw new Fault('refused', 'secret_in_name', `the ${label} looks like a credential`, { fix: 'choose another name' });
};

/**
 * The paths of `family`/`measurement` below the folder `registry`. Throws a Fault `unsafe_segment`, `secret_in_name`, or
 * `path_escapes` when a symbolic link leads out of the registry.
 */
export const placeOf = (
  registry: string,
  family: string,
  measurement: string,
  secrets: readonly string[] = [],
): Place => {
  const segments = [openName(family, 'family', secrets), openName(measurement, 'measurement', secrets)] as const;
  const folder = containedPath(registry, ...segments);
  return {
    registry,
    family,
    measurement,
    folder,
    chain: join(folder, CHAIN),
    tags: join(folder, TAGS),
    rows: join(folder, INDEX_ROWS),
    page: join(folder, PAGE),
    staging: join(registry, WORK, 'staging', ...segments),
    lock: join(registry, WORK, 'locks', ...segments),
  };
};

export const workFolder = (registry: string): string => join(registry, WORK);
