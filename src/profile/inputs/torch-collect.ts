// Gathers the events of a torch trace, one after another, into its work, calls and annotations. Never keeps an event.
import { kernelNamed } from '../kernels/classify.ts';
import type { Classify } from '../kernels/classify.ts';
import { COMMUNICATION, COMPUTE, COPY } from '../model/timeline.ts';
import { numberOf } from './torch-event.ts';
import type { TraceEvent } from './torch-event.ts';
import { addToApi } from './torch-work.ts';
import type { Trace } from './torch-work.ts';

/** A trace that is still being read. */
export interface OpenTrace extends Trace {
  /** Start of the first event. */
  originUs: number | null;
  readonly classify: Classify;
  readonly communicators: Map<string, number>;
  /** Numbers of what was met, by text. */
  readonly kernelNumbers: Map<string, number>;
  readonly launchNumbers: Map<string, number>;
  readonly threadNumbers: Map<string, number>;
}

/** `keepCalls`: keeps the single calls of the runtime, which a window is cut from. */
export const openTrace = (classify: Classify, stepMarker: string | null, keepCalls: boolean): OpenTrace => ({
  originUs: null,
  classify,
  work: {
    device: [],
    kind: [],
    start: [],
    duration: [],
    kernel: [],
    correlation: [],
    launch: [],
    launchOf: [],
    stream: [],
    communicator: [],
  },
  kernels: [],
  communicators: new Map(),
  copies: [],
  memsets: [],
  annotations: [],
  calls: new Map(),
  apis: new Map(),
  apiCalls: keepCalls ? [] : null,
  stepMarker,
  kernelNumbers: new Map(),
  launchNumbers: new Map(),
  threadNumbers: new Map(),
});

/** Start and duration in ns from the first event. */
interface Times {
  readonly start: number;
  readonly duration: number;
}

/** Adds an event; the first sets the origin of all times. */
export const addEvent = (trace: OpenTrace, event: TraceEvent): void => {
  trace.originUs ??= event.startUs;
  const start = Math.round((event.startUs - trace.originUs) * 1000);
  const times = { start, duration: Math.round(event.durationUs * 1000) };
  switch (event.category) {
    case 'kernel':
    case 'Kernel':
      return addKernel(trace, event, times);
    case 'gpu_memcpy':
      return addCopy(trace, event, times);
    case 'gpu_memset':
      return addMemset(trace, event, times);
    case 'user_annotation':
      return addAnnotation(trace, event, times, null);
    case 'gpu_user_annotation':
      return addAnnotation(trace, event, times, numberOf(event.pid) || 0);
    default:
      return addCall(trace, event, times);
  }
};

const addKernel = (trace: OpenTrace, event: TraceEvent, times: Times): void => {
  const kernel = kernelIn(trace, event.name);
  if (event.durationUs <= 0) return;
  addWork(trace, event, times, trace.kernels[kernel]?.collective === true ? COMMUNICATION : COMPUTE, kernel);
};

const kernelIn = ({ kernels, kernelNumbers, classify }: OpenTrace, name: string): number => {
  const kernel = numberIn(kernelNumbers, name);
  if (kernel === kernels.length) kernels.push(kernelNamed(name, classify));
  return kernel;
};

const addCopy = (trace: OpenTrace, event: TraceEvent, times: Times): void => {
  const { start: startNs, duration: totalNs } = times;
  const rank = addWork(trace, event, times, COPY, NO_KERNEL);
  const kind = copyKind(event.name);
  trace.copies.push({ startNs, rank, kind, count: 1, bytes: bytesOf(event), totalNs, maxNs: totalNs });
};

const addMemset = (trace: OpenTrace, event: TraceEvent, times: Times): void => {
  const { start: startNs, duration: totalNs } = times;
  const rank = addWork(trace, event, times, COPY, NO_KERNEL);
  trace.memsets.push({ startNs, rank, count: 1, bytes: bytesOf(event), totalNs });
};

