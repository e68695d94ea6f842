// Gives ranks a stable order and a label, whatever order they were met in, and carries the new numbers into everything
// that refers to a rank. Pure.
import type { CollectiveCalls, ProfileSide, Rank } from './profile-side.ts';

/** By host, then device ordinal, then process: with one device per process that is the order of the processes. */
export const inRankOrder = (side: ProfileSide): ProfileSide => {
  const order = side.ranks.map((_, index) => index).sort((a, b) => compareRanks(side.ranks[a], side.ranks[b]) || a - b);
  const place = new Map(order.map((old, index) => [old, index]));
  const moved = <T extends { readonly rank: number }>(items: readonly T[]): T[] =>
    items.map((item) => ({ ...item, rank: place.get(item.rank) ?? item.rank }));
  const ranks = order.flatMap((old) => side.ranks[old] ?? []);
  return {
    ...side,
    ranks: ranks.map((rank, index) => (rank.label === '' ? { ...rank, label: `rank ${index}` } : rank)),
    groups: moved(side.groups),
    copies: moved(side.copies),
    memsets: moved(side.memsets),
    graphs: moved(side.graphs),
    streams: moved(side.streams),
    timelines: moved(side.timelines).sort((a, b) => a.rank - b.rank),
    collectives: movedCollectives(side.collectives, place),
    steps: moved(side.steps),
  };
};

const compareRanks = (a: Rank | undefined, b: Rank | undefined): number =>
  compareLabels(a?.label ?? '', b?.label ?? '') ||
  compareLabels(a?.host ?? '', b?.host ?? '') ||
  (a?.device ?? 0) - (b?.device ?? 0) ||
  (a?.pid ?? 0) - (b?.pid ?? 0);

/**
 * Texts in the order of the numbers in them. Most are equal or differ in a number at their end only: a comparison by language
 * loads its tables first, which takes as long as a small file.
 */
export const compareLabels = (a: string, b: string): number => {
  if (a === b) return 0;
  const [, nameA, numberA] = NUMBERED.exec(a) ?? [];
  const [, nameB, numberB] = NUMBERED.exec(b) ?? [];
  return nameA !== undefined && nameA === nameB
    ? Number(numberA) - Number(numberB)
    : a.localeCompare(b, 'en', { numeric: true });
};

const NUMBERED = /^([a-z ]*)(\d{1,15})$/;

const movedCollectives = (calls: CollectiveCalls, place: ReadonlyMap<number, number>): CollectiveCalls => ({
  ...calls,
  rank: calls.rank.map((rank) => place.get(rank) ?? rank),
});
