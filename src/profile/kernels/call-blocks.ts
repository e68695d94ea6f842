// Durations of calls by group, in one array from the first call on: a group has blocks of it, which are put side by side in
// the end. Fresh memory costs more than moving what is there, so there is no second array. Never keeps a start time, but for
// that of the longest call.
import { grown } from '../../stats/grown.ts';

/** Values of a block. */
const BLOCK = 128;
const FIRST_BLOCKS = 8;
/** Stands for a duration that does not fit, which is kept apart. */
const LONGEST = 0xffffffff;

export interface CallBlocks {
  /** Blocks in the order in which they were taken, then room for more. */
  durations: Uint32Array;
  /** Group of each block. */
  readonly owners: number[];
  /** By group: place of its next call, at the start of a block where that is yet to be taken. */
  cursor: Uint32Array;
  /** By group: the longest call and when it began. */
  slowest: Float64Array;
  slowestStart: Float64Array;
  /** By group: durations that do not fit, in order of arrival. */
  readonly long: Map<number, number[]>;
}

/** `calls`: how many are expected. Room that is not used is never touched and costs nothing. */
export const createCallBlocks = (groups: number, calls: number): CallBlocks => ({
  durations: new Uint32Array(BLOCK * (FIRST_BLOCKS + groups) + calls + (calls >> 3)),
  owners: [],
  cursor: new Uint32Array(groups),
  slowest: new Float64Array(groups),
  slowestStart: new Float64Array(groups),
  long: new Map(),
});

/** Makes room for more groups. */
export const growGroups = (blocks: CallBlocks, groups: number): void => {
  blocks.cursor = grown(blocks.cursor, new Uint32Array(groups));
  blocks.slowest = grown(blocks.slowest, new Float64Array(groups));
  blocks.slowestStart = grown(blocks.slowestStart, new Float64Array(groups));
};

/** Adds `count` calls, each to its group. */
export const addCalls = (
  blocks: CallBlocks,
  groups: Int32Array,
  startNs: Float64Array,
  endNs: Float64Array,
  count: number,
): void => {
  for (let i = 0; i < count; i++) {
    i = addUsual(blocks, groups, startNs, endNs, i, count);
    if (i < count) addCall(blocks, groups[i] ?? 0, startNs[i] ?? 0, endNs[i] ?? 0);
  }
};

/**
 * Adds calls from `first` on for as long as they fit and the blocks of their groups are not full; returns the first that does
 * not. Must call nothing: the arrays are at hand over the whole loop then.
 */
const addUsual = (
  { durations, cursor, slowest, slowestStart }: CallBlocks,
  groups: Int32Array,
  startNs: Float64Array,
  endNs: Float64Array,
  first: number,
  count: number,
): number => {
  let i = first;
  for (; i < count; i++) {
    const group = groups[i] ?? 0;
    const start = startNs[i] ?? 0;
    const duration = (endNs[i] ?? 0) - start;
    const place = cursor[group] ?? 0;
    if ((place & (BLOCK - 1)) === 0 || !(duration < LONGEST)) break;
    durations[place] = duration;
    cursor[group] = place + 1;
    if (duration > (slowest[group] ?? 0)) {
      slowest[group] = duration;
      slowestStart[group] = start;
    }
  }
  return i;
};

const addCall = (blocks: CallBlocks, group: number, start: number, end: number): void => {
  const duration = end - start;
  const last = blocks.cursor[group] ?? 0;
  const place = (last & (BLOCK - 1)) === 0 ? takeBlock(blocks, group) : last;
  blocks.durations[place] = duration < LONGEST ? duration : longCall(blocks, group, duration);
  blocks.cursor[group] = place + 1;
  if (duration > (blocks.slowest[group] ?? 0)) {
    blocks.slowest[group] = duration;
    blocks.slowestStart[group] = start;
  }
};

/** Place of the first call in a new block. The block behind the last is left free, as `gather` needs it. */
const takeBlock = (blocks: CallBlocks, group: number): number => {
  const place = (blocks.owners.push(group) - 1) * BLOCK;
  const needed = place + 2 * BLOCK;
  if (needed > blocks.durations.length) blocks.durations = grown(blocks.durations, new Uint32Array(2 * needed));
  return place;
};

/** Notes a duration that does not fit; returns what stands for it. */
const longCall = ({ long }: CallBlocks, group: number, duration: number): number => {
  const known = long.get(group) ?? [];
  known.push(duration);
  long.set(group, known);
  return LONGEST;
};

export interface GatheredCalls {
  /** Durations group by group, those of each in order of arrival. */
  readonly durations: Uint32Array | Float64Array;
  /** Where those of each group begin, and where the last ends. */
  readonly offsets: Uint32Array;
}

/** Puts the calls of each of the `groups` side by side. No call can be added after that. */
export const gather = (blocks: CallBlocks, groups: number): GatheredCalls => {
  const first = firstBlocks(blocks, groups);
  orderBlocks(blocks, first);
  const offsets = new Uint32Array(groups + 1);
  for (let group = 0; group < groups; group++) {
    const from = (first[group] ?? 0) * BLOCK;
    const owned = (first[group + 1] ?? 0) - (first[group] ?? 0);
    const unused = -(blocks.cursor[group] ?? 0) & (BLOCK - 1);
    const calls = owned * BLOCK - unused;
    blocks.durations.copyWithin(offsets[group] ?? 0, from, from + calls);
    offsets[group + 1] = (offsets[group] ?? 0) + calls;
  }
  const durations = blocks.durations.subarray(0, offsets[groups]);
  return { durations: blocks.long.size > 0 ? withLong(blocks, durations, offsets) : durations, offsets };
};

/** Where the blocks of each group begin when they lie side by side, and where the last ends. */
const firstBlocks = ({ owners }: CallBlocks, groups: number): Uint32Array => {
  const first = new Uint32Array(groups + 1);
  for (const group of owners) first[group + 1] = (first[group + 1] ?? 0) + 1;
  for (let group = 0; group < groups; group++) first[group + 1] = (first[group + 1] ?? 0) + (first[group] ?? 0);
  return first;
};

/** Moves each block to its place, over the free block behind the last. */
const orderBlocks = ({ durations, owners }: CallBlocks, first: Uint32Array): void => {
  const next = first.slice();
  const target = Uint32Array.from(owners, (group) => {
    const place = next[group] ?? 0;
    next[group] = place + 1;
    return place;
  });
  const move = (from: number, to: number): unknown =>
    durations.copyWithin(to * BLOCK, from * BLOCK, (from + 1) * BLOCK);
  for (let block = 0; block < target.length; block++) {
    for (let to = target[block] ?? block; to !== block; to = target[block] ?? block) {
      move(to, target.length);
      move(block, to);
      move(target.length, block);
      target[block] = target[to] ?? to;
      target[to] = to;
    }
  }
};

const withLong = ({ long }: CallBlocks, durations: Uint32Array, offsets: Uint32Array): Float64Array => {
  const all = Float64Array.from(durations);
  for (const [group, values] of long) {
    let place = offsets[group] ?? 0;
    for (const value of values) {
      while (all[place] !== LONGEST) place++;
      all[place++] = value;
    }
  }
  return all;
};
