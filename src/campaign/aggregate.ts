// Unites the rows of all cells in `atlas.jsonl`: one cell after another, in the order of their folders, replaced as a whole.
// A cell that has not changed since the last time is copied, not read. What cannot be read is named, never dropped silently,
// and rows that no cell holds any more (an atlas that was imported whole) are kept.
import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { replaceFile } from '../fs/atomic-file.ts';
import { writeAll } from '../fs/durable.ts';
import { onFile } from '../fs/io-fault.ts';
import { ownedName } from '../fs/process-owner.ts';
import { sweepStaging } from '../fs/publish-folder.ts';
import { readOpenText } from '../fs/named-text.ts';
import { withRegularFile, type RegularFile } from '../fs/regular-file.ts';
import { Fault, inputFault, systemCode } from '../text/fault.ts';
import { parseJson } from '../text/json.ts';
import { FOREIGN, readIndex, type AggregateIndex, type Seen } from './aggregate-index.ts';
import { cellNames } from './cell-files.ts';
import { coverageCounter, type Coverage, type CoverageCounter } from './coverage.ts';
import { CELL_FILES, aggregateIndexPath, atlasPath, cellFile, stagingFolder } from './layout.ts';
import { atlasRows, readRowLines, rowLine } from './row-text.ts';
import { pointKey, type AtlasRow } from './row.ts'; // prettier-ignore

export interface SkippedCell {
  readonly cell: string;
  readonly reason: string;
}

export interface Aggregate {
  readonly atlas_path: string;
  readonly atlas_sha256: string;
  readonly row_count: number;
  /** Distinct names of cells in rows. */
  readonly cell_count: number;
  readonly coverage: Coverage;
  /** Cells of the folder without rows, and cells whose rows cannot be used. */
  readonly skipped: readonly SkippedCell[];
  readonly damaged: readonly SkippedCell[];
  /** Cells that the last aggregate held and whose folders are gone. */
  readonly removed: readonly string[];
  /** Cells of rows that come from no folder: of an atlas that was brought whole, or of a folder that went before the last index. */
  readonly kept: readonly string[];
  /** Cells that were copied from the last atlas. */
  readonly unchanged: number;
}

const readRange = (descriptor: number, from: number, length: number): Buffer => {
  const buffer = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const bytes = readSync(descriptor, buffer, done, length - done, from + done);
    if (bytes === 0) break;
    done += bytes;
  }
  return buffer.subarray(0, done);
};

/** Rows of one name and point twice would be drawn over each other. */
const requireUnique = (rows: readonly AtlasRow[], seen: Set<string>, path: string): void => {
  for (const row of rows) {
    const key = pointKey(row);
    if (seen.has(key))
      throw inputFault('duplicate_point', `${path}: two rows are the same point ${key}`, {
        path,
        at: key,
        fix: 'remove one of the cells that hold it, or give it another cell_id',
      });
    seen.add(key);
  }
};

const linesOf = (text: string): AtlasRow[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [parseJson(line) as unknown as AtlasRow])); // checked boundary: lines of our own atlas, which were checked when written

/** Bytes that are written at once. */
const BLOCK = 1024 * 1024;

interface Writer {
  /** Null in a dry run. */
  readonly descriptor: number | null;
  readonly hash: Hash;
  at: number;
  pending: Buffer[];
  pendingBytes: number;
}

const flush = (writer: Writer): void => {
  const block = Buffer.concat(writer.pending);
  writer.hash.update(block);
  if (writer.descriptor !== null) writeAll(writer.descriptor, block);
  writer.pending = [];
  writer.pendingBytes = 0;
};

const append = (writer: Writer, bytes: Buffer): void => {
  writer.pending.push(bytes);
  writer.pendingBytes += bytes.length;
  writer.at += bytes.length;
  if (writer.pendingBytes >= BLOCK) flush(writer);
};

interface Pass {
  readonly campaign: string;
  readonly writer: Writer;
  readonly counter: CoverageCounter;
  readonly points: Set<string>;
  readonly names: Set<string>;
  readonly seen: Record<string, Seen>;
  readonly skipped: SkippedCell[];
  readonly damaged: SkippedCell[];
  readonly removed: string[];
  readonly kept: string[];
  unchanged: number;
}

const take = (pass: Pass, rows: readonly AtlasRow[], path: string): void => {
  requireUnique(rows, pass.points, path);
  for (const row of rows) {
    pass.counter.add(row);
    pass.names.add(row.cell_id);
  }
};

/** True when the cell was taken from the last atlas as it stands there. */
const copied = (pass: Pass, cell: string, status: { size: number; mtimeMs: number }, old: OldAtlas | undefined): boolean => {
  const before = old?.index.cells[cell];
  if (old === undefined || before === undefined) return false;
  if (before.size !== status.size || before.mtime_ms !== status.mtimeMs) return false;
  const bytes = readRange(old.descriptor, before.from, before.length);
  take(pass, linesOf(bytes.toString('utf8')), atlasPath(pass.campaign));
  pass.seen[cell] = { ...before, from: pass.writer.at };
  append(pass.writer, bytes);
  pass.unchanged += 1;
  return true;
}; // prettier-ignore

interface OldAtlas {
  readonly index: AggregateIndex;
  readonly descriptor: number;
}

const addRows = (pass: Pass, cell: string, text: string, { path, status }: RegularFile): void => {
  const lines = readRowLines(text, path);
  take(pass, lines.rows, path);
  const bytes = Buffer.from(lines.text);
  pass.seen[cell] = { size: status.size, mtime_ms: status.mtimeMs, from: pass.writer.at, length: bytes.length };
  append(pass.writer, bytes);
  if (lines.rows.length === 0) pass.skipped.push({ cell, reason: 'no rows' });
};

