// Links entries into the chain that were written by the Python tool or by hand. Never links an entry whose snapshot is not
// the one it names, and never one that claims to be ours already.
import { join } from 'node:path';
import { withLock } from '../fs/lock.ts';
import { isoSeconds, presentMoment } from '../text/time.ts';
import { appendLink, linkHash, nextLink, readChain } from './chain.ts';
import { recoverInterrupted } from './commit.ts';
import { slugsOf } from './folder-names.ts';
import { rebuildIndexes } from './indexes.ts';
import { inspectEntry } from './integrity.ts';
import type { Place } from './layout.ts';

export interface Adoption {
  /** Slugs that were linked, oldest first. */
  readonly adopted: readonly string[];
  /** Unlinked entries that were left alone, and why. */
  readonly refused: readonly { readonly slug: string; readonly reason: string }[];
  /** Head of the chain afterwards; null when it is empty. */
  readonly head: string | null;
}

/** Links every unchained entry of a measurement in the order of time, and rebuilds the indexes. */
export const adoptEntries = (place: Place): Promise<Adoption> =>
  withLock(place.lock, async () => {
    let last = await recoverInterrupted(place);
    const linked = new Set((await readChain(place)).lines.map(({ link }) => link?.slug));
    const adopted: string[] = [];
    const refused: { slug: string; reason: string }[] = [];
    for (const slug of (await slugsOf(place.folder)).filter((name) => !linked.has(name))) {
      const { status, detail, entry_sha256: digest } = await inspectEntry(join(place.folder, slug), undefined);
      if (status !== 'unchained' || digest === null) {
        refused.push({ slug, reason: `${status}: ${detail ?? ''}` });
        continue;
      }
      last = nextLink(last, slug, digest, isoSeconds(presentMoment().epochMs));
      await appendLink(place, last);
      adopted.push(slug);
    }
    await rebuildIndexes(place);
    return { adopted, refused, head: last === undefined ? null : linkHash(last) };
  });
