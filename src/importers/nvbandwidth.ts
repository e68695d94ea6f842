// Reads nvbandwidth output, JSON (-j, with any text around it) or plain text. One point per test and pair; cells marked N/A and
// waived tests have no value. Bandwidths in GB/s, latencies in ns. Format: nvbandwidth v0.5 to v0.8.
import { contextOf } from './context-fields.ts';
import { arrayAt, numberAt, objectAt, parseDocument, textAt } from './json-fields.ts';
import { type Point, assemble, noMeasurement } from './point.ts';
import type { Context } from '../measurement/context.ts';
import type { ReadOutcome, Reader } from '../measurement/reading.ts';
import { inputFault } from '../text/fault.ts';
import { type JsonObject, isJsonObject } from '../text/json.ts';

/** A test as both outputs state it: cells as text, rows and columns by the index of their device. */
interface Test {
  readonly name: string;
  readonly status: string;
  readonly description: string;
  readonly cells: readonly { readonly pair: string; readonly value: string }[];
  readonly sum: number | undefined;
}

const MEASURES = {
  bandwidth: { name: 'bandwidth_gb_per_s', unit: 'GB/s', direction: 'higher-is-better' },
  latency: { name: 'latency_ns', unit: 'ns', direction: 'lower-is-better' },
} as const;

const numeric = (text: string): number | undefined =>
  /^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : undefined;

/** A point per pair, and for bandwidths of several pairs their sum. A sum of latencies means nothing. */
const pointsOf = (test: Test, context: Context): Point[] => {
  const measure = /\(ns\)/.test(test.description) ? MEASURES.latency : MEASURES.bandwidth;
  const point = (
    labels: Point['labels'],
    name: string,
    value: number,
    statistic: string | null,
    key: string,
  ): Point => ({
    labels: { test: test.name, ...labels },
    samples: [{ name, source_key: key, unit: measure.unit, value, direction: measure.direction, statistic }],
    context,
  });
  const cells = test.cells.flatMap(({ pair, value: text }) => {
    const value = numeric(text);
    return value === undefined ? [] : [point({ pair }, measure.name, value, null, test.name)];
  });
  const total = cells.length > 1 && measure === MEASURES.bandwidth ? test.sum : undefined;
  return total === undefined
    ? cells
    : [...cells, point({}, 'bandwidth_sum_gb_per_s', total, 'sum', `${test.name} sum`)];
};

const outcomeOf = (format: string, path: string, tests: readonly Test[], context: Context): ReadOutcome => {
  const points = tests.filter(({ status }) => status === 'Passed').flatMap((test) => pointsOf(test, context));
  const others = tests.filter(({ status }) => status !== 'Passed');
  const warnings = others
    .filter(({ status }) => status !== 'Waived')
    .map(({ name, status }) => `${name} ended with status ${status} and is left out`);
  if (points.length === 0) return noMeasurement(format, `none of ${tests.length} tests passed`, warnings);
  const waived = others.filter(({ status }) => status === 'Waived').length;
  return assemble({
    format,
    path,
    points,
    warnings: [...warnings, ...(waived > 0 ? [`tests waived on this machine: ${waived}`] : [])],
  });
};

