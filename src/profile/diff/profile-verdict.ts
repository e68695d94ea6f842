// Decides which kernels, buckets and headline are adverse, the colour, and what the captures can carry as a decision. A
// single capture a side ranks and explains; only repeated captures can fail or pass. Pure.
import { bareDecision } from '../../verdict/decision.ts';
import { decideMetric } from '../../verdict/decide-metric.ts';
import { correctFamily, decideOverall } from '../../verdict/overall.ts';
import type { Bucket } from '../model/buckets.ts';
import { qNote } from './q-note.ts';
import { colourOf as colourOfRows } from '../../verdict/colour.ts';
import { exceedsPercent } from '../../verdict/value-rule.ts';
import { decisionText, type Decided as DecidedRow } from '../../verdict/wording.ts';
import type { BucketRow, Headline, KernelRow, ProfileDiff } from './profile-diff-schema.ts';

export interface AdverseRule {
  /** Change per call from which on a kernel or bucket is adverse, percent. */
  readonly perCallPct: number;
  /** Share of GPU time that it must have, percent. */
  readonly sharePct: number;
  readonly q: number;
  /** Instead of `perCallPct`, for kernels of a bucket. */
  readonly thresholds: Readonly<Partial<Record<Bucket, number>>>;
}

export const DEFAULT_RULE: AdverseRule = { perCallPct: 5, sharePct: 1, q: 0.05, thresholds: {} };

export const thresholdOf = (rule: AdverseRule, bucket: Bucket): number => rule.thresholds[bucket] ?? rule.perCallPct;

/** Marks kernels: adverse as a whole, or on one rank (a kernel that is slow on one of eight ranks vanishes in the mean). */
export const judgeKernels = (rows: readonly KernelRow[], rule: AdverseRule): KernelRow[] => {
  const rankTotals = totalsByRank(rows);
  return rows.map((row) => {
    const limit = thresholdOf(rule, row.bucket);
    const known = row.q === null || row.q <= rule.q;
    const pct = row.stratified_pct;
    const matters = row.share_pct >= rule.sharePct;
    const paired = row.class === 'both' || row.class === 'paired';
    const ranks = row.ranks.map((rank) => {
      const total = rankTotals.get(rank.rank) ?? 0;
      const large = 100 * rank.candidate.total_ns >= rule.sharePct * total;
      const slower =
        rank.per_call_pct !== null && exceedsPercent(rank.per_call_pct, limit) && (rank.q === null || rank.q <= rule.q);
      return { ...rank, adverse: !row.collective && paired && large && slower };
    });
    const beyond = paired && pct !== null && known ? pct : 0;
    const change = exceedsPercent(beyond, limit)
      ? 'slower'
      : exceedsPercent(-beyond, limit)
        ? 'faster'
        : row.q === null
          ? 'untested'
          : 'none';
    return {
      ...row,
      ranks,
      change,
      q_note: qNote(row, limit, rule.q),
      adverse: (matters && change === 'slower') || ranks.some((rank) => rank.adverse),
      improved: matters && change === 'faster',
    };
  });
};

const totalsByRank = (rows: readonly KernelRow[]): Map<string, number> => {
  const totals = new Map<string, number>();
  for (const row of rows) {
    for (const rank of row.ranks) totals.set(rank.rank, (totals.get(rank.rank) ?? 0) + rank.candidate.total_ns);
  }
  return totals;
};

export const judgeBuckets = (rows: readonly BucketRow[], rule: AdverseRule): BucketRow[] =>
  rows.map((row) => ({
    ...row,
    adverse:
      row.share_pct >= rule.sharePct &&
      row.per_call_pct !== null &&
      exceedsPercent(row.per_call_pct, thresholdOf(rule, row.bucket)),
  }));

type Adverse = ProfileDiff['adverse'][number];

