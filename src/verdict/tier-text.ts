// What keeps a number a DRAFT, in words that name the field or the thing to give. The codes stay in the structured result.
import type { Tier } from './delta-row.ts';

/** By code, what would take it off the list. */
const NEEDS: Readonly<Record<string, string>> = {
  too_few_trials: '3 valid trials',
  n_gpus_missing: 'n_gpus',
  replicate_level_missing: 'replicate_level',
  window_replicates_only: 'trials of a process each, not windows of one',
  validity_missing: 'trials with their validity',
  telemetry_missing: 'telemetry of the trials',
  placement_differs: 'the same placement',
  cache_state_missing: 'cache_mode',
  placement_missing: 'gpu_uuids or node',
  not_production_representative: 'production_representative',
  steady_window_undercount: 'num_prompts of 2 x concurrency or more',
  metric_not_isolated: 'a median TPOT or ITL as the metric',
  headline_missing: 'a headline metric',
  profile_missing: 'profiles of both sides',
  'attested:n_gpus': 'a recorded n_gpus (it was typed; a bench run records it)',
  'attested:cache_state': 'a recorded cache state (it was typed; a bench run records it)',
  'attested:placement': 'recorded GPUs (they were typed; a bench run records their UUIDs)',
  'attested:replicate_level': 'a recorded replicate level (it was typed; a bench run records it)',
  'attested:validity': 'recorded validity (it was typed; a bench run with telemetry records it)',
  decision_inconclusive: 'a decision (repeats)',
  decision_incomparable: 'sides that can be compared',
  decision_only_likely: 'proof (more repeats)',
  delivery_differs: 'the same delivery',
  baseline_not_named: 'a recorded baseline',
};

const MISMATCH = 'context_mismatch:';

const needOf = (code: string): string =>
  code.startsWith(MISMATCH) ? `the same ${code.slice(MISMATCH.length).replaceAll(',', ', ')}` : (NEEDS[code] ?? code);

/** `VERDICT`, or `DRAFT; a VERDICT also needs n_gpus, replicate_level`. */
export const tierText = (tier: Tier, missing: readonly string[]): string =>
  missing.length === 0 ? tier : `${tier}; a VERDICT also needs ${missing.map(needOf).join(', ')}`;
