// What a claim may rest on: whether a metric is a rate of work done, or a decode latency that is isolated from everything else.
// By name and unit only; never by value.
import { LATENCIES, LATENCY_NAMES, type LatencyEntry } from './catalogue.ts';
import type { Context } from './context.ts';
import { factsOfPath, withUnit } from './path-facts.ts';

/** A rate of work done: tokens, requests, bytes, FLOP per second of the whole. The headline where nobody names one. */
export const isThroughputClass = (name: string, unit: string | null): boolean => {
  const facts = factsOfPath(name);
  return facts.headline && !withUnit(facts, unit).conflict;
};

/** The median of one of these latencies, in our spelling (`tpot_p50_ms`) and in that of tools (`median_tpot_ms`). */
const medianOf = (latencies: readonly string[]): RegExp => {
  const any = latencies.join('|');
  return new RegExp(`(^|[._])(${any})_(p50|median)(_|$)|(^|[._])(p50|median)_(${any})(_|$)`);
};

const decodeLatencies = (decode: LatencyEntry['decode']): string[] =>
  LATENCY_NAMES.filter((latency) => {
    const entry: LatencyEntry = LATENCIES[latency];
    return entry.decode === decode;
  });

const PER_TOKEN = medianOf(decodeLatencies('token'));
const PER_CHUNK = medianOf(decodeLatencies('chunk'));

/** Decode speed is the median TPOT or ITL; with speculation a chunk is several tokens, so only TPOT says it. */
export const isDecodeMetric = (key: string, { spec_method }: Pick<Context, 'spec_method'>): boolean =>
  PER_TOKEN.test(key) || (!spec_method && PER_CHUNK.test(key));
