// The times of single requests in AIPerf's profile_export.jsonl, for the full part of a window. No metric is read from them: the
// summary beside them has those. Its nanoseconds lose their last digits as doubles, which no window notices.
import { objectAt, parseObjects, textAt } from './json-fields.ts';
import { steadyWindow, type TimedRequest } from './steady-window.ts';
import type { SteadyWindow } from '../metrics/reading.ts';
import type { JsonObject } from '../text/json.ts';

const NANOSECONDS = 1e9;

const valueOf = (metrics: JsonObject, key: string): number | undefined => {
  const { value } = objectAt(metrics, key);
  return typeof value === 'number' ? value : undefined;
};

const requestOf = (record: JsonObject): TimedRequest[] => {
  const metadata = objectAt(record, 'metadata');
  const metrics = objectAt(record, 'metrics');
  const [start, end] = [metadata['request_start_ns'], metadata['request_end_ns']];
  const [tokens, ttft] = [valueOf(metrics, 'output_sequence_length'), valueOf(metrics, 'time_to_first_token')];
  const isMeasured = textAt(metadata, 'benchmark_phase') !== 'warmup' && metadata['was_cancelled'] !== true;
  if (!isMeasured || typeof start !== 'number' || typeof end !== 'number' || tokens === undefined) return [];
  const first = ttft === undefined ? undefined : start / NANOSECONDS + ttft / 1000;
  return [{ start: start / NANOSECONDS, end: end / NANOSECONDS, first, outputTokens: tokens }];
};

/** The full part of the window of the records; undefined where they hold none. */
export const steadyOfRecords = (text: string, path: string, concurrency: number): SteadyWindow | undefined =>
  steadyWindow(parseObjects(text, path).flatMap(requestOf), concurrency);