const bytesOf = ({ args }: TraceEvent): number => numberOf(args['bytes']) || 0;

const NO_KERNEL = -1;

/** Adds what ran on a device; returns the device. */
const addWork = (
  { work, launchNumbers, communicators }: OpenTrace,
  { args, pid, tid }: TraceEvent,
  { start, duration }: Times,
  kind: number,
  kernel: number,
): number => {
  const device = numberOf(args['device'] ?? pid) || 0;
  const launch = kernel === NO_KERNEL ? NO_LAUNCH : launchOf(args);
  const at = numberIn(launchNumbers, launch.join());
  if (at === work.launch.length) work.launch.push(launch);
  const communicator = communicatorOf(args);
  work.device.push(device);
  work.kind.push(kind);
  work.start.push(start);
  work.duration.push(duration);
  work.kernel.push(kernel);
  work.correlation.push(numberOf(args['correlation']));
  work.launchOf.push(at);
  work.stream.push(numberOf(args['stream'] ?? tid) || 0);
  work.communicator.push(communicator === null ? -1 : numberIn(communicators, communicator));
  return device;
};

const addAnnotation = (
  trace: OpenTrace,
  event: TraceEvent,
  { start, duration }: Times,
  device: number | null,
): void => {
  trace.annotations.push({ name: event.name, thread: threadOf(trace, event), device, start, end: start + duration });
};

/** A call of the runtime; the earliest of one correlation id is the one that launched. */
const addCall = (trace: OpenTrace, event: TraceEvent, { start, duration }: Times): void => {
  const thread = threadOf(trace, event);
  const id = numberOf(event.args['correlation']);
  const known = trace.calls.get(id);
  if (id > 0 && (known === undefined || start < known.start))
    trace.calls.set(id, { thread, start, end: start + duration });
  addToApi(trace.apis, event.name, duration);
  trace.apiCalls?.push({ name: event.name, startNs: start, durationNs: duration });
};

const threadOf = ({ threadNumbers }: OpenTrace, { pid, tid }: TraceEvent): number =>
  numberIn(threadNumbers, `${pid} ${tid}`);

/** Number of a text; a new one gets the next. */
export const numberIn = (numbers: Map<string, number>, key: string): number => {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
};

/** PyTorch 2.1 and later name the process group of a collective and the ranks in it; both are the same in every rank's trace. */
const communicatorOf = (args: Readonly<Record<string, unknown>>): string | null => {
  const [name, ranks] = [args['Process Group Name'], args['Process Group Ranks']];
  if (typeof name !== 'string' && typeof ranks !== 'string') return null;
  return `${typeof ranks === 'string' ? ranks : ''} ${typeof name === 'string' ? name : ''}`.trim() || null;
};

/** Stands for an unknown launch configuration. */
export const NO_LAUNCH: readonly number[] = [-1, -1, -1, -1, -1, -1, -1, -1, -1];

/** Registers, grid, block, static and dynamic shared memory; the trace knows shared memory as one number. */
const launchOf = (args: Readonly<Record<string, unknown>>): readonly number[] => {
  const three = (value: unknown): number[] =>
    Array.isArray(value) && value.length === 3 ? value.map((part) => numberOf(part)) : [-1, -1, -1];
  const one = (value: unknown): number => {
    const number = numberOf(value);
    return number >= 0 ? number : -1;
  };
  return [
    one(args['registers per thread']),
    ...three(args['grid']),
    ...three(args['block']),
    -1,
    one(args['shared memory']),
  ];
};

/** `Memcpy HtoD (Pageable -> Device)` to `Host-to-Device`. */
const copyKind = (name: string): string => {
  const code = /\b([HDP])to([HDP])\b/.exec(name);
  const sides: Readonly<Record<string, string>> = { H: 'Host', D: 'Device', P: 'Peer' };
  return code === null ? name.replace(/ \(.*$/, '') : `${sides[code[1] ?? '']}-to-${sides[code[2] ?? '']}`;
};
