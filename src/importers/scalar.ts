// Reads files that hold one number: plain text, `{"value": 310, "unit": "GB/s"}`, or repeats as `{"values": [310, 309.2]}`. The
// metric is called `value`; who records it knows its name. Never takes one number out of a document that has several.
import { arrayAt, numberAt, parseDocument, textAt } from './json-fields.ts';
import { type Point, assemble } from './point.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import { type JsonObject, isJsonObject } from '../text/json.ts';
import { parseFinite } from '../text/parse-finite.ts';

const valuePoint = (value: number, unit: string | null, key: string): Point => ({
  labels: {},
  samples: [{ name: 'value', source_key: key, unit, value, direction: null, statistic: null }],
  context: {},
});

const repeatsOf = (document: JsonObject, path: string): number[] =>
  arrayAt(document, 'values').map((value, index) => {
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw inputFault('not_a_number', `${path}: values[${index}] is ${JSON.stringify(value)}, not a finite number`, {
      path,
      at: `values[${index}]`,
      fix: 'list plain numbers',
    });
  });

const pointsOf = (document: JsonObject, path: string): Point[] => {
  const unit = textAt(document, 'unit') ?? textAt(document, 'units') ?? null;
  if (Array.isArray(document['values']))
    return repeatsOf(document, path).map((value) => valuePoint(value, unit, 'values'));
  const value = numberAt(document, 'value', path);
  return value === undefined ? [] : [valuePoint(value, unit, 'value')];
};

const parse = (text: string, path: string): ReadOutcome => {
  if (!/^\s*\{/.test(text))
    return assemble({ format: 'scalar', path, points: [valuePoint(parseFinite(text, path), null, 'value')] });
  const document = parseDocument(text, path);
  return assemble({ format: 'scalar', path, points: isJsonObject(document) ? pointsOf(document, path) : [] });
};

const parsedHead = (head: string): unknown => {
  try {
    return JSON.parse(head);
  } catch {
    return undefined;
  }
};

/** An object whose only number, or only list, is the value; notes, host names and the like may stand beside it. */
const isScalarObject = (head: string): boolean => {
  const document = /^\s*\{/.test(head) && /"values?"\s*:/.test(head) ? parsedHead(head) : undefined;
  if (!isJsonObject(document)) return false;
  const { value, values, ...beside } = document;
  const plain = Object.values(beside).every(
    (member) => member === null || ['string', 'boolean'].includes(typeof member),
  );
  return plain && (value === undefined || values === undefined) && !isJsonObject(value) && !Array.isArray(value);
};

/** One number in a file. */
export const scalar: Reader = {
  format: 'scalar',
  sniff: (_path, head) => {
    if (/^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/.test(head)) return 0.9;
    return isScalarObject(head) ? 0.8 : 0;
  },
  parse,
};
