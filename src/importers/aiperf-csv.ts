// Reads profile_export_aiperf.csv: a table of statistics, a table of single values and a telemetry table, one under the other.
// The unit is the last parenthesis of a metric's name. Values have two decimals; the JSON export beside it has all of them.
import { type ToolMetric, countsOfExport, requestCounts, samplesOfExport } from './aiperf-metrics.ts';
import { assemble, noMeasurement } from './point.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { parseCsv } from '../text/csv.ts';

const NAME_AND_UNIT = /^(.*?)\s*(?:\(([^()]*)\))?$/;
const NUMBER = /^-?\d[\d,]*(\.\d+)?(e[+-]?\d+)?$/i;

/** `Request Latency (ms)` is `request_latency` in `ms`; a name without a unit counts something. */
const nameAndUnit = (cell: string): readonly [string, string] => {
  const [, name = cell, unit = 'count'] = NAME_AND_UNIT.exec(cell) ?? [];
  return [name.toLowerCase().replaceAll(' ', '_'), unit];
};

/** Metrics of the first two tables; the header above a row says which statistic a column is. */
const metricsOf = (rows: readonly (readonly string[])[]): Map<string, ToolMetric> => {
  const metrics = new Map<string, ToolMetric>();
  let columns: readonly string[] = [];
  for (const row of rows) {
    const [first = ''] = row;
    if (first === 'Endpoint') break;
    if (first === 'Metric') {
      columns = row.map((title) => (title === 'Value' ? 'avg' : title));
      continue;
    }
    const [name, unit] = nameAndUnit(first);
    const statistics = columns.flatMap((statistic, index) => {
      const cell = row[index] ?? '';
      return index > 0 && NUMBER.test(cell) ? [[statistic, Number(cell.replaceAll(',', ''))] as const] : [];
    });
    metrics.set(name, { unit, statistics: new Map(statistics) });
  }
  return metrics;
};

const parse = async (text: string, path: string): Promise<ReadOutcome> => {
  const metrics = metricsOf(await parseCsv(text, path));
  const counts = requestCounts(metrics, undefined);
  if (counts.completed === 0) return noMeasurement('aiperf_csv', 'Request Count is 0');
  const samples = samplesOfExport(metrics, counts);
  return assemble({
    format: 'aiperf_csv',
    path,
    points: [
      {
        labels: {},
        samples,
        context: {},
        counts: countsOfExport(metrics, counts),
      },
    ],
  });
};

/** The load is not in the file: it lives in the name of its folder. */
export const aiperfCsv: Reader = {
  format: 'aiperf_csv',
  sniff: (_path, head) =>
    /^\uFEFF?Metric,avg,/.test(head) && /\n(Request|Time to|Output|Inter)/.test(head) ? 0.95 : 0,
  parse,
};