/** Headline first, then kernels by what they cost, then buckets in which no single kernel stands out. */
export const adverseList = (
  headline: Headline,
  kernels: readonly KernelRow[],
  buckets: readonly BucketRow[],
): Adverse[] => {
  const slow = kernels.filter((row) => row.adverse);
  const unexplained = buckets.filter((bucket) => bucket.adverse && !slow.some((row) => row.bucket === bucket.bucket));
  const listed: Adverse[] = slow.map((row) => {
    const rank = onlyRank(row);
    return {
      kind: 'kernel',
      name: row.name,
      rank,
      effect_ns: Math.round(costOf(row)),
      pct: rank === null ? row.stratified_pct : (row.ranks.find((r) => r.rank === rank)?.per_call_pct ?? null),
    };
  });
  listed.sort((a, b) => b.effect_ns - a.effect_ns || a.name.localeCompare(b.name));
  const first: Adverse[] = headline.adverse
    ? [
        {
          kind: 'headline',
          name: headline.metric,
          rank: null,
          effect_ns: headlineCost(headline),
          pct: headline.change_pct,
        },
      ]
    : [];
  return [
    ...first,
    ...listed,
    ...unexplained.map((row): Adverse => ({
      kind: 'bucket',
      name: row.bucket,
      rank: null,
      effect_ns: row.per_call_effect_ns,
      pct: row.per_call_pct,
    })),
  ];
};

const headlineCost = ({ baseline_ns: before, candidate_ns: after, candidate_units: units }: Headline): number =>
  Math.round(((after ?? 0) - (before ?? 0)) * (units ?? 0));

/** Time that the calls of the candidate took above their mean before. */
export const costOf = (row: KernelRow): number => {
  if (row.adverse && (row.stratified_effect_ns ?? 0) <= 0) {
    return row.ranks.filter((rank) => rank.adverse).reduce((sum, rank) => sum + rank.per_call_effect_ns, 0);
  }
  return row.stratified_effect_ns ?? row.per_call_effect_ns;
};

/** The rank on which a kernel became slower, where it is not all of them. */
export const onlyRank = (row: KernelRow): string | null => {
  const slow = row.ranks.filter((rank) => rank.adverse);
  return slow.length === 1 && row.ranks.length > 1 ? (slow[0]?.rank ?? null) : null;
};

/** What a profile has none of: a kernel that is no longer launched is no lost measurement. */
const NOTHING_ELSE = { vanished: [], trending: [], implausible: [] };

/** The colour rule of every comparison, over the headline, kernels and buckets outside. */
export const colourOf = (adverse: readonly Adverse[]): ProfileDiff['verdict'] =>
  colourOfRows({ adverse: adverse.map(({ kind }) => ({ headline: kind === 'headline' })), ...NOTHING_ELSE });

/** A decision, and the words of every comparison for it. */
type Decided = Pick<ProfileDiff, 'decision' | 'decision_text'>;

export const worded = (decision: ProfileDiff['decision'], rows: readonly DecidedRow[] = []): Decided => ({
  decision,
  decision_text: decisionText(decision, rows),
});

/** Values of the headline per capture, for the decision that repeated captures allow. */
export const decisionOf = (
  headline: Headline,
  baseline: readonly (number | null)[],
  candidate: readonly (number | null)[],
): Decided => {
  if (baseline.length < 2 || candidate.length < 2) {
    return worded(bareDecision('INCONCLUSIVE', 'V11', 'one_capture_a_side', { basis: 'capture', trials_needed: 5 }));
  }
  const trials = (values: readonly (number | null)[]) =>
    values.map((value) => ({ value, block: null, excluded: false }));
  const decided = decideMetric({
    direction: 'lower-is-better',
    tolerance: { relative: headline.threshold_pct / 100, absolute: null },
    baseline: trials(baseline),
    candidate: trials(candidate),
  });
  const beyond = (headline.change_pct ?? 0) > headline.threshold_pct;
  const row = { key: headline.metric, gating: true, beyond, decision: decided };
  const family = correctFamily([row]);
  const rest = { headline: true, unit: 'ns', direction: 'lower-is-better', delta_pct: headline.change_pct } as const;
  return worded(decideOverall([row], [], family), [{ ...row, ...rest, standing: family.standingOf(row) }]);
};
