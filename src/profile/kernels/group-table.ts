// Collects calls into groups of (kernel, rank, step type, launch configuration) and turns them into sorted durations per
// group. The hot half of every reader: ten million calls go through `add`. Never keeps a start time.
import { addCalls, createCallBlocks, gather, growGroups } from './call-blocks.ts';
import type { CallBlocks } from './call-blocks.ts';
import { grown } from '../../stats/grown.ts';
import type { KernelGroup, LaunchConfig } from '../model/profile-side.ts';
import { sortAscending } from './sort-durations.ts';

/** Numbers that make a group: kernel, rank, step type, then the launch configuration. -1 stands for unknown. */
export const KEY = {
  kernel: 0,
  rank: 1,
  stepType: 2,
  registers: 3,
  grid: 4,
  block: 7,
  staticShared: 10,
  dynamicShared: 11,
  length: 12,
} as const;

const KEYS = KEY.length;
const FIRST_GROUPS = 256;

export interface GroupTable {
  /** Fill this, then call `groupOf` or `add`. */
  readonly key: Int32Array;
  /** Group of the current key. */
  readonly groupOf: () => number;
  /** Notes `count` calls, each in its group. */
  readonly addAll: (groups: Int32Array, startNs: Float64Array, endNs: Float64Array, count: number) => void;
  /** Notes a call in the group of the current key. */
  readonly add: (startNs: number, durationNs: number) => void;
  readonly finish: () => {
    readonly groups: KernelGroup[];
    readonly configs: LaunchConfig[];
    readonly durations: Uint32Array | Float64Array;
  };
}

interface Store {
  keys: Int32Array;
  buckets: Int32Array;
  size: number;
  capacity: number;
  readonly calls: CallBlocks;
}

/** `calls`: how many are expected, where that is known. */
export const createGroupTable = (calls = 0): GroupTable => {
  const key = new Int32Array(KEYS);
  const store: Store = {
    keys: new Int32Array(FIRST_GROUPS * KEYS),
    buckets: new Int32Array(1024).fill(-1),
    size: 0,
    capacity: FIRST_GROUPS,
    calls: createCallBlocks(FIRST_GROUPS, calls),
  };
  const groupOf = (): number => findGroup(store, key);
  const addAll = (groups: Int32Array, startNs: Float64Array, endNs: Float64Array, count: number): void =>
    addCalls(store.calls, groups, startNs, endNs, count);
  const [group, start, end] = [new Int32Array(1), new Float64Array(1), new Float64Array(1)];
  const add = (startNs: number, durationNs: number): void => {
    group[0] = groupOf();
    start[0] = startNs;
    end[0] = startNs + durationNs;
    addAll(group, start, end, 1);
  };
  return { key, groupOf, addAll, add, finish: () => finishTable(store) };
};

const hashOf = (key: Int32Array): number => {
  let hash = 0;
  for (let i = 0; i < KEYS; i++) hash = Math.imul(hash ^ (key[i] ?? 0), 0x85ebca6b) ^ (hash >>> 13);
  return hash ^ (hash >>> 16);
};

const findGroup = (store: Store, key: Int32Array): number => {
  const mask = store.buckets.length - 1;
  let bucket = hashOf(key) & mask;
  for (; ; bucket = (bucket + 1) & mask) {
    const group = store.buckets[bucket] ?? -1;
    if (group < 0) return newGroup(store, key, bucket);
    const base = group * KEYS;
    let i = 0;
    while (i < KEYS && store.keys[base + i] === key[i]) i++;
    if (i === KEYS) return group;
  }
};

const newGroup = (store: Store, key: Int32Array, bucket: number): number => {
  const group = store.size++;
  if (group === store.capacity) growStore(store);
  store.keys.set(key, group * KEYS);
  store.buckets[bucket] = group;
  if (store.size * 2 > store.buckets.length) rehash(store);
  return group;
};

const growStore = (store: Store): void => {
  store.capacity *= 2;
  store.keys = grown(store.keys, new Int32Array(store.capacity * KEYS));
  growGroups(store.calls, store.capacity);
};

const rehash = (store: Store): void => {
  const buckets = new Int32Array(store.buckets.length * 2).fill(-1);
  const mask = buckets.length - 1;
  for (let group = 0; group < store.size; group++) {
    let bucket = hashOf(store.keys.subarray(group * KEYS, (group + 1) * KEYS)) & mask;
    while ((buckets[bucket] ?? -1) >= 0) bucket = (bucket + 1) & mask;
    buckets[bucket] = group;
  }
  store.buckets = buckets;
};

const finishTable = (store: Store): ReturnType<GroupTable['finish']> => {
  const { durations, offsets } = gather(store.calls, store.size);
  const configs: LaunchConfig[] = [];
  const configIndex = configIndexer(configs);
  const groups = Array.from({ length: store.size }, (_, group): KernelGroup => {
    const key = store.keys.subarray(group * KEYS, (group + 1) * KEYS);
    const offset = offsets[group] ?? 0;
    const calls = durations.subarray(offset, offsets[group + 1]);
    sortAscending(calls);
    return {
      rank: key[KEY.rank] ?? 0,
      kernel: key[KEY.kernel] ?? 0,
      config: configIndex(key),
      stepType: key[KEY.stepType] ?? -1,
      ...momentsOf(calls),
      offset,
      given: null,
      slowestStartNs: store.calls.slowestStart[group] ?? 0,
    };
  });
  return { groups, configs, durations };
};

const momentsOf = (calls: Uint32Array | Float64Array): { count: number; totalNs: number; squaresNs: number } => {
  let totalNs = 0;
  for (let i = 0; i < calls.length; i++) totalNs += calls[i] ?? 0;
  const mean = totalNs / calls.length;
  let squaresNs = 0;
  for (let i = 0; i < calls.length; i++) squaresNs += ((calls[i] ?? 0) - mean) ** 2;
  return { count: calls.length, totalNs, squaresNs };
};

const configIndexer = (configs: LaunchConfig[]): ((key: Int32Array) => number) => {
  const known = new Map<string, number>();
  return (key) => {
    const values = key.subarray(KEY.registers);
    if (values.every((value) => value === -1)) return -1;
    const text = values.join();
    const found = known.get(text);
    if (found !== undefined) return found;
    known.set(text, configs.length);
    return configs.push(configOf(key)) - 1;
  };
};

const configOf = (key: Int32Array): LaunchConfig => {
  const at = (index: number): number => key[index] ?? -1;
  const orNull = (index: number): number | null => (at(index) < 0 ? null : at(index));
  return {
    grid: [at(KEY.grid), at(KEY.grid + 1), at(KEY.grid + 2)],
    block: [at(KEY.block), at(KEY.block + 1), at(KEY.block + 2)],
    registers: orNull(KEY.registers),
    staticSharedBytes: orNull(KEY.staticShared),
    dynamicSharedBytes: orNull(KEY.dynamicShared),
  };
};
