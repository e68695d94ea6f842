// Names for entries, such as `golden` or `release-12`. Append-only: the last line about a tag counts, and the lines before it
// are its history.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { appendLine, fixTornTail } from '../fs/append-line.ts';
import { exists } from '../fs/exists.ts';
import { ioFault } from '../fs/io-fault.ts';
import { withLock } from '../fs/lock.ts';
import { safeSegment } from '../fs/safe-path.ts';
import { Fault, systemCode } from '../text/fault.ts';
import { jsonLine } from '../text/json.ts';
import { redact } from '../text/redact.ts';
import { isoSeconds, presentMoment } from '../text/time.ts';
import { BASELINE_FILE, type Place } from './layout.ts';
import { requireNewName } from './new-name.ts';
import { isSlug, LATEST } from './slug.ts';

export const tagLineSchema = z.strictObject({
  tag: z.string(),
  /** The entry that has the tag from now on; null takes the tag away. */
  slug: z.string().nullable(),
  at: z.string(),
  by: z.string(),
  note: z.string(),
});

export type TagLine = z.infer<typeof tagLineSchema>;

/** `tag` where it can be one. Throws a Fault `tag_reserved` or `unsafe_segment`. */
export const tagName = (tag: string): string => {
  if (tag.toLowerCase() !== LATEST && !isSlug(tag)) return safeSegment(tag, 'tag');
  throw new Fault('usage', 'tag_reserved', `${tag} already names an entry`, { fix: 'choose another tag' });
};

const parseTagLine = (line: string): TagLine | undefined => {
  try {
    return tagLineSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
};

/** Every line about tags, oldest first; lines that hold none (marks of a merge) are passed over. */
export const tagHistory = async (place: Place): Promise<TagLine[]> => {
  if (!exists(place.tags)) return [];
  try {
    return readFileSync(place.tags, 'utf8')
      .split('\n')
      .flatMap((line) => parseTagLine(line) ?? []);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw ioFault(error, place.tags);
  }
};

/** Tag to slug, as it is now. */
export const currentTags = async (place: Place): Promise<Map<string, string>> => {
  const tags = new Map<string, string>();
  for (const { tag, slug } of await tagHistory(place)) {
    if (slug === null) tags.delete(tag);
    else tags.set(tag, slug);
  }
  return tags;
};

export interface TagInput {
  readonly tag: string;
  /** Null takes the tag away. */
  readonly slug: string | null;
  readonly by: string;
  readonly note?: string;
  readonly secrets: readonly string[];
}

/**
 * Gives an entry a tag, moves it there from another entry, or takes it away. Throws a Fault `tag_reserved`,
 * `entry_not_found`, or one of `requireNewName`.
 */
export const tagEntry = async (place: Place, { tag, slug, by, note = '', secrets }: TagInput): Promise<TagLine> => {
  const line: TagLine = {
    tag: tagName(tag),
    slug,
    at: isoSeconds(presentMoment().epochMs),
    by: redact(by, secrets),
    note: redact(note, secrets),
  };
  if (slug !== null && !(isSlug(slug) && exists(join(place.folder, slug, BASELINE_FILE))))
    throw new Fault('usage', 'entry_not_found', `${place.family}/${place.measurement} holds no entry ${slug}`);
  if (slug !== null) requireNewName(tag, 'tag', [...(await currentTags(place)).keys()]);
  await withLock(place.lock, async () => {
    fixTornTail(place.tags);
    await appendLine(place.tags, jsonLine(line), { sync: true });
  });
  return line;
};
