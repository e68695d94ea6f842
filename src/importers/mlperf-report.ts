// Reads report.txt of the endpoint harness of MLPerf (v6.1 on): a summary of counts and rates, then a block of percentiles for each
// latency. The lengths in it are those of the accuracy data set and are not read as the run's, and its QPS is no plain quotient of
// samples and duration, so that neither refutes the other. Format: Version 0.1.0 of its print-out.
import { contextOf, loadLabels } from './context-fields.ts';
import { type Sample, assemble, noMeasurement, present } from './point.ts';
import { latency, perUserSpeed, requestOutcome, serving } from './serving-metrics.ts';
import { type Latency } from '../metrics/catalogue.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { convertUnit } from '../metrics/units.ts';

const FORMAT = 'mlperf_report';
const SUMMARY = /^-+ Summary -+\s*$/m;
const FIELD = /^([A-Za-z][A-Za-z ]*?):\s+(\S+)/;
const BLOCK = /^(TTFT|TPOT|ITL|Latency|E2E(?: Latency)?):\s*$/;
const BLOCKS: Readonly<Record<string, Latency>> = {
  TTFT: 'ttft', TPOT: 'tpot', ITL: 'itl', Latency: 'e2e', E2E: 'e2e', 'E2E Latency': 'e2e',
}; // prettier-ignore
const LINE = /^\s+(Avg\.|Median|\d+(?:\.\d+)?):\s+([\d.]+)\s*(ns|us|ms|s)\s*$/;

const statisticOf = (label: string): string =>
  label === 'Avg.' ? 'mean' : label === 'Median' ? 'p50' : `p${Number(label)}`;

/** The latencies of a block end at the estimates, which are of other percentiles than were measured. */
const latencySamples = (lines: readonly string[]): Sample[] => {
  const found = new Map<string, Sample>();
  let kind: Latency | undefined;
  for (const line of lines) {
    if (!line.startsWith(' ')) kind = BLOCKS[BLOCK.exec(line)?.[1] ?? ''];
    if (/^\s+Early-stopping/.test(line)) kind = undefined;
    const [, label = '', value, unit = ''] = LINE.exec(line) ?? [];
    if (kind === undefined || value === undefined) continue;
    const sample = latency(kind, statisticOf(label), convertUnit(Number(value), unit, 'ms'), `${kind}.${label}`);
    if (sample !== undefined && !found.has(sample.name)) found.set(sample.name, sample);
  }
  return [...found.values()];
};

const parse = (text: string, path: string): ReadOutcome => {
  const lines = text.split(/\r?\n/);
  const fields = new Map(lines.flatMap((line) => {
    const [, label, value] = FIELD.exec(line) ?? [];
    return label === undefined ? [] : [[label, Number(value)] as const];
  })); // prettier-ignore
  const target = (name: string): number | undefined => {
    const value = new RegExp(`\\b${name}=([\\d.]+)`).exec(text)?.[1];
    return value === undefined ? undefined : Number(value);
  };
  const [completed, failed] = [fields.get('Total samples completed'), fields.get('Total samples failed')];
  if (completed === 0) return noMeasurement(FORMAT, `no sample completed, ${failed ?? 'an unknown number'} failed`);
  const load = { concurrency: target('target_concurrency'), request_rate: target('target_qps') };
  const measured = present([
    serving('requestRate', fields.get('QPS'), 'QPS'),
    serving('throughput', fields.get('TPS'), 'TPS'),
    ...requestOutcome(completed, failed, 'Total samples completed'),
    ...latencySamples(lines),
  ]);
  return assemble({
    format: FORMAT,
    path,
    points: [
      {
        labels: loadLabels(load),
        samples: [...measured, ...present([perUserSpeed(measured)])],
        context: contextOf(load),
        counts: {
          completed,
          failed,
          requested: fields.get('Total samples issued'),
          duration_s: fields.get('Duration'),
        },
      },
    ],
  });
};

/** Summary of one run against an endpoint. */
export const mlperfReport: Reader = {
  format: FORMAT,
  sniff: (_path, head) => (SUMMARY.test(head) && /^Total samples issued:/m.test(head) ? 0.95 : 0),
  parse,
};
