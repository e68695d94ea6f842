// Walks a document of unknown format and makes metrics of its numbers: each under a path that does not move when elements are
// reordered, in the unit that stands beside it, else in that of its name. Settings, counts of work, spreads and series become
// notes. Never compares by position what has a name.
import { isSpreadRow, labelsOf, distinguishElements } from './array-elements.ts';
import { type Notes, createNotes, noteLeft, noteSetting } from './document-notes.ts';
import { finite } from './json-fields.ts';
import {
  type Summary,
  indexPath,
  joinPaths,
  memberPath,
  rowsOfColumns,
  summarise,
  summaryPath,
  wherePath,
} from './json-path.ts';
import { numberInText, startsLikeNumber } from './text-number.ts';
import { type Metric, NO_LABELS } from '../metrics/metric.ts';
import { type NameFacts, factsOfName } from '../metrics/name-facts.ts';
import { CONFIG_WORDS, REPEAT_WORDS } from '../metrics/name-words.ts';
import { factsOfPath, isOpen, withUnit } from '../metrics/path-facts.ts';
import { type JsonObject, type JsonValue, isJsonObject } from '../text/json.ts';
import { inputFault } from '../text/fault.ts';

export const MAX_DEPTH = 200;

export interface Walk {
  readonly file: string;
  /** Integers of the file that no double holds, see `roundedIntegers`. */
  readonly rounded: ReadonlyMap<number, string>;
  readonly metrics: Metric[];
  readonly notes: Notes;
  /** Metrics that are taken from the document; the rest is counted. */
  readonly most: number;
}

const MOST_METRICS = 1_000_000;

export const createWalk = (
  file: string,
  { rounded = new Map(), most = MOST_METRICS }: Partial<Pick<Walk, 'rounded' | 'most'>> = {},
): Walk => ({
  file,
  rounded,
  metrics: [],
  notes: createNotes(),
  most,
});

/** A unit that an object states for its numbers: `unit` for all of them, `time_unit` for its times, `scoreUnit` for `score`. */
export interface StatedUnit {
  /** What stands before `unit`, in lower case. */
  readonly of: string;
  readonly unit: string;
}

/** What holds for the numbers of an object. */
export interface Surroundings {
  readonly units: readonly StatedUnit[];
  /** `description`: only numbers of a known quantity are measured; `settings`: none is. */
  readonly role: 'results' | 'description' | 'settings';
  /** What the repeats are of that stand beside: `mean` and `max` beside `times` are times. */
  readonly repeats?: NameFacts;
}

/** CPU times as `time` and hyperfine name them, beside the repeats of a command. */
const PARTS_OF_TIME = new Set(['user', 'system', 'sys', 'real']);

export const TOP: Surroundings = { units: [], role: 'results' };

const UNIT_KEY = /^(.*?)[_ ]?units?$/i;

/** The unit that a member states, if it is one that does. */
export const statedUnit = (key: string, value: string): StatedUnit | undefined => {
  const last = key.charCodeAt(key.length - 1) | 32;
  if (last !== 116 && last !== 115) return undefined; // ends in t or s
  const of = UNIT_KEY.exec(key)?.[1];
  return of === undefined ? undefined : { of: of.toLowerCase(), unit: value };
};

const isAbout = ({ of }: StatedUnit, key: string): boolean => {
  if (of === '') return true;
  const name = key.toLowerCase();
  if (name.startsWith(of)) return true;
  const { quantity, unit } = factsOfName(key);
  return of === 'time' && quantity === 'time' && unit === null;
};

const unitFor = ({ units }: Surroundings, key: string): string | null =>
  units.length === 0 ? null : (units.findLast((stated) => isAbout(stated, key))?.unit ?? null);

const STRONG_CONFIG =
  /(^|_)(args|arguments|argv|params|parameters|settings?|options|env|environ|environment|metadata|hyperparameters|hparams|extra_info)$/;

const isConfigName = (key: string): boolean => {
  const words = key.toLowerCase().split(/[^a-z]+/);
  return CONFIG_WORDS.has(words.at(-1) ?? '');
};

