// The events of a torch trace that a profile needs, as they stand in the file: microseconds, arguments as the writer named them.

/** Categories that are read; the rest of a trace is skipped unparsed. */
export const WANTED: ReadonlySet<string> = new Set([
  'kernel',
  'Kernel',
  'gpu_memcpy',
  'gpu_memset',
  'cuda_runtime',
  'cuda_driver',
  'hip_runtime',
  'user_annotation',
  'gpu_user_annotation',
]);

export interface TraceEvent {
  readonly category: string;
  readonly name: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly pid: string;
  readonly tid: string;
  readonly args: Readonly<Record<string, unknown>>;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** NaN where there is no number. */
export const numberOf = (value: unknown): number => {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value !== '' ? Number(value) : NaN;
};

/** A complete event (`ph` X); null for marks, flows and metadata. */
export const eventOf = (value: unknown): TraceEvent | null => {
  if (!isRecord(value) || value['ph'] !== 'X') return null;
  const [startUs, durationUs] = [numberOf(value['ts']), numberOf(value['dur'])];
  if (Number.isNaN(startUs) || Number.isNaN(durationUs)) return null;
  return {
    category: String(value['cat'] ?? ''),
    name: String(value['name'] ?? ''),
    startUs,
    durationUs,
    pid: String(value['pid'] ?? ''),
    tid: String(value['tid'] ?? ''),
    args: isRecord(value['args']) ? value['args'] : {},
  };
};
