// Judges a candidate against a baseline: rows, colour, decision, tier. Pure; never reads a file, and never lets an
// improvement or a metric without a headline hide one that got worse.
import { type Trial, invalidReasons, isValidTrial } from '../metrics/trial.ts';
import { Fault } from '../text/fault.ts';
import { colourOf } from '../verdict/colour.ts';
import { type ContextComparison, compareContexts } from '../verdict/context-match.ts';
import type { Decision } from '../verdict/decision.ts';
import type { HeadlineRule } from '../verdict/headline-rank.ts';
import { isRepeated } from '../verdict/exit-code.ts';
import { type DecisionRules, createDecider } from '../verdict/decide.ts';
import { type Family, correctFamily, decideOverall } from '../verdict/overall.ts';
import type { JudgedRow, Judgement, TrialCount } from './judgement.ts';
import { unitBridge } from './match-metrics.ts';
import { fewerRequests } from './requests.ts';
import { settleRow } from './settle-row.ts';
import { type Rows, makeRows } from './make-rows.ts';
import { byDifference, byPercent, orderRows } from './order-rows.ts';
import { type PairedSides, pairSides } from './pair-sides.ts';
import { type PolicySources } from '../verdict/policy.ts';
import { DEFAULT_TOLERANCE, type Tolerance } from '../verdict/tolerance.ts';
import type { Side } from '../source/side.ts';
import { type FrozenSol, solDelta } from '../hardware/speed-of-light.ts';
import { isTrendingAway } from '../verdict/trending.ts';
import { type ClaimFacts, diffTier, gpusOf } from '../verdict/tier.ts';

export interface JudgeOptions extends Omit<DecisionRules, 'mismatch'>, Omit<ClaimFacts, 'metrics'> {
  readonly policy: PolicySources;
  /** Context fields that were changed on purpose. */
  readonly axis?: readonly string[];
  /** A mismatch outside the axis makes the sides INCOMPARABLE. */
  readonly strictContext?: boolean;
  /** The baseline is an entry with a name, not just a file. */
  readonly namedBaseline?: boolean;
}

type SomeRows = readonly [JudgedRow, ...JudgedRow[]];

const isSome = (rows: readonly JudgedRow[]): rows is SomeRows => rows.length > 0;

const nothingInCommon = ({ baseline, candidate }: PairedSides): Fault => {
  const some = (keys: readonly string[]): string => keys.slice(0, 3).join(', ') || 'none';
  return new Fault(
    'not_comparable',
    'nothing_in_common',
    `no metric is on both sides: baseline has ${some(baseline.keys)}; current has ${some(candidate.keys)}`,
    { fix: 'give a measurement of the same kind, or select the value with its path' },
  );
};

const decisionRules = ({ failRule, analysis, acceptImplausible }: JudgeOptions): DecisionRules => ({
  ...(failRule === undefined ? {} : { failRule }),
  ...(analysis === undefined ? {} : { analysis }),
  ...(acceptImplausible === undefined ? {} : { acceptImplausible }),
});

/** The context of a side, with the GPUs that its trials name where the context names none. */
const placedContext = (side: Side): Side['context'] => {
  const gpus = gpusOf(side);
  return gpus === null ? side.context : { ...side.context, gpu_uuids: [...gpus] };
};

const countTrials = (trials: readonly Trial[]): TrialCount => {
  const valid = trials.filter(isValidTrial).length;
  return { valid, invalid: trials.length - valid, reasons: invalidReasons(trials) };
};

/** What all rows have in common, or `mixed`. */
const common = <T>(rows: SomeRows, pick: (row: JudgedRow) => T): T | 'mixed' => {
  const first = pick(rows[0]);
  return rows.every((row) => pick(row) === first) ? first : 'mixed';
};

/** The rows by what they say, each list with the largest change first. */
interface Sorted {
  readonly ordered: readonly JudgedRow[];
  readonly adverse: readonly JudgedRow[];
  readonly implausible: readonly JudgedRow[];
  readonly improved: readonly JudgedRow[];
  readonly headline: readonly JudgedRow[];
  /** Rows whose share of a ceiling was frozen with the baseline. */
  readonly withSol: readonly (readonly [JudgedRow, FrozenSol])[];
}

const sortOut = (rows: readonly JudgedRow[], tolerance: Tolerance, sol: Side['sol'] = {}): Sorted => {
  const ordered = orderRows(rows, 'absolute' in tolerance ? byDifference : byPercent);
  const shares = new Map(Object.entries(sol));
  const sorted = {
    ordered,
    adverse: new Array<JudgedRow>(),
    implausible: new Array<JudgedRow>(),
    improved: new Array<JudgedRow>(),
    headline: new Array<JudgedRow>(),
    withSol: new Array<readonly [JudgedRow, FrozenSol]>(),
  };
  for (const row of ordered) {
    if (row.adverse) sorted.adverse.push(row);
    if (row.improved) sorted.improved.push(row);
    if (row.standing === 'implausible') sorted.implausible.push(row);
    if (row.headline) sorted.headline.push(row);
    const frozen = shares.size === 0 ? undefined : shares.get(row.key);
    if (frozen !== undefined) sorted.withSol.push([row, frozen]);
  }
  return sorted;
};

