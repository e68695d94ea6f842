// In which regime GPUs were over a window: which unit was near its limit, or none. The thresholds are those of Nsight Compute's
// speed-of-light section (60 % of a unit's limit, two units within 10 points are both meant), put to counters of whole GPUs. A field that
// was not read makes the regime unknown; it never counts as 0.
import { formatNumber } from '../../render/numbers.ts';
import type { GpuReading } from '../../telemetry/gpu-fields.ts';

export const REGIMES = ['idle', 'memory', 'compute', 'memory and compute', 'link', 'latency', 'unknown'] as const;
export type Regime = (typeof REGIMES)[number];

/** Share of a unit's limit from which it is what limits. */
const NEAR = 0.6;
/** Two shares this close are of one height. */
const CLOSE = 0.1;
/** Share of the time with work below which a GPU rests. */
const AT_REST = 0.05;

/** What each regime means. */
export const REGIME_RULES: Readonly<Record<Regime, string>> = {
  idle: 'work on the GPU in less than 5 % of the time (GR_ENGINE_ACTIVE, else SM_ACTIVE)',
  memory: 'DRAM_ACTIVE at least 60 % of the best measured HBM rate, more than 10 points above the tensor pipe',
  compute: 'tensor pipe busy at least 60 % of the time, more than 10 points above the memory',
  'memory and compute': 'both at least 60 %, within 10 points of each other',
  link: 'NVLink at least 60 % of the best measured rate one way, memory and tensor pipe below 60 %',
  latency: 'memory, tensor pipe and NVLink below 60 %: small batches, launches, waiting, the host',
  unknown: 'DRAM_ACTIVE or PIPE_TENSOR_ACTIVE was not read',
};

/** Shares of the limits, 0 to 1; null where the counter was not read. */
export interface Shares {
  readonly engine: number | null;
  /** Of the best measured rate where one is known, else of the datasheet. */
  readonly memory: number | null;
  readonly tensor: number | null;
  /** The busier way. */
  readonly link: number | null;
}

export const regimeOf = ({ engine, memory, tensor, link }: Shares): Regime => {
  if (engine !== null && engine < AT_REST) return 'idle';
  if (memory === null || tensor === null) return 'unknown';
  if (Math.max(memory, tensor) < NEAR) return (link ?? 0) >= NEAR ? 'link' : 'latency';
  if (Math.min(memory, tensor) >= NEAR && Math.abs(memory - tensor) <= CLOSE) return 'memory and compute';
  return memory > tensor ? 'memory' : 'compute';
};

/** What 1 is of each counter. */
export interface Limits {
  /** Share of the time at which DRAM_ACTIVE reaches the best measured rate: 0.92 where 7.36 of 8 TB/s are the best. */
  readonly memory: number;
  /** Bytes a second one way; null where no link has a ceiling. */
  readonly link: number | null;
}

type Values = GpuReading['values'];

export const sharesOf = (values: Values, limits: Limits): Shares => {
  const of = (name: keyof Values): number | null => values[name] ?? null;
  const [dram, tx, rx] = [of('dram_active'), of('nvlink_tx'), of('nvlink_rx')];
  const busier = tx === null && rx === null ? null : Math.max(tx ?? 0, rx ?? 0);
  return {
    engine: of('gr_engine_active') ?? of('sm_active'),
    memory: dram === null ? null : dram / limits.memory,
    tensor: of('tensor_active'),
    link: busier === null || limits.link === null ? null : busier / limits.link,
  };
};

export interface RegimeTime {
  readonly regime: Regime;
  /** Of the time of all GPUs. */
  readonly share_pct: number;
}

/**
 * How much of the time each regime had. `gpus` holds the readings of one GPU each, in order of time and without zeros of fields that took
 * turns. A reading stands for the time half way to its neighbours.
 */
export const regimeTimes = (gpus: readonly (readonly GpuReading[])[], limits: Limits): RegimeTime[] => {
  const times = new Map<Regime, number>();
  let whole = 0;
  for (const readings of gpus)
    for (const [index, { at_ms: at, values }] of readings.entries()) {
      const [before, after] = [readings[index - 1]?.at_ms ?? at, readings[index + 1]?.at_ms ?? at];
      const length = readings.length === 1 ? 1 : (after - before) / 2;
      const regime = regimeOf(sharesOf(values, limits));
      times.set(regime, (times.get(regime) ?? 0) + length);
      whole += length;
    }
  if (whole <= 0) return [];
  return [...times]
    .map(([regime, length]) => ({ regime, share_pct: Number(formatNumber((100 * length) / whole, 4)) }))
    .toSorted((a, b) => b.share_pct - a.share_pct);
};
