// The fields of DCGM that a capture takes, each with its id, the short names that dcgmi prints, the names of exporters and its unit. Names
// changed over the versions of DCGM and ids did not: an id is what a field is. Source: dcgm_fields.h of DCGM 4.

export interface GpuField {
  readonly id: number;
  readonly short: string;
  /** Of dcgm-exporter and Prometheus: today's name first. */
  readonly names: readonly string[];
  readonly unit: 'ratio' | 'B/s' | 'W' | 'mJ' | 'MHz' | 'bits' | '%' | 'count';
  /** Counted by the profiling unit, where too many fields take turns. */
  readonly profiling: boolean;
}

const profiling = (id: number, short: string, unit: 'ratio' | 'B/s', ...names: string[]): GpuField => ({
  id,
  short,
  names: names.map((name) => `DCGM_FI_PROF_${name}`),
  unit,
  profiling: true,
});

const device = (id: number, short: string, unit: GpuField['unit'], ...names: string[]): GpuField => ({
  id,
  short,
  names: names.map((name) => `DCGM_FI_DEV_${name}`),
  unit,
  profiling: false,
});

export const GPU_FIELDS = {
  gr_engine_active: profiling(1001, 'GRACT', 'ratio', 'GR_ENGINE_ACTIVE', 'GR_ENGINE_UTIL_RATIO'),
  sm_active: profiling(1002, 'SMACT', 'ratio', 'SM_ACTIVE', 'SM_UTIL_RATIO'),
  tensor_active: profiling(1004, 'TENSO', 'ratio', 'PIPE_TENSOR_ACTIVE', 'TENSOR_UTIL_RATIO'),
  dram_active: profiling(1005, 'DRAMA', 'ratio', 'DRAM_ACTIVE', 'DRAM_UTIL_RATIO'),
  fp16_active: profiling(1008, 'FP16A', 'ratio', 'PIPE_FP16_ACTIVE', 'FP16_UTIL_RATIO'),
  pcie_tx: profiling(1009, 'PCITX', 'B/s', 'PCIE_TX_BYTES'),
  pcie_rx: profiling(1010, 'PCIRX', 'B/s', 'PCIE_RX_BYTES'),
  nvlink_tx: profiling(1011, 'NVLTX', 'B/s', 'NVLINK_TX_BYTES'),
  nvlink_rx: profiling(1012, 'NVLRX', 'B/s', 'NVLINK_RX_BYTES'),
  power_w: device(155, 'POWER', 'W', 'POWER_USAGE', 'BOARD_POWER_WATTS'),
  energy_mj: device(156, 'TOTEC', 'mJ', 'TOTAL_ENERGY_CONSUMPTION'),
  sm_clock_mhz: device(100, 'SMCLK', 'MHz', 'SM_CLOCK'),
  clock_reasons: device(112, 'DVCCTR', 'bits', 'CLOCK_THROTTLE_REASONS', 'CLOCKS_EVENT_REASONS'),
  gpu_util: device(203, 'GPUTL', '%', 'GPU_UTIL', 'GPU_UTIL_RATIO'),
  xid: device(230, 'XIDER', 'count', 'XID_ERRORS', 'XID_ERROR'),
  ecc_uncorrected: device(311, 'EDVTL', 'count', 'ECC_DBE_VOL_TOTAL'),
} as const satisfies Readonly<Record<string, GpuField>>;

export type FieldName = keyof typeof GPU_FIELDS;

export const FIELD_NAMES = Object.keys(GPU_FIELDS) as FieldName[]; // checked boundary: keys of the table above

const byKey = <K>(keysOf: (field: GpuField) => readonly K[]): ReadonlyMap<K, FieldName> =>
  new Map(FIELD_NAMES.flatMap((name) => keysOf(GPU_FIELDS[name]).map((key) => [key, name] as const)));

/** Of the short name that dcgmi prints. */
export const FIELD_OF_SHORT = byKey(({ short }) => [short]);
/** Of the name that an exporter gives, old or new. */
export const FIELD_OF_NAME = byKey(({ names }) => names);

/** What one GPU said at one moment. */
export interface GpuReading {
  /** Milliseconds since the epoch. */
  readonly at_ms: number;
  readonly node: string;
  readonly gpu: string;
  readonly uuid: string | null;
  /** Null where the GPU did not say; a field that was not watched is absent. */
  readonly values: Readonly<Partial<Record<FieldName, number | null>>>;
}
