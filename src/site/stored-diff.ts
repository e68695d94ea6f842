// Reads a comparison as it lies in the registry: what was decided, by which rule, and the rows that explain it. Takes what the Python
// tool wrote too; a part that cannot be read is absent, and nothing is decided here.
import { join } from 'node:path';
import { z } from 'zod';
import { readNamedText } from '../fs/named-text.ts';
import { artifactsFolder } from '../fs/root.ts';
import { foldersIn, slugsOf } from '../registry/folder-names.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '../text/json.ts';
import { redacted } from '../text/redact.ts';
import {
  colourSchema,
  contextComparisonSchema,
  decisionSchema,
  directionSchema,
  loneMetricSchema,
  nextLeverSchema,
  rowDecisionSchema,
  sinceSchema,
  solDeltaSchema,
  toleranceSchema,
  trialCountSchema,
} from '../verdict/answer-schema.ts';
import { changeText, titleOf } from '../verdict/wording.ts';
import { profileDiffSchema } from '../profile/diff/profile-diff-schema.ts';
import type { EntryName } from './site-paths.ts';

/** A part of a file that may be absent or of another version: then it is not shown. */
const maybe = <T extends z.ZodType>(schema: T) => schema.nullish().catch(null);

const rowSchema = z.looseObject({
  key: z.string(),
  baseline: z.number(),
  current: z.number(),
  delta_pct: maybe(z.number()),
  unit: maybe(z.string()),
  direction: maybe(directionSchema),
  tolerance: maybe(toleranceSchema),
  headline: maybe(z.boolean()),
  gating: maybe(z.boolean()),
  adverse: maybe(z.boolean()),
  improved: maybe(z.boolean()),
  standing: maybe(z.string()),
  decision: maybe(z.looseObject(rowDecisionSchema.shape)),
});
export type StoredRow = z.output<typeof rowSchema>;

const storedDiffSchema = z.looseObject({
  verdict: colourSchema,
  shape: maybe(z.string()),
  decision: maybe(decisionSchema),
  tier: maybe(z.enum(['VERDICT', 'DRAFT'])),
  tier_missing: maybe(z.array(z.string())),
  recommendation: maybe(z.string()),
  warnings: maybe(z.array(z.string())),
  baseline_dir: maybe(z.string()),
  baselines: maybe(z.array(z.looseObject({ dir: z.string(), sha256: z.string() }))),
  current_sha256: maybe(z.string()),
  current_source_sha256: maybe(z.string()),
  current_sources: maybe(z.array(z.looseObject({ path: z.string(), sha256: z.string(), size: z.number() }))),
  tolerance_percent: maybe(z.number()),
  tolerance_absolute: maybe(z.number()),
  direction: maybe(z.string()),
  deltas_count: maybe(z.number()),
  headline: maybe(z.array(z.string())),
  trending_away_from_peak: maybe(z.array(z.string())),
  improved_beyond_tolerance: maybe(z.boolean()),
  vanished: maybe(z.array(loneMetricSchema)),
  added: maybe(z.array(loneMetricSchema)),
  sol: maybe(z.array(solDeltaSchema)),
  context: maybe(contextComparisonSchema),
  trials: maybe(z.strictObject({ baseline: trialCountSchema, current: trialCountSchema })),
  next_lever: maybe(nextLeverSchema),
  since_oldest: maybe(sinceSchema),
  since_golden: maybe(sinceSchema),
  profile: maybe(profileDiffSchema),
});

/** A comparison as its page shows it. */
export interface StoredDiff extends z.output<typeof storedDiffSchema> {
  /** Headlines, then what got worse, then the largest changes; not all of many. */
  readonly rows: readonly StoredRow[];
  /** Rows in all. */
  readonly total: number;
}

/** A comparison as lists name it. */
export interface ListedDiff extends EntryName {
  /** From the name of its folder. */
  readonly at: string | null;
  /** Null where it cannot be read. */
  readonly verdict: StoredDiff['verdict'] | null;
  readonly decision: NonNullable<StoredDiff['decision']> | null;
  /** The first headline with its change; the reason where it cannot be read. */
  readonly headline: string;
}

const MOST_BYTES = 128 * 1024 * 1024;
/** Rows of a page. */
const MOST_ROWS = 300;

export const diffsFolder = (root: string): string => join(artifactsFolder(root), 'perf-baseline-diffs');

/** The comparisons of a measurement, newest first. */
export const diffSlugs = async (root: string, family: string, measurement: string): Promise<string[]> =>
  (await slugsOf(join(diffsFolder(root), family, measurement))).reverse();

/** Every measurement that has comparisons, in the order of names. */
export const diffPlaces = async (root: string): Promise<Omit<EntryName, 'slug'>[]> => {
  const places: Omit<EntryName, 'slug'>[] = [];
  for (const family of await foldersIn(diffsFolder(root)))
    for (const measurement of await foldersIn(join(diffsFolder(root), family))) places.push({ family, measurement });
  return places;
};

const rank = (row: JsonObject): number => (row['headline'] === true ? 0 : row['adverse'] === true ? 1 : 2);

const rowsOf = (file: JsonObject): { rows: StoredRow[]; total: number } => {
  const listed = file['deltas'] ?? file['deltas_top20'];
  const all = (Array.isArray(listed) ? listed : []).filter(isJsonObject);
  const first = all.filter((row) => rank(row) < 2).sort((a, b) => rank(a) - rank(b));
  const others = all.filter((row) => rank(row) === 2);
  const count = file['deltas_count'];
  const rows = [...first, ...others].slice(0, MOST_ROWS).flatMap((row) => rowSchema.safeParse(row).data ?? []);
  return { rows, total: Math.max(all.length, typeof count === 'number' ? count : 0) };
};

/** Reads `diff.json`. Throws a Fault about the file, or an Error that says what of it is no comparison. */
export const readStoredDiff = async (
  root: string,
  { family, measurement, slug }: EntryName,
  secrets: readonly string[],
): Promise<StoredDiff> => {
  const path = join(diffsFolder(root), family, measurement, slug, 'diff.json');
  const file = redacted(parseJsonObject(await readNamedText(path, { limit: MOST_BYTES }), path), secrets);
  const { deltas: _rows, deltas_top20: _most, ...head } = file;
  const parsed = storedDiffSchema.safeParse(head);
  if (!parsed.success) throw new Error(`it says no verdict: ${parsed.error.issues[0]?.path.join('.') ?? ''}`);
  return { ...parsed.data, ...rowsOf(file) };
};

/** `310 -> 295 GB/s (-4.8%)` of a stored row. */
export const rowChange = ({ baseline, current, unit, delta_pct: percent }: StoredRow): string =>
  changeText({ baseline, candidate: current, unit: unit ?? null, delta_pct: percent ?? null });

/** What a list says of a comparison beside its verdict. */
export const headlineOf = ({ rows, profile }: StoredDiff): string => {
  if (profile !== null && profile !== undefined) return profile.first_line;
  const [row] = rows;
  return row === undefined ? 'nothing was compared' : `${titleOf(row.key)}: ${rowChange(row)}`;
};
