// Calls of one kernel look alike but for their times: a class is everything else that a row of the kernel table says. There
// are thousands of classes for millions of rows, so what a class means is worked out once. Never sees a time.
import type { NumberWant } from '../../sqlite/table-source.ts';
import { NO_DEVICE } from './device-work.ts';

const LAUNCH_COLUMNS = [
  'registersPerThread',
  'gridX',
  'gridY',
  'gridZ',
  'blockX',
  'blockY',
  'blockZ',
  'staticSharedMemory',
  'dynamicSharedMemory',
] as const;

/** Columns between the ones that matter repeat with them; read along, they make the row's bytes one piece. */
const FIELDS: readonly NumberWant[] = [
  { column: 'deviceId', kind: 'number' },
  { column: 'globalPid', kind: 'high40' },
  { column: 'streamId', kind: 'number' },
  { column: 'demangledName', kind: 'number' },
  { column: 'shortName', kind: 'number' },
  ...LAUNCH_COLUMNS.map((column) => ({ column, kind: 'number' }) as const),
  { column: 'mangledName', kind: 'number' },
  { column: 'launchType', kind: 'number' },
  { column: 'cacheConfig', kind: 'number' },
];

/** Kernels of one device and process follow one another: the first two fields identify a sequence. */
const SEQUENCE = 2;

export interface KernelClass {
  readonly onDevice: boolean;
  readonly device: number;
  /** Upper 40 bits of the process; NaN where the file does not say. */
  readonly process: number;
  readonly stream: number;
  /** String ids; NaN where absent. */
  readonly demangled: number;
  readonly short: number;
  /** Registers, grid, block, static and dynamic shared memory; -1 for an unknown number. */
  readonly launch: readonly number[];
}

export interface KernelClasses {
  readonly fields: readonly NumberWant[];
  readonly sequence: number;
  /** Number of the class of these values, from 0 on. */
  readonly intern: (values: Float64Array) => number;
}

/** `onNew` is called once for each class, in the order of their numbers. */
export const createKernelClasses = (onNew: (found: KernelClass) => void): KernelClasses => {
  const known = new Map<string, number>();
  const intern = (values: Float64Array): number => {
    const text = values.join();
    const found = known.get(text);
    if (found !== undefined) return found;
    const id = known.size;
    known.set(text, id);
    onNew(classOf(values));
    return id;
  };
  return { fields: FIELDS, sequence: SEQUENCE, intern };
};

const classOf = (values: Float64Array): KernelClass => {
  const [device = NaN, process = NaN, stream = NaN, demangled = NaN, short = NaN] = values;
  return {
    onDevice: device !== NO_DEVICE,
    device: device >= 0 ? device : 0,
    process,
    stream: stream >= 0 ? stream : 0,
    demangled,
    short,
    launch: Array.from(values.subarray(5, 5 + LAUNCH_COLUMNS.length), (value) => (value >= 0 ? value : -1)),
  };
};
