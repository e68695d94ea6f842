// The decision over all metrics of a comparison: PASS only when every gating metric passes, FAIL only when a failure
// survives Holm's correction for having looked at several. Never lets a metric that does not gate change the outcome.
import type { Basis, Decision, FailRule, MetricDecision, MetricReason, Strength } from './decision.ts';
import { benjaminiHochberg, holm } from '../stats/multiple-testing.ts';
import { DEFAULT_GOAL, fewestTrials } from '../stats/power.ts';

export interface FamilyMember {
  readonly name: string;
  readonly gating: boolean;
  readonly decision: MetricDecision;
}

/** What belonging to the family adds to one metric. */
export interface MemberResult {
  readonly name: string;
  /** Whether it gated: asked to, and not report-only. */
  readonly gating: boolean;
  /** Holm-adjusted over the gating set; null where the metric does not gate or holds no test. */
  readonly p_worse_holm: number | null;
  readonly p_beyond_tolerance_holm: number | null;
  /** Benjamini-Hochberg q over all metrics with a test, for reading only. */
  readonly q_worse: number | null;
  /** Strength of a FAIL that survives the correction; null when none does. */
  readonly holds: Strength | null;
}

export interface FamilyDecision extends Decision {
  /** Names of the metrics that made the decision what it is. */
  readonly decided_by: readonly string[];
  /** Names of the gating metrics. */
  readonly holm_family: readonly string[];
  readonly metrics: readonly MemberResult[];
  /** `family_cannot_fail`: with so few trials no p-value could survive the correction, so FAIL was out of reach. */
  readonly warnings: readonly 'family_cannot_fail'[];
}

export interface FamilyRule {
  /** Chance of any wrong FAIL over the gating set. */
  readonly alpha: number;
  readonly failRule: FailRule;
}

const orOne = (p: number | null): number => p ?? 1;

/** Holds the results of `adjust` under the names of the members. */
const adjusted = (
  members: readonly FamilyMember[],
  p: (decision: MetricDecision) => number | null,
  adjust: (p: readonly number[]) => number[],
): Map<string, number> => {
  const values = adjust(members.map(({ decision }) => orOne(p(decision))));
  return new Map(members.map(({ name }, index) => [name, values[index] ?? 1]));
};

const gates = ({ gating, decision }: FamilyMember): boolean => gating && !decision.report_only;

/** Joins each member with its adjusted p-values. */
const memberResults = (members: readonly FamilyMember[], rule: FamilyRule): MemberResult[] => {
  const gating = members.filter(gates);
  const alone = gating.length === 1;
  const worse = adjusted(gating, ({ p_worse }) => p_worse, holm);
  const beyond = adjusted(gating, ({ p_beyond_tolerance }) => p_beyond_tolerance, holm);
  const tested = members.filter(({ decision }) => decision.p_worse !== null);
  const q = adjusted(tested, ({ p_worse }) => p_worse, benjaminiHochberg);
  return members.map((member) => {
    const { name, decision } = member;
    const [pWorse, pBeyond] = [worse.get(name) ?? null, beyond.get(name) ?? null];
    return {
      name,
      gating: gates(member),
      p_worse_holm: pWorse,
      p_beyond_tolerance_holm: pBeyond,
      q_worse: q.get(name) ?? null,
      holds: pWorse === null ? null : alone ? decision.strength : survivingStrength(decision, pWorse, pBeyond, rule),
    };
  });
};

/**
 * What is left of a failure. "Beyond the tolerance" and "worse at all" are two families of claims, each corrected on
 * its own; the exact p-values have steps, so equality counts in spite of rounding.
 */
const survivingStrength = (
  { status, strength }: MetricDecision,
  pWorse: number | null,
  pBeyond: number | null,
  { alpha, failRule }: FamilyRule,
): Strength | null => {
  if (status !== 'FAIL') return null;
  const limit = alpha * (1 + 1e-9);
  if (strength === 'proven' && orOne(pBeyond) <= limit) return 'proven';
  return failRule === 'likely' && orOne(pWorse) <= limit ? 'likely' : null;
};

const BASES: readonly Basis[] = ['point', 'capture', 'interval', 'exact'];

/** The weakest basis among the gating metrics; `point` without any. */
const weakestBasis = (members: readonly FamilyMember[]): Basis =>
  BASES.find((basis) => members.some(({ decision }) => decision.basis === basis)) ?? 'point';

/** Largest of the known values; null when any is unknown or there is none. */
const largest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : Math.max(...known);
};