/** Two sides brought together and each metric decided by itself, before the family counts. */
interface Draft {
  readonly baseline: Side;
  readonly candidate: Side;
  readonly options: JudgeOptions;
  readonly context: ContextComparison;
  readonly rows: SomeRows;
  readonly found: Rows;
  readonly headlineRule: HeadlineRule;
}

const draft = (baseline: Side, candidate: Side, options: JudgeOptions, point?: string): Draft => {
  const { policy: sources, axis, strictContext = false } = options;
  const context = compareContexts(placedContext(baseline), placedContext(candidate), axis);
  const mismatch = strictContext ? context.mismatches.map(({ field }) => field) : [];
  const paired = pairSides(baseline, candidate, sources);
  const decider = createDecider({ ...decisionRules(options), mismatch }, fewerRequests(baseline, candidate));
  const found = makeRows(paired, { baseline, candidate }, decider, unitBridge);
  const rows = point === undefined ? found.rows : found.rows.map((row) => ({ ...row, point }));
  if (!isSome(rows)) throw nothingInCommon(paired);
  return { baseline, candidate, options, context, rows, found, headlineRule: paired.headline };
};

const settle = (
  { baseline, candidate, options, context, rows: drafted, found, headlineRule }: Draft,
  family: Family,
): Judgement => {
  const { policy: sources, namedBaseline = false, claim = null, hasProfile = false } = options;
  const { vanished, lost, added, ignored } = found;
  const decision = decideOverall(drafted, lost, family);
  const rows = drafted.map((row) => settleRow(row, family.standingOf(row)));
  const tolerance = sources.umbrella ?? DEFAULT_TOLERANCE;
  const { ordered, adverse, implausible, improved, headline, withSol } = sortOut(rows, tolerance, baseline.sol);
  const trending = withSol.filter(([row, frozen]) => isTrendingAway(row, frozen)).map(([{ key }]) => key);
  const trials = { baseline: countTrials(baseline.trials), candidate: countTrials(candidate.trials) };
  const claims = { metrics: headline, claim, hasProfile };
  return {
    verdict: colourOf({ adverse, vanished, trending, implausible }),
    decision,
    family: family.members,
    repeated: isRepeated(trials),
    ...diffTier({ ...claims, baseline, candidate, context, decision, namedBaseline }),
    improved_beyond_tolerance: improved.length > 0,
    trending_away_from_peak: trending,
    headline_rule: headlineRule,
    headline: headline.map(({ key }) => key),
    direction: common(drafted, (row) => row.direction),
    direction_source: common(drafted, (row) => row.direction_source),
    tolerance,
    rows: ordered,
    adverse,
    implausible,
    improved,
    vanished,
    added,
    ignored,
    sol: withSol.map(([row, frozen]) => solDelta(frozen, row)),
    context,
    trials,
  };
};

/**
 * The judgement of `candidate` against `baseline`. Throws a Fault `unit_mismatch`, `metric_duplicate`, `headline_unknown`,
 * `axis_unknown`, or `nothing_in_common` when no metric is on both sides.
 */
export const judge = (baseline: Side, candidate: Side, options: JudgeOptions): Judgement => {
  const drafted = draft(baseline, candidate, options);
  return settle(drafted, correctFamily(drafted.rows));
};

/** Both sides of one load point. */
export interface PointSides {
  readonly point: string;
  readonly baseline: Side;
  readonly candidate: Side;
}

export interface JointJudgement {
  /** One per point, in the order given. */
  readonly points: readonly Judgement[];
  /** Over the metrics of all points as one family. */
  readonly decision: Decision;
}

/** Judges several load points as one family of metrics: the more points are looked at, the more a failure has to show. */
export const judgePoints = (points: readonly PointSides[], options: JudgeOptions): JointJudgement => {
  const isOne = points.length === 1;
  const drafts = points.map(({ point, baseline, candidate }) =>
    draft(baseline, candidate, options, isOne ? undefined : point),
  );
  const rows = drafts.flatMap((each) => each.rows);
  const lost = drafts.flatMap(({ found }, at) =>
    found.lost.map((each) => ({ ...each, point: isOne ? undefined : points[at]?.point })),
  );
  const family = correctFamily(rows);
  return { points: drafts.map((each) => settle(each, family)), decision: decideOverall(rows, lost, family) };
};
