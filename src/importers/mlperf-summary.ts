// Reads mlperf_log_summary.txt of MLPerf LoadGen. Latencies are printed in ns. An INVALID result is read and said to be one.
// Format: mlcommons/inference loadgen/results.cc, 2024 to 2026.
import { contextOf } from './context-fields.ts';
import { type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, perUserSpeed, serving } from './serving-metrics.ts';
import { latenciesWrittenBy } from '../metrics/catalogue.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';

const LINE = /^\s*(.+?)\s*:\s*(\S.*?)\s*$/;

/** Label in lower case to text; a repeated label keeps its first value. */
const fieldsOf = (text: string): Map<string, string> => {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, label, value] = LINE.exec(line) ?? [];
    if (label !== undefined && value !== undefined && !fields.has(label.toLowerCase()))
      fields.set(label.toLowerCase(), value);
  }
  return fields;
};

const KINDS = latenciesWrittenBy('mlperf');
const LATENCY_LABEL =
  /^(?:(mean)|(\d+(?:\.\d+)?) percentile) (latency|first token latency|time to output token) \(ns\)$/;

const latencySample = (label: string, text: string): Sample | undefined => {
  const [, mean, percentile = '', kind = ''] = LATENCY_LABEL.exec(label) ?? [];
  const known = KINDS.get(kind);
  const nanoseconds = Number(text);
  if (known === undefined || !Number.isFinite(nanoseconds)) return undefined;
  return latency(known, mean ?? `p${Number(percentile)}`, nanoseconds / 1e6, label);
};

/** In Offline every sample is issued at time zero: its latencies only say when the run ended, and are not read. */
const latencySamples = (fields: ReadonlyMap<string, string>, scenario: string): (Sample | undefined)[] =>
  scenario === 'Offline' ? [] : [...fields].map(([label, text]) => latencySample(label, text));

const parse = (text: string, path: string): ReadOutcome => {
  const fields = fieldsOf(text);
  const number = (...labels: readonly string[]): number | undefined => {
    const value = Number(labels.map((label) => fields.get(label)).find((found) => found !== undefined));
    return Number.isFinite(value) ? value : undefined;
  };
  const scenario = fields.get('scenario') ?? '';
  const mode = fields.get('mode') ?? '';
  if (mode === 'AccuracyOnly') return noMeasurement('mlperf_summary', 'an accuracy run measures no speed');
  const samplesPerS = number('completed samples per second', 'samples per second');
  if (samplesPerS === 0) return noMeasurement('mlperf_summary', 'no sample completed');
  const measured = present([
    serving('requestRate', samplesPerS, 'samples per second'),
    serving('throughput', number('completed tokens per second', 'tokens per second'), 'tokens per second'),
    ...latencySamples(fields, scenario),
  ]);
  const result = fields.get('result is');
  return assemble({
    format: 'mlperf_summary',
    path,
    points: [
      {
        labels: scenario === '' ? {} : { scenario },
        samples: [...measured, ...present([perUserSpeed(measured)])],
        context: contextOf({ request_rate: scenario === 'Server' ? number('target_qps') : undefined }),
      },
    ],
    warnings: result === 'VALID' ? [] : [`LoadGen calls the result ${result ?? 'neither valid nor invalid'}`],
  });
};

/** Summary of one LoadGen run. */
export const mlperfSummary: Reader = {
  format: 'mlperf_summary',
  sniff: (_path, head) => (/^MLPerf Results Summary\s*$/m.test(head) ? 0.95 : 0),
  parse,
};
