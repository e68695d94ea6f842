// The one decision over all metrics of a comparison. FAIL when a failure survives Holm's correction, over the gating or over all
// judged metrics; PASS only when every gating metric is shown to be within its tolerance and no metric is suspect. Never passes
// because nothing gates, and more evidence never opens what less of it closed.
import { DEFAULT_GOAL, trialsToSettle } from '../stats/power.ts';
import { ratioScale } from '../stats/worsening-scale.ts';
import { benjaminiHochberg, holm } from '../stats/multiple-testing.ts';
import {
  type Basis,
  type Decision,
  type Evidence,
  type MetricDecision,
  type MetricReason,
  type Strength,
  bareDecision,
} from './decision.ts';

/** Chance of any wrong FAIL that Holm's correction leaves to each family of claims. */
export const FAMILY_ALPHA = 0.04;

/** As many names as a list of a decision holds. */
const MOST_NAMES = 100;

/** A metric of both sides as the overall decision sees it. */
export interface JudgedMetric {
  readonly key: string;
  /** Load point, where several are decided together. */
  readonly point?: string | undefined;
  readonly gating: boolean;
  /** The values that stand for both sides differ by more than the tolerance, for the worse (or either way, where both count). */
  readonly beyond: boolean;
  readonly decision: MetricDecision;
}

/** A gating metric that the candidate lost. */
export interface LostMetric {
  readonly key: string;
  readonly point?: string | undefined;
  readonly decision: MetricDecision;
}

/** How a metric stands once its family is taken into account. */
export type Standing =
  | 'failed'
  /** Beyond its tolerance without proof: one value a side, or a failure that chance over the family may explain. */
  | 'suspect'
  /** Better by so much that the unit is in doubt. */
  | 'implausible'
  /** A value that no run can have. */
  | 'invalid'
  | 'open'
  | 'within';

/** What belonging to the family adds to one metric. */
export interface MemberResult {
  readonly name: string;
  readonly gating: boolean;
  readonly standing: Standing;
  /** Holm-adjusted: the smaller of the gating family's and the family of all judged metrics. */
  readonly p_worse_holm: number;
  readonly p_beyond_tolerance_holm: number;
  /** Benjamini-Hochberg q over all metrics with a test, for reading only. */
  readonly q_worse: number;
  /** Strength of a FAIL that survives the correction; null when none does. */
  readonly holds: Strength | null;
}

/** The correction for looking at many metrics at once, over all rows that are decided together. */
export interface Family {
  /** Metrics with a test and what the correction leaves of them; empty where nothing was repeated. */
  readonly members: readonly MemberResult[];
  /** How a row of the family stands. */
  readonly standingOf: (row: JudgedMetric) => Standing;
  /** Strength of a FAIL that survives; undefined where none does. */
  readonly strengthOf: (row: JudgedMetric) => Strength | undefined;
  readonly gates: (row: JudgedMetric) => boolean;
}

const UNTESTED: readonly Basis[] = ['point', 'capture'];

const isTested = ({ decision: { basis, p_worse } }: JudgedMetric): boolean =>
  p_worse !== null && !UNTESTED.includes(basis);

/** The row's own p-values, or those of Student's t where ranks of so few trials could never survive a family of this size. */
const evidenceIn = ({ smallest_p, by_t, p_worse, p_beyond_tolerance }: MetricDecision, size: number): Evidence => {
  const own = { p_worse: p_worse ?? 1, p_beyond_tolerance: p_beyond_tolerance ?? 1 };
  return by_t !== null && (smallest_p === 0 || smallest_p * size > FAMILY_ALPHA) ? by_t : own;
};

/** The exact p-values have steps, so equality counts in spite of rounding. */
const survives = (p: number): boolean => p <= FAMILY_ALPHA * (1 + 1e-9);

interface Adjusted {
  readonly worse: number;
  readonly beyond: number;
}

/** Holm over `members`: "worse at all" and "beyond the tolerance" are two families of claims, each corrected on its own. */
const adjustAll = (members: readonly JudgedMetric[]): Map<JudgedMetric, Adjusted> => {
  const evidence = members.map(({ decision }) => evidenceIn(decision, members.length));
  const worse = holm(evidence.map(({ p_worse }) => p_worse));
  const beyond = holm(evidence.map(({ p_beyond_tolerance }) => p_beyond_tolerance));
  return new Map(members.map((row, at) => [row, { worse: worse[at] ?? 1, beyond: beyond[at] ?? 1 }]));
};

const strengthLeft = ({ status, strength }: MetricDecision, { worse, beyond }: Adjusted): Strength | null => {
  if (status !== 'FAIL') return null;
  if (strength === 'proven' && survives(beyond)) return 'proven';
  return survives(worse) ? 'likely' : null;
};

const standing = ({ decision, beyond }: JudgedMetric, holds: Strength | undefined): Standing => {
  if (holds !== undefined) return 'failed';
  const { status, reason, basis } = decision;
  if (status === 'IMPLAUSIBLE') return 'implausible';
  if (status === 'INVALID' && reason !== 'trials_invalid') return 'invalid';
  if (UNTESTED.includes(basis) || decision.p_worse === null) return beyond ? 'suspect' : 'open';
  if (status === 'FAIL' || decision.suspect) return 'suspect';
  return status === 'PASS' ? 'within' : 'open';
};