const addCell = async (pass: Pass, cell: string, old: OldAtlas | undefined): Promise<void> => {
  const path = cellFile(pass.campaign, cell, 'rows');
  if (old?.index.cells[cell] !== undefined) {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status !== undefined && copied(pass, cell, status, old)) return;
  }
  try {
    await withRegularFile(path, async (file) => addRows(pass, cell, await readOpenText(file), file));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') pass.skipped.push({ cell, reason: `no ${CELL_FILES.rows}` });
    else if (!(error instanceof Fault) || error.code === 'duplicate_point') throw error;
    else pass.damaged.push({ cell, reason: error.message });
  }
};

/** Rows that stand in the old atlas and come from no cell's folder: an atlas that was written or brought as a whole. */
const foreignRows = async (pass: Pass, cells: ReadonlySet<string>, old: OldAtlas | undefined): Promise<AtlasRow[]> => {
  const path = atlasPath(pass.campaign);
  if (old !== undefined) {
    const { from, length } = old.index.cells[FOREIGN] ?? { from: 0, length: 0 };
    return linesOf(readRange(old.descriptor, from, length).toString('utf8'));
  }
  if (!existsSync(path)) return [];
  const rows: AtlasRow[] = [];
  for await (const row of atlasRows(path)) if (!pass.names.has(row.cell_id) && !cells.has(row.cell_id)) rows.push(row);
  return rows;
};

const keepForeign = async (pass: Pass, cells: ReadonlySet<string>, old: OldAtlas | undefined): Promise<void> => {
  const rows = await foreignRows(pass, cells, old);
  if (rows.length === 0) return;
  take(pass, rows, atlasPath(pass.campaign));
  pass.kept.push(...new Set(rows.map(({ cell_id }) => cell_id)));
  const bytes = Buffer.from(rows.map(rowLine).join(''));
  pass.seen[FOREIGN] = { size: 0, mtime_ms: 0, from: pass.writer.at, length: bytes.length };
  append(pass.writer, bytes);
};

/** The last atlas, held open: another aggregate may put a new one in its place. */
const openOld = (campaign: string): OldAtlas | undefined => {
  if (!existsSync(atlasPath(campaign))) return undefined;
  const descriptor = openSync(atlasPath(campaign), 'r');
  const index = readIndex(campaign, fstatSync(descriptor));
  if (index === undefined) closeSync(descriptor);
  return index === undefined ? undefined : { index, descriptor };
};

/** Cells after which other calls get their turn. */
const TURN = 64;

/** `temporary` is null in a dry run. */
const writeAtlas = async (campaign: string, temporary: string | null, signal: AbortSignal): Promise<Pass> => {
  const old = openOld(campaign);
  const descriptor = temporary === null ? null : openSync(temporary, 'wx');
  const pass: Pass = {
    campaign,
    writer: { descriptor, hash: createHash('sha256'), at: 0, pending: [], pendingBytes: 0 },
    counter: coverageCounter(),
    points: new Set(),
    names: new Set(),
    seen: {},
    skipped: [],
    damaged: [],
    removed: [],
    kept: [],
    unchanged: 0,
  };
  try {
    const cells = cellNames(campaign);
    for (const [index, cell] of cells.entries()) {
      if (index % TURN === 0) await setImmediate();
      signal.throwIfAborted();
      await addCell(pass, cell, old);
    }
    const present = new Set(cells);
    await keepForeign(pass, present, old);
    flush(pass.writer);
    const gone = Object.keys(old?.index.cells ?? {}).filter((cell) => cell !== FOREIGN && !present.has(cell));
    pass.removed.push(...gone);
    if (descriptor !== null) fsyncSync(descriptor);
    return pass;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
    if (old !== undefined) closeSync(old.descriptor);
  }
};

/** Puts the atlas in its place. The index says which file it describes, should another aggregate replace that meanwhile. */
const publish = async (campaign: string, temporary: string, pass: Pass): Promise<void> => {
  const { size, mtimeMs } = statSync(temporary);
  renameSync(temporary, atlasPath(campaign));
  const index = { atlas: { size, mtime_ms: mtimeMs }, cells: pass.seen };
  await replaceFile(aggregateIndexPath(campaign), `${JSON.stringify(index)}\n`, { sync: false });
};

/** Makes the room where an atlas is written before it takes its place, without what killed processes left there. */
const openStaging = async (campaign: string): Promise<void> => {
  mkdirSync(stagingFolder(campaign), { recursive: true });
  await sweepStaging(stagingFolder(campaign));
};

/**
 * Writes `atlas.jsonl` anew. Throws a Fault `duplicate_point` where two rows are the same point; the atlas stays as it was
 * then. Damaged cells are left out and named.
 */
export const aggregateCampaign = (
  campaign: string,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<Aggregate> => {
  const path = atlasPath(campaign);
  const temporary = dryRun ? null : join(stagingFolder(campaign), ownedName());
  return onFile(path, async () => {
    if (temporary !== null) await openStaging(campaign);
    try {
      const pass = await writeAtlas(campaign, temporary, signal);
      if (temporary !== null) await publish(campaign, temporary, pass);
      return {
        atlas_path: path,
        atlas_sha256: pass.writer.hash.digest('hex'),
        row_count: pass.counter.rows(),
        cell_count: pass.names.size,
        coverage: pass.counter.result(),
        skipped: pass.skipped,
        damaged: pass.damaged,
        removed: pass.removed,
        kept: pass.kept,
        unchanged: pass.unchanged,
      };
    } finally {
      if (temporary !== null) rmSync(temporary, { force: true });
    }
  });
};
