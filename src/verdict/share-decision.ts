// Judges a share of requests (answered, within their SLO) by the counts behind every run. A higher share is better; changes are in
// points of the share, never in percent of it.
import { type RunCount, type ShareEvidence, shareEvidence } from '../stats/share-test.ts';
import { type FailRule, type IntervalVerdict, inconclusive } from './interval-verdict.ts';

/** One run: its share, and the requests that it is a share of. */
export type ShareCounts = readonly { readonly share: number; readonly requests: number }[];

export interface ShareRules {
  /** Allowed drop, as a fraction of all requests. */
  readonly margin: number;
  readonly alpha: number;
  readonly failRule: FailRule;
}

export interface ShareJudgement {
  readonly verdict: IntervalVerdict | (Omit<IntervalVerdict, 'reason'> & { readonly reason: 'failures_from_none' });
  /** Not a failure beyond chance, but no pass either. */
  readonly suspect: boolean;
  readonly evidence: ShareEvidence;
}

const toCounts = (runs: ShareCounts): RunCount[] =>
  runs.map(({ share, requests }) => ({ hits: Math.round(share * requests), of: requests }));

const misses = (runs: readonly RunCount[]): number => runs.reduce((sum, { hits, of }) => sum + of - hits, 0);

/**
 * FAIL proven: the drop is beyond the margin by the score test; likely: there is a drop beyond chance and the estimate is beyond
 * the margin. Any failure where the baseline had none is at least suspect. PASS: no drop, or one shown to be within the margin.
 */
export const judgeShares = (
  baseline: ShareCounts,
  candidate: ShareCounts,
  { margin, alpha, failRule }: ShareRules,
): ShareJudgement => {
  const [before, after] = [toCounts(baseline), toCounts(candidate)];
  const evidence = shareEvidence(before, after, alpha);
  const { drop } = evidence;
  const worse = evidence.tails(0).greater <= alpha;
  const fail = (strength: 'proven' | 'likely'): ShareJudgement => ({
    verdict: {
      status: 'FAIL',
      strength,
      reason: strength === 'proven' ? 'regression_beyond_tolerance' : 'regression_likely_beyond_tolerance',
    },
    suspect: false,
    evidence,
  });
  if (drop > margin && worse && evidence.tails(margin).greater <= alpha) return fail('proven');
  if (drop > margin && worse && failRule === 'likely') return fail('likely');
  if (margin === 0 && misses(before) === 0 && misses(after) > 0)
    return {
      verdict: { ...inconclusive('interval_spans_tolerance'), reason: 'failures_from_none' },
      suspect: true,
      evidence,
    };
  if (drop <= 0 || evidence.tails(margin).less <= alpha)
    return {
      verdict: { status: 'PASS', strength: null, reason: evidence.high < 0 ? 'improved' : 'not_worse' },
      suspect: false,
      evidence,
    };
  return {
    verdict: inconclusive(worse ? 'worse_but_size_unclear' : 'interval_spans_tolerance'),
    suspect: false,
    evidence,
  };
};
