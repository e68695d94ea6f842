// Reads any JSON or JSON Lines document of a format that is not known: every finite number becomes a metric under a path that
// does not move when elements are reordered. Booleans, text, ids, moments and integers beyond 2^53 are not metrics.
import { identifyingFields, isIdentity } from './identity.ts';
import { finite, looksLikeJsonLines, parseDocument, parseJsonLines } from './json-fields.ts';
import { indexPath, memberPath, wherePath } from './json-path.ts';
import { noMeasurement } from './point.ts';
import { unitOfName } from '../metrics/unit-of-name.ts';
import { type Metric, NO_LABELS } from '../metrics/metric.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import { plural } from '../text/numbers.ts';
import { type JsonObject, type JsonValue, isJsonObject } from '../text/json.ts';
import { scanObject } from '../text/json-scan.ts';

const MAX_DEPTH = 200;

interface Walk {
  readonly file: string;
  readonly metrics: Metric[];
  /** Paths of integers beyond 2^53. */
  readonly inexact: string[];
}

const addNumber = (walk: Walk, value: number, path: string, unit: string | null): void => {
  finite(value, walk.file, path);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    walk.inexact.push(path);
    return;
  }
  walk.metrics.push({
    name: path,
    source_key: path,
    unit,
    value,
    direction: null,
    statistic: null,
    labels: NO_LABELS,
  });
};

/** Numbers beside a `unit` are in that unit, others in the one that their name states. */
const walkObject = (walk: Walk, object: JsonObject, path: string, depth: number, labels: readonly string[]): void => {
  const stated = typeof object['unit'] === 'string' ? object['unit'] : null;
  for (const key in object) {
    const value = object[key];
    if (typeof value === 'number') {
      if (!labels.includes(key) && !isIdentity(key))
        addNumber(walk, value, memberPath(path, key), stated ?? unitOfName(key));
    } else if (typeof value === 'object' && value !== null)
      walkNested(walk, value, memberPath(path, key), depth + 1, key);
  }
};

const labelsOf = (item: JsonObject, fields: readonly string[]): [string, string | number][] =>
  fields.map((field) => {
    const value = item[field];
    return [field, typeof value === 'number' ? value : String(value)];
  });

const walkPositions = (walk: Walk, items: readonly JsonValue[], path: string, depth: number, name: string): void => {
  for (const [index, item] of items.entries()) {
    if (typeof item === 'number') {
      if (!isIdentity(name)) addNumber(walk, item, indexPath(path, index), unitOfName(name));
    } else if (typeof item === 'object' && item !== null)
      walkNested(walk, item, indexPath(path, index), depth + 1, name);
  }
};

const walkArray = (walk: Walk, items: readonly JsonValue[], path: string, depth: number, name: string): void => {
  const objects = items.every(isJsonObject) ? items : [];
  const fields = identifyingFields(objects);
  if (fields.length === 0) walkPositions(walk, items, path, depth, name);
  else for (const item of objects) walkObject(walk, item, wherePath(path, labelsOf(item, fields)), depth + 1, fields);
};

/** `name` is the key that the value, or the array around it, stands under. */
const walkNested = (
  walk: Walk,
  value: JsonObject | readonly JsonValue[],
  path: string,
  depth: number,
  name: string,
): void => {
  if (depth > MAX_DEPTH)
    throw inputFault('json_too_deep', `${walk.file} nests deeper than ${MAX_DEPTH} levels`, { path: walk.file });
  if (Array.isArray(value)) walkArray(walk, value, path, depth, name);
  else if (isJsonObject(value)) walkObject(walk, value, path, depth, []);
};

/** Members under which benchmarks count the requests that they completed. */
const COMPLETED = [
  'completed',
  'completed_requests',
  'successful_requests',
  'num_completed_requests',
  'num_successful',
];

/** The member that says that a run completed nothing. */
const emptyRun = (run: JsonValue): string | undefined =>
  isJsonObject(run) ? COMPLETED.find((name) => run[name] === 0) : undefined;

/** Runs that completed nothing: how many are left out, and when that is all of them, the member that says so. */
interface EmptyRuns {
  readonly left: number;
  readonly member?: string | undefined;
}

