// Reads one entry: what `baseline.json` says and where its snapshot lies. Takes entries of this tool, of the Python tool and
// of the plain-shell fallback; says what is missing instead of filling it in.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { z } from 'zod';
import { onFile } from '../fs/io-fault.ts';
import { withRegularFile } from '../fs/regular-file.ts';
import { safeSegment } from '../fs/safe-path.ts';
import { inputFault } from '../text/fault.ts';
import { parseJsonObject } from '../text/json.ts';
import { findSnapshot, type StoredSnapshot } from './entry-files.ts';
import { storedBaselineSchema, type StoredBaseline } from './entry-schema.ts';
import { BASELINE_FILE } from './layout.ts';

export interface Entry {
  /** Absolute path of the entry. */
  readonly folder: string;
  readonly slug: string;
  readonly family: string;
  readonly measurement: string;
  readonly baseline: StoredBaseline;
  readonly snapshot: StoredSnapshot;
  /** What the entry does not say, in words for a result. */
  readonly warnings: readonly string[];
}

const describeIssue = ({ path, message }: z.core.$ZodIssue): string =>
  `${path.length === 0 ? 'the document' : path.join('.')}: ${message}`;

/** Checked texts with what they hold, the latest last: one diff reads an entry twice, and many diffs the same entry. */
const checked = new Map<string, StoredBaseline>();
const MOST_CHECKED = 32;
/** In characters. */
const LONGEST_CHECKED = 256 * 1024;

const keepChecked = (text: string, baseline: StoredBaseline): StoredBaseline => {
  if (text.length > LONGEST_CHECKED) return baseline;
  const [oldest] = checked.keys();
  if (checked.size >= MOST_CHECKED && oldest !== undefined) checked.delete(oldest);
  checked.set(text, baseline);
  return baseline;
};

/** What the text of `baseline.json` at `path` says. Throws a Fault `baseline_invalid` with the place, or one about its JSON. */
export const parseBaseline = (text: string, path: string): StoredBaseline =>
  checked.get(text) ?? checkBaseline(text, path);

/** Reads `baseline.json` at `path`. Throws as `parseBaseline`, or a Fault about the file. */
export const readBaseline = async (path: string): Promise<StoredBaseline> =>
  parseBaseline(
    await onFile(path, () => withRegularFile(path, ({ descriptor }) => readFileSync(descriptor, 'utf8'))),
    path,
  );

const checkBaseline = (text: string, path: string): StoredBaseline => {
  const parsed = storedBaselineSchema.safeParse(parseJsonObject(text, path));
  if (parsed.success) {
    safeSegment(parsed.data.family, `family in ${path}`);
    safeSegment(parsed.data.measurement, `measurement in ${path}`);
    return keepChecked(text, parsed.data);
  }
  const [first] = parsed.error.issues;
  throw inputFault('baseline_invalid', `${path}: ${first === undefined ? 'not a baseline' : describeIssue(first)}`, {
    path,
    ...(first === undefined ? {} : { at: first.path.join('.') }),
    fix: 'restore the file as it was recorded',
  });
};

const EXPECTED: readonly (readonly [keyof StoredBaseline, string])[] = [
  ['direction', 'no direction: judged two-sided unless policy knows the metric'],
  ['registered_at_utc', 'no registered_at_utc'],
  ['profile_and_optimize_sha', 'no profile_and_optimize_sha'],
  ['context', 'no context: whether both sides were measured alike cannot be checked'],
];

const missing = (baseline: StoredBaseline): string[] =>
  EXPECTED.filter(([key]) => (baseline[key] ?? null) === null).map(([, warning]) => warning);

/** The entry at `folder` from its parts. */
export const entryOf = (folder: string, baseline: StoredBaseline, snapshot: StoredSnapshot): Entry => {
  const { family, measurement } = baseline;
  return { folder, slug: basename(folder), family, measurement, baseline, snapshot, warnings: missing(baseline) };
};

/** Reads the entry at `folder`. Throws a Fault as `readBaseline` and `findSnapshot` do. */
export const readEntry = async (folder: string): Promise<Entry> =>
  entryOf(folder, await readBaseline(join(folder, BASELINE_FILE)), await findSnapshot(folder));
