// What vllm bench serve and sglang.bench_serving define their rates by, which both write under the same names: counts of the whole
// window over its duration. A median is checked where the file holds every request that was answered.
import { type Figure, type PointContradiction, medianContradiction, rateContradiction } from './contradictions.ts';
import { arrayAt, numberAt } from './json-fields.ts';
import { inMilliseconds } from './serving-metrics.ts';
import type { JsonObject } from '../text/json.ts';

const RATES: readonly (readonly [rate: string, counts: readonly string[]])[] = [
  ['request_throughput', ['completed']],
  ['output_throughput', ['total_output_tokens']],
  ['input_throughput', ['total_input_tokens']],
  ['total_token_throughput', ['total_input_tokens', 'total_output_tokens']],
  ['total_throughput', ['total_input_tokens', 'total_output_tokens']],
];

/** The times to first token in milliseconds, where all are numbers. */
const firstTokenTimes = (run: JsonObject): number[] => {
  const times = arrayAt(run, 'ttfts');
  const numbers = times.filter((seconds) => typeof seconds === 'number');
  return numbers.length === times.length ? numbers.map(inMilliseconds) : [];
};

/** Figures of one run that its counts, its duration or its requests refute. */
export const servingContradictions = (run: JsonObject, path: string): PointContradiction[] => {
  const figure = (key: string): Figure => ({ key, value: numberAt(run, key, path) });
  const duration = figure('duration');
  const ttfts = { key: 'ttfts', values: firstTokenTimes(run) };
  return [
    ...RATES.flatMap(([rate, counts]) =>
      rateContradiction({ rate: figure(rate), counts: counts.map(figure), duration }),
    ),
    ...medianContradiction(figure('median_ttft_ms'), ttfts, numberAt(run, 'completed', path)),
  ];
};
