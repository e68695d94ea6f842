// The answered requests of a run that vllm bench serve or sglang.bench_serving saved with its details: arrays of one element for
// each request, times in seconds.
import { arrayAt } from './json-fields.ts';
import type { TimedRequest } from './steady-window.ts';
import type { JsonObject, JsonValue } from '../text/json.ts';

const numeric = (value: JsonValue | undefined): number | undefined => (typeof value === 'number' ? value : undefined);

const sumOf = (value: JsonValue | undefined): number | undefined =>
  Array.isArray(value) ? value.reduce<number>((sum, gap) => sum + (numeric(gap) ?? 0), 0) : undefined;

/** Empty where the file holds no times, or where they were cut. */
export const timedRequests = (run: JsonObject): TimedRequest[] => {
  const starts = arrayAt(run, 'start_times');
  const [ttfts, gaps, lengths, whole, errors] = ['ttfts', 'itls', 'output_lens', 'latencies', 'errors'].map((key) => arrayAt(run, key));
  if (starts.length === 0 || lengths?.length !== starts.length || run['completed'] === undefined) return [];
  const requests = starts.flatMap((_, index): TimedRequest[] => {
    const [start, ttft, outputTokens] = [numeric(starts[index]), numeric(ttfts?.[index]), numeric(lengths[index])];
    const seconds = numeric(whole?.[index]) ?? (ttft === undefined ? undefined : ttft + (sumOf(gaps?.[index]) ?? 0));
    const answered = (errors?.[index] ?? '') === '' && (outputTokens ?? 0) > 0;
    if (start === undefined || seconds === undefined || outputTokens === undefined || !answered) return [];
    return [{ start, first: ttft === undefined ? undefined : start + ttft, end: start + seconds, outputTokens }];
  });
  return requests.length === run['completed'] ? requests : [];
}; // prettier-ignore
