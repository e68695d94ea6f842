// Estimates how much text a call has to take in, from sizes alone. Opens nothing but the first bytes of large files.
import { closeSync, constants, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { VerbContext } from './context.ts';
import type { PathUse } from './path-use.ts';

/** Bytes that are parsed so fast that nobody waits for it. */
export const HEAVY_BYTES = 1024 * 1024;
/** What gzip makes of a text at best. */
const MOST_UNPACKED = 1000;
/** Files of a folder that are looked at. */
const MOST_FILES = 2000;

/** SQLite exports are read page by page in a thread of their own; a report is exported by its own tool first. */
const hasReaderOfItsOwn = (path: string): boolean => {
  if (path.endsWith('.nsys-rep')) return true;
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const head = Buffer.alloc(16);
    readSync(descriptor, head, 0, head.length, 0);
    return head.toString('latin1') === 'SQLite format 3\0';
  } finally {
    closeSync(descriptor);
  }
};

const weightOfFile = (path: string, size: number): number => {
  const bytes = path.endsWith('.gz') ? size * MOST_UNPACKED : size;
  return bytes >= HEAVY_BYTES && hasReaderOfItsOwn(path) ? 0 : bytes;
};

/** Paths of what lies below a folder and is no folder, one at a time. */
function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else yield path;
  }
}

const weightOfFiles = (paths: Iterable<string>): number => {
  let [weight, seen] = [0, 0];
  for (const path of paths) {
    const file = statSync(path, { throwIfNoEntry: false });
    if (file?.isFile() === true) weight += weightOfFile(path, file.size);
    seen += 1;
    if (weight >= HEAVY_BYTES || seen >= MOST_FILES) break;
  }
  return weight;
};

/** Bytes of text below a path; 0 for what is not there or cannot be read. */
const weightOfPath = (path: string): number => {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) return 0;
    if (status.isFile()) return weightOfFile(path, status.size);
    return status.isDirectory() ? weightOfFiles(filesBelow(path)) : 0;
  } catch {
    return 0; // whoever reads it says what is wrong
  }
};

type Call = {
  readonly input: Readonly<Record<string, unknown>>;
  readonly context: Pick<VerbContext, 'path' | 'root'>;
};

/** Where the bytes lie that are read because of one text of a field. */
const placesRead = (use: PathUse, text: string, { input, context: { path, root } }: Call): readonly string[] => {
  if (use.use !== 'read') return [path(text)];
  return [use.place?.(text, root) ?? path(text), ...(use.also?.(path(text), root, input) ?? [])];
};

/** True when the files that a call reads may hold up the thread that parses them for long. */
export const isHeavy = (
  paths: Readonly<Record<string, PathUse>>,
  input: Readonly<Record<string, unknown>>,
  context: Pick<VerbContext, 'path' | 'root'>,
): boolean => {
  const given = Object.entries(paths).filter(
    ([field, { use }]) => (use === 'read' || use === 'update') && input[field] !== undefined,
  );
  if (given.some(([, use]) => use.use === 'read' && use.patterns === true)) return true;
  let weight = 0;
  for (const [field, use] of given)
    for (const text of [input[field]].flat()) {
      if (typeof text !== 'string') continue;
      for (const path of placesRead(use, text, { input, context })) {
        weight += weightOfPath(path);
        if (weight >= HEAVY_BYTES) return true;
      }
    }
  return false;
};
