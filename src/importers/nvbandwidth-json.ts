// Reads the JSON of `nvbandwidth -j`, also out of a log with any text around it. Matrix cells are text. Format: nvbandwidth v0.5
// to v0.8.
import { contextOf } from './context-fields.ts';
import { arrayAt, numberAt, objectAt, parseDocument, textAt } from './json-fields.ts';
import { type BandwidthTest, bandwidthOutcome, cudaVersion } from './nvbandwidth-tests.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import { type JsonObject, isJsonObject } from '../text/json.ts';

const OPENING = /\{\s*"nvbandwidth"\s*:/;

/** The JSON object in a log: from its opening to the brace that closes it, whatever text stands before and after. */
const embeddedObject = (text: string, path: string): string => {
  const start = text.search(OPENING);
  const object = start < 0 ? '' : text.slice(start);
  let depth = 0;
  for (const { 0: token, index } of object.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/g)) {
    depth += token === '{' ? 1 : token === '}' ? -1 : 0;
    if (depth === 0) return object.slice(0, index + 1);
  }
  throw inputFault('json_truncated', `${path} holds no whole nvbandwidth object`, {
    path,
    fix: 'give the whole output; the file may have been cut off',
  });
};

const testOf = (testcase: JsonObject, path: string): BandwidthTest => ({
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

const parseJson = (text: string, path: string): ReadOutcome => {
  const document = parseDocument(embeddedObject(text, path), path);
  const result = isJsonObject(document) ? objectAt(document, 'nvbandwidth') : {};
  const tests = arrayAt(result, 'testcases').filter(isJsonObject);
  const context = contextOf({
    driver: result['Driver Version'],
    cuda: cudaVersion(numberAt(result, 'CUDA Runtime Version', path)),
  });
  return bandwidthOutcome(
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
