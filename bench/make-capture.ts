// Writes exports of Nsight Systems as large as asked for: the tables and columns of an export of 2026.2 (schema 3.25.0), a program that
// runs one sequence of kernels over and over on several devices. Two files of one shape with other noise are two runs of one
// workload; what is slower, absent or renamed in one of them is planted. Every row is made by SQLite itself.
import { existsSync, rmSync } from 'node:fs';
import { Database, type Value } from '../test/sqlite/make-database.ts';

export interface CaptureShape {
  readonly kernels: number;
  /** Different kernels. */
  readonly names: number;
  readonly devices: number;
  readonly noiseSeed: number;
  /** Index of a kernel to the factor by which its calls take longer. */
  readonly slow?: Readonly<Record<number, number>>;
  /** Kernels that are absent. */
  readonly drop?: readonly number[];
  /** Kernels whose first template argument is another; the short name stays. */
  readonly rename?: readonly number[];
}

export interface MadeKernelName {
  readonly short: string;
  readonly demangled: string;
}

interface Kernel extends MadeKernelName {
  readonly kind: 'nccl' | 'gemm' | 'attention' | 'elementwise' | 'reduce' | 'triton';
  readonly ns: number;
  readonly registers: number;
  readonly sharedBytes: number;
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
const randomFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const COLLECTIVES = [
  'AllReduce_Sum_bf16_RING_LL',
  'ReduceScatter_Sum_bf16_RING_SIMPLE',
  'AllGather_RING_LL',
  'SendRecv',
];

const collective = (index: number, random: number): Kernel => {
  const turn = Math.floor(index / 40);
  const version = Math.floor(turn / COLLECTIVES.length);
  const short = `ncclDevKernel_${COLLECTIVES[turn % COLLECTIVES.length]}${version === 0 ? '' : `_v${version}`}`;
  const demangled = `${short}(ncclDevKernelArgsStorage<(unsigned long)4096>)`;
  return { short, demangled, kind: 'nccl', ns: 2e5 + random * 8e5, registers: 96, sharedBytes: 0 };
};

/** The kernel of an index; names follow those of cuBLAS, FlashAttention, PyTorch, Triton and NCCL. */
const kernelOf = (index: number, random: number): Kernel => {
  if (index % 40 === 7) return collective(index, random);
  switch (index % 5) {
    case 0: {
      const short = `nvjet_tst_${64 << (index % 3)}x${64 << (index % 2)}_64x${index}_2x1_v_bz_TNT`;
      return { short, demangled: short, kind: 'gemm', ns: 4e4 + random * 6e5, registers: 168, sharedBytes: 204_800 };
    }
    case 1: {
      const short = index % 2 === 0 ? 'flash_bwd_dq_dk_dv_loop_kernel' : 'flash_fwd_kernel';
      const traits = `Flash_kernel_traits<(int)128, (int)128, (int)64, (int)4, (bool)0, cutlass::bfloat16_t, (int)${index}>`;
      const demangled = `void flash::${short}<${traits}, (bool)0, (bool)1>(flash::Flash_params)`;
      return { short, demangled, kind: 'attention', ns: 8e4 + random * 9e5, registers: 255, sharedBytes: 98_304 };
    }
    case 2: {
      const short = 'vectorized_elementwise_kernel';
      const demangled = `void at::native::${short}<(int)4, at::native::CUDAFunctor_add<c10::BFloat16>, std::array<char *, (unsigned long)${1 + index}>>(int, T2, T3)`;
      return { short, demangled, kind: 'elementwise', ns: 2e3 + random * 3e4, registers: 32, sharedBytes: 0 };
    }
    case 3: {
      const short = 'reduce_kernel';
      const demangled = `void at::native::${short}<(int)512, (int)4, at::native::ReduceOp<float, at::native::MeanOps<float, float, float, float>, unsigned int, float, (int)${index}>>(T3)`;
      return { short, demangled, kind: 'reduce', ns: 3e3 + random * 4e4, registers: 40, sharedBytes: 16 };
    }
    default: {
      const short = `triton_poi_fused_add_mul_${index}`;
      return { short, demangled: short, kind: 'triton', ns: 1.5e3 + random * 2e4, registers: 24, sharedBytes: 0 };
    }
  }
};

const kernelsOf = (count: number): Kernel[] => {
  const random = randomFrom(1);
  return Array.from({ length: count }, (_, index) => kernelOf(index, random()));
};

/** The names of the kernels of every capture with so many of them, by index. */
export const kernelNames = (count: number): readonly MadeKernelName[] => kernelsOf(count);

const renamed = ({ demangled }: Kernel): string =>
  demangled.includes('(int)') ? demangled.replace('(int)', '(int)1') : `${demangled}_v2`;

const TABLES: Readonly<Record<string, string>> = {
  StringIds: 'id INTEGER NOT NULL PRIMARY KEY, value TEXT NOT NULL',
  CUPTI_ACTIVITY_KIND_KERNEL:
    '"start" INTEGER NOT NULL, "end" INTEGER NOT NULL, deviceId INTEGER NOT NULL, contextId INTEGER NOT NULL, greenContextId INTEGER, streamId INTEGER NOT NULL, correlationId INTEGER, globalPid INTEGER, demangledName INTEGER NOT NULL, shortName INTEGER NOT NULL, mangledName INTEGER, launchType INTEGER, cacheConfig INTEGER, registersPerThread INTEGER NOT NULL, gridX INTEGER NOT NULL, gridY INTEGER NOT NULL, gridZ INTEGER NOT NULL, blockX INTEGER NOT NULL, blockY INTEGER NOT NULL, blockZ INTEGER NOT NULL, staticSharedMemory INTEGER NOT NULL, dynamicSharedMemory INTEGER NOT NULL, localMemoryPerThread INTEGER NOT NULL, localMemoryTotal INTEGER NOT NULL, gridId INTEGER NOT NULL, sharedMemoryExecuted INTEGER, graphNodeId INTEGER, sharedMemoryLimitConfig INTEGER, qmdBulkReleaseDone INTEGER, qmdPreexitDone INTEGER, qmdLastCtaDone INTEGER, graphId INTEGER, clusterX INTEGER, clusterY INTEGER, clusterZ INTEGER, clusterSchedulingPolicy INTEGER, maxPotentialClusterSize INTEGER, maxActiveClusters INTEGER, sharedMemoryRequestedPercentage INTEGER, tensorSizeMinusOneElements TEXT NOT NULL',
  CUPTI_ACTIVITY_KIND_RUNTIME:
    '"start" INTEGER NOT NULL, "end" INTEGER NOT NULL, eventClass INTEGER NOT NULL, globalTid INTEGER, correlationId INTEGER, nameId INTEGER NOT NULL, returnValue INTEGER NOT NULL, callchainId INTEGER',
  NVTX_EVENTS:
    '"start" INTEGER NOT NULL, "end" INTEGER, eventType INTEGER NOT NULL, rangeId INTEGER, category INTEGER, color INTEGER, text TEXT, globalTid INTEGER, endGlobalTid INTEGER, textId INTEGER, domainId INTEGER',
  TARGET_INFO_GPU:
    'vmId INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT, busLocation TEXT, smCount INTEGER, uuid TEXT, cuDevice INTEGER',
  TARGET_INFO_CUDA_DEVICE: 'gpuId INTEGER, cudaId INTEGER NOT NULL, pid INTEGER NOT NULL, uuid TEXT',
  META_DATA_EXPORT: 'name TEXT NOT NULL, value TEXT',
  META_DATA_CAPTURE: 'name TEXT NOT NULL, value TEXT',
  sequence:
    'at INTEGER PRIMARY KEY, offset INTEGER, ns INTEGER, stream INTEGER, name INTEGER, short INTEGER, registers INTEGER, shared INTEGER, grid INTEGER, block INTEGER',
  noise: 'at INTEGER PRIMARY KEY, factor REAL',
};

/** Calls of a device in one turn of the sequence. */
const TURN = 1000;
const NOISES = 4096;
const SPREAD = 0.02;
const GAP_NS = 1800;
const START_NS = 60_000_000_000;
const VM = 2 ** 48;
const LAUNCH = 900_000;

/** Which kernel each call of a turn is: every kernel once where that fits, the rest as few kernels often and many seldom. */
const orderOf = (names: number): number[] => {
  const random = randomFrom(2);
  const order = Array.from({ length: TURN }, () => Math.floor(names * random() ** 2));
  for (let index = 0; index < Math.min(names, TURN); index += 1) order[(index * 613) % TURN] = index;
  return order;
};

const idOf = (text: number, kernel: number): number => 1_000_000 + 3 * (2 * kernel + text);

interface Turn {
  readonly rows: readonly (readonly Value[])[];
  readonly ns: number;
}

/** One turn: each call begins when the slot of the one before it is over, which holds the call whatever its noise. */
const turnOf = (kernels: readonly Kernel[], { slow = {}, drop = [] }: CaptureShape): Turn => {
  const geometry = randomFrom(3);
  const launches = kernels.map(() => [
    [1, 132, 264, 1024][Math.floor(4 * geometry())] ?? 1,
    128 << Math.floor(3 * geometry()),
  ]);
  const rows: Value[][] = [];
  let offset = 0;
  for (const index of orderOf(kernels.length)) {
    const kernel = kernels[index];
    if (kernel === undefined || drop.includes(index)) continue;
    const ns = Math.round(kernel.ns * (slow[index] ?? 1));
    const stream = kernel.kind === 'nccl' ? 31 : kernel.kind === 'elementwise' && rows.length % 3 === 2 ? 23 : 7;
    const [grid = 1, block = 128] = launches[index] ?? [];
    rows.push([
      rows.length,
      offset,
      ns,
      stream,
      idOf(0, index),
      idOf(1, index),
      kernel.registers,
      kernel.sharedBytes,
      grid,
      block,
    ]);
    offset += Math.round(ns * (1 + 5 * SPREAD)) + GAP_NS;
  }
  return { rows, ns: offset + 50_000 };
};

/** Log-normal factors about one. */
const noises = (): Value[][] => {
  const random = randomFrom(4);
  return Array.from({ length: NOISES }, (_, at) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return [at, Math.exp(SPREAD * Math.max(-4, Math.min(4, normal)))];
  });
};

