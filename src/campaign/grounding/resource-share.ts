// The share of a ceiling that a counter reached over a window, with the bytes behind it. Units come from the table of ceilings; nothing is
// assumed to be TB/s or PFLOPS. How long a pipe was busy is a share of time and never a count of operations.
import { findCeiling, measuredOf, oneWayOf, type Ceiling, type CeilingTable } from '../../hardware/ceilings.ts';
import { convertUnit, dimensionOf } from '../../metrics/units.ts';
import { formatNumber, formatShare, withUnit } from '../../render/numbers.ts';
import type { Resource } from '../../telemetry/frozen.ts';
import type { Fault } from '../../text/fault.ts';
import { inputFault } from '../../text/fault.ts';

/** One share, in the field names of `dcgm_correlation.json`. */
export interface ResourceShare {
  readonly peak_key: string;
  readonly metric: string;
  readonly unit: Resource['unit'];
  readonly is_fallback: boolean;
  readonly n_gpus: number;
  readonly measured_avg: number;
  /** Of one GPU. */
  readonly measured_bytes_per_s: number | null;
  /** Over all GPUs and the window. */
  readonly measured_bytes_total: number | null;
  /** Always null: a duty cycle times a peak is no count of operations. */
  readonly measured_tflops_avg: null;
  /** What the pipe could have done in its busy time, of one GPU. */
  readonly tflops_at_most: number | null;
  readonly peak_per_gpu: number;
  readonly peak_per_gpu_units: string;
  readonly peak_aggregate: number;
  /** In percent of the datasheet; null where it cannot be. */
  readonly sol_pct: number | null;
  /** What `sol_pct` is a share of. */
  readonly share_of: 'rate' | 'busy time' | 'capacity';
  /** In percent of the best that was ever measured of the same peak; null where nothing was. */
  readonly best_pct: number | null;
  readonly best_key: string | null;
  readonly notes: readonly string[];
}

type Unit = 'memory' | 'tensor' | 'pipe without tensor cores' | 'NVLink' | 'PCIe';

const METRICS: readonly (readonly [RegExp, Unit])[] = [
  [/DRAM|FB_USED/, 'memory'],
  [/PIPE_TENSOR|TENSOR_(?:ACTIVE|UTIL)|TENSOR_(?:IMMA|HMMA|DFMA)/, 'tensor'],
  [/(?:PIPE_)?FP(?:16|32|64)_(?:ACTIVE|UTIL)/, 'pipe without tensor cores'],
  [/NVLINK|NVL[TR]X/, 'NVLink'],
  [/PCIE|PCI[TR]X/, 'PCIe'],
];

const CEILINGS: readonly (readonly [RegExp, Unit])[] = [
  [/^(?:hbm|gddr)/, 'memory'],
  [/_(?:p|t)(?:fl)?ops$/, 'tensor'],
  [/^(?:nvlink|infinity_fabric)/, 'NVLink'],
  [/^pcie/, 'PCIe'],
];

const unitOf = (table: readonly (readonly [RegExp, Unit])[], name: string): Unit | undefined =>
  table.find(([pattern]) => pattern.test(name))?.[1];

const mismatch = (at: string, says: string, fix: string): Fault =>
  inputFault('resource_mismatch', `${at}: ${says}`, { at, fix });

/** Six digits: more than a counter of DCGM has. */
const rounded = (value: number): number => Number(formatNumber(value));

const percent = (part: number, whole: number): number => rounded((100 * part) / whole);

/** Above this a share is no measurement error. */
const MOST = 100.5;

interface Graded extends Pick<ResourceShare, 'sol_pct' | 'share_of' | 'best_pct' | 'best_key'> {
  readonly bytesPerS: number | null;
  readonly tflopsAtMost: number | null;
  readonly notes: readonly string[];
}

const ofBest = (table: CeilingTable, ceiling: Ceiling, inUnit: number): Pick<Graded, 'best_pct' | 'best_key'> => {
  const best = measuredOf(table, ceiling, 'best');
  if (best === undefined) return { best_pct: null, best_key: null };
  return { best_pct: percent(inUnit, convertUnit(best.value, best.unit, ceiling.unit)), best_key: best.key };
};

const NONE = { best_pct: null, best_key: null } as const;

/** A share of time in which the memory or a pipe was busy. */
const gradeRatio = (table: CeilingTable, { measured_avg: ratio, metric }: Resource, ceiling: Ceiling): Graded => {
  const dimension = dimensionOf(ceiling.unit);
  const base = { sol_pct: rounded(ratio * 100), bytesPerS: null, tflopsAtMost: null, ...NONE };
  if (dimension === 'bandwidth')
    return { ...base, ...ofBest(table, ceiling, ratio * ceiling.value), bytesPerS: ratio * convertUnit(ceiling.value, ceiling.unit, 'B/s'), share_of: 'rate', notes: [] };
  if (dimension !== 'flops') return { ...base, share_of: 'capacity', notes: [] };
  if (unitOf(METRICS, metric) === 'pipe without tensor cores')
    return { ...base, sol_pct: null, share_of: 'busy time', notes: [`${metric} counts the pipe without tensor cores: no share of ${ceiling.key}`] };
  return {
    ...base,
    tflopsAtMost: ratio * convertUnit(ceiling.value, ceiling.unit, 'TFLOPS'),
    share_of: 'busy time',
    notes: ['how long the pipe was busy, whatever the format: no count of FLOPs'],
  };
}; // prettier-ignore

