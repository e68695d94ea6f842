// Finds the one thing that made the candidate slower: a kernel, a collective, a clock, more calls, copies, lost overlap or
// idle time. Weighs them by what each adds to one unit of work. Pure.
import { exceedsPercent } from '../../verdict/value-rule.ts';
import { usualFactor } from './clock-factor.ts';
import { costOf, onlyRank } from './profile-verdict.ts';
import type { CollectiveRow, KernelRow, ProfileDiff, RankRow } from './profile-diff-schema.ts';

/** What the first line is made from: the diff without its words. */
export type Findings = Omit<ProfileDiff, 'first_line' | 'next_lever'>;

/** Change of one part of a unit of work on one rank, ns. */
interface Change {
  readonly before: number;
  readonly after: number;
}

export type Culprit =
  | {
      readonly kind: 'kernel';
      readonly row: KernelRow;
      readonly rank: string | null;
      readonly victims: CollectiveRow | null;
    }
  | { readonly kind: 'collective'; readonly row: KernelRow; readonly detail: CollectiveRow }
  | {
      readonly kind: 'new';
      readonly rows: readonly KernelRow[];
      /** What is no longer there, in the same buckets. */
      readonly gone: readonly KernelRow[];
      readonly ns: number;
    }
  | {
      readonly kind: 'clock';
      /** Null: several ranks, or all that have no factor of their own. */
      readonly rank: string | null;
      /** Ranks with about this factor of their own, two or more; else none. */
      readonly several: readonly string[];
      readonly factor: number;
      readonly victims: CollectiveRow | null;
    }
  | { readonly kind: 'more_calls'; readonly row: KernelRow; readonly calls: Change; readonly ns: number }
  | { readonly kind: 'copies'; readonly copies: ProfileDiff['copies'][number]; readonly time: Change }
  | { readonly kind: 'overlap'; readonly overlap: Change; readonly ns: number }
  | { readonly kind: 'idle'; readonly rank: RankRow | null; readonly ns: number; readonly launchNs: number }
  | { readonly kind: 'headline' }
  | { readonly kind: 'none' };

type Of<Kind extends Culprit['kind']> = Extract<Culprit, { readonly kind: Kind }>;

/** A culprit and what it adds to one unit of work on one rank, ns. */
interface Suspect {
  readonly culprit: Culprit;
  readonly ns: number;
}

/** A part of the unit that is named must have grown by at least these shares: of the unit, and of its change. */
const SHARE_OF_UNIT = 0.02;
const SHARE_OF_CHANGE = 0.2;
/** How many times more another part must have grown to be named before a kernel that got slower. */
const BEFORE_KERNEL = 4;
/** The same before a collective: its waiting is often how time lost elsewhere shows. */
const BEFORE_COLLECTIVE = 10;
/** Factors of ranks within this ratio are one. */
const ALIKE = 1.015;
/** Waiting that the clock of some ranks explains: what the others had to wait, and a little. */
const MOST_OF_WAITING = 1.2;

export const findCulprit = (found: Findings): Culprit => {
  const anomaly = slowerKernel(found);
  const systemic = largest(systemicSuspects(found));
  if (anomaly !== null) {
    const ahead = anomaly.culprit.kind === 'kernel' ? BEFORE_KERNEL : BEFORE_COLLECTIVE;
    return systemic !== null && systemic.ns > ahead * anomaly.ns ? systemic.culprit : anomaly.culprit;
  }
  if (systemic !== null) return systemic.culprit;
  const added = isFaster(found) ? null : newcomers(found);
  if (added !== null) return added.culprit;
  return { kind: found.headline.adverse ? 'headline' : 'none' };
};

/** A unit of work takes less time: new kernels are then part of what made it faster. */
const isFaster = ({ headline }: Findings): boolean => headline.change_pct !== null && headline.change_pct < 0;

const largest = (suspects: readonly (Suspect | null)[]): Suspect | null =>
  suspects.reduce<Suspect | null>((best, next) => (next !== null && next.ns > (best?.ns ?? 0) ? next : best), null);

/** A kernel or collective whose calls take longer. */
const slowerKernel = (found: Findings): Suspect | null => {
  const compute = strongest(found.kernels.filter((row) => row.adverse && !row.collective));
  const collective = strongest(found.kernels.filter((row) => row.collective && isSlowerCollective(row, found)));
  const detail = found.collectives.find((row) => row.kernel === collective?.name);
  const { after } = unitsOf(found);
  if (compute !== null) {
    const rank = onlyRank(compute);
    const victims = found.collectives.find((row) => waitsFor(row, rank)) ?? null;
    if (collective === null || costOf(compute) >= costOf(collective) || victims?.kernel === collective.name) {
      const waited = victims === null ? 0 : waitingGrowth(victims);
      return { culprit: { kind: 'kernel', row: compute, rank, victims }, ns: (costOf(compute) + waited) / after };
    }
  }
  if (collective === null || detail === undefined) return null;
  const culprit = clockBehind(detail, found) ?? { kind: 'collective', row: collective, detail };
  return { culprit, ns: costOf(collective) / after };
};

