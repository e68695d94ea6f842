// Reads any JSON or JSON Lines document of a format that is not known: every number that is a measurement becomes a metric
// under a path that does not move when elements are reordered, in the unit that stands beside it or in its name. Settings
// become context; what is left out is named. Never takes a setting, an id or a moment for a result.
import { contextOfNotes, leftNames, warningsOf } from './document-notes.ts';
import { MAX_DEPTH, walkNested } from './document-walk.ts';
import { type StatedUnit, type Surroundings, TOP, inside, isRepeats, statedUnit } from './document-surroundings.ts';
import { type Walk, addNumber, addText, createWalk, noteSkipped } from './document-numbers.ts';
import { looksLikeJsonLines, parseDocument, parseJsonLines } from './json-fields.ts';
import { memberPath } from './json-path.ts';
import { noMeasurement } from './point.ts';
import type { ReadOutcome, Reader } from '../metrics/reading.ts';
import { inputFault } from '../text/fault.ts';
import { roundedIntegers } from '../text/json.ts';
import { plural } from '../render/numbers.ts';
import { type JsonValue, isJsonObject } from '../text/json.ts';
import { scanObject } from '../text/json-scan.ts';

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
  /** Undefined where nothing in it is a measurement. */
  around: Surroundings | undefined;
  hasNumbers: boolean;
}

const withStated = (around: Surroundings, stated: StatedUnit): Surroundings => ({
  ...around,
  units: [...around.units, stated],
});

const ROW_NUMBER = /^\d+$/;

/** Reads an object member by member. Undefined where the whole document must be looked at first. */
const walkMembers = (text: string, file: string): Walk | undefined => {
  const walk = createWalk(file, { rounded: roundedIntegers(text) });
  const around: Open[] = [];
  let isEmptyRun = false;
  let needsWhole = false;
  let inner: Open = { path: '', around: TOP, hasNumbers: false };
  const isWhole = scanObject(text, {
    onNumber: (key, value) => {
      inner.hasNumbers = true;
      if (value === 0 && around.length === 0 && COMPLETED.includes(key)) isEmptyRun = true;
      const first = key.charCodeAt(0);
      if (around.length > 0 && first >= 48 && first <= 57 && ROW_NUMBER.test(key)) needsWhole = true;
      if (inner.around !== undefined) addNumber(walk, value, memberPath(inner.path, key), key, inner.around);
    },
    onText: (key, value) => {
      if (inner.around === undefined) return true;
      const stated = statedUnit(key, value);
      if (stated === undefined) addText(walk, value, memberPath(inner.path, key), key, inner.around);
      else inner.around = withStated(inner.around, stated);
      return stated === undefined || !inner.hasNumbers;
    },
    onArray: (key, value) => {
      inner.hasNumbers = true;
      if (isRepeats(key)) needsWhole = true;
      if (inner.around !== undefined)
        walkNested(walk, value, memberPath(inner.path, key), around.length + 1, key, inner.around);
    },
    onOpen: (key) => {
      around.push(inner);
      const own = inner.around && inside(inner.around, key);
      if (own === undefined && inner.around !== undefined) noteSkipped(walk, key);
      inner = { path: memberPath(inner.path, key), around: own, hasNumbers: false };
      return around.length <= MAX_DEPTH;
    },
    onClose: () => {
      const { hasNumbers } = inner;
      inner = around.pop() ?? inner;
      inner.hasNumbers ||= hasNumbers;
    },
  });
  return isWhole && !isEmptyRun && !needsWhole ? walk : undefined;
};

const walkDocument = (text: string, file: string): Whole => {
  const { document, left, member } = completedRuns(documentOf(text, file));
  const walk = createWalk(file, { rounded: roundedIntegers(text) });
  if (member === undefined && typeof document === 'object' && document !== null)
    walkNested(walk, document, '', 0, '', TOP);
  return { walk, left, member };
};

/** The document itself, or the array of its lines. */
export const documentOf = (text: string, path: string): JsonValue =>
  looksLikeJsonLines(text) ? parseJsonLines(text, path) : parseDocument(text, path);

const leftOut = (runs: number): string[] =>
  runs === 0 ? [] : [`${plural(runs, 'run')} that completed no request left out`];

const parse = (text: string, path: string): ReadOutcome => {
  const members = walkMembers(text, path);
  const { walk, left, member }: Whole = members === undefined ? walkDocument(text, path) : { walk: members, left: 0 };
  if (member !== undefined) return noMeasurement('json_document', `no request completed (${member} is 0)`);
  if (walk.metrics.length === 0)
    throw inputFault('no_numbers', `${path} holds no number that is a measurement`, {
      path,
      fix: 'give a document with numbers other than ids, moments, settings and counts',
      ...(leftNames(walk.notes).length === 0 ? {} : { data: { left_out: leftNames(walk.notes) } }),
    });
  return {
    kind: 'measured',
    reading: {
      format: 'json_document',
      metrics: walk.metrics,
      trials: [],
      context: contextOfNotes(walk.notes),
      warnings: [...leftOut(left), ...warningsOf(walk.notes)],
    },
  };
};

/** The reader of last resort for JSON. */
export const jsonDocument: Reader = {
  format: 'json_document',
  sniff: (_path, head) => (/^\s*[{[]/.test(head) ? 0.1 : 0),
  parse,
};