/** What remains of a proven failure whose proof does not survive the correction. */
const WEAKENED: Partial<Record<MetricReason, MetricReason>> = {
  regression_beyond_tolerance: 'regression_likely_beyond_tolerance',
  change_beyond_tolerance: 'change_likely_beyond_tolerance',
};

type Outcome = Pick<Decision, 'status' | 'strength' | 'reason' | 'trials_needed'> & {
  readonly by: readonly FamilyMember[];
};

/**
 * Fewest trials, or pairs, at which a FAIL of this metric could survive the correction as the smallest of `size`
 * p-values.
 */
const trialsForFail = ({ decision }: FamilyMember, size: number, alpha: number): number =>
  fewestTrials(decision.analysis ?? 'unpaired', alpha / size / (decision.direction === 'two-sided' ? 2 : 1));

const trialsOf = ({ decision }: FamilyMember): number => decision.pairs ?? Math.min(...decision.n);

/** The first of the reasons in order of weight: not comparable, failed, undecided, passed. */
const outcome = (
  gating: readonly FamilyMember[],
  holds: ReadonlyMap<string, Strength | null>,
  alpha: number,
): Outcome => {
  const incomparable = gating.filter(({ decision }) => decision.status === 'INCOMPARABLE');
  if (incomparable[0] !== undefined) return open('INCOMPARABLE', incomparable[0].decision.reason, null, incomparable);
  for (const strength of ['proven', 'likely'] as const) {
    const failed = gating.filter(({ name }) => holds.get(name) === strength);
    const first = failed[0]?.decision.reason;
    if (first === undefined) continue;
    const reason = strength === 'likely' ? (WEAKENED[first] ?? first) : first;
    return { status: 'FAIL', strength, reason, trials_needed: null, by: failed };
  }
  const undecided = gating.filter(({ decision }) => decision.status !== 'PASS' && decision.status !== 'FAIL');
  const unproven = gating.filter(({ decision }) => decision.status === 'FAIL');
  if (unproven.length > 0) {
    const more = unproven.map((member) => Math.max(trialsForFail(member, gating.length, alpha), trialsOf(member) + 1));
    return open('INCONCLUSIVE', 'not_significant_after_holm', Math.max(...more), unproven);
  }
  if (undecided[0] !== undefined) {
    const needed = largest(undecided.map(({ decision }) => decision.trials_needed));
    return open('INCONCLUSIVE', undecided[0].decision.reason, needed, undecided);
  }
  if (gating[0] === undefined) return open('INCONCLUSIVE', 'no_gating_metric', null, []);
  return { status: 'PASS', strength: null, reason: commonReason(gating), trials_needed: null, by: gating };
};

const open = (
  status: 'INCONCLUSIVE' | 'INCOMPARABLE',
  reason: string,
  trials_needed: number | null,
  by: readonly FamilyMember[],
): Outcome => ({ status, strength: null, reason, trials_needed, by });

/** The reason all passing metrics share, else `not_worse`, which all of them imply. */
const commonReason = (passed: readonly FamilyMember[]): string => {
  const reasons = new Set(passed.map(({ decision }) => decision.reason));
  const [only] = reasons;
  return reasons.size === 1 && only !== undefined ? only : 'not_worse';
};

/**
 * Decides over the gating members. A PASS needs no correction (every metric must pass: an intersection-union test); a
 * FAIL is corrected by Holm over the gating set, so the chance of any wrong FAIL stays at `alpha`. `rule` must be the
 * one the metrics were decided by.
 */
export const decideFamily = (
  members: readonly FamilyMember[],
  rule: FamilyRule = { alpha: DEFAULT_GOAL.alpha, failRule: 'likely' },
): FamilyDecision => {
  const { alpha } = rule;
  const metrics = memberResults(members, rule);
  const gating = members.filter(gates);
  const { by, ...decision } = outcome(gating, new Map(metrics.map(({ name, holds }) => [name, holds])), alpha);
  const outOfReach = (member: FamilyMember): boolean =>
    member.decision.basis !== 'exact' && trialsOf(member) < trialsForFail(member, gating.length, alpha);
  return {
    ...decision,
    basis: weakestBasis(gating),
    mde: largest(gating.map(({ decision: { mde } }) => mde)),
    decided_by: by.map(({ name }) => name),
    holm_family: gating.map(({ name }) => name),
    metrics,
    warnings: gating.length > 0 && gating.every(outOfReach) ? ['family_cannot_fail'] : [],
  };
};
