// The shapes in which judgements stand in results and files, once for every verb: decision, tolerance, context, trials, next lever.
import { z } from 'zod';
import { contextFactSchema } from '../metrics/context.ts';
import { VALIDITY_CODES } from '../metrics/trial.ts';
import { RULES, type Rule } from './rules.ts';

const text = z.string();
const maybe = z.number().nullable();
const names = z.array(text).readonly();

const RULE_NAMES = Object.keys(RULES) as [Rule, ...Rule[]]; // checked boundary: the table's own keys

export const directionSchema = z.enum(['two-sided', 'higher-is-better', 'lower-is-better']);

export const colourSchema = z.enum(['GREEN', 'YELLOW', 'RED']);

export const toleranceSchema = z.union([
  z.strictObject({ percent: z.number() }),
  z.strictObject({ absolute: z.number() }),
]);

export const decisionSchema = z.strictObject({
  status: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE', 'INCOMPARABLE']),
  strength: z.enum(['proven', 'likely']).nullable(),
  basis: z.enum(['point', 'interval', 'interval_t', 'counts', 'exact', 'capture']),
  rule: z.enum(RULE_NAMES),
  reason: text,
  trials_needed: maybe,
  mde: maybe,
  failed: names,
  suspect: names,
  open: names,
});

/** The change since an older entry; `beyond`: worse by more than the tolerance of the row. */
export const sinceSchema = z.strictObject({
  slug: text,
  at: text.nullable(),
  rows: z.array(
    z.strictObject({
      key: text,
      baseline: z.number(),
      current: z.number(),
      delta_pct: maybe,
      unit: text.nullable(),
      beyond: z.boolean(),
    }),
  ),
});

export const standingSchema = z.enum(['failed', 'suspect', 'implausible', 'invalid', 'open', 'within']);

/** A metric with a test, and what the correction for many metrics leaves of it. */
export const memberSchema = z.strictObject({
  name: text,
  gating: z.boolean(),
  standing: standingSchema,
  p_worse_holm: z.number(),
  p_beyond_tolerance_holm: z.number(),
  q_worse: z.number(),
  holds: z.enum(['proven', 'likely']).nullable(),
});

/** What repeats say about one metric, as far as a reader of the answer needs it. */
export const rowDecisionSchema = z.strictObject({
  status: z.enum(['PASS', 'FAIL', 'INCONCLUSIVE', 'INCOMPARABLE', 'MISSING', 'UNKNOWN', 'INVALID', 'IMPLAUSIBLE']),
  strength: z.enum(['proven', 'likely']).nullable(),
  basis: decisionSchema.shape.basis,
  rule: decisionSchema.shape.rule,
  reason: text,
  n: z.tuple([z.number(), z.number()]),
  /** Worsening as a fraction of the baseline, or in the unit where `scale` is `difference`. */
  worsening: maybe,
  scale: z.enum(['ratio', 'difference']).nullable(),
  interval: z.strictObject({ low: z.number(), high: z.number(), level: z.number() }).nullable(),
  p_worse: maybe,
  trials_needed: maybe,
  mde: maybe,
});

export const loneMetricSchema = z.strictObject({
  key: text,
  value: z.number(),
  unit: text.nullable(),
  headline: z.boolean(),
});

/** A field of the context that differs. */
export const differenceSchema = z.strictObject({
  field: text,
  baseline: contextFactSchema,
  current: contextFactSchema,
});

export const contextComparisonSchema = z.strictObject({
  match: z.boolean(),
  axis: names,
  varies: z.array(differenceSchema).readonly(),
  mismatches: z.array(differenceSchema).readonly(),
  unknown: z.array(z.strictObject({ field: text, missing_on: z.enum(['baseline', 'current']) })).readonly(),
  delivery_differs: z.boolean(),
  same_placement: z.boolean().nullable(),
  placement_basis: z.enum(['gpu_uuids', 'node']).nullable(),
  baseline_key: text,
  current_key: text,
});

export const solDeltaSchema = z.strictObject({
  key: text,
  sol_ceiling_key: text,
  sol_ceiling_value: z.number(),
  unit: text,
  baseline_sol_pct: z.number(),
  current_sol_pct: z.number(),
  delta_pp: z.number(),
  above_ceiling: z.boolean(),
});

export const trialCountSchema = z.strictObject({
  valid: z.int().nonnegative(),
  invalid: z.int().nonnegative(),
  reasons: z.partialRecord(z.enum(VALIDITY_CODES), z.int().nonnegative()),
});

/** The next lever, what it should unlock, and the gate that proves or refutes it. */
export const nextLeverSchema = z.strictObject({
  lever: text,
  expected_unlock: text.nullable(),
  gate: text.nullable(),
  key: text.nullable(),
});
export type NextLever = z.infer<typeof nextLeverSchema>;

/** Of a comparison in which nothing got worse and nothing is far from its ceiling. */
export const NO_LEVER: NextLever = { lever: 'none found', expected_unlock: null, gate: null, key: null };
