// Computes whether a number may be called a VERDICT or is a DRAFT, and names everything that is missing. Never takes a tier
// from a caller.
import type { AttestedFact } from '../metrics/attested.ts';
import type { Context } from '../metrics/context.ts';
import { isDecodeMetric } from '../metrics/metric-class.ts';
import { type Trial, isValidTrial } from '../metrics/trial.ts';
import type { Tier } from './delta-row.ts';
import type { Decision } from './decision.ts';
import { dimensionOf } from '../metrics/units.ts';
import type { ContextComparison } from './context-match.ts';

/** What is known about the circumstances of one side. */
export interface Evidence {
  readonly context: Context;
  readonly trials: readonly Trial[];
  /** What of this somebody typed and nobody recorded; absent where nothing was. */
  readonly attested?: readonly AttestedFact[] | undefined;
}

/** A metric that a claim rests on. */
export interface ClaimedMetric {
  /** Canonical name, with or without labels. */
  readonly key: string;
  readonly unit: string | null;
}

/** `decode`: a statement about decode latency; `kernel`: which kernel or path changed. */
export type Claim = 'decode' | 'kernel';

export interface ClaimFacts {
  /** Headline metrics, or the ones the statement names. */
  readonly metrics: readonly ClaimedMetric[];
  readonly claim?: Claim | null;
  /** A profile of both sides backs a claim about kernels. */
  readonly hasProfile?: boolean;
}

export interface TierResult {
  readonly tier: Tier;
  /** Stable codes, some with names after a colon; empty for a VERDICT. */
  readonly tier_missing: readonly string[];
}

/** Fewest valid trials behind a recorded number. */
const FEWEST_TRIALS = 3;

type Check = readonly [code: string, missing: boolean];

const codesOf = (checks: readonly Check[]): string[] => checks.flatMap(([code, missing]) => (missing ? [code] : []));

const tierOf = (codes: readonly string[]): TierResult => {
  const tier_missing = [...new Set(codes)];
  return { tier: tier_missing.length === 0 ? 'VERDICT' : 'DRAFT', tier_missing };
};

/** GPUs of a side: from its context, else those that its trials name. */
export const gpusOf = ({ context, trials }: Evidence): readonly string[] | null => {
  if (context.gpu_uuids) return context.gpu_uuids;
  const named = trials.map(({ gpu_uuids }) => gpu_uuids);
  return named.length === 0 || named.includes(null) ? null : [...new Set(named.flatMap((uuids) => uuids ?? []))];
};

/** Trials on other GPUs, though a trial was not meant to be another placement. */
const movedBetweenTrials = (trials: readonly Trial[]): boolean => {
  const placements = trials.flatMap(({ gpu_uuids, replicate_level }) =>
    gpu_uuids === null || replicate_level === 'placement' ? [] : [[...gpu_uuids].sort().join()],
  );
  return new Set(placements).size > 1;
};

/** Whether caches were warm or cold, wherever the context says it. */
const statesCacheState = ({ cache_mode, regime }: Context): boolean =>
  Boolean(cache_mode) || /\b(warm|cold)\b/i.test(regime ?? '');

const replicateChecks = (trials: readonly Trial[]): Check[] => {
  const levels = trials.map(({ replicate_level }) => replicate_level);
  return [
    ['replicate_level_missing', levels.length === 0 || levels.includes(null)],
    ['window_replicates_only', levels.includes('window') || levels.includes('request')],
    ['validity_missing', trials.length === 0],
    ['telemetry_missing', trials.some(({ validity }) => validity.includes('no_telemetry'))],
    ['placement_differs', movedBetweenTrials(trials)],
  ];
};

/** Facts that are there, but only on somebody's word. What is missing altogether has a code of its own. */
const attestedChecks = ({ context, trials, attested = [] }: Evidence): Check[] => {
  const there: Readonly<Record<AttestedFact, boolean>> = {
    n_gpus: (context.n_gpus ?? null) !== null,
    cache_state: statesCacheState(context),
    placement: gpusOf({ context, trials }) !== null || Boolean(context.node),
    replicate_level: trials.some(({ replicate_level }) => replicate_level !== null),
    validity: trials.length > 0 && !trials.some(({ validity }) => validity.includes('no_telemetry')),
  };
  return attested.map((fact): Check => [`attested:${fact}`, there[fact]]);
};

const evidenceChecks = ({ context, trials, attested }: Evidence): Check[] => [
  ...attestedChecks({ context, trials, attested }),
  ['n_gpus_missing', (context.n_gpus ?? null) === null],
  ...replicateChecks(trials),
  ['cache_state_missing', !statesCacheState(context)],
  ['placement_missing', gpusOf({ context, trials }) === null && !context.node],
  ['not_production_representative', context.production_representative !== true],
];

const RATE_DIMENSIONS: readonly unknown[] = ['token_rate', 'token_rate_per_gpu', 'request_rate'];

const isRate = ({ unit }: ClaimedMetric): boolean => unit !== null && RATE_DIMENSIONS.includes(dimensionOf(unit));

/** A window that is mostly ramp-up and drain: fewer than two prompts per concurrent request. */
const isShortWindow = ({ num_prompts, concurrency }: Context): boolean =>
  typeof num_prompts === 'number' && typeof concurrency === 'number' && num_prompts < 2 * concurrency;

const claimChecks = ({ metrics, claim, hasProfile }: ClaimFacts, context: Context): Check[] => [
  ['steady_window_undercount', isShortWindow(context) && metrics.some(isRate)],
  ['metric_not_isolated', claim === 'decode' && !metrics.every(({ key }) => isDecodeMetric(key, context))],
  ['headline_missing', metrics.length === 0],
  ['profile_missing', claim === 'kernel' && hasProfile !== true],
];

/** Tier of a recorded number: what a later comparison could build on. */
export const recordTier = (evidence: Evidence, facts: ClaimFacts): TierResult =>
  tierOf(
    codesOf([
      ['too_few_trials', evidence.trials.filter(isValidTrial).length < FEWEST_TRIALS],
      ...evidenceChecks(evidence),
      ...claimChecks(facts, evidence.context),
    ]),
  );

const decisionChecks = ({ status, strength }: Decision): Check[] => [
  ['decision_inconclusive', status === 'INCONCLUSIVE'],
  ['decision_incomparable', status === 'INCOMPARABLE'],
  ['decision_only_likely', status === 'FAIL' && strength !== 'proven'],
];

export interface DiffFacts extends ClaimFacts {
  readonly decision: Decision;
  readonly baseline: Evidence;
  readonly candidate: Evidence;
  readonly context: ContextComparison;
  /** The baseline is an entry with a name, not just a file. */
  readonly namedBaseline: boolean;
}

/** Tier of a comparison. */
export const diffTier = (facts: DiffFacts): TierResult => {
  const { decision, baseline, candidate, context } = facts;
  const fields = context.mismatches.map(({ field }) => field);
  return tierOf(
    codesOf([
      ...decisionChecks(decision),
      ...[baseline, candidate].flatMap((side) => [...evidenceChecks(side), ...claimChecks(facts, side.context)]),
      ['placement_differs', context.same_placement === false],
      [`context_mismatch:${fields.join(',')}`, fields.length > 0],
      ['delivery_differs', context.delivery_differs],
      ['baseline_not_named', !facts.namedBaseline],
    ]),
  );
};
