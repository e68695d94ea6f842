// The three lines that a bound is drawn against: what the vendor states, the best that was ever measured, what is typical. A
// figure that a table does not hold is no ceiling of that line; it is never taken from another line or another part.
import { hardwareKey, type Ceiling, type CeilingTable } from '../hardware/ceilings.ts';
import { convertUnit } from '../metrics/units.ts';
import { Fault } from '../text/fault.ts';
import type { Rates } from './bound.ts';

export const LINES = ['datasheet', 'best', 'typical'] as const;
export type Line = (typeof LINES)[number];

export interface HardwareRates {
  /** Key of the table, such as `b200_sm100`. */
  readonly hardware: string;
  readonly lines: Readonly<Record<Line, Rates>>;
  /** Memory of one GPU in bytes; the smaller figure where sources disagree. */
  readonly capacityBytes: number | null;
  /** Seconds of the smallest all-reduce over so many GPUs; what no bound holds and a measured step is explained by. */
  readonly leastAllReduce: ReadonlyMap<number, number>;
  /** Figures in use that sources disagree about. */
  readonly disputed: readonly string[];
}

/** `hbm3e_hgx` and the like are other statements of the same peak; the plain key is the line. */
const MEMORY = '(?:hbm\\d\\w?|gddr\\d+)';
const LINK = '(?:nvlink\\d+|infinity_fabric)';

const suffixOf = (line: Line): string => (line === 'datasheet' ? '' : `_${line}`);

/** What a rate is of: products of a format, memory, a link one way. */
export type Resource = Exclude<keyof Rates, 'pipelineLink'>;

const patternOf = (resource: Resource, line: Line): RegExp => {
  const suffix = suffixOf(line);
  if (resource === 'hbm') return new RegExp(`\\.${MEMORY}${suffix}_tbps$`);
  if (resource === 'link') return new RegExp(`\\.${LINK}_oneway${suffix}_tbps$`);
  return new RegExp(`\\.${resource}_dense${suffix}_p(?:fl)?ops$`);
};

const find = (ceilings: Iterable<Ceiling>, line: Line, resource: Resource): Ceiling | undefined => {
  const key = patternOf(resource, line);
  return [...ceilings].find((ceiling) => ceiling.kind === line && key.test(ceiling.key));
};

const ofHardware = ({ byKey }: CeilingTable, hardware: string): Ceiling[] =>
  [...byKey.values()].filter(({ key }) => key.startsWith(`${hardware}.`));

/** The ceiling of one resource of a part (`b200_sm100`); undefined where the table has none: never that of another. */
export const resourceCeiling = (table: CeilingTable, hardware: string, resource: Resource, line: Line): Ceiling | undefined =>
  find(ofHardware(table, hardware), line, resource); // prettier-ignore

const inBase = (ceiling: Ceiling | undefined, unit: string, factor: number): number | null =>
  ceiling === undefined ? null : convertUnit(ceiling.value, ceiling.unit, unit) * factor;

const lineRates = (ceilings: readonly Ceiling[], line: Line): Rates => {
  const flops = (format: Resource): number | null => inBase(find(ceilings, line, format), 'TFLOPS', 1e12);
  const bytes = (resource: Resource): number | null => inBase(find(ceilings, line, resource), 'GB/s', 1e9);
  return {
    bf16: flops('bf16'),
    fp8: flops('fp8'),
    nvfp4: flops('nvfp4'),
    mxfp4: flops('mxfp4'),
    int8: flops('int8'),
    hbm: bytes('hbm'),
    link: bytes('link'),
    pipelineLink: null,
  };
};

const capacityOf = (ceilings: readonly Ceiling[]): number | null => {
  const stated = ceilings.filter(({ key }) => new RegExp(`\\.${MEMORY}_(capacity|usable|nominal)_gb$`).test(key));
  const bytes = stated.map(({ value, unit }) => convertUnit(value, unit, 'GB') * 1e9);
  return bytes.length === 0 ? null : Math.min(...bytes);
};

const leastAllReduces = (ceilings: readonly Ceiling[]): Map<number, number> =>
  new Map(
    ceilings.flatMap(({ key, value, unit }) => {
      const [, gpus] = /\.all_reduce_(\d+)gpu_least_us$/.exec(key) ?? [];
      return gpus === undefined ? [] : [[Number(gpus), convertUnit(value, unit, 's')] as const];
    }),
  );

/** Rates of the device that `name` means exactly. Throws a Fault `hardware_unknown` that lists what is known. */
export const hardwareRates = (table: CeilingTable, name: string): HardwareRates => {
  const hardware = hardwareKey(table, name);
  if (hardware === null)
    throw new Fault('usage', 'hardware_unknown', `${JSON.stringify(name)} is no hardware with known ceilings`, {
      fix: `give one of ${[...new Set(table.byDevice.values())].join(', ')}, or add it to the ceilings`,
    });
  const ceilings = ofHardware(table, hardware);
  const disputed = ceilings.filter(({ kind, disagrees_with }) => kind === 'datasheet' && disagrees_with !== undefined);
  return {
    hardware,
    lines: {
      datasheet: lineRates(ceilings, 'datasheet'),
      best: lineRates(ceilings, 'best'),
      typical: lineRates(ceilings, 'typical'),
    },
    capacityBytes: capacityOf(ceilings),
    leastAllReduce: leastAllReduces(ceilings),
    disputed: disputed.map(({ key, value, unit }) => `${key} ${value} ${unit}`),
  };
};