/** A number below `NOISES` of call, device, turn and seed; every product stays below 2^53. */
const NOISE_AT = `(((s.at * 48271 + d.at * 40692 + :turn * 69621 + :seed * 16807) % 2147483647) * 48271 % 2147483647) / 7 % ${NOISES}`;

const KERNELS_OF_TURN = `INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL
  SELECT :begin + s.offset, :begin + s.offset + CAST(s.ns * n.factor AS INTEGER), d.at, 1, 0, s.stream,
    :turn * :calls + s.at + 1, ${VM} + (1000 + d.at) * 16777216, s.name, s.short, NULL, 1, 1, s.registers, s.grid, 1, 1,
    s.block, 1, 1, 0, s.shared, 0, 250871808, (:turn * :calls + s.at) * :devices + d.at + 1, 32768, NULL, 0, NULL, NULL, NULL,
    NULL, 0, 0, 0, 1, 0, 0, NULL, '[]'
  FROM sequence s CROSS JOIN device d CROSS JOIN noise n ON n.at = ${NOISE_AT}
  WHERE s.at < :most ORDER BY s.at, d.at`;

const LAUNCHES_OF_TURN = `INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME
  SELECT :begin + s.offset - 6000, :begin + s.offset - 3000, 0, ${VM} + (1000 + d.at) * 16777216 + 1000 + d.at,
    :turn * :calls + s.at + 1, ${LAUNCH}, 0, NULL
  FROM sequence s CROSS JOIN device d WHERE s.at < :most ORDER BY s.at, d.at`;

