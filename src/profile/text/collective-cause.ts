// Says why a collective takes longer: its transfer or the waiting in it, among which ranks, and who comes late.
import { formatFixed } from '../../render/numbers.ts';
import { growthOf, transferGrowthOf } from '../diff/diff-collectives.ts';
import { percentOf } from '../diff/effects.ts';
import type { CollectiveRow, KernelRow } from '../diff/profile-diff-schema.ts';
import { readableName } from '../kernels/reduced-names.ts';
import { perCall, percent, shortened } from './amounts.ts';

export const waiting = (victims: CollectiveRow | null, what: 'it' | 'them' = 'it'): string =>
  victims === null ? '' : `, and the other ranks wait for ${what} in ${shortened(readableName(victims.kernel))}`;

const GREW: Readonly<Record<CollectiveRow['grew'], string>> = {
  waiting: 'waiting grew, the transfer did not',
  transfer: 'the transfer grew, waiting did not',
  both: 'both transfer and waiting grew',
  neither: 'neither transfer nor waiting of matched calls grew',
  cannot_tell: 'the file cannot separate transfer from waiting',
};

export const collectiveCause = (row: KernelRow, detail: CollectiveRow): string => {
  const group = guiltyGroup(detail);
  const split = group ?? detail;
  const mixed = detail.cannot_tell_why === 'communicators';
  const why = `${GREW[split.grew]}${mixed ? ': several communicators run it at the same moment' : ''}`;
  const [before, after] =
    group === null ? [row.baseline.mean_ns, row.candidate.mean_ns] : [meanOf(group.baseline), meanOf(group.candidate)];
  const pct = group === null ? row.per_call_pct : percentOf(before, after);
  const among = group === null ? '' : ` among ${rankList(group.ranks)}`;
  return (
    `collective ${shortened(row.short_name)}${among} takes ${percent(pct)} longer per call ` +
    `(${perCall(before)} -> ${perCall(after)}): ${why}${lateness(split)}${movement(row, detail)}`
  );
};

type Group = CollectiveRow['communicators'][number];

/** Most of the growth must be of one group for it to be named alone. */
const GUILTY_SHARE = 0.8;

const guiltyGroup = ({ communicators }: CollectiveRow): Group | null =>
  largestBy(communicators, transferGrowthOf, SHARE_OF_CAUSE * sumOver(communicators, growthOf)) ??
  largestBy(communicators, growthOf, 0);

/** A transfer that grew by at least this share of all growth is the cause of waiting elsewhere, never the other way round. */
const SHARE_OF_CAUSE = 0.25;

const sumOver = (groups: readonly Group[], growth: (group: Group) => number): number =>
  groups.reduce((sum, group) => sum + Math.max(0, growth(group)), 0);

/** The group that has most of what all groups grew by, where that is worth a name. */
const largestBy = (groups: readonly Group[], growth: (group: Group) => number, least: number): Group | null => {
  const [first] = [...groups].sort((a, b) => growth(b) - growth(a));
  if (first === undefined || growth(first) <= least) return null;
  return growth(first) >= GUILTY_SHARE * sumOver(groups, growth) ? first : null;
};

const meanOf = ({
  transfer_ns: transfer,
  waiting_ns: waited,
  matched_calls: calls,
}: Group['baseline']): number | null => (calls === 0 ? null : (transfer + waited) / calls);

const MOST_RANKS = 8;

/** `ranks 4, 5, 6`, or the first few where there are many. */
const rankList = (ranks: readonly string[]): string => {
  const numbers = ranks.map((rank) => rank.replace(/^rank /, ''));
  const shown = numbers.slice(0, MOST_RANKS).join(', ');
  return `ranks ${shown}${numbers.length > MOST_RANKS ? ` and ${numbers.length - MOST_RANKS} more` : ''}`;
};

const lateness = ({ late_rank: { baseline, candidate }, grew }: Pick<CollectiveRow, 'late_rank' | 'grew'>): string => {
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

const formatMs = (ns: number | undefined): string => formatFixed((ns ?? 0) / 1e6, 1);
