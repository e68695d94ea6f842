// The hash chain of a measurement: one line per entry, each holding the hash of the line before. Append-only; what was
// written is never rewritten. Format of `chain.jsonl`: `{ seq, slug, entry_sha256, prev, at }`, one JSON object per line.
import { createHash } from 'node:crypto';
import { readFile, stat, truncate } from 'node:fs/promises';
import { z } from 'zod';
import { appendLine, fixTornTail, lastLine, linesBackward, linesHolding } from '../fs/append-line.ts';
import { syncPath } from '../fs/durable.ts';
import { createFileMemo } from '../fs/file-stamp.ts';
import { ioFault } from '../fs/io-fault.ts';
import { Fault, systemCode } from '../text/fault.ts';
import { canonicalJson, jsonLine } from '../text/json.ts';
import type { Place } from './layout.ts';
import { isSlug } from './slug.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const chainLinkSchema = z.strictObject({
  /** 0 for the first link, then one more than the link that `prev` names. */
  seq: z.number().int().nonnegative(),
  slug: z.string().refine(isSlug, 'not the name of an entry'),
  /** Digest over every file of the entry (`entryDigest`). */
  entry_sha256: sha256,
  /** `linkHash` of the link before; null for the first. */
  prev: sha256.nullable(),
  /** When the link was appended, ISO 8601 UTC. */
  at: z.string(),
});

export type ChainLink = z.infer<typeof chainLinkSchema>;

/** sha256 of the link's canonical JSON: what the next link's `prev` holds, and the head of a chain that ends here. */
export const linkHash = (link: ChainLink): string => createHash('sha256').update(canonicalJson(link)).digest('hex');

/** The link that a line holds; undefined when it holds none. */
export const parseLink = (line: string): ChainLink | undefined => {
  try {
    return chainLinkSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};

const unreadable = (place: Place, line: string): Fault =>
  new Fault('refused', 'chain_unreadable', `${place.chain} does not end in a link but in ${line.slice(0, 60)}`, {
    path: place.chain,
    fix: 'run perf_baseline_verify; after a merge keep the lines of both sides and remove the conflict marks',
  });

/** The last link, or undefined for an empty or absent chain. Throws a Fault `chain_unreadable`. */
export const lastLink = (place: Place): ChainLink | undefined => {
  const line = lastLine(place.chain);
  if (line === undefined) return undefined;
  const link = parseLink(line);
  if (link === undefined) throw unreadable(place, line);
  return link;
};

/** Links from the last to the first, as far as the caller goes; lines that hold none are passed over. */
export function* linksBackward(place: Place): Generator<ChainLink> {
  for (const line of linesBackward(place.chain)) {
    const link = parseLink(line);
    if (link !== undefined) yield link;
  }
}

const linkMemo = createFileMemo<ChainLink | undefined>(64);

/** The newest link of `slug`. Reads back from the end, so a recent entry is found at once. */
export const findLink = (place: Place, slug: string): ChainLink | undefined =>
  linkMemo(place.chain, slug, () => searchLink(place, slug));

const searchLink = (place: Place, slug: string): ChainLink | undefined => {
  for (const line of linesHolding(place.chain, slug)) {
    const link = parseLink(line);
    if (link?.slug === slug) return link;
  }
  return undefined;
};

/** The link that comes after `last`. */
export const nextLink = (last: ChainLink | undefined, slug: string, entrySha256: string, at: string): ChainLink => ({
  seq: last === undefined ? 0 : last.seq + 1,
  slug,
  entry_sha256: entrySha256,
  prev: last === undefined ? null : linkHash(last),
  at,
});

/** Drops a line that a crash tore. A whole link that lacks only its newline was written in full, and is kept. */
export const fixChain = async (place: Place): Promise<void> => {
  const torn = fixTornTail(place.chain);
  if (torn !== null && parseLink(torn) !== undefined) await appendLine(place.chain, `${torn}\n`, { sync: true });
};

/** Appends a link and flushes it to the disk. Only under the lock of the measurement. */
export const appendLink = (place: Place, link: ChainLink): Promise<void> =>
  appendLine(place.chain, jsonLine(link), { sync: true });

/** Takes back the last link, `link`, whose entry could not be named. Only under the lock of the measurement. */
export const rollBackLink = async (place: Place, link: ChainLink): Promise<void> => {
  const bytes = Buffer.byteLength(jsonLine(link));
  const { size } = await stat(place.chain);
  if (lastLine(place.chain) !== jsonLine(link).trimEnd()) return;
  await truncate(place.chain, size - bytes);
  await syncPath(place.chain);
};

/** A line of the chain file. */
export interface ChainLine {
  /** 1-based. */
  readonly line: number;
  /** Undefined when the line holds no link. */
  readonly link: ChainLink | undefined;
  /** A mark that git leaves where a merge needs a decision. */
  readonly mergeMark: boolean;
}

const chainLine = (text: string, index: number): ChainLine => ({
  line: index + 1,
  link: parseLink(text),
  mergeMark: /^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/.test(text),
});

/** Every complete line of the chain, and whether a torn one follows. An absent chain is empty. */
export const readChain = async (place: Place): Promise<{ lines: ChainLine[]; torn: boolean }> => {
  const text = await readFile(place.chain, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw ioFault(error, place.chain);
  });
  const parts = text.split('\n');
  const rest = parts.pop() ?? '';
  return { lines: parts.map(chainLine), torn: rest !== '' };
};
