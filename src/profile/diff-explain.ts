// Says what happened: the first line of a profile diff, and the lever that would undo it. Every word is chosen by the
// numbers of the diff. Pure text.
import { formatNanoseconds } from '../text/numbers.ts';
import { costOf, onlyRank } from './diff-verdict.ts';
import type { CollectiveRow, Headline, KernelRow, ProfileDiff, RankRow } from './diff-schema.ts';

/** What the first line is made from: the diff without its words. */
export type Findings = Omit<ProfileDiff, 'first_line' | 'next_lever'>;

/** The one thing that made the candidate slower. */
export type Culprit =
  | {
      readonly kind: 'kernel';
      readonly row: KernelRow;
      readonly rank: string | null;
      readonly victims: CollectiveRow | null;
    }
  | { readonly kind: 'collective'; readonly row: KernelRow; readonly detail: CollectiveRow }
  | { readonly kind: 'new'; readonly rows: readonly KernelRow[]; readonly ns: number }
  | { readonly kind: 'clock' }
  | { readonly kind: 'idle'; readonly ns: number; readonly rank: RankRow }
  | { readonly kind: 'headline' }
  | { readonly kind: 'none' };

export const findCulprit = (found: Findings): Culprit => {
  const compute = strongest(found.kernels.filter((row) => row.adverse && !row.collective));
  const collective = strongest(found.kernels.filter((row) => row.collective && isSlowerCollective(row, found)));
  const detail = found.collectives.find((row) => row.kernel === collective?.name);
  if (compute !== null) {
    const rank = onlyRank(compute);
    const victims = found.collectives.find((row) => waitsFor(row, rank)) ?? null;
    const worse = collective === null || costOf(compute) >= costOf(collective) || victims?.kernel === collective.name;
    if (worse) return { kind: 'kernel', row: compute, rank, victims };
  }
  if (collective !== null && detail !== undefined) return { kind: 'collective', row: collective, detail };
  const added = newcomers(found);
  if (added !== null) return added;
  if (found.headline.adverse && found.clock.applied && found.clock.factor > 1) return { kind: 'clock' };
  if (!found.headline.adverse) return { kind: 'none' };
  const idle = idleGrowth(found);
  return idle ?? { kind: 'headline' };
};

const strongest = (rows: readonly KernelRow[]): KernelRow | null =>
  rows.reduce<KernelRow | null>((best, row) => (best === null || costOf(row) > costOf(best) ? row : best), null);

/** Calls of a collective vary with every wait, so its bucket's rule counts even where the test of single calls does not. */
const isSlowerCollective = (row: KernelRow, found: Findings): boolean => {
  const bucket = found.buckets.find((candidate) => candidate.bucket === 'collective');
  const limit = bucket?.threshold_pct ?? 5;
  return row.share_pct >= 1 && (row.per_call_pct ?? 0) >= limit && (row.adverse || bucket?.adverse === true);
};

const waitsFor = (row: CollectiveRow, rank: string | null): boolean =>
  rank !== null && (row.grew === 'waiting' || row.grew === 'both') && row.late_rank.candidate === rank;

/** New kernels that cost more than the removed ones of their bucket saved, at least one percent of the kernel time. */
const newcomers = (found: Findings): Culprit | null => {
  const added = found.kernels.filter((row) => row.class === 'new' && row.share_pct >= 1);
  const buckets = new Set(added.map((row) => row.bucket));
  const gone = found.kernels.filter((row) => row.class === 'removed' && buckets.has(row.bucket));
  const ns = [...added, ...gone].reduce((sum, row) => sum + row.delta_ns, 0);
  return added.length > 0 && ns >= 0.01 * found.totals.candidate_ns ? { kind: 'new', rows: added, ns } : null;
};

/** Idle time that grew per unit of work by at least two percent of the unit, on the rank where it grew most. */
const idleGrowth = (found: Findings): Culprit | null => {
  const ratio = found.headline.work_ratio ?? 1;
  const growth = found.ranks.map((rank) => ({
    rank,
    ns: (rank.candidate_timeline?.idle_ns ?? 0) - (rank.baseline_timeline?.idle_ns ?? 0) * ratio,
  }));
  const [most] = growth.sort((a, b) => b.ns - a.ns);
  const span = most?.rank.candidate_timeline?.span_ns ?? 0;
  return most !== undefined && most.ns >= 0.02 * span && span > 0 ? { kind: 'idle', ...most } : null;
};

/** Bucket or place that the verdict is about, as the word after the colour. */
const AREAS: Readonly<Record<Culprit['kind'], string>> = {
  kernel: '',
  collective: ' for communication',
  new: ' for new kernels',
  clock: ' for the clock',
  idle: ' for GPU idle time',
  headline: '',
  none: '',
};