/** What remains of a proven failure whose proof does not survive the correction. */
const WEAKENED: Partial<Record<MetricReason, MetricReason>> = {
  regression_beyond_tolerance: 'regression_likely_beyond_tolerance',
  change_beyond_tolerance: 'change_likely_beyond_tolerance',
};

const BASES: readonly Basis[] = ['point', 'capture', 'interval_t', 'interval', 'counts', 'exact'];

/** The weakest basis among the metrics; `point` without any. */
const weakestBasis = (rows: readonly JudgedMetric[]): Basis =>
  BASES.find((basis) => rows.some(({ decision }) => decision.basis === basis)) ?? 'point';

/** Largest of the known values; null when any is unknown or there is none. */
const largest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? null : Math.max(...known);
};

/** Shift, limit and noise of a row on the scale that it was judged on, worse upwards; null where its noise is unknown. */
const onScale = (decision: MetricDecision): { shift: number; limit: number; noise: number } | null => {
  const { scale, direction, worsening, noise, tolerance } = decision;
  if (worsening === null || noise === null || tolerance === null || direction === null) return null;
  if (scale === 'difference') {
    const shift = direction === 'two-sided' ? Math.abs(worsening) : worsening;
    return { shift, limit: tolerance, noise };
  }
  const { limit, reverseLimit } = ratioScale(direction, tolerance);
  const shift = direction === 'higher-is-better' ? -Math.log1p(-worsening) : Math.log1p(worsening);
  const isDown = direction === 'two-sided' && shift < 0;
  return {
    shift: isDown ? -shift : shift,
    limit: isDown ? reverseLimit : limit,
    noise: direction === 'higher-is-better' ? -Math.log1p(-noise) : Math.log1p(noise),
  };
};

/** At least one trial more than there are. */
const more = (decision: MetricDecision, needed: number | null): number | null =>
  needed === null ? null : Math.max(needed, (decision.pairs ?? Math.min(...decision.n)) + 1);

const sidesOf = ({ direction }: MetricDecision): number => (direction === 'two-sided' ? 2 : 1);

/** Trials a side that should carry a suspect metric through a family of `size`; null when no practical number would. */
export const trialsToSurvive = ({ decision }: JudgedMetric, size: number): number | null => {
  const known = onScale(decision);
  if (known === null || decision.analysis === null) return decision.trials_needed;
  const alpha = FAMILY_ALPHA / (size * sidesOf(decision));
  const asked = { ...known, analysis: decision.analysis, provenOnly: false };
  return more(decision, trialsToSettle(asked, { alpha, power: DEFAULT_GOAL.power }));
};

/** Trials a side that should settle an open metric, one of `size` of which all must pass: each must the more surely. */
const trialsToPass = ({ decision }: JudgedMetric, size: number): number | null => {
  const known = onScale(decision);
  if (size === 1 || known === null || decision.analysis === null) return decision.trials_needed;
  const goal = { alpha: DEFAULT_GOAL.alpha / sidesOf(decision), power: DEFAULT_GOAL.power ** (1 / size) };
  return more(decision, trialsToSettle({ ...known, analysis: decision.analysis, provenOnly: false }, goal));
};

/** A metric as the lists of a decision name it: with its load point, where several are decided together. */
export const nameOf = ({ key, point }: Pick<JudgedMetric, 'key' | 'point'>): string =>
  point === undefined ? key : `${key} @ ${point}`;

const named = (rows: readonly JudgedMetric[]): string[] => rows.slice(0, MOST_NAMES).map(nameOf);

/** The rows by how they stand. */
type Sorted = Readonly<Record<Standing, readonly JudgedMetric[]>>;

const sortOut = (rows: readonly JudgedMetric[], { standingOf }: Family): Sorted => {
  const sorted: Record<Standing, JudgedMetric[]> = {
    failed: [],
    suspect: [],
    implausible: [],
    invalid: [],
    open: [],
    within: [],
  };
  for (const row of rows) sorted[standingOf(row)].push(row);
  return sorted;
};

type Outcome = Pick<Decision, 'status' | 'strength' | 'rule' | 'reason' | 'trials_needed'>;

const undecided = (reason: string, trials_needed: number | null, rule: Decision['rule'] = 'V7'): Outcome => ({
  status: 'INCONCLUSIVE',
  strength: null,
  rule,
  reason,
  trials_needed,
});

const failure = (failed: readonly JudgedMetric[], { strengthOf }: Family): Outcome => {
  const proven = failed.find((row) => strengthOf(row) === 'proven');
  const reason = proven?.decision.reason ?? failed[0]?.decision.reason ?? 'regression_likely_beyond_tolerance';
  return {
    status: 'FAIL',
    strength: proven === undefined ? 'likely' : 'proven',
    rule: 'V6',
    reason: proven === undefined ? (WEAKENED[reason] ?? reason) : reason,
    trials_needed: null,
  };
};

