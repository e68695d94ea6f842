// Says what to do next: the lever that would undo the change, what it would give back, and the measurement that would prove it.
// Pure text.
import { formatFixed, formatNanoseconds, formatPercent } from '../../render/numbers.ts';
import { NO_LEVER, type NextLever } from '../../verdict/answer-schema.ts';
import { unitsOf, waitingGrowth } from '../diff/culprit.ts';
import type { Culprit, Findings } from '../diff/culprit.ts';
import { perCall, shortened } from './amounts.ts';
import { costOf } from '../diff/profile-verdict.ts';
import { isGraphName } from '../kernels/graph-kernels.ts';
import type { CollectiveRow, KernelRow } from '../diff/profile-diff-schema.ts';

/** Ranks that are named one by one. */
const MOST_NAMED = 4;

/** What to do next, what it would give back per unit of work, and the measurement that would prove it. */
export const nextLever = (found: Findings, culprit: Culprit): NextLever => {
  const total =
    found.totals.candidate_ns + found.ranks.reduce((sum, r) => sum + (r.candidate_timeline?.idle_ns ?? 0), 0);
  const key = 'row' in culprit ? culprit.row.short_name : null;
  const lever = (action: string, ns: number, gate: string): NextLever => ({
    lever: action,
    expected_unlock: `-${formatNanoseconds(ns)}${total > 0 ? ` (${formatPercent((-100 * ns) / total)})` : ''}, back to the baseline`,
    gate,
    key,
  });
  const units = unitsOf(found).after;
  switch (culprit.kind) {
    case 'kernel':
      return lever(
        isGraphName(culprit.row.name)
          ? `Capture both builds with --cuda-graph-trace=node to see which kernel of ${culprit.row.name} it is`
          : `Look at ${shortened(culprit.row.short_name)}${culprit.rank === null ? '' : ` on ${culprit.rank}`}: profile it with ncu on both builds`,
        costOf(culprit.row),
        `mean per call at most ${perCall((culprit.row.baseline.mean_ns ?? 0) * 1.05)}`,
      );
    case 'collective':
      return collectiveLever(culprit.row, culprit.detail, found, lever);
    case 'new':
      return lever(
        'Find what brought the new kernels in',
        culprit.ns * units,
        'they are gone, or cost less than what they replace',
      );
    case 'clock':
      return lever(
        `Compare clocks, power cap and GPU of ${slowGpus(culprit)} before anything else`,
        Math.max(0, found.step?.clock_ns ?? 0) * units +
          (culprit.victims === null ? 0 : waitingGrowth(culprit.victims)),
        'the common factor of compute kernels is within 1%',
      );
    case 'more_calls':
      return lever(
        `Find out why ${shortened(culprit.row.short_name)} runs more often`,
        culprit.ns * units,
        `at most ${formatFixed(culprit.calls.before, 1)} calls per ${found.headline.unit}`,
      );
    case 'copies':
      return lever(
        `Look at the ${culprit.copies.kind} copies: bytes, pinned memory, the link`,
        (culprit.time.after - culprit.time.before) * units,
        `at most ${perCall(culprit.time.before * 1.05)} of copies per ${found.headline.unit}`,
      );
    case 'overlap':
      return lever(
        'Look at the streams and events between communication and compute',
        culprit.ns * units,
        `at least ${perCall(culprit.overlap.before * 0.95)} of overlap per ${found.headline.unit}`,
      );
    case 'idle':
      return lever(
        `Look at the host${culprit.rank === null ? '' : ` of ${culprit.rank.rank}`}: launches, synchronisations and input`,
        culprit.ns * units,
        `${found.headline.metric} at most ${perCall((found.headline.baseline_ns ?? 0) * 1.05)}`,
      );
    case 'headline':
    case 'none':
      return NO_LEVER;
  }
};

const collectiveLever = (
  row: KernelRow,
  detail: CollectiveRow,
  found: Findings,
  lever: (action: string, ns: number, gate: string) => NextLever,
): NextLever => {
  const gate = `${shortened(row.short_name)} at most ${perCall((row.baseline.mean_ns ?? 0) * 1.05)} per call`;
  const late = detail.late_rank.candidate;
  const rank = found.ranks.find((candidate) => candidate.rank === late);
  if (detail.grew === 'transfer' || late === null || rank === undefined) {
    return lever('Check links, algorithm and message size of the collective', costOf(row), gate);
  }
  const idle = (rank.candidate_timeline?.idle_ns ?? 0) - (rank.baseline_timeline?.idle_ns ?? 0);
  const host =
    idle > costOf(row) / 2 ? `: its GPU is idle ${formatNanoseconds(idle)} longer, so look at its host first` : '';
  return lever(`Find out why ${late} comes late${host}`, costOf(row), gate);
};

/** Names of the ranks whose clock changed, as far as they are known apart. */
const slowGpus = ({ rank, several }: { readonly rank: string | null; readonly several: readonly string[] }): string => {
  if (rank !== null) return rank;
  if (several.length === 0) return 'the two captures';
  return several.slice(0, MOST_NAMED).join(', ') + (several.length > MOST_NAMED ? ' and others' : '');
};
