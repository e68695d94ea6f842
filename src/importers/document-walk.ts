// Walks a document of unknown format: every number under a path that does not move when elements are reordered. What a number
// becomes is in document-numbers.ts. Never compares by position what has a name.
import { isSpreadRow, labelsOf, distinguishElements } from './array-elements.ts';
import { noteLeft } from './document-notes.ts';
import { finite } from './json-fields.ts';
import { indexPath, joinPaths, memberPath, rowsOfColumns, summarise, summaryPath, wherePath } from './json-path.ts';
import type { Metric } from '../metrics/metric.ts';
import { type JsonObject, type JsonValue, isJsonObject } from '../text/json.ts';
import { inputFault } from '../text/fault.ts';
import type { Walk } from './document-numbers.ts';
import { addMetric, addNumber, addSummary, addText, createWalk, noteSkipped } from './document-numbers.ts';
import type { Surroundings } from './document-surroundings.ts';
import { factsAt, inside, isOfKind, isRepeats, repeatsIn, unitFor, unitsOf } from './document-surroundings.ts';

export const MAX_DEPTH = 200;

const walkObject = (
  walk: Walk,
  object: JsonObject,
  path: string,
  depth: number,
  around: Surroundings,
  labels: readonly string[],
): void => {
  const stated = unitsOf(object);
  const repeats = repeatsIn(object);
  const here =
    stated.length === 0 && repeats === undefined
      ? around
      : { ...around, units: [...around.units, ...stated], ...(repeats === undefined ? {} : { repeats }) };
  for (const key in object) {
    const value = object[key];
    if (typeof value === 'number') {
      if (!labels.includes(key)) addNumber(walk, value, memberPath(path, key), key, here);
    } else if (typeof value === 'string') {
      if (!labels.includes(key)) addText(walk, value, memberPath(path, key), key, here);
    } else if (typeof value === 'object' && value !== null)
      walkNested(walk, value, memberPath(path, key), depth + 1, key, here);
  }
};

/** So many unnamed elements are records of single requests or steps, not points. */
const FEWEST_RECORDS = 8;

const FEWEST_FOR_TAIL = 100;

const MOST_POSITIONS = 64;

/** Repeats and records: one median of each of their numbers; where there are many, the tail of their times too. */
const walkRecords = (
  walk: Walk,
  items: readonly JsonValue[],
  path: string,
  depth: number,
  around: Surroundings,
): void => {
  const inner = { ...createWalk(walk.file, walk), notes: walk.notes };
  const found = new Map<string, { readonly like: Metric; readonly values: number[] }>();
  for (const item of items) {
    if (!isJsonObject(item)) continue;
    inner.metrics.length = 0;
    walkObject(inner, item, '', depth + 1, around, []);
    for (const metric of inner.metrics) {
      const known = found.get(metric.name);
      if (known === undefined) found.set(metric.name, { like: metric, values: [metric.value] });
      else known.values.push(metric.value);
    }
  }
  walk.notes.summarised.set(path === '' ? 'the document' : path, items.length);
  for (const [name, { like, values }] of found) {
    addSummary(walk, values, joinPaths(summaryPath(path, 'p50'), name), like, 'p50');
    if (values.length >= FEWEST_FOR_TAIL && like.direction === 'lower-is-better')
      addSummary(walk, values, joinPaths(summaryPath(path, 'p99'), name), like, 'p99');
  }
};

const walkGroups = (
  walk: Walk,
  items: readonly JsonObject[],
  path: string,
  depth: number,
  around: Surroundings,
): void => {
  const { fields, groups, isSeries } = distinguishElements(items);
  for (const group of groups) {
    const [first] = group;
    if (first === undefined) continue;
    const at = fields.length === 0 ? path : wherePath(path, labelsOf(first, fields));
    if (group.length === 1 && fields.length > 0) walkObject(walk, first, at, depth + 1, around, fields);
    else if (fields.length > 0 || isSeries || group.length >= FEWEST_RECORDS)
      walkRecords(walk, group, at, depth, around);
    else walkPositions(walk, group, path, depth, '', around);
  }
};

const walkPositions = (
  walk: Walk,
  items: readonly JsonValue[],
  path: string,
  depth: number,
  name: string,
  around: Surroundings,
): void => {
  const before = walk.metrics.length;
  for (const [index, item] of items.entries()) {
    const at = indexPath(path, index);
    if (typeof item === 'number') addNumber(walk, item, at, name, around);
    else if (typeof item === 'object' && item !== null) walkNested(walk, item, at, depth + 1, name, around);
  }
  if (items.length > 1 && walk.metrics.length > before) walk.notes.positions.add(path === '' ? 'the document' : path);
};

const walkNumbers = (walk: Walk, values: readonly number[], path: string, name: string, around: Surroundings): void => {
  const facts = factsAt(path, name, around);
  const kind = isOfKind(facts, around);
  if (kind !== 'metric') {
    if (kind !== 'identity') noteLeft(walk.notes, kind, name);
    return;
  }
  const unit = unitFor(around, name);
  if (values.length > 1 && (isRepeats(name) || (values.length > MOST_POSITIONS && facts.quantity !== null))) {
    values.forEach((value, index) => finite(value, walk.file, indexPath(path, index)));
    walk.notes.summarised.set(path, values.length);
    addMetric(walk, summarise(values, 'p50'), summaryPath(path, 'p50'), facts, unit);
  } else if (values.length > MOST_POSITIONS) noteLeft(walk.notes, 'series', path);
  else walkPositions(walk, values, path, 0, name, around);
};

const isPoint = (item: JsonValue): boolean =>
  Array.isArray(item) && item.length === 2 && item.every((each) => typeof each === 'number');

const walkArray = (
  walk: Walk,
  items: readonly JsonValue[],
  path: string,
  depth: number,
  name: string,
  around: Surroundings,
): void => {
  const rows = items.filter(isJsonObject);
  if (rows.length > 0 && rows.length === items.length) {
    walkGroups(
      walk,
      rows.filter((row) => !isSpreadRow(row)),
      path,
      depth,
      around,
    );
    return;
  }
  const numbers = items.filter((item) => typeof item === 'number');
  if (numbers.length > 0 && numbers.length === items.length) walkNumbers(walk, numbers, path, name, around);
  else if (items.length > 2 && items.every(isPoint)) noteLeft(walk.notes, 'series', name);
  else walkPositions(walk, items, path, depth, name, around);
};

/** `name` is the key that the value, or the array around it, stands under. */
export const walkNested = (
  walk: Walk,
  value: JsonObject | readonly JsonValue[],
  path: string,
  depth: number,
  name: string,
  surroundings: Surroundings,
): void => {
  if (depth > MAX_DEPTH)
    throw inputFault('json_too_deep', `${walk.file} nests deeper than ${MAX_DEPTH} levels`, { path: walk.file });
  const around = name === '' ? surroundings : inside(surroundings, name);
  if (around === undefined) {
    noteSkipped(walk, name);
    return;
  }
  if (Array.isArray(value)) {
    walkArray(walk, value, path, depth, name, around);
    return;
  }
  if (!isJsonObject(value)) return;
  const rows = rowsOfColumns(value);
  const isTable = rows !== undefined && rows.some((row) => Object.values(row).some((cell) => typeof cell === 'string'));
  if (isTable) walkArray(walk, rows, path, depth, name, around);
  else walkObject(walk, value, path, depth, around, []);
};
