// Collects calls into groups of (kernel, rank, step type, launch configuration) and turns them into sorted durations per
// group. The hot half of every reader: ten million calls go through `add`. Never keeps a start time.
import type { KernelGroup, LaunchConfig } from './model.ts';
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
const CHUNK = 1 << 18;
const LONGEST = 0xffffffff;

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
  /** By group: calls so far, the longest of them and when that began. */
  counts: Uint32Array;
  slowest: Float64Array;
  slowestStart: Float64Array;
  buckets: Int32Array;
  size: number;
  /** Calls in order of arrival: duration (or LONGEST with the true value in `long`) and group. */
  readonly durations: Uint32Array[];
  readonly groups: Uint32Array[];
  readonly long: Map<number, number>;
  calls: number;
}

export const createGroupTable = (): GroupTable => {
  const key = new Int32Array(KEYS);
  const store: Store = {
    keys: new Int32Array(256 * KEYS),
    counts: new Uint32Array(256),
    slowest: new Float64Array(256),
    slowestStart: new Float64Array(256),
    buckets: new Int32Array(1024).fill(-1),
    size: 0,
    durations: [],
    groups: [],
    long: new Map(),
    calls: 0,
  };
  const groupOf = (): number => findGroup(store, key);
  const addAll = (groups: Int32Array, startNs: Float64Array, endNs: Float64Array, count: number): void => {
    for (let from = 0; from < count;) from = addToChunk(store, groups, startNs, endNs, from, count);
  };
  const [group, start, end] = [new Int32Array(1), new Float64Array(1), new Float64Array(1)];
  const add = (startNs: number, durationNs: number): void => {
    group[0] = groupOf();
    start[0] = startNs;
    end[0] = startNs + durationNs;
    addAll(group, start, end, 1);
  };
  return { key, groupOf, addAll, add, finish: () => finishTable(store) };
};

/** Adds calls until the last chunk is full, or all of them; returns where it stopped. */
const addToChunk = (
  store: Store,
  groups: Int32Array,
  startNs: Float64Array,
  endNs: Float64Array,
  from: number,
  count: number,
): number => {
  const used = store.calls % CHUNK;
  if (used === 0) {
    store.durations.push(new Uint32Array(CHUNK));
    store.groups.push(new Uint32Array(CHUNK));
  }
  const [durationChunk, groupChunk] = [store.durations.at(-1), store.groups.at(-1)];
  const { counts, slowest, slowestStart } = store;
  if (durationChunk === undefined || groupChunk === undefined) return count;
  const to = Math.min(count, from + CHUNK - used);
  for (let i = from, at = used; i < to; i++, at++) {
    const group = groups[i] ?? 0;
    const start = startNs[i] ?? 0;
    const duration = (endNs[i] ?? 0) - start;
    groupChunk[at] = group;
    counts[group] = (counts[group] ?? 0) + 1;
    if (duration < LONGEST) durationChunk[at] = duration;
    else {
      durationChunk[at] = LONGEST;
      store.long.set(store.calls + i - from, duration);
    }
    if (duration > (slowest[group] ?? 0)) {
      slowest[group] = duration;
      slowestStart[group] = start;
    }
  }
  store.calls += to - from;
  return to;
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
  if (group === store.slowest.length) growStore(store);
  store.keys.set(key, group * KEYS);
  store.buckets[bucket] = group;
  if (store.size * 2 > store.buckets.length) rehash(store);
  return group;
};

const growStore = (store: Store): void => {
  const capacity = store.slowest.length * 2;
  const grown = <T extends Int32Array | Uint32Array | Float64Array>(target: T, from: T): T => {
    target.set(from);
    return target;
  };
  store.keys = grown(new Int32Array(capacity * KEYS), store.keys);
  store.counts = grown(new Uint32Array(capacity), store.counts);
  store.slowest = grown(new Float64Array(capacity), store.slowest);
  store.slowestStart = grown(new Float64Array(capacity), store.slowestStart);
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
  const durations = store.long.size > 0 ? new Float64Array(store.calls) : new Uint32Array(store.calls);
  const offsets = offsetsOf(store);
  scatter(store, offsets.slice(), durations);
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
      slowestStartNs: store.slowestStart[group] ?? 0,
    };
  });
  return { groups, configs, durations };
};

/** Where the calls of each group begin, and where the last ends. */
const offsetsOf = ({ counts, size }: Store): Uint32Array => {
  const offsets = new Uint32Array(size + 1);
  for (let group = 0; group < size; group++) offsets[group + 1] = (offsets[group] ?? 0) + (counts[group] ?? 0);
  return offsets;
};

/** Moves each call to the place of its group; chunks are let go as they are used up. */
const scatter = (store: Store, cursor: Uint32Array, durations: Uint32Array | Float64Array): void => {
  let call = 0;
  for (let chunk = 0; chunk < store.durations.length; chunk++) {
    const [values, groups] = [store.durations[chunk], store.groups[chunk]];
    if (values === undefined || groups === undefined) continue;
    const count = Math.min(CHUNK, store.calls - call);
    for (let i = 0; i < count; i++, call++) {
      const group = groups[i] ?? 0;
      const value = values[i] ?? 0;
      const at = cursor[group] ?? 0;
      durations[at] = value === LONGEST ? (store.long.get(call) ?? value) : value;
      cursor[group] = at + 1;
    }
    store.durations[chunk] = store.groups[chunk] = new Uint32Array(0);
  }
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
