// Puts the result of a profile diff into the words of a comparison: times as rows, verdict, what vanished and what is new.
// Pure; judges nothing itself.
import { type DeltaRecord, rowFigures, trialsRecord } from './delta-record.ts';
import type { Judgement } from './judgement.ts';
import type { Verdict } from '../verdict/delta-row.ts';
import type { BucketRow, KernelRow, ProfileDiff } from '../profile/diff/profile-diff-schema.ts';

const DIRECTION = 'lower-is-better';
const MOST_ROWS = 50;

/** A time in ns on both sides; `percent` is the change from which on it is adverse. */
const timeRow = (
  key: string,
  [baseline, candidate]: readonly [number, number],
  { delta_pct, percent }: { readonly delta_pct: number | null; readonly percent: number },
  marks: Pick<DeltaRecord, 'headline' | 'adverse' | 'improved'>,
): DeltaRecord => ({
  key,
  baseline,
  current: candidate,
  delta: candidate - baseline,
  delta_pct,
  unit: 'ns',
  direction: DIRECTION,
  tolerance: { percent },
  ...marks,
});

/** Time of a unit of work, where both captures state it. */
const headlineRows = ({ headline }: ProfileDiff): DeltaRecord[] => {
  const { metric, baseline_ns: before, candidate_ns: after, change_pct, threshold_pct, adverse } = headline;
  if (before === null || after === null) return [];
  const marks = { headline: true as const, ...(adverse ? { adverse: true as const } : {}) };
  return [timeRow(metric, [before, after], { delta_pct: change_pct, percent: threshold_pct }, marks)];
};

const meanTimes = ({ baseline, candidate }: Pick<KernelRow, 'baseline' | 'candidate'>) =>
  [baseline.mean_ns ?? 0, candidate.mean_ns ?? 0] as const;

const kernelRow = (row: KernelRow, buckets: readonly BucketRow[]): DeltaRecord => {
  const percent = buckets.find(({ bucket }) => bucket === row.bucket)?.threshold_pct ?? 5;
  return timeRow(
    row.short_name,
    meanTimes(row),
    { delta_pct: row.per_call_pct, percent },
    {
      ...(row.adverse ? { adverse: true as const } : {}),
      ...(row.improved ? { improved: true as const } : {}),
    },
  );
};

/** Buckets that got slower though no single kernel of theirs stands out. */
const bucketRows = ({ adverse, buckets }: ProfileDiff): DeltaRecord[] =>
  adverse
    .filter(({ kind }) => kind === 'bucket')
    .flatMap(({ name }) => buckets.filter(({ bucket }) => bucket === name))
    .map((row) =>
      timeRow(
        `bucket ${row.bucket}`,
        meanTimes(row),
        { delta_pct: row.per_call_pct, percent: row.threshold_pct },
        { adverse: true },
      ),
    );

/** Headline, slower buckets, then the mean call of every kernel that both sides have, in the order of the profile diff. */
export const profileDeltas = (diff: ProfileDiff): DeltaRecord[] => [
  ...headlineRows(diff),
  ...bucketRows(diff),
  ...diff.kernels
    .filter((row) => row.class === 'both' || row.class === 'paired')
    .map((row) => kernelRow(row, diff.buckets)),
];

/** Captures are what a profile has for trials. */
export const captureCounts = ({ baseline, candidate }: ProfileDiff): Judgement['trials'] => ({
  baseline: { valid: baseline.captures, invalid: 0, reasons: {} },
  candidate: { valid: candidate.captures, invalid: 0, reasons: {} },
});

const lone = (diff: ProfileDiff, kind: 'new' | 'removed') =>
  diff.kernels
    .filter((row) => row.class === kind)
    .slice(0, MOST_ROWS)
    .map((row) => ({
      key: row.short_name,
      value: (kind === 'new' ? row.candidate : row.baseline).total_ns,
      unit: 'ns',
      headline: false,
    }));

/** The fields of the answer that come from the profile diff. */
export const profileFields = (diff: ProfileDiff, deltas: readonly DeltaRecord[]) => ({
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
  deltas_count: deltas.length,
  direction: DIRECTION as typeof DIRECTION,
  adverse_count: diff.adverse.length,
  adverse: deltas
    .filter(({ adverse }) => adverse === true)
    .slice(0, MOST_ROWS)
    .map(rowFigures),
  improved: deltas
    .filter(({ improved }) => improved === true)
    .slice(0, MOST_ROWS)
    .map(rowFigures),
  vanished: lone(diff, 'removed'),
  added: lone(diff, 'new'),
  sol: [],
  context: {},
  trials: trialsRecord(captureCounts(diff)),
});