export const firstLine = (found: Findings, culprit: Culprit): string => {
  const refusal = refusalOf(found);
  if (refusal !== null) return `${found.verdict}: ${refusal}`;
  const area = culprit.kind === 'kernel' ? ` for ${culprit.row.bucket}` : AREAS[culprit.kind];
  const colour = `${found.verdict}${found.verdict === 'GREEN' ? '' : area}`;
  const parts = [cause(found, culprit), workPart(found.totals.calls_pct, found.headline), headlinePart(found.headline)];
  return `${colour}: ${parts.filter((part) => part !== '').join('; ')}.`;
};

const refusalOf = (found: Findings): string | null => {
  if (found.decision.status === 'INCOMPARABLE') return `not comparable: ${found.decision.reason}.`;
  return found.same_capture ? 'both sides are the same capture, so nothing can differ.' : null;
};

const cause = (found: Findings, culprit: Culprit): string => {
  switch (culprit.kind) {
    case 'kernel':
      return kernelCause(culprit.row, culprit.rank, culprit.victims, found);
    case 'collective':
      return collectiveCause(culprit.row, culprit.detail);
    case 'new':
      return `new kernel ${shortened(culprit.rows[0]?.short_name ?? '')}${
        culprit.rows.length > 1 ? ` and ${culprit.rows.length - 1} more` : ''
      } add ${formatNanoseconds(culprit.ns)} of GPU time`;
    case 'clock':
      return `clock or power changed: compute kernels take ${percent(100 * (found.clock.factor - 1))} longer all alike`;
    case 'idle':
      return idleCause(culprit.rank, culprit.ns);
    case 'headline':
      return 'no single kernel, collective or idle time explains the change';
    case 'none':
      return quietCause(found);
  }
};

const quietCause = (found: Findings): string => {
  const slow = found.adverse.find((entry) => entry.kind === 'bucket');
  if (slow !== undefined) return `calls of ${slow.name} kernels take ${percent(slow.pct)} longer together`;
  if (found.clock.applied) {
    const way = found.clock.factor > 1 ? 'longer' : 'shorter';
    return `no kernel changed by itself; clock or power changed: all take ${percent(100 * (found.clock.factor - 1))} ${way}`;
  }
  const slower = found.kernels.filter((row) => row.change === 'slower');
  const [most] = [...slower].sort((a, b) => (b.stratified_pct ?? 0) - (a.stratified_pct ?? 0));
  if (most === undefined) return 'no kernel takes longer per call beyond its threshold';
  const largest = `${shortened(most.short_name)} +${percent(most.stratified_pct)}`;
  return `${slower.length} kernel${slower.length === 1 ? ' takes' : 's take'} longer per call, none with 1% of GPU time (most: ${largest})`;
};

const kernelCause = (row: KernelRow, rank: string | null, victims: CollectiveRow | null, found: Findings): string => {
  const own = rank === null ? null : row.ranks.find((candidate) => candidate.rank === rank);
  const [before, after] = [own?.baseline ?? row.baseline, own?.candidate ?? row.candidate];
  const pct = own?.per_call_pct ?? row.stratified_pct;
  const others = found.kernels.filter((other) => other.adverse && other !== row && !other.collective).length;
  const more = others === 0 ? '' : ` (and ${others} other kernel${others === 1 ? '' : 's'} slower)`;
  const where = rank === null ? '' : ` on ${rank}`;
  const launch = row.launch?.changed ?? [];
  const changed = launch.length === 0 ? '' : `, its launch changed (${launch.join(', ')})`;
  const renamed = row.class === 'paired' ? `, renamed from ${shortened(row.baseline_name ?? '')}` : '';
  const wait = victims === null ? '' : `, and the other ranks wait for it in ${shortened(victims.kernel)}`;
  return (
    `${shortened(row.short_name)}${where} takes ${percent(pct)} longer per call ` +
    `(${perCall(before.mean_ns)} -> ${perCall(after.mean_ns)})${changed}${renamed}${more}${wait}`
  );
};

const collectiveCause = (row: KernelRow, detail: CollectiveRow): string => {
  const grown = { waiting: 'waiting grew, the transfer did not', transfer: 'the transfer grew, waiting did not' };
  const why =
    detail.grew === 'cannot_tell'
      ? 'the file cannot tell transfer from waiting'
      : detail.grew === 'both'
        ? 'both transfer and waiting grew'
        : detail.grew === 'neither'
          ? 'neither transfer nor waiting of matched calls grew'
          : grown[detail.grew];
  return (
    `collective ${shortened(row.short_name)} takes ${percent(row.per_call_pct)} longer per call ` +
    `(${perCall(row.baseline.mean_ns)} -> ${perCall(row.candidate.mean_ns)}): ${why}${lateness(detail)}${movement(row, detail)}`
  );
};

const lateness = ({ late_rank: { baseline, candidate }, grew }: CollectiveRow): string => {
  if (candidate === null || grew === 'transfer' || grew === 'cannot_tell') return '';
  return baseline === candidate || baseline === null
    ? `, ${candidate} comes late`
    : `, ${candidate} now comes late instead of ${baseline}`;
};