interface Whole extends EmptyRuns {
  readonly walk: Walk;
}

/** The runs of a document that completed something; a document of another kind is one run. */
const completedRuns = (document: JsonValue): EmptyRuns & { readonly document: JsonValue } => {
  if (!Array.isArray(document)) return { document, left: 0, member: emptyRun(document) };
  const runs: readonly JsonValue[] = document;
  const member = runs.map(emptyRun).find((name) => name !== undefined);
  if (member === undefined) return { document, left: 0, member };
  const kept = runs.filter((run) => emptyRun(run) === undefined);
  return { document: kept, left: runs.length - kept.length, member: kept.length === 0 ? member : undefined };
};

/** An object of the document while its members are read. */
interface Open {
  readonly path: string;
  /** The unit that it states for its numbers. */
  unit: string | null;
  hasNumbers: boolean;
}

/** Reads an object member by member. Undefined where the whole document must be looked at first. */
const walkMembers = (text: string, file: string): Walk | undefined => {
  const walk: Walk = { file, metrics: [], inexact: [] };
  const around: Open[] = [];
  let isEmptyRun = false;
  let inner: Open = { path: '', unit: null, hasNumbers: false };
  const isWhole = scanObject(text, {
    onNumber: (key, value) => {
      inner.hasNumbers = true;
      if (value === 0 && around.length === 0 && COMPLETED.includes(key)) isEmptyRun = true;
      if (!isIdentity(key)) addNumber(walk, value, memberPath(inner.path, key), inner.unit ?? unitOfName(key));
    },
    onText: (key, value) => {
      if (key !== 'unit') return true;
      inner.unit = value;
      return !inner.hasNumbers;
    },
    onArray: (key, value) => walkNested(walk, value, memberPath(inner.path, key), around.length + 1, key),
    onOpen: (key) => {
      around.push(inner);
      inner = { path: memberPath(inner.path, key), unit: null, hasNumbers: false };
      return around.length <= MAX_DEPTH;
    },
    onClose: () => {
      inner = around.pop() ?? inner;
    },
  });
  return isWhole && !isEmptyRun ? walk : undefined;
};

const walkDocument = (text: string, file: string): Whole => {
  const { document, left, member } = completedRuns(documentOf(text, file));
  const walk: Walk = { file, metrics: [], inexact: [] };
  if (member === undefined && typeof document === 'object' && document !== null) walkNested(walk, document, '', 0, '');
  return { walk, left, member };
};

/** The document itself, or the array of its lines. */
export const documentOf = (text: string, path: string): JsonValue =>
  looksLikeJsonLines(text) ? parseJsonLines(text, path) : parseDocument(text, path);

const leftOut = (runs: number): string[] =>
  runs === 0 ? [] : [`${plural(runs, 'run')} that completed no request left out`];

const warningsOf = ({ inexact }: Walk): string[] =>
  inexact.length === 0
    ? []
    : [
        `integers beyond 2^53 are not read: ${inexact.slice(0, 3).join(', ')}${inexact.length > 3 ? ` and ${inexact.length - 3} more` : ''}`,
      ];

const parse = (text: string, path: string): ReadOutcome => {
  const members = walkMembers(text, path);
  const { walk, left, member }: Whole = members === undefined ? walkDocument(text, path) : { walk: members, left: 0 };
  if (member !== undefined) return noMeasurement('json_document', `no request completed (${member} is 0)`);
  if (walk.metrics.length === 0)
    throw inputFault('no_numbers', `${path} holds no number that is a measurement`, {
      path,
      fix: 'give a document with numbers other than ids, versions and moments',
    });
  return {
    kind: 'measured',
    reading: {
      format: 'json_document',
      metrics: walk.metrics,
      trials: [],
      context: {},
      warnings: [...leftOut(left), ...warningsOf(walk)],
    },
  };
};

/** The reader of last resort for JSON. */
export const jsonDocument: Reader = {
  format: 'json_document',
  sniff: (_path, head) => (/^\s*[{[]/.test(head) ? 0.1 : 0),
  parse,
};