const RANGES_OF_TURN = `INSERT INTO NVTX_EVENTS("start", "end", eventType, text, globalTid, domainId)
  SELECT :begin - 7000, :begin + :length - 20000, 59, 'iteration ' || :turn, ${VM} + (1000 + d.at) * 16777216 + 1000 + d.at, 0
  FROM device d`;

const insert = (database: InstanceType<typeof Database>, table: string, rows: readonly (readonly Value[])[]): void => {
  const [first = []] = rows;
  const statement = database.prepare(`INSERT INTO ${table} VALUES (${first.map(() => '?').join(',')})`);
  for (const row of rows) statement.run([...row]);
  statement.finalize();
};

/** Writes the capture to `path`, in place of a file that is there. */
export const makeCapture = (path: string, shape: CaptureShape): void => {
  if (existsSync(path)) rmSync(path);
  const { devices, noiseSeed, rename = [] } = shape;
  const kernels = kernelsOf(shape.names);
  const turn = turnOf(kernels, shape);
  const database = new Database(path);
  database.exec(
    'PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -100000',
  );
  for (const [name, columns] of Object.entries({ ...TABLES, device: 'at INTEGER PRIMARY KEY' }))
    database.exec(`CREATE TABLE ${name} (${columns})`);
  database.exec('BEGIN');
  insert(database, 'sequence', turn.rows);
  insert(database, 'noise', noises());
  const all = Array.from({ length: devices }, (_, at) => at);
  insert(
    database,
    'device',
    all.map((at) => [at]),
  );
  insert(
    database,
    'TARGET_INFO_GPU',
    all.map((at) => [1, at, 'NVIDIA H100 80GB HBM3', `0000:0${at + 1}:00.0`, 132, `GPU-00000001-${at}`, at]),
  );
  insert(
    database,
    'TARGET_INFO_CUDA_DEVICE',
    all.map((at) => [at, at, 1000 + at, `GPU-00000001-${at}`]),
  );
  insert(database, 'META_DATA_EXPORT', [
    ['EXPORT_PRODUCT_VERSION', '2026.2.1.210'],
    ['EXPORT_SCHEMA_VERSION', '3.25.0'],
  ]);
  insert(database, 'META_DATA_CAPTURE', [
    ['CAPTURE_EVENT_TYPE', 'NvtxEvents'],
    ['CAPTURE_EVENT_TYPE', 'Cuda'],
  ]);
  insert(database, 'StringIds', [
    [LAUNCH, 'cudaLaunchKernel_v7000'],
    ...kernels.flatMap((kernel, index): Value[][] => [
      [idOf(0, index), rename.includes(index) ? renamed(kernel) : kernel.demangled],
      [idOf(1, index), kernel.short],
    ]),
  ]);
  const calls = turn.rows.length;
  const statements = [KERNELS_OF_TURN, LAUNCHES_OF_TURN, RANGES_OF_TURN].map((sql) => ({
    run: database.prepare(sql),
    takes: new Set(sql.match(/:[a-z]+/g)),
  }));
  for (let at = 0; at < Math.ceil(shape.kernels / (calls * devices)); at += 1) {
    const most = Math.min(calls, Math.ceil(shape.kernels / devices) - at * calls);
    const given = { begin: START_NS + at * turn.ns, turn: at, calls, devices, most, seed: noiseSeed, length: turn.ns };
    const values = Object.entries(given).map(([name, value]) => [`:${name}`, value] as const);
    for (const { run, takes } of statements) run.run(Object.fromEntries(values.filter(([name]) => takes.has(name))));
  }
  for (const { run } of statements) run.finalize();
  for (const table of ['sequence', 'noise', 'device']) database.exec(`DROP TABLE ${table}`);
  database.exec('COMMIT');
  database.close();
};
