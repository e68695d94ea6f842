// The derived indexes of a measurement: `index.jsonl` for programs, `INDEX.md` for people. Each can be rebuilt from the
// entries at any time; neither is ever the truth. Recording appends one row to each, whatever the number of entries.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appendLine, lastLine, linesBackward, fixTornTail } from '../fs/append-line.ts';
import { replaceFile } from '../fs/atomic-file.ts';
import { mapBounded } from '../fs/bounded.ts';
import { ioFault } from '../fs/io-fault.ts';
import { systemCode } from '../text/fault.ts';
import { jsonLine } from '../text/json.ts';
import { linkHash, linksBackward, readChain, type ChainLink } from './chain.ts';
import type { StoredBaseline } from './entry-schema.ts';
import { findSnapshot } from './entry-files.ts';
import { entrySide } from './entry-side.ts';
import { slugsOf } from './folder-names.ts';
import {
  indexRow,
  isOldRow,
  PAGE_HEADER,
  pageRow,
  pageSlug,
  parseRow,
  type IndexRow,
  type RowEntry,
  type RowPlace,
} from './index-row.ts';
import { BASELINE_FILE, type Place } from './layout.ts';
import { entryOf, readBaseline } from './read-entry.ts';

/** Rows that catching up may append before rebuilding is the better way. */
const CATCH_UP = 1000;
const WIDTH = 8;

/** Structured entries whose sources a rebuild reads for their units; those of the rest stay unread, and who asks reads them then. */
const MOST_SOURCES = 20_000;

/** Units of a structured entry; null where its source cannot be read, or is not to be. */
const structuredUnits = async (folder: string, baseline: StoredBaseline): Promise<string[] | null> => {
  try {
    const { metrics } = await entrySide(entryOf(folder, baseline, await findSnapshot(folder)));
    return metrics.flatMap(({ unit }) => unit ?? []);
  } catch {
    return null;
  }
};

/** What the row of a stored entry is made of. A half or unreadable entry has no row; perf_baseline_verify names it. */
const storedEntry = async (place: Place, slug: string, readsSource: () => boolean): Promise<RowEntry | undefined> => {
  const folder = join(place.folder, slug);
  try {
    const baseline = await readBaseline(join(folder, BASELINE_FILE));
    const isStructured = typeof baseline.value !== 'number';
    return { slug, baseline, units: isStructured && readsSource() ? await structuredUnits(folder, baseline) : null };
  } catch {
    return undefined;
  }
};

/** Rows in the order of their entries, each with the row before it. */
const rowsOf = <T extends RowEntry>(
  entries: readonly (T | undefined)[],
  before: IndexRow | undefined,
  standing: (entry: T) => Omit<RowPlace, 'before'>,
): IndexRow[] => {
  const rows: IndexRow[] = [];
  for (const entry of entries)
    if (entry !== undefined) rows.push(indexRow(entry, { ...standing(entry), before: rows.at(-1) ?? before }));
  return rows;
};

/** Writes both indexes anew from the entries and the chain. Only under the lock of the measurement. */
export const rebuildIndexes = async (place: Place): Promise<IndexRow[]> => {
  const links = (await readChain(place)).lines.flatMap(({ link }) => link ?? []);
  const bySlug = new Map(links.map((link) => [link.slug, link]));
  const last = links.at(-1);
  const head = last === undefined ? null : linkHash(last);
  let sources = 0;
  const readsSource = (): boolean => (sources += 1) <= MOST_SOURCES;
  const entries = await mapBounded(await slugsOf(place.folder), WIDTH, (slug) => storedEntry(place, slug, readsSource));
  const rows = rowsOf(entries, undefined, ({ slug }) => ({ link: bySlug.get(slug), head }));
  await replaceFile(place.rows, rows.map(jsonLine).join(''), { sync: false });
  await replaceFile(place.page, PAGE_HEADER + rows.map(pageRow).join(''), { sync: false });
  return rows;
};

/** Links after the one that `head` names, oldest first; undefined when it is not among the last ones. */
const linksAfter = (place: Place, head: string | null): ChainLink[] | undefined => {
  const found: ChainLink[] = [];
  for (const link of linksBackward(place)) {
    if (linkHash(link) === head) return found.reverse();
    if (found.length === CATCH_UP) return undefined;
    found.push(link);
  }
  return undefined;
};

/** Appends the rows that `index.jsonl` lacks. False when it must be rebuilt, as when it was written by an older version. */
const catchUpRows = async (place: Place, known: RowEntry | undefined): Promise<boolean> => {
  fixTornTail(place.rows);
  const last = parseRow(lastLine(place.rows) ?? '');
  if (last === undefined || isOldRow(last)) return false;
  const links = linksAfter(place, last.head);
  if (links === undefined) return false;
  const entries = await mapBounded(links, WIDTH, async (link) => {
    const entry = link.slug === known?.slug ? known : await storedEntry(place, link.slug, () => true);
    return entry === undefined ? undefined : { ...entry, link };
  });
  const rows = rowsOf(entries, last, ({ link }) => ({ link, head: linkHash(link) }));
  if (rows.length > 0) await appendLine(place.rows, rows.map(jsonLine).join(''));
  return true;
};

/** Appends the rows that `INDEX.md` lacks behind `index.jsonl`. False when it must be rebuilt. */
const catchUpPage = async (place: Place): Promise<boolean> => {
  fixTornTail(place.page);
  const shown = pageSlug(lastLine(place.page) ?? '');
  if (shown === undefined) return false;
  const lacking: IndexRow[] = [];
  for (const line of linesBackward(place.rows)) {
    const row = parseRow(line);
    if (row === undefined || lacking.length === CATCH_UP) return false;
    if (row.slug === shown) {
      if (lacking.length > 0) await appendLine(place.page, lacking.reverse().map(pageRow).join(''));
      return true;
    }
    lacking.push(row);
  }
  return false;
};

/**
 * Brings both indexes up to the chain: appends the rows that are missing, and rebuilds what is torn, foreign or absent.
 * Only under the lock of the measurement. `known` is the entry just recorded; `onRows` is called between the two files.
 */
export const catchUpIndexes = async (
  place: Place,
  known?: RowEntry,
  onRows?: () => void | Promise<void>,
): Promise<void> => {
  const grown = await catchUpRows(place, known);
  await onRows?.();
  if (grown && (await catchUpPage(place))) return;
  await rebuildIndexes(place);
};

/** The slugs that each index names. */
export const indexedSlugs = async (place: Place): Promise<{ rows: Set<string>; page: Set<string> }> => {
  const linesOf = async (path: string): Promise<string[]> => {
    try {
      return (await readFile(path, 'utf8')).split('\n');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw ioFault(error, path);
    }
  };
  const [rows, page] = await Promise.all([linesOf(place.rows), linesOf(place.page)]);
  return {
    rows: new Set(rows.flatMap((line) => parseRow(line)?.slug ?? [])),
    page: new Set(page.flatMap((line) => pageSlug(line) ?? [])),
  };
};
