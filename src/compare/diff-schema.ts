// What `diff.json` of a comparison with a baseline holds: one head for every shape, then the rows. A profile's diff has its
// own rows beside the kernels put into the common form.
import { z } from 'zod';
import { VALIDITY_CODES } from '../metrics/trial.ts';
import { profileDiffSchema } from '../profile/diff/profile-diff-schema.ts';

const text = z.string();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const maybe = z.number().nullable();
const direction = z.enum(['two-sided', 'higher-is-better', 'lower-is-better']);
const count = z.int().nonnegative();

const toleranceSchema = z.union([z.strictObject({ percent: z.number() }), z.strictObject({ absolute: z.number() })]);

/** `delta` is current minus baseline in `unit`; `delta_pct` is null where the baseline is zero and the current is not. */
const deltaSchema = z.strictObject({
  key: text,
  baseline: z.number(),
  current: z.number(),
  delta: z.number(),
  delta_pct: maybe,
  unit: text.nullable(),
  direction,
  tolerance: toleranceSchema,
  headline: z.literal(true).optional(),
  gating: z.literal(true).optional(),
  adverse: z.literal(true).optional(),
  improved: z.literal(true).optional(),
  /** Only where something was repeated or counted. */
  decision: z.record(text, z.unknown()).optional(),
});

const loneSchema = z.strictObject({ key: text, value: z.number(), unit: text.nullable(), headline: z.boolean() });

const decisionSchema = z.looseObject({
  status: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE', 'INCOMPARABLE']),
  strength: z.enum(['proven', 'likely']).nullable(),
  basis: z.enum(['point', 'interval', 'exact', 'capture']),
  reason: text,
  trials_needed: maybe,
  mde: maybe,
});

const differenceSchema = z.strictObject({ field: text, baseline: z.unknown(), current: z.unknown() });

const contextComparisonSchema = z.strictObject({
  match: z.boolean(),
  axis: z.array(text),
  varies: z.array(differenceSchema),
  mismatches: z.array(differenceSchema),
  unknown: z.array(z.strictObject({ field: text, missing_on: z.enum(['baseline', 'current']) })),
  delivery_differs: z.boolean(),
  same_placement: z.boolean().nullable(),
  placement_basis: z.enum(['gpu_uuids', 'node']).nullable(),
  baseline_key: digest,
  current_key: digest,
});

const solDeltaSchema = z.strictObject({
  key: text,
  sol_ceiling_key: text,
  sol_ceiling_value: z.number(),
  unit: text,
  baseline_sol_pct: z.number(),
  current_sol_pct: z.number(),
  delta_pp: z.number(),
  above_ceiling: z.boolean(),
});

const trialCount = z.strictObject({
  valid: count,
  invalid: count,
  reasons: z.partialRecord(z.enum(VALIDITY_CODES), count),
});

/** A file, a folder or the values of the call that was compared; `size` in bytes. */
const sourceSchema = z.strictObject({ path: text, sha256: digest, size: count });

export type DiffSource = Readonly<z.infer<typeof sourceSchema>>;

/** Head of every `diff.json`. */
const headSchema = z.strictObject({
  schema_version: z.literal(1),
  tool: z.literal('perf_baseline_diff'),
  library: z.literal('perf_baseline'),
  verb: z.literal('diff'),
  safety: z.literal('writes_artifacts'),
  family: text,
  measurement: text,
  baseline_dir: text,
  /** Every entry of the baseline side; several are trials. */
  baselines: z.array(z.strictObject({ dir: text, sha256: digest })).min(1),
  baseline_sha256: digest,
  /** The same under the name that the Python tool used. */
  baseline_source_sha256: digest,
  current_sha256: digest,
  current_source_sha256: digest,
  current_sources: z.array(sourceSchema).min(1),
  tolerance_percent: z.number(),
  tolerance_absolute: maybe,
  verdict: z.enum(['GREEN', 'YELLOW', 'RED']),
  tier: z.enum(['VERDICT', 'DRAFT']),
  tier_missing: z.array(text),
  recommendation: text,
  warnings: z.array(text),
  deltas_count: count,
  deltas_top20: z.array(deltaSchema).max(20),
  /** Every row, largest change first. */
  deltas: z.array(deltaSchema),
});

const measurementDiffSchema = headSchema.extend({
  shape: z.enum(['scalar', 'structured', 'folder']),
  direction: z.enum([...direction.options, 'mixed']),
  decision: decisionSchema,
  /** How the decision came about over the gating metrics; null where nothing was repeated. */
  family_decision: decisionSchema.nullable(),
  improved_beyond_tolerance: z.boolean(),
  trending_away_from_peak: z.array(text),
  headline: z.array(text),
  vanished: z.array(loneSchema),
  added: z.array(loneSchema),
  sol: z.array(solDeltaSchema),
  context: contextComparisonSchema,
  trials: z.strictObject({ baseline: trialCount, current: trialCount }),
  next_lever: z.strictObject({
    lever: text,
    expected_unlock: text.nullable(),
    gate: text.nullable(),
    key: text.nullable(),
  }),
});

const profileBaselineDiffSchema = headSchema.extend({
  shape: z.literal('profile'),
  direction,
  decision: decisionSchema,
  profile: profileDiffSchema,
});

/** `diff.json`, version 1. */
export const diffFileSchema = z.discriminatedUnion('shape', [measurementDiffSchema, profileBaselineDiffSchema]);
