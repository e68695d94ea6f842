// GPU readings by `dcgmi dmon`: which fields this GPU and driver have is probed first, since one that they lack refuses the whole list;
// then a table without times is read as it comes. Ends by itself after the samples it was asked for.
import {
  createDmonReader,
  DISCOVERY,
  dmonArgv,
  parseDiscovery,
  refusesProfiling,
  watchRefusal,
  type DcgmGpu,
  type Refusal,
} from '../drivers/dcgmi.ts';
import { requireSuccess, type RunResult, type Runner } from '../exec/run-process.ts';
import { Fault } from '../text/fault.ts';
import type { CaptureAsk, Captured, GpuPlace, LackingField } from './captured.ts';
import { FIELD_OF_SHORT, GPU_FIELDS, type FieldName, type GpuReading } from './gpu-fields.ts';

const PROBE_MS = 100;
const PROBE_LIMIT_MS = 30_000;
const SETTLE_MS = 30_000;

const UNREACHABLE = /unable to establish a connection|Host engine is not running|connection to the specified host/i;

type Asking = Pick<GpuPlace, 'run' | 'env'>;

/** Null where dcgmi watched, else why not. Throws a Fault `dcgm_unreachable`, `tool_missing`, `tool_failed`. */
const refusalOf = ({ env }: Asking, argv: readonly string[], result: RunResult): Refusal | null => {
  const said = `${result.stdout}\n${result.stderr}`;
  const refusal = watchRefusal(said);
  if (refusal !== null) return refusal;
  if (UNREACHABLE.test(said))
    throw new Fault('input', 'dcgm_unreachable', 'dcgmi reaches no host engine', { fix: 'start nv-hostengine, or use the exporter' });
  requireSuccess(argv, result, { env });
  return null;
}; // prettier-ignore

const reasonText = ({ code, says }: Refusal): string => (code === null ? says : `${says} (${code})`);

interface Probed {
  readonly fields: readonly FieldName[];
  readonly lacking: readonly LackingField[];
}

/** The fields that dcgmi watches together; each other one with the reason. */
export const probeFields = async (place: Asking, fields: readonly FieldName[], gpus?: readonly number[]): Promise<Probed> => {
  const lacking: LackingField[] = [];
  const refused = async (names: readonly FieldName[]): Promise<Refusal | null> => {
    const argv = dmonArgv({ fields: names.map((name) => GPU_FIELDS[name].id), gpus, periodMs: PROBE_MS, count: 1 });
    return refusalOf(place, argv, await place.run(argv, { timeoutMs: PROBE_LIMIT_MS }));
  };
  const lack = (names: readonly FieldName[], refusal: Refusal): void => {
    lacking.push(...names.map((field) => ({ field, reason: reasonText(refusal) })));
  };
  const whole = await refused(fields);
  if (whole === null) return { fields, lacking };
  const kept: FieldName[] = [];
  let noProfiling: Refusal | null = null;
  for (const field of fields) {
    const known: Refusal | null = GPU_FIELDS[field].profiling ? noProfiling : null;
    const refusal: Refusal | null = known ?? (await refused([field]));
    if (refusal === null) kept.push(field);
    else lack([field], refusal);
    if (refusal !== null && refusesProfiling(refusal)) noProfiling = refusal;
  }
  // Fields that it watches alone may still be too many together.
  for (let together = kept.length > 0 ? await refused(kept) : null; together !== null && kept.length > 0; together = await refused(kept)) {
    const last = kept.findLastIndex((field) => GPU_FIELDS[field].profiling);
    const [dropped] = kept.splice(last < 0 ? kept.length - 1 : last, 1);
    if (dropped !== undefined) lack([dropped], { ...together, says: `not beside the others: ${together.says}` });
    if (kept.length === 0) break;
  }
  return { fields: kept, lacking };
}; // prettier-ignore

interface Tick {
  readonly arrivedMs: number;
  readonly rows: Map<number, Readonly<Record<string, number | null>>>;
}

/** Rows of one moment: an entity that comes again begins the next. */
const collectTicks = () => {
  const ticks: Tick[] = [];
  const read = createDmonReader();
  const line = (text: string, nowMs: number): void => {
    const row = read(text);
    if (row?.entity !== 'GPU') return;
    let tick = ticks.at(-1);
    if (tick === undefined || tick.rows.has(row.id)) ticks.push((tick = { arrivedMs: nowMs, rows: new Map() }));
    tick.rows.set(row.id, row.values);
  };
  return { ticks, line };
};