/** What holds inside of a member; undefined where nothing in it is a measurement. */
export const inside = (around: Surroundings, key: string): Surroundings | undefined => {
  const { kind } = factsOfName(key);
  if (kind === 'spread' || kind === 'series') return undefined;
  const own = around.units.filter((stated) => stated.of === '' || stated.of === 'time');
  const taken = around.units.find((stated) => stated.of !== '' && isAbout(stated, key));
  const units = taken === undefined ? own : [{ of: '', unit: taken.unit }];
  if (around.role === 'settings' || STRONG_CONFIG.test(key.toLowerCase())) return { units, role: 'settings' };
  const role = around.role === 'description' || isConfigName(key) ? 'description' : 'results';
  const isSame =
    taken === undefined && units.length === around.units.length && role === around.role && around.repeats === undefined;
  return isSame ? around : { units, role };
};

const isOfKind = (facts: NameFacts, { role }: Surroundings): NameFacts['kind'] => {
  if (facts.kind !== 'metric' || role === 'results') return facts.kind;
  return role === 'settings' || facts.direction === null ? 'setting' : 'metric';
};

/** What is known of a number under `key` at `path`. */
const factsAt = (path: string, key: string, { repeats }: Surroundings): NameFacts => {
  const own = factsOfName(key);
  if (repeats !== undefined && (own.vague || PARTS_OF_TIME.has(key))) return repeats;
  return path === key || !isOpen(own) ? own : factsOfPath(path);
};

const addMetric = (walk: Walk, value: number, path: string, facts: NameFacts, stated: string | null): void => {
  if (walk.metrics.length >= walk.most) {
    noteLeft(walk.notes, 'surplus', path);
    return;
  }
  const judged = stated === null ? facts : withUnit(facts, stated);
  if ('conflict' in judged && judged.conflict) noteLeft(walk.notes, 'conflict', `${path} in ${stated}`);
  walk.metrics.push({
    name: path,
    source_key: path,
    unit: judged.unit,
    value,
    direction: judged.direction,
    statistic: null,
    labels: NO_LABELS,
  });
};

/** Makes a metric of a number, or a note of what is none. */
export const addNumber = (walk: Walk, value: number, path: string, key: string, around: Surroundings): void => {
  finite(value, walk.file, path);
  if (walk.rounded.has(value)) {
    noteLeft(walk.notes, 'inexact', path);
    return;
  }
  const facts = factsAt(path, key, around);
  const kind = isOfKind(facts, around);
  if (kind === 'metric') addMetric(walk, value, path, facts, unitFor(around, key));
  else {
    if (kind !== 'identity') noteLeft(walk.notes, kind, key);
    if (kind === 'setting' || kind === 'identity') noteSetting(walk.notes, key, value);
  }
};

/** A text may be a number with its unit, a setting, or nothing to us. */
export const addText = (walk: Walk, text: string, path: string, key: string, around: Surroundings): void => {
  noteSetting(walk.notes, key, text);
  if (!startsLikeNumber(text)) return;
  const found = numberInText(text);
  if (found === undefined) return;
  const facts = factsAt(path, key, around);
  if (isOfKind(facts, around) !== 'metric') return;
  const isKnown = facts.direction !== null;
  if (found === 'unknown unit' || (found.unit === null && !isKnown)) {
    if (isKnown) noteLeft(walk.notes, 'text', path);
  } else addMetric(walk, found.value, path, facts, found.unit ?? unitFor(around, key));
};

const unitsOf = (object: JsonObject): StatedUnit[] =>
  Object.entries(object).flatMap(([key, value]) => (typeof value === 'string' ? (statedUnit(key, value) ?? []) : []));

/** True where numbers under this name are repeats of one figure. */
export const isRepeats = (name: string): boolean =>
  name
    .toLowerCase()
    .split(/[^a-z]+/)
    .some((word) => REPEAT_WORDS.has(word));

/** What the one array of repeats of an object is of. */
const repeatsIn = (object: JsonObject): NameFacts | undefined => {
  const names = Object.keys(object).filter((key) => Array.isArray(object[key]) && isRepeats(key));
  const facts = names.length === 1 ? factsOfName(names[0] ?? '') : undefined;
  return facts?.kind === 'metric' && facts.quantity !== null ? facts : undefined;
};

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

const addSummary = (walk: Walk, values: readonly number[], path: string, like: Metric, statistic: Summary): void => {
  walk.metrics.push({ ...like, name: path, source_key: path, value: summarise(values, statistic), statistic });
};

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

/** Notes a member in which nothing is a measurement. */
export const noteSkipped = ({ notes }: Walk, name: string): void =>
  noteLeft(notes, factsOfName(name).kind === 'spread' ? 'spread' : 'series', name);

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
