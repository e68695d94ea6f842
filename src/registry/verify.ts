// Checks a measurement against its chain: names everything that is changed, missing, extra, half,
// inserted or unchained. Reads every byte and writes nothing.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapBounded } from '../fs/bounded.ts';
import { exists } from '../fs/exists.ts';
import { onFile } from '../fs/io-fault.ts';
import { Fault } from '../text/fault.ts';
import { walkChain, type ChainBreak, type ChainFork, type ChainWalk } from './chain-walk.ts';
import { linkHash, readChain, type ChainLink } from './chain.ts';
import { stagedEntryOf } from './commit.ts';
import { indexedSlugs } from './indexes.ts';
import { inspectEntry, type EntryStatus } from './integrity.ts';
import { MEASUREMENT_FILES, type Place } from './layout.ts';
import { compareSlugs, isSlug } from './slug.ts';

export type FindingStatus =
  | EntryStatus
  | 'missing' // the chain names it, but it is not there
  | 'unfinished' // its recording was interrupted after the link; the next recording finishes it
  | 'extra'; // no entry, and no file of the registry

/** Statuses that leave a registry as it was recorded. */
const HARMLESS: readonly FindingStatus[] = ['intact', 'unchained', 'unfinished'];

/** True of what leaves a registry as it was recorded. */
export const isHarmless = (status: FindingStatus): boolean => HARMLESS.includes(status);

export interface Finding {
  /** Slug of an entry, or the name of what should not be there. */
  readonly name: string;
  readonly status: FindingStatus;
  readonly detail: string | null;
}

export interface MeasurementReport {
  readonly family: string;
  readonly measurement: string;
  /** False when anything is changed, missing, extra, half or inserted, when the chain is broken, or the expected head absent. */
  readonly ok: boolean;
  readonly entries: number;
  readonly intact: number;
  /** Everything that is not intact. */
  readonly findings: readonly Finding[];
  /** Hash of the last link; null for an empty chain. */
  readonly head: string | null;
  readonly links: number;
  /** The links themselves, in the order of the file. */
  readonly chain: readonly ChainLink[];
  readonly breaks: readonly ChainBreak[];
  /** Branches that were merged in git: not tampering. */
  readonly forks: readonly ChainFork[];
  /** Where `expectHead` was found: it is the head, or an earlier link of the chain. Null when none was expected. */
  readonly expected_head: 'head' | 'earlier' | 'absent' | null;
  /** Entries that an index does not name; the next recording fixes it. */
  readonly not_indexed: readonly string[];
}

export interface VerifyOptions {
  /** Head of the chain that was noted down earlier. */
  readonly expectHead?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const WIDTH = 8;
const PATIENCE = 20;
const PAUSE_MS = 25;

/** True for what systems and git leave in folders. */
export const isDropping = (name: string): boolean =>
  /^\.(?:DS_Store|gitkeep|gitignore|gitattributes|nfs\w+)$/.test(name);

/** An entry is named moments after its link was written: only the last link of a live registry may wait for that. */
const whenMissing = async (place: Place, link: ChainLink, isLast: boolean): Promise<Finding | undefined> => {
  const folder = join(place.folder, link.slug);
  for (let attempt = 0; isLast && attempt < PATIENCE; attempt += 1) {
    if (exists(folder)) return undefined;
    if ((await stagedEntryOf(place, link)) !== undefined)
      return {
        name: link.slug,
        status: 'unfinished',
        detail: 'its recording was interrupted; the next one finishes it',
      };
    await sleep(PAUSE_MS);
  }
  if (exists(folder)) return undefined;
  return { name: link.slug, status: 'missing', detail: `link ${link.seq} of the chain names it` };
};

const expectedHead = (walk: ChainWalk, expected: string | undefined): MeasurementReport['expected_head'] => {
  if (expected === undefined) return null;
  if (walk.heads.includes(expected)) return 'head';
  return walk.sequence.has(expected) ? 'earlier' : 'absent';
};

interface Names {
  readonly slugs: readonly string[];
  readonly extra: readonly Finding[];
}

const namesIn = async (place: Place): Promise<Names> => {
  const names = await onFile(place.folder, () => readdir(place.folder));
  const extra = names.filter((name) => !isSlug(name) && !MEASUREMENT_FILES.includes(name) && !isDropping(name));
  return {
    slugs: names.filter(isSlug).sort(compareSlugs),
    extra: extra.map((name) => ({ name, status: 'extra', detail: 'neither an entry nor a file of the registry' })),
  };
};

const inspectAll = async (place: Place, slugs: readonly string[], walk: ChainWalk, options: VerifyOptions) => {
  const links = new Map(walk.links.map((link) => [link.slug, link]));
  let done = 0;
  return mapBounded(slugs, WIDTH, async (slug): Promise<Finding> => {
    if (options.signal?.aborted === true) throw new Fault('interrupted', 'interrupted', 'interrupted while verifying');
    const { status, detail } = await inspectEntry(join(place.folder, slug), links.get(slug));
    options.onProgress?.(++done, slugs.length);
    return { name: slug, status, detail };
  });
};

/** Linked entries that are not there. */
const absentees = async (place: Place, slugs: readonly string[], walk: ChainWalk): Promise<Finding[]> => {
  const present = new Set(slugs);
  const absent = walk.links.filter((link) => !present.has(link.slug));
  const found = await mapBounded(absent, WIDTH, (link) => whenMissing(place, link, linkHash(link) === walk.head));
  return found.filter((finding) => finding !== undefined);
};

const notIndexed = async (place: Place, findings: readonly Finding[]): Promise<string[]> => {
  const { rows, page } = await indexedSlugs(place);
  const readable = findings.filter(({ status }) => status !== 'half').map(({ name }) => name);
  return readable.filter((slug) => !rows.has(slug) || !page.has(slug));
};

/**
 * Checks one measurement. Names are listed before the chain is read: an entry gets its link before its name, so one that is
 * being recorded meanwhile is never taken for an inserted one.
 */
export const verifyPlace = async (place: Place, options: VerifyOptions = {}): Promise<MeasurementReport> => {
  const { slugs, extra } = await namesIn(place);
  const { lines } = await readChain(place);
  const walk = walkChain(lines);
  const inspected = await inspectAll(place, slugs, walk, options);
  const findings = [
    ...inspected.filter(({ status }) => status !== 'intact'),
    ...(await absentees(place, slugs, walk)),
    ...extra,
  ];
  const expected = expectedHead(walk, options.expectHead);
  return {
    family: place.family,
    measurement: place.measurement,
    ok: findings.every(({ status }) => isHarmless(status)) && walk.breaks.length === 0 && expected !== 'absent',
    entries: slugs.length,
    intact: inspected.length - inspected.filter(({ status }) => status !== 'intact').length,
    findings,
    head: walk.head,
    links: walk.links.length,
    chain: walk.links,
    breaks: walk.breaks,
    forks: walk.forks,
    expected_head: expected,
    not_indexed: await notIndexed(place, inspected),
  };
};
