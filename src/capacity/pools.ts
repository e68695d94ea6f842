// Rows pooled by what they have in common. Nothing is pooled that differs in model, hardware, format, parallel sizes, speculation, engine,
// data set, cache, phase or shape: the best point of a mixture is a point of nothing.
import { ascending } from '../stats/describe.ts';
import { engineOf, type AtlasRow } from '../campaign/row.ts';
import { candidateOf, decodeOf, isSpeculative, type Candidate, type RatedRow } from './candidate.ts';
import type { Sla } from './settings.ts';
import type { CapacityGroup } from './summary-schema.ts';

type Identity = Pick<
  CapacityGroup,
  'model' | 'hardware' | 'quant' | 'tensor_parallel' | 'parallel_strategy' | 'mtp' | 'serving_engine' | 'dataset' | 'cache_mode' | 'phase' | 'disagg'
>; // prettier-ignore

interface Shape {
  readonly isl: number | null;
  readonly osl: number | null;
  readonly from: CapacityGroup['shape_from'];
}

interface Sum {
  total: number;
  count: number;
}

export interface Pool {
  readonly identity: Identity;
  readonly shape: Shape;
  readonly isl: Sum;
  readonly osl: Sum;
  rows: number;
  readonly cells: Set<string>;
  peak: Candidate;
  /** The best within the limits. */
  sla: Candidate | null;
  /** Rows that have what the limits ask for. */
  judged: number;
  withDecode: number;
  /** Rows that have only gaps between chunks, under speculation. */
  chunksOnly: number;
  /** Of those outside the limits, the one that is least so, and by how many times. */
  nearest: { readonly ttftMs: number; readonly decodeMs: number; readonly concurrency: number; readonly times: number } | null;
} // prettier-ignore

const identityOf = (row: AtlasRow): Identity => {
  const { phase } = row.extra;
  return {
    model: row.model,
    hardware: row.hardware,
    quant: row.quant,
    tensor_parallel: row.tensor_parallel,
    parallel_strategy: row.parallel_strategy,
    mtp: row.mtp,
    serving_engine: engineOf(row),
    dataset: row.dataset,
    cache_mode: row.cache_mode,
    phase: typeof phase === 'string' ? phase : null,
    disagg: row.disagg === true,
  };
};

const lengthOf = (value: unknown): number | null => (typeof value === 'number' && value > 0 ? value : null);

const shapeOf = ({ mean_input_tokens: isl, mean_output_tokens: osl, extra }: AtlasRow): Shape => {
  if (isl !== null || osl !== null) return { isl, osl, from: 'measured' };
  const asked = { isl: lengthOf(extra['isl']), osl: lengthOf(extra['osl']) };
  return { ...asked, from: asked.isl === null && asked.osl === null ? null : 'asked' };
};

const whole = (length: number | null): number | null => (length === null ? null : Math.round(length));

/** Lengths that are the same to the token are pooled as they come; `joinShapes` pools those that are nearly so. */
const keyOf = (row: AtlasRow, { isl, osl, from }: Shape): string => {
  const { phase } = row.extra;
  return [row.model, row.hardware, row.quant, row.tensor_parallel, row.parallel_strategy, row.mtp, row.serving_engine, row.backend, row.dataset, row.cache_mode, phase, row.disagg === true, whole(isl), whole(osl), from].join('\n');
}; // prettier-ignore

const add = (sum: Sum, value: number | null): void => {
  if (value === null) return;
  sum.total += value;
  sum.count += 1;
};

const rateOf = ({ row }: Candidate): number => row.output_tps_per_gpu;

const better = (one: Candidate | null, other: Candidate | null): Candidate | null =>
  one === null || (other !== null && rateOf(other) > rateOf(one)) ? other : one;

const nearer = (one: Pool['nearest'], other: Pool['nearest']): Pool['nearest'] =>
  one === null || (other !== null && other.times < one.times) ? other : one;