/** Output that a pipe held back comes in bursts: then the lines are spaced as they were asked for, back from the last one. */
export const tickTimes = (
  arrivals: readonly number[],
  periodMs: number,
): { readonly times: readonly number[]; readonly clock: 'arrival' | 'spacing' } => {
  const [first = 0, last = 0] = [arrivals[0], arrivals.at(-1)];
  const spacing = periodMs * (arrivals.length - 1);
  const halves = arrivals.filter((at, index) => index > 0 && at - (arrivals[index - 1] ?? at) < periodMs / 4).length;
  if (arrivals.length < 3 || (last - first > 0.5 * spacing && halves < arrivals.length / 4))
    return { times: arrivals, clock: 'arrival' };
  return { times: arrivals.map((_, index) => last - periodMs * (arrivals.length - 1 - index)), clock: 'spacing' };
};

const readingsOf = (ticks: readonly Tick[], times: readonly number[], node: string, gpus: readonly DcgmGpu[]): GpuReading[] =>
  ticks.flatMap(({ rows }, index) =>
    [...rows].map(([gpu, row]) => ({
      at_ms: Math.round(times[index] ?? 0),
      node,
      gpu: String(gpu),
      uuid: gpus.find((known) => known.index === gpu)?.uuid ?? null,
      values: Object.fromEntries(
        Object.entries(row).flatMap(([short, value]) => {
          const field = FIELD_OF_SHORT.get(short);
          return field === undefined ? [] : [[field, value] as const];
        }),
      ),
    })),
  ); // prettier-ignore

/** A whole table that was kept as text: its lines, `periodMs` apart, the last at `0`. */
export const readDmonTable = (text: string, { periodMs, node }: { readonly periodMs: number; readonly node: string }): GpuReading[] => {
  const { ticks, line } = collectTicks();
  for (const each of text.split('\n')) line(each, 0);
  return readingsOf(ticks, ticks.map((_, index) => periodMs * (index - ticks.length + 1)), node, []);
}; // prettier-ignore

const discovered = async (run: Runner): Promise<DcgmGpu[]> => {
  const result = await run(DISCOVERY, { timeoutMs: PROBE_LIMIT_MS });
  return result.code === 0 ? parseDiscovery(result.stdout) : [];
};

/**
 * Readings of dcgmi. Throws a Fault `tool_missing`, `dcgm_unreachable`, `dcgm_watches_nothing` where it has none of the fields, or
 * `tool_failed`.
 */
export const captureDmon = async (place: GpuPlace, ask: CaptureAsk): Promise<Captured> => {
  const { run, node } = place;
  const { gpus, periodMs, durationS, until, keep } = ask;
  const probed = await probeFields(place, ask.fields, gpus);
  if (probed.fields.length === 0)
    throw new Fault('input', 'dcgm_watches_nothing', `dcgmi watches none of the fields: ${probed.lacking[0]?.reason ?? 'none was named'}`, {
      fix: 'run nv-hostengine as root and let no other profiler hold the counters',
    });
  const known = await discovered(run);
  const { ticks, line } = collectTicks();
  const count = durationS === undefined ? undefined : Math.max(1, Math.ceil((durationS * 1000) / periodMs));
  const argv = dmonArgv({ fields: probed.fields.map((name) => GPU_FIELDS[name].id), gpus, periodMs, count });
  const onLine = (text: string): void => {
    keep(text);
    line(text, Date.now());
  };
  const limit = durationS === undefined ? {} : { timeoutMs: durationS * 1000 + SETTLE_MS };
  const result = await run(argv, { onLine, signal: until, ...limit });
  if (!until.aborted) refusalOf(place, argv, result);
  const { times, clock } = tickTimes(ticks.map(({ arrivedMs }) => arrivedMs), periodMs);
  const seen = [...new Set(ticks.flatMap(({ rows }) => [...rows.keys()]))].toSorted((a, b) => a - b);
  return {
    source: 'dcgmi',
    readings: readingsOf(ticks, times, node, known),
    gpus: seen.map((index) => {
      const gpu = known.find((each) => each.index === index);
      return { node, gpu: String(index), uuid: gpu?.uuid ?? null, name: gpu?.name ?? null };
    }),
    lacking: probed.lacking,
    intervalS: periodMs / 1000,
    clock,
    queries: {},
    notes: [],
  };
}; // prettier-ignore
