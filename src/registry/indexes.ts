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
import { slugsOf } from './folder-names.ts';
import { indexRow, PAGE_HEADER, pageRow, pageSlug, parseRow, type IndexRow } from './index-row.ts';
import { BASELINE_FILE, type Place } from './layout.ts';
import { readBaseline } from './read-entry.ts';

/** Rows that catching up may append before rebuilding is the better way. */
const CATCH_UP = 1000;
const WIDTH = 8;

/** A half or unreadable entry has no row; perf_baseline_verify names it. */
const storedRow = async (place: Place, slug: string, link: ChainLink | undefined, head: string | null) => {
  try {
    return indexRow(slug, await readBaseline(join(place.folder, slug, BASELINE_FILE)), link, head);
  } catch {
    return undefined;
  }
};

/** Writes both indexes anew from the entries and the chain. Only under the lock of the measurement. */
export const rebuildIndexes = async (place: Place): Promise<IndexRow[]> => {
  const links = (await readChain(place)).lines.flatMap(({ link }) => link ?? []);
  const bySlug = new Map(links.map((link) => [link.slug, link]));
  const last = links.at(-1);
  const head = last === undefined ? null : linkHash(last);
  const rows = (
    await mapBounded(await slugsOf(place.folder), WIDTH, (slug) => storedRow(place, slug, bySlug.get(slug), head))
  ).filter((row) => row !== undefined);
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

/** An entry whose `baseline.json` the caller has at hand. */
export interface KnownEntry {
  readonly slug: string;
  readonly baseline: StoredBaseline;
}

/** Appends the rows that `index.jsonl` lacks. False when it must be rebuilt. */
const catchUpRows = async (place: Place, known: KnownEntry | undefined): Promise<boolean> => {
  fixTornTail(place.rows);
  const last = parseRow(lastLine(place.rows) ?? '');
  const links = last === undefined ? undefined : linksAfter(place, last.head);
  if (links === undefined) return false;
  const rows = await mapBounded(links, WIDTH, async (link) => {
    const head = linkHash(link);
    if (link.slug === known?.slug) return indexRow(link.slug, known.baseline, link, head);
    return storedRow(place, link.slug, link, head);
  });
  const text = rows.flatMap((row) => (row === undefined ? [] : jsonLine(row))).join('');
  if (text !== '') await appendLine(place.rows, text);
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
  known?: KnownEntry,
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
