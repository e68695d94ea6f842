// Reads the JSON that nccl-tests writes with -J (file version 2). The environment that the file carries is never looked at.
// Format: nccl-tests src/util.cu.
import { arrayAt, hasMembers, memberAt, numberAt, objectAt, textAt } from './json-fields.ts';
import { type NcclRow, collectiveOf, contextOfRanks, footerPoint, ncclPolicy, pointOfRow } from './nccl-rows.ts';
import { assemble, noMeasurement } from './point.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { type JsonObject, isJsonObject, parseJsonObject } from '../text/json.ts';

const rowOf = (result: JsonObject, place: NcclRow['place'], op: string | undefined, path: string): NcclRow[] => {
  const values = result[place];
  const size = numberAt(result, 'size', path);
  if (!isJsonObject(values) || size === undefined || size === 0) return [];
  return [
    {
      size,
      dtype: textAt(result, 'type') ?? '',
      redop: textAt(result, 'redop'),
      root: textAt(result, 'root')?.trim(),
      op,
      table: undefined,
      place,
      timeUs: numberAt(values, 'time', path) ?? numberAt(values, 'cpu_time', path),
      algbw: numberAt(values, 'alg_bw', path),
      busbw: numberAt(values, 'bus_bw', path),
      wrong: numberAt(values, 'nwrong', path),
    },
  ];
};

const programOf = (document: JsonObject, results: readonly JsonObject[]): string | undefined => {
  const named = results.map((result) => textAt(result, 'experiment_name')).find((name) => name !== undefined);
  const [program] = arrayAt(document, 'args');
  return named ?? (typeof program === 'string' ? program : undefined);
};

const parse = (text: string, path: string): ReadOutcome => {
  const document = parseJsonObject(text, path);
  const results = arrayAt(document, 'results').filter(isJsonObject);
  const program = programOf(document, results);
  const op = program === undefined ? undefined : collectiveOf(program);
  const rows = results.flatMap((result) => [
    ...rowOf(result, 'out_of_place', op, path),
    ...rowOf(result, 'in_place', op, path),
  ]);
  const errors = arrayAt(document, 'errors').filter((error) => typeof error === 'string' && error !== '');
  if (rows.length === 0)
    return noMeasurement('nccl_tests_json', `no result row; errors: ${errors.join('; ') || 'none'}`);
  const devices = memberAt(document, 'config', 'devices');
  const ranks = (Array.isArray(devices) ? devices : []).filter(isJsonObject).map((rank) => ({
    host: textAt(rank, 'hostname')?.trim() ?? '',
    device: textAt(rank, 'device_info')?.trim() ?? '',
  }));
  const context = ranks.length === 0 ? {} : contextOfRanks(ranks);
  const footer = {
    average: numberAt(objectAt(document, 'average_bus_bandwidth'), 'bandwidth', path),
    outOfBounds: numberAt(objectAt(document, 'out_of_bounds'), 'count', path),
  };
  return assemble({
    format: 'nccl_tests_json',
    path,
    points: [...rows.map((row) => pointOfRow(row, context)), footerPoint(footer, { op, table: undefined }, context)],
    warnings:
      (footer.outOfBounds ?? 0) > 0
        ? [`${footer.outOfBounds} values were out of bounds: the run computed wrong results`]
        : [],
    policy: ncclPolicy(rows),
    replicateLevel: 'window',
  });
};

/** `all_reduce_perf -J result.json`. */
export const ncclJson: Reader = {
  format: 'nccl_tests_json',
  sniff: (_path, head) =>
    hasMembers(head, 'nccl_version', 'args', 'env') || hasMembers(head, 'out_of_place', 'bus_bw') ? 0.95 : 0,
  parse,
};
