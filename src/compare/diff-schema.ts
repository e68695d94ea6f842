// What `diff.json` of a comparison with a baseline holds: one head for every shape, then the rows. A profile's diff has its
// own rows beside the kernels put into the common form.
import { z } from 'zod';
import { profileDiffSchema } from '../profile/diff/profile-diff-schema.ts';
import {
  contextComparisonSchema,
  decisionSchema,
  directionSchema as direction,
  loneMetricSchema,
  memberSchema,
  nextLeverSchema,
  rowDecisionSchema,
  sinceSchema,
  solDeltaSchema,
  toleranceSchema,
  trialCountSchema,
} from '../verdict/answer-schema.ts';

const text = z.string();
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const maybe = z.number().nullable();
const count = z.int().nonnegative();

/** `delta` is `current` minus `baseline` in `unit`; `delta_pct` is null where the baseline is zero and the candidate is not. */
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
  /** Only where it is odd: an impossible value, or a gain that no change explains. */
  standing: z.enum(['invalid', 'implausible']).optional(),
  /** Only where something was repeated or counted. */
  decision: z.looseObject(rowDecisionSchema.shape).optional(),
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
  /** What the correction for many metrics leaves of each; empty where nothing was repeated. */
  corrected: z.array(memberSchema),
  improved_beyond_tolerance: z.boolean(),
  trending_away_from_peak: z.array(text),
  headline: z.array(text),
  vanished: z.array(loneMetricSchema),
  added: z.array(loneMetricSchema),
  sol: z.array(solDeltaSchema),
  context: contextComparisonSchema,
  trials: z.strictObject({ baseline: trialCountSchema, current: trialCountSchema }),
  next_lever: nextLeverSchema,
  /** The change since the oldest entry of the era and since `@golden`; null where that is the baseline itself. */
  since_oldest: sinceSchema.nullable(),
  since_golden: sinceSchema.nullable(),
});

const profileBaselineDiffSchema = headSchema.extend({
  shape: z.literal('profile'),
  direction,
  decision: decisionSchema,
  profile: profileDiffSchema,
});

/** `diff.json`, version 1. */
export const diffFileSchema = z.discriminatedUnion('shape', [measurementDiffSchema, profileBaselineDiffSchema]);