/** The clock that ranks wait for in a collective: that of one rank, of several, or of most, which the others wait for. */
const clockBehind = (detail: CollectiveRow, found: Findings): Of<'clock'> | null => {
  const { clock, step, ranks } = found;
  const together = slowTogether(clock);
  const late = slowerRanks(clock).find(({ rank }) => waitsFor(detail, rank));
  if (late !== undefined) {
    const alike = together.length > 1 && together.some(({ rank }) => rank === late.rank);
    return alike ? onSeveral(together, detail) : { kind: 'clock', ...late, several: [], victims: detail };
  }
  if (detail.grew !== 'waiting') return null;
  const waited = waitingGrowth(detail) / unitsOf(found).after;
  const clockNs = step?.clock_ns ?? 0;
  const lateRank = detail.late_rank.candidate;
  const others = ranks.length - together.length;
  if (together.length > 1 && lateRank === null && waited <= (MOST_OF_WAITING * clockNs * others) / together.length)
    return onSeveral(together, detail);
  const usual = usualFactor(clock);
  const uneven = usual > 1 && clock.ranks.length > 0 && clock.ranks.every(({ factor }) => factor < usual);
  const healthyIsLate = clock.ranks.some(({ rank }) => rank === lateRank);
  if (!uneven || healthyIsLate || waited > clockNs) return null;
  return { kind: 'clock', rank: null, several: [], factor: usual, victims: detail };
};

type RankFactors = Findings['clock']['ranks'];

const onSeveral = (together: RankFactors, victims: CollectiveRow | null): Of<'clock'> => {
  const factor = together.reduce((sum, rank) => sum + rank.factor, 0) / together.length;
  return { kind: 'clock', rank: null, several: together.map(({ rank }) => rank), factor, victims };
};

/** The slowest of the slower ranks and those that are about as slow. */
const slowTogether = (clock: Findings['clock']): RankFactors => {
  const slower = slowerRanks(clock);
  const most = Math.max(...slower.map(({ factor }) => factor));
  return slower.filter(({ factor }) => factor * ALIKE >= most);
};

/** Ranks that became slower than before and than the rest. */
const slowerRanks = (clock: Findings['clock']): RankFactors =>
  clock.ranks.filter(({ factor }) => factor > Math.max(1, usualFactor(clock)));

const strongest = (rows: readonly KernelRow[]): KernelRow | null =>
  rows.reduce<KernelRow | null>((best, row) => (best === null || costOf(row) > costOf(best) ? row : best), null);

/** Calls of a collective vary with every wait, so its bucket's rule counts even where the test of single calls does not. */
const isSlowerCollective = (row: KernelRow, found: Findings): boolean => {
  const bucket = found.buckets.find((candidate) => candidate.bucket === 'collective');
  const limit = bucket?.threshold_pct ?? 5;
  return (
    row.share_pct >= 1 && exceedsPercent(row.per_call_pct ?? 0, limit) && (row.adverse || bucket?.adverse === true)
  );
};

const waitsFor = (row: CollectiveRow, rank: string | null): boolean =>
  rank !== null && (row.grew === 'waiting' || row.grew === 'both') && row.late_rank.candidate === rank;

/** Time that all ranks waited longer than before, ns. */
export const waitingGrowth = ({ waiting_per_call_ns: wait, candidate }: CollectiveRow): number =>
  Math.max(0, (wait.candidate ?? 0) - (wait.baseline ?? 0)) * candidate.matched_calls;

/** Units of work done by all ranks together, on each side; 1 where none are known. */
export const unitsOf = ({ headline, ranks }: Findings): { before: number; after: number } => {
  const count = Math.max(1, ranks.filter((rank) => rank.candidate_timeline !== null).length);
  return { before: (headline.baseline_units ?? 1) * count, after: (headline.candidate_units ?? 1) * count };
};

/** Parts of a unit of work that grew without any kernel becoming slower by itself. */
const systemicSuspects = (found: Findings): (Suspect | null)[] => {
  if (!found.headline.adverse || found.step === null) return [];
  const least = Math.max(
    SHARE_OF_UNIT * (found.headline.baseline_ns ?? 0),
    SHARE_OF_CHANGE * Math.abs(found.step.change_ns),
  );
  const suspects = [
    clockSuspect(found, found.step.clock_ns),
    moreCalls(found),
    newcomers(found),
    copiesSuspect(found, found.step.copies_ns),
    overlapSuspect(found, found.step.concurrency_ns),
    idleGrowth(found),
  ];
  return suspects.filter((suspect) => suspect !== null && suspect.ns >= least);
};

