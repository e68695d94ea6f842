// The JSON documents that the product writes, by schema name; `npm run gen` turns each into `schemas/<name>.json`.
import type { z } from 'zod';
import { tuningFileSchema } from '../src/autotune/tuning-spec.ts';
import { campaignConfigSchema } from '../src/campaign/config.ts';
import { frozenFileSchema } from '../src/campaign/grounding/frozen-file.ts';
import { rowSchema } from '../src/campaign/row.ts';
import { championRowSchema, championSchema } from '../src/champion/champion-record.ts';
import { diffFileSchema } from '../src/compare/diff-schema.ts';
import { ceilingsFileSchema } from '../src/hardware/ceilings.ts';
import { ratchetResultSchema } from '../src/importers/ratchet-shape.ts';
import { jobStateSchema } from '../src/jobs/job-state.ts';
import { contextSchema } from '../src/metrics/context.ts';
import { profileDiffSchema } from '../src/profile/diff/profile-diff-schema.ts';
import { chainLinkSchema } from '../src/registry/chain.ts';
import { baselineSchema } from '../src/registry/entry-schema.ts';
import { indexRowSchema } from '../src/registry/index-row.ts';
import { tagLineSchema } from '../src/registry/tags.ts';
import { comparisonSchema } from '../src/sota/comparison-spec.ts';
import { policyFileSchema } from '../src/verdict/policy-file.ts';
import { waiversFileSchema } from '../src/ratchet/waiver.ts';

export const DOCUMENT_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  /** A row of `normalized.json` and `atlas.jsonl`. */
  'atlas-row.v2': rowSchema,
  /** `baseline.json` of an entry. */
  'baseline.v1': baselineSchema,
  /** The YAML of a campaign. */
  'campaign.v1': campaignConfigSchema,
  /** A line of `chain.jsonl`. */
  'chain-link.v1': chainLinkSchema,
  'ceilings-file.v1': ceilingsFileSchema,
  /** A row of the table `champion_v1`. */
  'champion-row.v1': championRowSchema,
  /** `champion_select.json` of a campaign. */
  'champion-select.v1': championSchema,
  'comparison-file.v1': comparisonSchema,
  'context.v1': contextSchema,
  /** `diff.json` of a comparison with a baseline. */
  'diff.v1': diffFileSchema,
  /** The snapshot of GPU counters, `dcgm_frozen_v1`. */
  'frozen-file.v1': frozenFileSchema,
  /** A line of `index.jsonl`. */
  'index-row.v1': indexRowSchema,
  /** `state.json` of a job. */
  'job-state.v1': jobStateSchema,
  'metrics-file.v1': policyFileSchema,
  'policy-file.v1': policyFileSchema,
  'profile-diff.v1': profileDiffSchema,
  /** A line of `tags.jsonl`. */
  'ratchet-result-file.v1': ratchetResultSchema,
  'tag-line.v1': tagLineSchema,
  'tuning-file.v1': tuningFileSchema,
  'waivers-file.v1': waiversFileSchema,
};
