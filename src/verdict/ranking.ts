// Which of two sides is better, where neither is a baseline that must not get worse: two-sided rows without a tolerance, corrected
// together, by the rules of every other comparison. Only what survives the correction is called better or worse.
import type { Direction } from '../stats/direction.ts';
import { type Decision, type MetricDecision, bareDecision } from './decision.ts';
import { decideMetric } from './decide-metric.ts';
import type { Verdict } from './delta-row.ts';
import { type ComparisonExit, type SideTrials, type Strictness, comparisonExitCode, gravestExit } from './exit-code.ts';
import {
  type Family,
  type JudgedMetric,
  type MemberResult,
  correctFamily,
  decideOverall,
  trialsToSurvive,
} from './overall.ts';

export type Rank = 'better' | 'worse' | 'not_distinguishable' | 'not_comparable';

/** A value; with the block in which it was measured where the two took turns. */
export type RankValue = number | { readonly value: number; readonly block: number };

/** The subject of the ranking against a rival, in one unit. Names are unique. */
export interface RankQuestion {
  readonly name: string;
  readonly subject: readonly RankValue[];
  readonly rival: readonly RankValue[];
  readonly direction: Exclude<Direction, 'two-sided'>;
  /** Facts in which the two differ although they must not; none where they can be compared. */
  readonly mismatch: readonly string[];
}

export interface Ranked {
  readonly rank: Rank;
  readonly decision: MetricDecision;
  /** What the correction over all questions leaves; null where there was no test. */
  readonly member: MemberResult | null;
  /** Trials a side that should settle what cannot be distinguished; null when settled, or when no practical number would. */
  readonly trials_needed: number | null;
}

export interface Ranking {
  /** In the order of the questions. */
  readonly ranked: readonly Ranked[];
  /** FAIL where the subject is worse in any row, PASS only where it is better in all of them. */
  readonly decision: Decision;
  readonly verdict: Verdict;
}

const samplesOf = (values: readonly RankValue[]) =>
  values.map((each) =>
    typeof each === 'number' ? { value: each, block: null, excluded: false } : { ...each, excluded: false },
  );

/** One question, before the correction over all of them. */
export const rankRow = ({ name, subject, rival, mismatch }: RankQuestion): JudgedMetric => ({
  key: name,
  gating: true,
  beyond: false,
  decision: decideMetric({
    direction: 'two-sided',
    tolerance: { relative: 0, absolute: null },
    baseline: samplesOf(rival),
    candidate: samplesOf(subject),
    mismatch,
  }),
});

const rankOf = ({ decision: { status, worsening } }: JudgedMetric, question: RankQuestion, holds: boolean): Rank => {
  if (status === 'INCOMPARABLE') return 'not_comparable';
  if (!holds) return 'not_distinguishable';
  return (worsening ?? 0) > 0 === (question.direction === 'higher-is-better') ? 'better' : 'worse';
};

const colourOfRanks = (ranks: readonly Rank[]): Verdict => {
  if (ranks.includes('worse')) return 'RED';
  return ranks.length > 0 && ranks.every((rank) => rank === 'better') ? 'GREEN' : 'YELLOW';
};

const decisionOver = (asked: readonly JudgedMetric[], ranks: readonly Rank[], family: Family): Decision => {
  if (asked.length > 0) return decideOverall(asked, [], family);
  return ranks.length > 0
    ? bareDecision('PASS', 'V8', 'improved', { basis: 'interval' })
    : bareDecision('INCOMPARABLE', 'V10', 'metric_missing');
};

/** Ranks the subject against every rival; all questions are one family. `rows` are theirs, by `rankRow`, in their order. */
export const rankAll = (
  questions: readonly RankQuestion[],
  rows: readonly JudgedMetric[] = questions.map(rankRow),
): Ranking => {
  const comparable = rows.filter(({ decision }) => decision.status !== 'INCOMPARABLE');
  const family = correctFamily(comparable);
  const members = new Map(family.members.map((member) => [member.name, member]));
  const judged = questions.map((question, at) => {
    const row = rows[at] ?? rankRow(question);
    return { row, question, rank: rankOf(row, question, family.strengthOf(row) !== undefined) };
  });
  const rowsOf = (wanted: readonly Rank[]) => judged.filter(({ rank }) => wanted.includes(rank)).map(({ row }) => row);
  const [lost, refused] = [rowsOf(['worse']), rowsOf(['not_comparable'])];
  const open = rowsOf(['worse', 'not_distinguishable']);
  // What is worse weighs most; where nothing is, one pair that cannot be compared leaves the whole question open.
  const asked = lost.length === 0 && refused.length > 0 ? refused : open;
  const all = judged.map(({ rank }) => rank);
  return {
    ranked: judged.map(({ row, question: { name }, rank }) => ({
      rank,
      decision: row.decision,
      member: members.get(name) ?? null,
      // A search, which of many questions is asked for few.
      get trials_needed() {
        return rank === 'not_distinguishable' ? trialsToSurvive(row, family.members.length) : null;
      },
    })),
    decision: decisionOver(asked, all, family),
    verdict: colourOfRanks(all),
  };
};

/** A ranking as its exit code sees it. */
export interface RankingOutcome extends Pick<Ranking, 'decision' | 'verdict'> {
  readonly ranks: readonly string[];
}

/** What the exit code of a ranking rests on beside the ranking itself. */
export interface RankingGate extends Strictness {
  readonly strictContext?: boolean | undefined;
  /** Pairs of which a side has no measurement. */
  readonly missing: number;
}

const REPEATED: SideTrials = { baseline: { valid: 2, invalid: 0 }, candidate: { valid: 2, invalid: 0 } };

/** 1 where the subject is worse, 4 where something has no measurement or cannot be compared, 3 where something is open. */
export const rankingExitCode = ({ decision, verdict, ranks }: RankingOutcome, gate: RankingGate): ComparisonExit => {
  const { strict = false, failOn = [], strictContext = false, missing } = gate;
  const outcome = { verdict, decision, trials: REPEATED, adverse: [], vanished: [] };
  return gravestExit([
    comparisonExitCode(outcome, { strict, failOn }),
    missing > 0 && failOn.includes('vanished') ? 1 : 0,
    missing > 0 && strict ? 4 : 0,
    (strict || strictContext) && ranks.includes('not_comparable') ? 4 : 0,
  ]);
};