const movement = (row: KernelRow, { moved }: CollectiveRow): string => {
  if (moved === null) return '';
  const change = (rank: string): string => {
    const own = row.ranks.find((candidate) => candidate.rank === rank);
    return `${formatMs(own?.baseline.total_ns)} -> ${formatMs(own?.candidate.total_ns)} ms`;
  };
  return `; its time moved from ${moved.from} (${change(moved.from)}) to ${moved.to} (${change(moved.to)})`;
};

const idleCause = (rank: RankRow, ns: number): string => {
  const exposed = (rank.candidate_timeline?.exposed_launch_ns ?? 0) - (rank.baseline_timeline?.exposed_launch_ns ?? 0);
  const launch = exposed > 0.5 * ns ? ', most of it waiting for launches' : '';
  return `the GPU of ${rank.rank} is idle ${formatNanoseconds(ns)} longer for the same work${launch}`;
};

/** Fewer calls in an equal window are less work done, never a gain. */
const workPart = (callsPct: number | null, headline: Headline): string => {
  if (callsPct === null || Math.abs(callsPct) < 1) return '';
  const amount = `${Math.abs(callsPct).toFixed(0)}% ${callsPct < 0 ? 'fewer' : 'more'} kernel calls`;
  return headline.equal_window ? `${amount} were done in the same length of time` : `${amount} are in the capture`;
};

const headlinePart = ({ change_pct: change, metric, baseline_ns: before, candidate_ns: after }: Headline): string => {
  if (change === null) return 'the captures share no unit of work';
  const sign = change >= 0 ? '+' : '';
  return `${metric} ${sign}${change.toFixed(1)}% (${perCall(before)} -> ${perCall(after)})`;
};

const percent = (value: number | null): string => (value === null ? 'n/a' : `${Math.abs(value).toFixed(1)}%`);

const perCall = (ns: number | null): string => (ns === null ? 'n/a' : formatNanoseconds(ns));

const formatMs = (ns: number | undefined): string => ((ns ?? 0) / 1e6).toFixed(1);

const LONGEST_NAME = 60;

/** A kernel name that fits a line. */
export const shortened = (name: string): string => {
  const plain = name.replace(/\([^)]*Args[^)]*\)$/, '').replace(/\s+/g, ' ');
  return plain.length <= LONGEST_NAME ? plain : `${plain.slice(0, LONGEST_NAME - 3)}...`;
};

/** What to do next, what it would give back per unit of work, and the measurement that would prove it. */
export const nextLever = (found: Findings, culprit: Culprit): ProfileDiff['next_lever'] => {
  const total =
    found.totals.candidate_ns + found.ranks.reduce((sum, r) => sum + (r.candidate_timeline?.idle_ns ?? 0), 0);
  const lever = (action: string, ns: number, gate: string): ProfileDiff['next_lever'] => ({
    action,
    unlock_ns: Math.round(ns),
    unlock_pct: total > 0 ? (100 * ns) / total : null,
    gate,
  });
  switch (culprit.kind) {
    case 'kernel':
      return lever(
        `Look at ${shortened(culprit.row.short_name)}${culprit.rank === null ? '' : ` on ${culprit.rank}`}: profile it with ncu on both builds.`,
        costOf(culprit.row),
        `mean per call at most ${perCall((culprit.row.baseline.mean_ns ?? 0) * 1.05)}`,
      );
    case 'collective':
      return collectiveLever(culprit.row, culprit.detail, found, lever);
    case 'new':
      return lever(
        'Find what brought the new kernels in.',
        culprit.ns,
        'they are gone, or cost less than what they replace',
      );
    case 'clock':
      return lever(
        'Compare clocks, power cap and GPU of the two captures before anything else.',
        found.totals.candidate_ns * (1 - 1 / found.clock.factor),
        'the common factor of compute kernels is within 1%',
      );
    case 'idle':
      return lever(
        `Look at the host of ${culprit.rank.rank}: launches, synchronisations and input.`,
        culprit.ns,
        `${found.headline.metric} at most ${perCall((found.headline.baseline_ns ?? 0) * 1.05)}`,
      );
    case 'headline':
    case 'none':
      return null;
  }
};

const collectiveLever = (
  row: KernelRow,
  detail: CollectiveRow,
  found: Findings,
  lever: (action: string, ns: number, gate: string) => ProfileDiff['next_lever'],
): ProfileDiff['next_lever'] => {
  const gate = `${shortened(row.short_name)} at most ${perCall((row.baseline.mean_ns ?? 0) * 1.05)} per call`;
  const late = detail.late_rank.candidate;
  const rank = found.ranks.find((candidate) => candidate.rank === late);
  if (detail.grew === 'transfer' || late === null || rank === undefined) {
    return lever('Check links, algorithm and message size of the collective.', costOf(row), gate);
  }
  const idle = (rank.candidate_timeline?.idle_ns ?? 0) - (rank.baseline_timeline?.idle_ns ?? 0);
  const host =
    idle > costOf(row) / 2 ? `: its GPU is idle ${formatNanoseconds(idle)} longer, so look at its host first` : '';
  return lever(`Find out why ${late} comes late${host}.`, costOf(row), gate);
};
