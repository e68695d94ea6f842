// What `baseline.json` holds. Two schemas: the one that is written, every field of which is known, and the one that is read,
// which also takes entries of the Python tool (13 keys, no version) and of the plain-shell fallback (no direction).
import { z } from 'zod';
import { ATTESTED_FACTS } from '../metrics/attested.ts';
import { contextSchema } from '../metrics/context.ts';
import { VALIDITY_CODES } from '../metrics/trial.ts';

export const SCHEMA_VERSION = 1;

export const directionSchema = z.enum(['two-sided', 'higher-is-better', 'lower-is-better']);

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'not 64 hex digits');
const commit = z.string().regex(/^[0-9a-f]{7,64}$/i, 'not a commit hash');
const stamp = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/, 'not a UTC time like 2026-11-22T02:08:16Z');
const count = z.number().int().nonnegative();

export const trialSchema = z.strictObject({
  index: count,
  block: count.nullable(),
  started_at: z.string().nullable(),
  replicate_level: z.enum(['request', 'window', 'process', 'placement']).nullable(),
  values: z.record(z.string(), z.number()),
  validity: z.array(z.enum(VALIDITY_CODES)),
  gpu_uuids: z.array(z.string()).nullable(),
  /** Answered requests behind the values; a tail percentile of few requests never gates. */
  requests: count.nullable().optional(),
});

/** A share of speed of light, frozen when it was recorded. `sol_ceiling_value` is in `unit`. */
export const solSchema = z.strictObject({
  /** Metric key of a structured measurement; the measurement's name for a scalar. */
  key: z.string(),
  value: z.number(),
  unit: z.string(),
  /** 100 * value / sol_ceiling_value. */
  sol_pct: z.number(),
  /** Path in `configs/sol-ceilings.yaml`. */
  sol_ceiling_key: z.string(),
  sol_ceiling_value: z.number(),
});

export type Sol = z.infer<typeof solSchema>;

/** The 13 keys that every entry has had from the beginning. */
const originalKeys = {
  family: z.string(),
  measurement: z.string(),
  /** Null for a structured measurement: the snapshot is the payload then. */
  value: z.number().nullable(),
  direction: directionSchema,
  unit: z.string().nullable(),
  /** Absolute, symbolic links resolved; `stated in the call` where no file was given. */
  source_path: z.string(),
  source_sha256: digest,
  schema_path: z.string().nullable(),
  registered_at_utc: stamp,
  /** Who ran the recording: an audit trail, not a claim of ownership. */
  registered_by: z.strictObject({ operator_user: z.string(), team: z.string().nullable() }),
  workstation: z.strictObject({ hostname: z.string(), uname: z.string() }),
  /** Commit of the product build that wrote the entry. */
  profile_and_optimize_sha: commit,
  notes: z.string(),
};

/** What this version writes. */
export const baselineSchema = z.strictObject({
  schema_version: z.literal(SCHEMA_VERSION),
  ...originalKeys,
  /** `flag`, `metrics.yaml`, `format`, `default`, …: where `direction` comes from. */
  direction_source: z.string(),
  /** `value` and `unit` under the names that speed-of-light readers use. */
  measurement_value: z.number().nullable(),
  units: z.string().nullable(),
  /** Repeats of a scalar, in the order they were taken; null for a single value or a structured measurement. */
  values: z.array(z.number()).nullable(),
  /** Trials of a structured measurement, null when there are none. */
  trials: z.array(trialSchema).nullable(),
  /** Number of repeats; null for a structured measurement without trials. */
  n: count.nullable(),
  mean: z.number().nullable(),
  /** With n - 1; null for one value. */
  std: z.number().nullable(),
  median: z.number().nullable(),
  /** Short name of the reader that understood the source; null for a plain scalar. */
  format: z.string().nullable(),
  context: contextSchema,
  context_key: digest,
  /** Circumstances that somebody typed and nobody recorded. Absent in older entries. */
  attested: z.array(z.enum(ATTESTED_FACTS)).optional(),
  tier: z.enum(['VERDICT', 'DRAFT']),
  tier_missing: z.array(z.string()),
  /** Metric keys or globs that the verdict hangs on; empty when policy decides. */
  headline: z.array(z.string()),
  /** Where in the source the scalar comes from; null when it was given. */
  select: z.string().nullable(),
  sol_pct: z.number().optional(),
  sol_ceiling_key: z.string().optional(),
  sol_ceiling_value: z.number().optional(),
  sol: z.array(solSchema).optional(),
  capture_command: z.string().nullable(),
  /** Facts about GPU, driver, cluster and software, as they were found: the document of whoever found them, kept whole. */
  environment: z.record(z.string(), z.unknown()),
  /** Slug of the entry that this one takes the place of. */
  supersedes: z.string().nullable(),
  /** `sha256` of a file's bytes, or the folder hash `folder-v2`. */
  source_hash_format: z.enum(['sha256', 'folder-v2']),
  source_bytes: count,
  /** Commit of the repository at the root, and whether it had local changes; null when it is none. */
  repo_sha: z.string().nullable(),
  repo_dirty: z.boolean().nullable(),
  product_version: z.string(),
});

/** `baseline.json` as this version writes it. */
export type Baseline = z.infer<typeof baselineSchema>;

const absent = <T extends z.ZodType>(schema: T) => schema.nullable().optional();

/**
 * What is read: an entry names its family, measurement and source hash; everything else may be absent. Unknown keys are
 * kept as they are.
 */
export const storedBaselineSchema = z.looseObject({
  ...z.object(originalKeys).partial().shape,
  family: originalKeys.family,
  measurement: originalKeys.measurement,
  source_sha256: originalKeys.source_sha256,
  value: absent(originalKeys.value),
  direction: absent(originalKeys.direction),
  unit: absent(originalKeys.unit),
  source_path: absent(originalKeys.source_path),
  schema_path: absent(originalKeys.schema_path),
  registered_at_utc: absent(z.string()),
  registered_by: absent(z.looseObject({ operator_user: absent(z.string()), team: absent(z.string()) })),
  workstation: absent(z.looseObject({ hostname: absent(z.string()), uname: absent(z.string()) })),
  profile_and_optimize_sha: absent(z.string()),
  notes: absent(z.string()),
  schema_version: absent(z.number()),
  direction_source: absent(z.string()),
  values: absent(z.array(z.number())),
  trials: absent(z.array(trialSchema)),
  n: absent(count),
  mean: absent(z.number()),
  std: absent(z.number()),
  median: absent(z.number()),
  format: absent(z.string()),
  context: absent(contextSchema.strip()),
  context_key: absent(z.string()),
  attested: absent(z.array(z.enum(ATTESTED_FACTS))),
  tier: absent(z.enum(['VERDICT', 'DRAFT'])),
  tier_missing: absent(z.array(z.string())),
  headline: absent(z.array(z.string())),
  select: absent(z.string()),
  sol_pct: absent(z.number()),
  sol_ceiling_key: absent(z.string()),
  sol_ceiling_value: absent(z.number()),
  sol: absent(z.array(solSchema)),
  capture_command: absent(z.string()),
  environment: absent(z.record(z.string(), z.unknown())),
  supersedes: absent(z.string()),
  source_hash_format: absent(z.enum(['sha256', 'folder-v2'])),
  source_bytes: absent(count),
  repo_sha: absent(z.string()),
  repo_dirty: absent(z.boolean()),
  product_version: absent(z.string()),
});

/** `baseline.json` as it may be found. */
export type StoredBaseline = z.infer<typeof storedBaselineSchema>;
