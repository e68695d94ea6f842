// Decides what names the elements of an array, so that they are matched by that and never by their position: the load, the
// shape of the work, the command, the name of the metric. Never takes a measured number for a name.
import { labelValue } from './json-path.ts';
import { factsOfName } from '../metrics/name-facts.ts';
import { type JsonObject, isJsonObject } from '../text/json.ts';

/**
 * Members that distinguish the elements of an array: the load, the shape of the work, the place. An element is keyed by all of
 * those that every element has. `id` only counts where nothing else does, because runs renumber.
 */
const IDENTIFYING: readonly string[] = [
  'name', 'tag', 'short', 'arm', 'key', 'label', 'case', 'test', 'testcase', 'benchmark', 'metric', 'scenario', 'variant', 'config', 'cell_id', 'workload',
  'perf_metric_name', 'command', 'params',
  'concurrency', 'max_concurrency', 'conc', 'request_rate', 'batch_size', 'batch', 'n_prompt', 'n_gen', 'n_depth',
  'isl', 'osl', 'input_len', 'output_len', 'seq_len', 'sequence_length', 'prompt_len',
  'size', 'size_bytes', 'message_size', 'size_b', 'shape', 'dataset',
  'pair', 'src', 'dst', 'source', 'target', 'peer', 'rank', 'gpu', 'gpu_index', 'gpu_id', 'gpu_uuid', 'device', 'device_id', 'node', 'host', 'hostname',
  'kernel', 'op', 'operation', 'collective', 'layer', 'stage', 'phase', 'place', 'percentile',
]; // prettier-ignore

/** `test_name`, `Test name`, `benchmarkName`: names elements even where they all have one. */
const NAME_OF_ELEMENT = /^(test|case|bench|benchmark|run|metric|config|suite|scenario|workload|kernel)[_ ]?name$/i;

/** Rates that are a load in one file and a result in the next: they name elements only where nothing else does. */
const LAST_RESORTS: readonly (readonly string[])[] = [['id'], ['rps'], ['qps']];

/** What numbers the elements of a series. */
const SERIES_AXES = [
  'step',
  'iteration',
  'iter',
  'epoch',
  'timeslice_index',
  'timestamp',
  'time',
  'elapsed_s',
  'round',
];

/** Objects whose members describe the element that they stand in. */
const DESCRIBING =
  /(^|_)(params?|parameters|config|args|settings|options|metric|benchmark|model|workload|test|labels|extra_info)$/;

/** Texts that are a result or a moment and no name. */
const FREE_TEXT =
  /(^|_)(text|prompt|output|response|content|error|message|time|date|timestamp|warning|description|url|path|build|commit|sha|info)s?($|_)/i;
const LONGEST_NAME = 120;
const DEEPEST = 4;

type Keyed = JsonObject;

const isLabel = (value: unknown): value is string | number =>
  typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));

/** The text that an element is keyed by. */
const keyOf = (item: Keyed, fields: readonly string[]): string =>
  JSON.stringify(fields.map((field) => labelValue(item, field) ?? null));

const distinguish = (items: readonly Keyed[], fields: readonly string[]): boolean =>
  fields.length > 0 && new Set(items.map((item) => keyOf(item, fields))).size === items.length;

const inEvery = (items: readonly Keyed[], field: string): boolean =>
  items.every((item) => isLabel(labelValue(item, field)));

/** Looks like configuration: a short text, or a number that by its name was asked for. */
const isDescription = (key: string, value: unknown): boolean =>
  typeof value === 'string'
    ? value.length <= LONGEST_NAME && !value.includes('\n') && !FREE_TEXT.test(key)
    : typeof value === 'number' && factsOfName(key).kind === 'setting';

/** Members of an element that look like configuration, also those of objects that describe it: `metric.name`. */
const descriptionsOf = (item: Keyed, prefix = '', depth = 0): string[] =>
  Object.entries(item).flatMap(([key, value]) => {
    if (key.includes('.')) return [];
    if (isJsonObject(value)) {
      const describes = depth > 0 || DESCRIBING.test(key);
      return describes && depth < DEEPEST ? descriptionsOf(value, `${prefix}${key}.`, depth + 1) : [];
    }
    return isDescription(key, value) ? [`${prefix}${key}`] : [];
  });

const varies = (items: readonly Keyed[], field: string): boolean =>
  new Set(items.map((item) => labelValue(item, field))).size > 1;

/** What else distinguishes elements: one description that differs in each, else all that differ. */
const furtherFields = (items: readonly Keyed[], known: readonly string[]): readonly string[] | undefined => {
  const [first] = items;
  if (first === undefined || items.length < 2) return undefined;
  const varying = descriptionsOf(first).filter(
    (field) => !known.includes(field) && inEvery(items, field) && varies(items, field),
  );
  const [alone] = varying.filter((field) => distinguish(items, [...known, field]));
  if (alone !== undefined) return [...known, alone];
  return distinguish(items, [...known, ...varying]) ? [...known, ...varying] : undefined;
};

/** How the elements of an array are distinguished. */
export interface Elements {
  /** What names them; empty where nothing does. */
  readonly fields: readonly string[];
  /** Elements of one name stand together: a group of several are repeats or records. */
  readonly groups: readonly (readonly JsonObject[])[];
  /** The elements are points of a series: steps, slices of time. */
  readonly isSeries: boolean;
}

const groupBy = (items: readonly Keyed[], fields: readonly string[]): JsonObject[][] => {
  const groups = new Map<string, JsonObject[]>();
  for (const item of items) {
    const key = keyOf(item, fields);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
};

/** How these objects are to be distinguished. */
export const distinguishElements = (items: readonly JsonObject[]): Elements => {
  const named = Object.keys(items[0] ?? {}).filter((field) => NAME_OF_ELEMENT.test(field));
  const known = [...IDENTIFYING, ...named].filter((field) => inEvery(items, field));
  const each = (fields: readonly string[]): Elements => ({
    fields,
    groups: items.map((item) => [item]),
    isSeries: false,
  });
  if (distinguish(items, known)) return each(known);
  const isSeries =
    items.length > 1 && SERIES_AXES.some((axis) => inEvery(items, axis) && distinguish(items, [...known, axis]));
  if (isSeries) return { fields: known, groups: groupBy(items, known), isSeries };
  const further = furtherFields(items, known);
  if (further !== undefined) return each(further);
  const last = LAST_RESORTS.find(
    (fields) => fields.every((field) => inEvery(items, field)) && distinguish(items, fields),
  );
  if (last !== undefined) return each(last);
  return { fields: known, groups: known.length === 0 ? [items] : groupBy(items, known), isSeries };
};

/** The values that name an element, by field. */
export const labelsOf = (item: JsonObject, fields: readonly string[]): [string, string | number][] =>
  fields.map((field) => {
    const value = labelValue(item, field);
    return [field, typeof value === 'number' ? value : String(value)];
  });

/** Names of aggregates, as benchmarks append them to the name of what they ran. */
const SPREAD_NAME = /[_\-/ .](std|stddev|stdev|stderr|cv|variance|iqr)$/i;

/** A row that holds a spread (`"aggregate_name": "stddev"`, a name that ends in `_cv`) and not a figure. */
export const isSpreadRow = ({ aggregate_name, statistic, name }: JsonObject): boolean =>
  [aggregate_name, statistic].some((stated) => typeof stated === 'string' && factsOfName(stated).kind === 'spread') ||
  (typeof name === 'string' && SPREAD_NAME.test(name));
