// Energy of a window from power samples: trapezoids per GPU with linear interpolation at the edges of the window. Says why
// it gives no figure instead of giving a doubtful one; the conditions are those of InferenceX's power schema 2.
import { inputFault } from '../text/fault.ts';
import { isJsonObject, parseJson } from '../text/json.ts';

export interface PowerSample {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly gpu: string;
  readonly watts: number;
}

export type PowerProblem = 'insufficient_power_samples' | 'benchmark_window_not_bracketed' | 'sampling_gap_exceeded' | 'expected_gpu_count_mismatch'; // prettier-ignore

export interface PowerFigures {
  readonly averageW: number;
  /** Largest sum over the GPUs at one moment, by the nearest samples. */
  readonly peakW: number;
  readonly energyJ: number;
  readonly gpus: readonly string[];
}

export type PowerResult =
  { readonly valid: true; readonly figures: PowerFigures } | { readonly valid: false; readonly problem: PowerProblem };

const LARGEST_GAP_MS = 3000;

/** Watts at a moment between two samples. */
const at = (before: PowerSample, after: PowerSample, ms: number): number =>
  before.atMs === after.atMs
    ? after.watts
    : before.watts + ((after.watts - before.watts) * (ms - before.atMs)) / (after.atMs - before.atMs);

/** Joules of one GPU over the window, or why not. `samples` in order of time. */
const energyOf = (samples: readonly PowerSample[], [start, end]: readonly [number, number]): number | PowerProblem => {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < 2) return 'insufficient_power_samples';
  if (first.atMs > start || last.atMs < end) return 'benchmark_window_not_bracketed';
  let joules = 0;
  let previous = first;
  for (const sample of samples.slice(1)) {
    const [from, to] = [Math.max(previous.atMs, start), Math.min(sample.atMs, end)];
    if (to > from) {
      if (sample.atMs - previous.atMs > LARGEST_GAP_MS) return 'sampling_gap_exceeded';
      joules += ((at(previous, sample, from) + at(previous, sample, to)) / 2) * ((to - from) / 1000);
    }
    previous = sample;
  }
  return joules;
};

const peakOf = (byGpu: readonly (readonly PowerSample[])[], [start, end]: readonly [number, number]): number => {
  const longest = byGpu.reduce((most, list) => (list.length > most.length ? list : most), byGpu[0] ?? []);
  const nearest = (list: readonly PowerSample[], ms: number): number =>
    list.reduce((best, sample) => (Math.abs(sample.atMs - ms) < Math.abs(best.atMs - ms) ? sample : best)).watts;
  return longest
    .filter(({ atMs }) => atMs >= start && atMs <= end)
    .reduce(
      (peak, { atMs }) =>
        Math.max(
          peak,
          byGpu.reduce((sum, list) => sum + nearest(list, atMs), 0),
        ),
      0,
    );
};

/** Energy of the window (milliseconds since the epoch) over all GPUs that were sampled. `nGpus` checks their number when known. */
export const integratePower = (
  samples: readonly PowerSample[],
  window: readonly [start: number, end: number],
  nGpus: number | null,
): PowerResult => {
  const gpus = [...new Set(samples.map(({ gpu }) => gpu))].sort();
  const byGpu = gpus.map((gpu) => samples.filter((sample) => sample.gpu === gpu).toSorted((a, b) => a.atMs - b.atMs));
  if (gpus.length === 0) return { valid: false, problem: 'insufficient_power_samples' };
  if (nGpus !== null && nGpus !== gpus.length) return { valid: false, problem: 'expected_gpu_count_mismatch' };
  let energyJ = 0;
  for (const list of byGpu) {
    const joules = energyOf(list, window);
    if (typeof joules === 'string') return { valid: false, problem: joules };
    energyJ += joules;
  }
  const seconds = (window[1] - window[0]) / 1000;
  if (seconds <= 0) return { valid: false, problem: 'insufficient_power_samples' };
  return { valid: true, figures: { averageW: energyJ / seconds, peakW: peakOf(byGpu, window), energyJ, gpus } };
};

/** Seconds or milliseconds since the epoch, or an ISO 8601 time. */
const readTime = (value: unknown): number => {
  if (typeof value === 'string') return Date.parse(value);
  if (typeof value !== 'number') return Number.NaN;
  return value < 1e11 ? value * 1000 : value;
};

/**
 * A power log as JSON Lines: `{"timestamp": <ISO 8601 or Unix time>, "power_w": 512.3, "gpu": "GPU-…"}`, `gpu` optional.
 * Throws a Fault `power_log_line` with the line.
 */
export const parsePowerLog = (text: string, path: string): PowerSample[] =>
  text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const value = parseJson(line, `${path}:${index + 1}`);
    const atMs = isJsonObject(value) ? readTime(value['timestamp']) : Number.NaN;
    const watts = isJsonObject(value) ? value['power_w'] : null;
    if (isJsonObject(value) && Number.isFinite(atMs) && typeof watts === 'number' && watts >= 0)
      return { atMs, watts, gpu: String(value['gpu'] ?? 'all') };
    throw inputFault('power_log_line', `${path}: line ${index + 1} is no power sample`, {
      path,
      at: `${index + 1}:1`,
      fix: 'write {"timestamp": "2026-11-22T02:15:00Z", "power_w": 512.3, "gpu": "GPU-…"} on each line',
    });
  });