const OPENING = /\{\s*"nvbandwidth"\s*:/;

/** The JSON object in a log: from its opening to the brace that closes it, whatever text stands before and after. */
const embeddedObject = (text: string, path: string): string => {
  const start = text.search(OPENING);
  let depth = 0;
  for (const { 0: token, index } of text.slice(start).matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    depth += token === '{' ? 1 : token === '}' ? -1 : 0;
    if (depth === 0) return text.slice(start, start + index + 1);
  }
  throw inputFault('json_truncated', `${path}: the nvbandwidth object is not closed`, {
    path,
    fix: 'give the whole output; the file may have been cut off',
  });
};

const testOf = (testcase: JsonObject, path: string): Test => ({
  name: textAt(testcase, 'name') ?? '',
  status: textAt(testcase, 'status') ?? '',
  description: textAt(testcase, 'bandwidth_description') ?? '',
  cells: arrayAt(testcase, 'bandwidth_matrix').flatMap((row, rowIndex) =>
    (Array.isArray(row) ? row : []).map((cell, columnIndex) => ({
      pair: `${rowIndex}-${columnIndex}`,
      value: String(cell),
    })),
  ),
  sum: numberAt(testcase, 'sum', path),
});

/** `12070` is CUDA 12.7. */
const cudaVersion = (code: number | undefined): string | undefined =>
  code === undefined ? undefined : `${Math.floor(code / 1000)}.${Math.floor((code % 1000) / 10)}`;

const parseJson = (text: string, path: string): ReadOutcome => {
  const document = parseDocument(embeddedObject(text, path), path);
  const result = isJsonObject(document) ? objectAt(document, 'nvbandwidth') : {};
  const tests = arrayAt(result, 'testcases').filter(isJsonObject);
  const context = contextOf({
    driver: result['Driver Version'],
    cuda: cudaVersion(numberAt(result, 'CUDA Runtime Version', path)),
  });
  return outcomeOf(
    'nvbandwidth_json',
    path,
    tests.map((testcase) => testOf(testcase, path)),
    context,
  );
};

/** `nvbandwidth -j`, also inside a log. */
export const nvbandwidthJson: Reader = {
  format: 'nvbandwidth_json',
  sniff: (_path, head) => (OPENING.test(head) ? 0.95 : 0),
  parse: parseJson,
};

/** One `Running <test>.` section: a description, a line of column indexes, a line per row, and the sum. */
const testOfSection = (section: string): Test => {
  const [heading = '', ...lines] = section.split(/\r?\n/);
  const name = heading.trim().replace(/\.$/, '');
  const description = lines.find((line) => /\((GB\/s|ns)\)/.test(line)) ?? '';
  const indexes = lines.findIndex((line) => /^\s+\d+(\s+\d+)*\s*$/.test(line));
  const columns = (lines[indexes] ?? '').trim().split(/\s+/);
  const rows = lines.slice(indexes + 1).filter((line) => /^\s*\d+\s+(\d|N\/A)/.test(line));
  const cells = rows.flatMap((line) => {
    const [row = '', ...values] = line.trim().split(/\s+/);
    return values.map((value, index) => ({ pair: `${row}-${columns[index] ?? index}`, value }));
  });
  const sum = lines.map((line) => /^SUM \S+ ([\d.]+)/.exec(line)?.[1]).find((found) => found !== undefined);
  const status = indexes < 0 ? (/waived/i.test(section) ? 'Waived' : 'Error') : 'Passed';
  return { name, status, description, cells, sum: sum === undefined ? undefined : Number(sum) };
};

/** Hardware of the device list, when all devices are of one kind, and their number. */
const contextOfText = (text: string): Context => {
  const devices = [...text.matchAll(/^Device \d+: (.+?)(?: \([0-9a-fA-F:.]+\))?:?\s*$/gm)].map(([, name = '']) => name);
  return contextOf({
    hardware: new Set(devices).size === 1 ? devices[0] : undefined,
    n_gpus: devices.length > 0 ? devices.length : undefined,
    driver: /^Driver Version: (\S+)/m.exec(text)?.[1],
    cuda: cudaVersion(Number(/^CUDA Runtime Version: (\d+)/m.exec(text)?.[1] ?? Number.NaN) || undefined),
  });
};

const parseText = (text: string, path: string): ReadOutcome => {
  const sections = text.split(/^Running /m).slice(1);
  if (sections.length === 0)
    throw inputFault('no_rows', `${path} has no nvbandwidth test`, {
      path,
      fix: 'give the whole output; the log may have been cut off',
    });
  return outcomeOf('nvbandwidth_text', path, sections.map(testOfSection), contextOfText(text));
};

/** Plain text output of `nvbandwidth`. */
export const nvbandwidthText: Reader = {
  format: 'nvbandwidth_text',
  sniff: (_path, head) => {
    if (OPENING.test(head)) return 0;
    if (/^nvbandwidth Version:/m.test(head)) return 0.95;
    return /^Running \w+_(ce|sm)\.$/m.test(head) ? 0.9 : 0;
  },
  parse: parseText,
};
