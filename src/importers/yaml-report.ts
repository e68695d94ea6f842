// What readers of reports in YAML or JSON have in common: how such a file is known and parsed, and a statistic of a latency
// by its words. Reads no number that the report has not.
import { numberAt } from './json-fields.ts';
import type { Sample } from './point.ts';
import { latency, milliseconds } from './serving-metrics.ts';
import type { Latency } from '../metrics/catalogue.ts';
import { inputFault } from '../text/fault.ts';
import { describeJson, isJsonObject, parseJson, type JsonObject } from '../text/json.ts';
import { parseYaml } from '../text/yaml.ts';

/** True where each key begins a member, in YAML as in JSON. */
export const namesMembers = (head: string, ...keys: readonly string[]): boolean =>
  keys.every((key) => head.includes(key) && new RegExp(`(?:^|[{,])\\s*"?${key}"?\\s*:`, 'm').test(head));

/** The object that a report is. Throws the faults of the YAML or the JSON, or `format_invalid`. */
export const parseReport = async (text: string, path: string): Promise<JsonObject> => {
  const value = text.trimStart().startsWith('{') ? parseJson(text, path) : await parseYaml(text, path);
  if (isJsonObject(value)) return value;
  throw inputFault('format_invalid', `${path} holds ${describeJson(value)}, no report`, {
    path,
    fix: 'give the report that the tool wrote',
  });
};

const STATISTICS = [
  ['mean', 'mean'], ['median', 'p50'], ['p50', 'p50'], ['p90', 'p90'], ['p95', 'p95'], ['p99', 'p99'],
] as const; // prettier-ignore

/** Latencies of one kind out of an object of statistics; times in seconds unless `unit` begins with `ms`. */
export const latencyStatistics = (kind: Latency, figures: JsonObject, key: string, path: string, unit = 's'): (Sample | undefined)[] =>
  STATISTICS.map(([word, statistic]) => {
    const value = numberAt(figures, word, path);
    return latency(kind, statistic, unit.startsWith('ms') ? value : milliseconds(value), `${key}.${word}`);
  }); // prettier-ignore