const waysOf = (metric: string): 1 | 2 => {
  const [tx, rx] = [/TX/.test(metric), /RX/.test(metric)];
  return tx === rx ? 2 : 1;
};

/** Bytes against a link or the memory; a link of which one way was counted is held against one way. */
const gradeBytes = (table: CeilingTable, { measured_avg: bytes, metric, peak_key: peak }: Resource, stated: Ceiling): Graded => {
  if (dimensionOf(stated.unit) !== 'bandwidth')
    throw mismatch(peak, `${peak} is in ${stated.unit}, which bytes_per_s does not fit`, 'name a ceiling in bytes a second, or give a ratio');
  if (stated.direction === 'one-way' && waysOf(metric) === 2)
    throw mismatch(peak, `${metric} adds up both ways, and ${peak} is one-way`, `name ${peak.replace('_oneway', '')}`);
  const oneWay = oneWayOf(table, stated);
  const isOneWay = stated.direction === 'both-way' && waysOf(metric) === 1;
  const ceiling = isOneWay && oneWay !== undefined ? oneWay : stated;
  const inUnit = convertUnit(bytes, 'B/s', ceiling.unit);
  const best = ofBest(table, ceiling, inUnit);
  // Measured links are one-way: half of the sum is compared with them.
  const bestOfHalf = best.best_key === null && oneWay !== undefined && !isOneWay ? ofBest(table, oneWay, inUnit / 2) : best;
  return {
    sol_pct: percent(inUnit, ceiling.value),
    share_of: 'rate',
    bytesPerS: bytes,
    tflopsAtMost: null,
    ...bestOfHalf,
    notes: isOneWay ? [oneWay === undefined ? `one way counted, against a ceiling of both` : `one way counted: held against ${oneWay.key}`] : [],
  };
}; // prettier-ignore

/** A share above the ceiling is no share: it is said, and its number is not used. */
const possible = (graded: Graded, ceiling: Ceiling): Graded => {
  const { sol_pct: share, best_pct: best } = graded;
  if (share !== null && share > MOST)
    return { ...graded, sol_pct: null, ...NONE, notes: [...graded.notes, `${formatShare(share)} of ${ceiling.key} (${withUnit(ceiling.value, ceiling.unit)}) is not possible: check the unit of measured_avg`] };
  if (best !== null && best > MOST) return { ...graded, notes: [...graded.notes, `above the best that was ever measured (${graded.best_key ?? ''})`] };
  return graded;
}; // prettier-ignore

/**
 * The share of one resource over `durationS` seconds of `nGpus` GPUs. Throws a Fault `ceiling_unknown`, or `resource_mismatch` where
 * metric, unit and ceiling are not of one kind.
 */
export const resourceShare = (
  table: CeilingTable,
  resource: Resource,
  { hwKey, durationS, nGpus }: { readonly hwKey: string; readonly durationS: number; readonly nGpus: number },
): ResourceShare => {
  const { peak_key: peak, metric, unit, measured_avg, promql } = resource;
  const ceiling = findCeiling(table, `${hwKey}.${peak}`);
  const [counted, limited] = [unitOf(METRICS, metric.toUpperCase()), unitOf(CEILINGS, peak)];
  const isPipe = counted === 'pipe without tensor cores' && limited === 'tensor';
  if (counted !== undefined && limited !== undefined && counted !== limited && !isPipe)
    throw mismatch(peak, `${metric} counts ${counted}, and ${peak} is of ${limited}`, 'name the ceiling of what was counted');
  const graded = possible(unit === 'ratio' ? gradeRatio(table, resource, ceiling) : gradeBytes(table, resource, ceiling), ceiling);
  const { bytesPerS, tflopsAtMost, notes, ...shares } = graded;
  return {
    peak_key: peak,
    metric,
    unit,
    is_fallback: false,
    n_gpus: nGpus,
    measured_avg,
    measured_bytes_per_s: bytesPerS === null ? null : rounded(bytesPerS),
    measured_bytes_total: bytesPerS === null ? null : rounded(bytesPerS * durationS * nGpus),
    measured_tflops_avg: null,
    tflops_at_most: tflopsAtMost === null ? null : rounded(tflopsAtMost),
    peak_per_gpu: ceiling.value,
    peak_per_gpu_units: ceiling.unit,
    peak_aggregate: rounded(ceiling.value * nGpus),
    ...shares,
    notes: [...(promql === undefined ? [] : [promql]), ...notes],
  };
}; // prettier-ignore

/** The same counter beside several peaks: its formats are not told apart. */
export const formatNote = (shares: readonly ResourceShare[]): string | null => {
  const pipes = shares.filter(({ share_of: of, sol_pct: share }) => of === 'busy time' && share !== null);
  return pipes.length < 2 ? null : `one counter of the tensor pipe stands beside ${pipes.length} peaks (${pipes.map(({ peak_key: key }) => key).join(', ')}): it does not say in which format the work was`;
}; // prettier-ignore