/** Holds a row against the limits. */
const judge = (pool: Pool, row: RatedRow, candidate: () => Candidate, { ttftMs, tpotMs }: Sla): void => {
  const decode = decodeOf(row);
  if (decode === null) {
    if (row.itl_avg_ms !== null && isSpeculative(row)) pool.chunksOnly += 1;
    return;
  }
  pool.withDecode += 1;
  if (row.ttft_avg_ms === null) return;
  pool.judged += 1;
  const times = Math.max(row.ttft_avg_ms / ttftMs, decode.ms / tpotMs);
  if (times > 1)
    pool.nearest = nearer(pool.nearest, { ttftMs: row.ttft_avg_ms, decodeMs: decode.ms, concurrency: row.concurrency, times });
  else if (pool.sla === null || row.output_tps_per_gpu > rateOf(pool.sla)) pool.sla = candidate();
}; // prettier-ignore

const newPool = (row: RatedRow, shape: Shape, peak: Candidate): Pool => ({
  identity: identityOf(row),
  shape,
  isl: { total: 0, count: 0 },
  osl: { total: 0, count: 0 },
  rows: 0,
  cells: new Set(),
  peak,
  sla: null,
  judged: 0,
  withDecode: 0,
  chunksOnly: 0,
  nearest: null,
});

export interface Pools {
  readonly add: (row: RatedRow) => void;
  /** Of like rows, in the order of their first row. */
  readonly result: () => readonly Pool[];
}

/** Collects rows as they stream by; keeps of each pool its best rows. */
export const poolRows = (sla: Sla): Pools => {
  const pools = new Map<string, Pool>();
  return {
    add: (row) => {
      const shape = shapeOf(row);
      const key = keyOf(row, shape);
      let made: Candidate | undefined;
      const candidate = (): Candidate => (made ??= candidateOf(row, sla));
      let pool = pools.get(key);
      if (pool === undefined) pools.set(key, (pool = newPool(row, shape, candidate())));
      if (row.output_tps_per_gpu > rateOf(pool.peak)) pool.peak = candidate();
      pool.rows += 1;
      pool.cells.add(row.cell_id);
      add(pool.isl, row.mean_input_tokens);
      add(pool.osl, row.mean_output_tokens);
      judge(pool, row, candidate, sla);
    },
    result: () => joinShapes([...pools.values()]),
  };
};

/** Mean lengths of one workload wobble from load to load by no more than this; workloads that differ by less are one. */
const WOBBLE = 1.1;

/** Parts ascending lengths where one is too far from the first of its part. */
const partsOf = (lengths: readonly number[]): number[] => {
  const starts: number[] = [];
  for (const length of ascending(lengths)) if (length > (starts.at(-1) ?? 0) * WOBBLE) starts.push(length);
  return starts;
};

const partOf = (length: number | null, starts: readonly number[]): number | null =>
  length === null ? null : (starts.findLast((start) => start <= length) ?? null);

const alikeBy = (pools: readonly Pool[], key: (pool: Pool) => unknown): (readonly Pool[])[] => {
  const alike = new Map<unknown, Pool[]>();
  for (const pool of pools) {
    const of = key(pool);
    const group = alike.get(of);
    if (group === undefined) alike.set(of, [pool]);
    else group.push(pool);
  }
  return [...alike.values()];
};

/** Of pools that are alike, those whose length falls into one part. */
const byLength = (pools: readonly Pool[], length: 'isl' | 'osl'): (readonly Pool[])[] => {
  const starts = partsOf(pools.flatMap(({ shape }) => shape[length] ?? []));
  return alikeBy(pools, ({ shape }) => partOf(shape[length], starts));
};

const joined = (pools: readonly Pool[]): Pool[] => {
  const [first, ...others] = pools;
  if (first === undefined) return [];
  for (const other of others) {
    first.peak = better(first.peak, other.peak) ?? first.peak;
    first.sla = better(first.sla, other.sla);
    first.nearest = nearer(first.nearest, other.nearest);
    first.rows += other.rows;
    first.judged += other.judged;
    first.withDecode += other.withDecode;
    first.chunksOnly += other.chunksOnly;
    for (const cell of other.cells) first.cells.add(cell);
    for (const length of ['isl', 'osl'] as const) {
      first[length].total += other[length].total;
      first[length].count += other[length].count;
    }
  }
  return [first];
};

const joinShapes = (pools: readonly Pool[]): Pool[] =>
  alikeBy(pools, ({ identity, shape }) => JSON.stringify([identity, shape.from]))
    .flatMap((group) => byLength(group, 'isl'))
    .flatMap((group) => byLength(group, 'osl'))
    .flatMap(joined);
