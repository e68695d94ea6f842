// Puts the result of a profile diff into the words of a comparison: kernels as rows, verdict, what vanished and what is new.
// Pure; judges nothing itself.
import type { DeltaRecord } from '../compare/delta-record.ts';
import type { Verdict } from '../measurement/verdict.ts';
import type { ProfileDiff } from '../profile/diff-schema.ts';

const DIRECTION = 'lower-is-better';

/** Kernels that both sides have as rows: mean time of a call in ns, largest change of the total first. */
export const kernelDeltas = ({ kernels, buckets }: ProfileDiff): DeltaRecord[] =>
  kernels
    .filter((row) => row.class === 'both' || row.class === 'paired')
    .map(({ short_name: key, baseline, candidate, per_call_pct: delta_pct, bucket, adverse, improved }) => {
      const [before, after] = [baseline.mean_ns ?? 0, candidate.mean_ns ?? 0];
      const percent = buckets.find((row) => row.bucket === bucket)?.threshold_pct ?? 5;
      return {
        key,
        baseline: before,
        current: after,
        delta: after - before,
        delta_pct,
        unit: 'ns',
        direction: DIRECTION,
        tolerance: { percent },
        ...(adverse ? { adverse: true as const } : {}),
        ...(improved ? { improved: true as const } : {}),
      };
    });

/** Adverse kernels as rows of the answer. */
const adverseRows = (diff: ProfileDiff) =>
  kernelDeltas(diff).flatMap(({ adverse = false, improved: _improved, tolerance, ...row }) =>
    adverse ? [{ ...row, tolerance: { ...tolerance } }] : [],
  );

const lone = (diff: ProfileDiff, kind: 'new' | 'removed') =>
  diff.kernels
    .filter((row) => row.class === kind)
    .slice(0, 50)
    .map((row) => ({
      key: row.short_name,
      value: (kind === 'new' ? row.candidate : row.baseline).total_ns,
      unit: 'ns',
      headline: false,
    }));

export const profileFields = (diff: ProfileDiff) => ({
  verdict: diff.verdict satisfies Verdict,
  decision: { ...diff.decision },
  tier: 'DRAFT' as const,
  tier_missing: [
    `decision_${diff.decision.status.toLowerCase()}`,
    ...(Math.min(diff.baseline.captures, diff.candidate.captures) < 2 ? ['one_capture_a_side'] : []),
    'context_missing',
  ],
  headline: [diff.headline.metric],
  improved_beyond_tolerance: diff.kernels.some(({ improved }) => improved) && diff.verdict === 'GREEN',
  trending_away_from_peak: [],
  deltas_count: diff.kernels.length,
  direction: DIRECTION,
  adverse_count: diff.adverse.length,
  adverse: adverseRows(diff).slice(0, 50),
  improved: [],
  vanished: lone(diff, 'removed'),
  added: lone(diff, 'new'),
  sol: [],
  context: {},
  trials: {
    baseline: { valid: diff.baseline.captures, invalid: 0 },
    current: { valid: diff.candidate.captures, invalid: 0 },
  },
});