/** The reason all passing metrics share, else `not_worse`, which all of them imply. */
const commonReason = (passed: readonly JudgedMetric[]): string => {
  const reasons = new Set(passed.map(({ decision }) => decision.reason));
  const [only] = reasons;
  return reasons.size === 1 && only !== undefined ? only : 'not_worse';
};

interface Question {
  readonly sorted: Sorted;
  readonly family: Family;
  readonly gating: readonly JudgedMetric[];
  readonly lost: readonly LostMetric[];
}

const repeatedOutcome = ({ sorted, family, gating, lost }: Question): Outcome => {
  if (sorted.failed.length > 0) return failure(sorted.failed, family);
  if (sorted.invalid[0] !== undefined) return undecided(sorted.invalid[0].decision.reason, null, 'V10');
  if (lost[0] !== undefined) return undecided(lost[0].decision.reason, null, 'V10');
  if (sorted.implausible.length > 0) return undecided('check_the_unit', null, 'V10');
  if (sorted.suspect.length > 0) {
    const failures = sorted.suspect.filter(({ decision }) => decision.status === 'FAIL');
    const reason = failures.length > 0 ? 'not_significant_after_holm' : 'beyond_tolerance_without_proof';
    const size = family.members.length;
    return undecided(reason, largest(sorted.suspect.map((row) => trialsToSurvive(row, size))));
  }
  const open = gating.filter((row) => sorted.open.includes(row));
  if (open[0] !== undefined)
    return undecided(open[0].decision.reason, largest(open.map((row) => trialsToPass(row, open.length))));
  return { status: 'PASS', strength: null, rule: 'V8', reason: commonReason(gating), trials_needed: null };
};

/** Without repeats there is nothing to test: the decision says so, and how many trials to start with. */
const singleOutcome = ({ sorted, gating, lost }: Question): Outcome => {
  if (sorted.invalid[0] !== undefined) return undecided(sorted.invalid[0].decision.reason, null, 'V10');
  if (sorted.implausible.length > 0) return undecided('check_the_unit', null, 'V10');
  const decisive = lost[0] ?? gating[0];
  return undecided(decisive?.decision.reason ?? 'insufficient_n', decisive?.decision.trials_needed ?? null, 'V1');
};

const incomparable = (rows: readonly JudgedMetric[]): Decision | null => {
  const row = rows.find(({ decision }) => decision.status === 'INCOMPARABLE');
  if (row === undefined) return null;
  return bareDecision('INCOMPARABLE', 'V9', row.decision.reason, { basis: row.decision.basis });
};

const NOT_TESTED: Adjusted = { worse: 1, beyond: 1 };

/** Corrects all rows that are decided together. Where none gates, every one does. */
export const correctFamily = (rows: readonly JudgedMetric[]): Family => {
  const allGate = !rows.some(({ gating }) => gating);
  const gates = ({ gating, decision }: JudgedMetric): boolean => (gating || allGate) && !decision.report_only;
  const tested = rows.filter(isTested);
  const [ofGating, ofAll] = [adjustAll(tested.filter(gates)), adjustAll(tested)];
  const q = benjaminiHochberg(tested.map(({ decision }) => decision.p_worse ?? 1));
  const holds = new Map<JudgedMetric, Strength>();
  const members = tested.map((row, at): MemberResult => {
    const [one, all] = [ofGating.get(row) ?? NOT_TESTED, ofAll.get(row) ?? NOT_TESTED];
    const best = { worse: Math.min(one.worse, all.worse), beyond: Math.min(one.beyond, all.beyond) };
    const left = strengthLeft(row.decision, best);
    if (left !== null) holds.set(row, left);
    return {
      name: nameOf(row),
      gating: gates(row),
      standing: standing(row, left ?? undefined),
      p_worse_holm: best.worse,
      p_beyond_tolerance_holm: best.beyond,
      q_worse: q[at] ?? 1,
      holds: left,
    };
  });
  return {
    members,
    standingOf: (row) => standing(row, holds.get(row)),
    strengthOf: (row) => holds.get(row),
    gates,
  };
};

/**
 * The decision over `rows` (not empty) of a family; `lost` are metrics that vanished. A part of a family is decided by the
 * correction of the whole.
 */
export const decideOverall = (
  rows: readonly JudgedMetric[],
  lost: readonly LostMetric[] = [],
  family: Family = correctFamily(rows),
): Decision => {
  const refused = incomparable(rows);
  if (refused !== null) return refused;
  const sorted = sortOut(rows, family);
  const gating = rows.filter(family.gates);
  const isRepeated = rows.some(isTested);
  const outcome = (isRepeated ? repeatedOutcome : singleOutcome)({ sorted, family, gating, lost });
  return {
    ...outcome,
    basis: weakestBasis(gating.length > 0 ? gating : rows),
    mde: isRepeated ? largest(gating.map(({ decision: { mde } }) => mde)) : null,
    failed: named(sorted.failed),
    suspect: named([...sorted.suspect, ...sorted.implausible, ...sorted.invalid]),
    open: isRepeated ? named(sorted.open.filter((row) => !family.gates(row))) : [],
  };
};