/** On all ranks, or on those whose factor is furthest from the rest. */
const clockSuspect = ({ clock, collectives }: Findings, ns: number): Suspect | null => {
  const together = slowTogether(clock);
  const [slowest] = together;
  if (slowest !== undefined) {
    const victims = collectives.find((row) => together.some(({ rank }) => waitsFor(row, rank))) ?? null;
    const one: Culprit = { kind: 'clock', ...slowest, several: [], victims };
    return { culprit: together.length > 1 ? onSeveral(together, victims) : one, ns };
  }
  if (!clock.applied || clock.factor <= 1) return null;
  return { culprit: { kind: 'clock', rank: null, several: [], factor: clock.factor, victims: null }, ns };
};

/** A kernel of both sides that runs more often for the same work. */
const moreCalls = (found: Findings): Suspect | null => {
  const units = unitsOf(found);
  const suspects = found.kernels.map((row): Suspect | null => {
    if (row.class === 'new' || row.class === 'removed' || row.collective) return null;
    const calls = { before: row.baseline.calls / units.before, after: row.candidate.calls / units.after };
    const ns = (calls.after - calls.before) * (row.baseline.mean_ns ?? 0);
    return { culprit: { kind: 'more_calls', row, calls, ns }, ns };
  });
  return largest(suspects);
};

/** New kernels that cost more than the removed ones of their bucket saved, at least one percent of the kernel time. */
const newcomers = (found: Findings): Suspect | null => {
  const added = found.kernels.filter((row) => row.class === 'new' && row.share_pct >= 1);
  const buckets = new Set(added.map((row) => row.bucket));
  const gone = found.kernels.filter((row) => row.class === 'removed' && buckets.has(row.bucket));
  const total = [...added, ...gone].reduce((sum, row) => sum + row.delta_ns, 0);
  if (added.length === 0 || total < 0.01 * found.totals.candidate_ns) return null;
  const byCost = (rows: readonly KernelRow[]): KernelRow[] =>
    [...rows].sort((a, b) => Math.abs(b.delta_ns) - Math.abs(a.delta_ns) || a.name.localeCompare(b.name));
  const ns = total / unitsOf(found).after;
  return { culprit: { kind: 'new', rows: byCost(added), gone: byCost(gone), ns }, ns };
};

/** The kind of copy that grew most, where copies kept the GPU busy longer beside kernels. */
const copiesSuspect = (found: Findings, ns: number): Suspect | null => {
  const units = unitsOf(found);
  const suspects = found.copies.map((copies): Suspect => {
    const time = { before: copies.baseline.total_ns / units.before, after: copies.candidate.total_ns / units.after };
    return { culprit: { kind: 'copies', copies, time }, ns: time.after - time.before };
  });
  const most = largest(suspects);
  return most === null ? null : { ...most, ns };
};

/** Communication that ran beside compute and now stands alone. */
const overlapSuspect = (found: Findings, ns: number): Suspect | null => {
  const units = unitsOf(found);
  const sum = (side: 'baseline_timeline' | 'candidate_timeline'): number =>
    found.ranks.reduce((total, rank) => total + (rank[side]?.overlap_ns ?? 0), 0);
  const overlap = { before: sum('baseline_timeline') / units.before, after: sum('candidate_timeline') / units.after };
  if (overlap.before - overlap.after < ns / 2) return null;
  return { culprit: { kind: 'overlap', overlap, ns }, ns };
};

/** Idle time that grew per unit of work: on every rank, or on the one where it grew most. */
const idleGrowth = (found: Findings): Suspect | null => {
  const [before, after] = [found.headline.baseline_units ?? 1, found.headline.candidate_units ?? 1];
  type Line = NonNullable<RankRow['candidate_timeline']>;
  const growth = (rank: RankRow, pick: (line: Line) => number): number =>
    rank.baseline_timeline === null || rank.candidate_timeline === null
      ? 0
      : pick(rank.candidate_timeline) / after - pick(rank.baseline_timeline) / before;
  const ranks = found.ranks.map((rank) => ({
    rank,
    ns: growth(rank, (line) => line.idle_ns),
    launchNs: growth(rank, (line) => line.exposed_launch_ns ?? 0),
  }));
  ranks.sort((a, b) => b.ns - a.ns);
  const [most, least] = [ranks[0], ranks.at(-1)];
  if (most === undefined || least === undefined || most.ns <= 0) return null;
  const mean = (pick: (own: (typeof ranks)[number]) => number): number =>
    ranks.reduce((sum, own) => sum + pick(own), 0) / ranks.length;
  const ns = mean((own) => own.ns);
  const everywhere = ranks.length > 1 && least.ns >= most.ns / 2;
  const culprit: Culprit = everywhere
    ? { kind: 'idle', rank: null, ns, launchNs: mean((own) => own.launchNs) }
    : { kind: 'idle', ...most };
  return { culprit, ns };
};
