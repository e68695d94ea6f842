// The paths by which metrics of a document are named and selected: `results[concurrency=16].ttft_p50_ms`, `rows[3]`,
// `kernels["a.b"].time_us`. One grammar for writing and reading: parsePath(renderPath(x)) = x. Selects, never guesses.
//
//   path    = step *( "." name / bracket )         step = name / bracket
//   bracket = "[" index "]" / "[" string "]" / "[" label "=" value *( "," label "=" value ) "]" / "[" summary "]"
//   label   = a member, or members joined by "." (`metric.name`)      summary = "p50" / "p99": of what the rest of the path
//   selects in each element (`rows[p50].ttft_ms`) or of numbers (`times[p50]`)
//   name    = one or more characters other than . [ ] " and controls     string, value: plain, or a JSON string
import { quantile } from '../stats/describe.ts';
import { inputFault } from '../text/fault.ts';
import { type JsonObject, type JsonValue, isJsonObject } from '../text/json.ts';

export type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  /** The one object of an array whose members have these values, compared as text. */
  | { readonly kind: 'where'; readonly labels: readonly (readonly [string, string])[] }
  /** One figure for all elements of an array. */
  | { readonly kind: 'summary'; readonly statistic: Summary };

/** The figures by which repeats and records are summarised. */
export type Summary = 'p50' | 'p99';

const SHARES: Readonly<Record<Summary, number>> = { p50: 0.5, p99: 0.99 };

/** The figure of some values; they are not empty. */
export const summarise = (values: readonly number[], statistic: Summary): number => quantile(values, SHARES[statistic]);

const NEEDS_QUOTES = /[.[\]"\u0000-\u001f]|^$/;
const VALUE_NEEDS_QUOTES = /[,\]"=\u0000-\u001f]|^\s|\s$|^$/;

/** The path of a member. `path` is empty at the top of the document. */
export const memberPath = (path: string, key: string): string => {
  if (NEEDS_QUOTES.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
};

/** The path of an array element by position. */
export const indexPath = (path: string, index: number): string => `${path}[${index}]`;

const renderValue = (value: string | number): string => {
  const text = String(value);
  return VALUE_NEEDS_QUOTES.test(text) ? JSON.stringify(text) : text;
};

/** The path of an array element by what identifies it. */
export const wherePath = (path: string, labels: readonly (readonly [string, string | number])[]): string =>
  `${path}[${labels.map(([label, value]) => `${renderValue(label)}=${renderValue(value)}`).join(',')}]`;

/** The path of a figure over all elements of an array. */
export const summaryPath = (path: string, statistic: Summary): string => `${path}[${statistic}]`;

/** A path that begins in an element of another one. */
export const joinPaths = (path: string, inner: string): string =>
  path === '' || inner === '' || inner.startsWith('[') ? `${path}${inner}` : `${path}.${inner}`;

/** Writes a path. */
export const renderPath = (steps: readonly Step[]): string =>
  steps.reduce((path, step) => {
    if (step.kind === 'key') return memberPath(path, step.key);
    if (step.kind === 'summary') return summaryPath(path, step.statistic);
    return step.kind === 'index' ? indexPath(path, step.index) : wherePath(path, step.labels);
  }, '');

const STRING = /"(?:[^"\\]|\\.)*"/.source;
const NAME = /[^.[\]"]+/y;
const INDEX = /\[(0|[1-9]\d*)\]/y;
const SUMMARY = /\[(p50|p99)\]/y;
const QUOTED = new RegExp(`\\[(${STRING})\\]`, 'y');
const LABEL = new RegExp(`(${STRING}|[^=\\],"]+)=(${STRING}|[^,\\]"]*)([,\\]])`, 'y');

const unquote = (text: string): string => {
  if (!text.startsWith('"')) return text;
  const value: unknown = JSON.parse(text);
  return String(value);
};

const syntaxFault = (path: string, offset: number) =>
  inputFault('selector_syntax', `selector ${JSON.stringify(path)} is not a path at character ${offset + 1}`, {
    at: `1:${offset + 1}`,
    fix: 'write names joined by ".", with [index], ["name"] or [label=value,…] for array elements',
  });

/** Reads a path. Throws a Fault `selector_syntax` that names the character. */
export const parsePath = (path: string): Step[] => {
  const steps: Step[] = [];
  let offset = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = offset;
    const found = pattern.exec(path);
    if (found !== null) offset += found[0].length;
    return found;
  };
  const labels = (): [string, string][] => {
    const found = match(LABEL);
    if (found === null) throw syntaxFault(path, offset);
    const pair: [string, string] = [unquote(found[1] ?? ''), unquote(found[2] ?? '')];
    return found[3] === ',' ? [pair, ...labels()] : [pair];
  };
  const bracket = (): Step => {
    const index = match(INDEX);
    if (index !== null) return { kind: 'index', index: Number(index[1]) };
    const summary = match(SUMMARY);
    if (summary !== null) return { kind: 'summary', statistic: summary[1] === 'p99' ? 'p99' : 'p50' };
    const quoted = match(QUOTED);
    if (quoted !== null) return { kind: 'key', key: unquote(quoted[1] ?? '') };
    offset += 1;
    return { kind: 'where', labels: labels() };
  };
  do {
    if (path[offset] === '[') steps.push(bracket());
    else {
      if (steps.length > 0 && path[offset] === '.') offset += 1;
      const name = match(NAME);
      if (name === null) throw syntaxFault(path, offset);
      steps.push({ kind: 'key', key: name[0] });
    }
  } while (offset < path.length);
  return steps;
};

/** A member, or where none has that name a member of members: `metric.name`. */
export const labelValue = (item: JsonObject, label: string): JsonValue | undefined => {
  if (Object.hasOwn(item, label)) return item[label];
  return label
    .split('.')
    .reduce<JsonValue | undefined>(
      (inner, key) => (isJsonObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined),
      item,
    );
};

const matches = (item: JsonValue, labels: readonly (readonly [string, string])[]): boolean =>
  isJsonObject(item) &&
  labels.every(([label, value]) => {
    const found = labelValue(item, label);
    return found !== undefined && String(found) === value;
  });

const ROW = /^\d+$/;

/**
 * The rows of a table that is written column by column (`{"Test name": {"0": …}, "TTFT (ms)": {"0": …}}`), as pandas writes
 * it; undefined for any other object.
 */
export const rowsOfColumns = (table: JsonObject): JsonObject[] | undefined => {
  const columns = Object.entries(table);
  const numbers = new Set<string>();
  for (const [, column] of columns) {
    if (!isJsonObject(column)) return undefined;
    for (const row in column) {
      if (!ROW.test(row) || typeof column[row] === 'object') return undefined;
      numbers.add(row);
    }
  }
  if (columns.length < 2 || numbers.size === 0) return undefined;
  return [...numbers].map((row) =>
    Object.fromEntries(
      columns.flatMap(([name, column]) => {
        const cell = isJsonObject(column) ? column[row] : undefined;
        return cell === undefined ? [] : [[name, cell] as const];
      }),
    ),
  );
};

const elementsOf = (value: JsonValue | undefined): readonly JsonValue[] | undefined => {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? rowsOfColumns(value) : undefined;
};

/** The figure over what the rest of a path selects in each element. */
const summaryOf = (items: readonly JsonValue[], statistic: Summary, rest: readonly Step[]): JsonValue | undefined => {
  const values = items.map((item) => resolvePath(item, rest)).filter((value) => typeof value === 'number');
  return values.length === 0 ? undefined : summarise(values, statistic);
};

/** What a path selects in a document; undefined where it selects nothing, or more than one element. */
export const resolvePath = (document: JsonValue, steps: readonly Step[]): JsonValue | undefined => {
  const [step, ...rest] = steps;
  if (step === undefined) return document;
  if (step.kind === 'key') {
    const inner = isJsonObject(document) && Object.hasOwn(document, step.key) ? document[step.key] : undefined;
    return inner === undefined ? undefined : resolvePath(inner, rest);
  }
  const items = elementsOf(document);
  if (items === undefined) return undefined;
  if (step.kind === 'summary') return summaryOf(items, step.statistic, rest);
  if (step.kind === 'index') {
    const item = Array.isArray(document) ? items[step.index] : undefined;
    return item === undefined ? undefined : resolvePath(item, rest);
  }
  const found = items.filter((item) => matches(item, step.labels));
  const [next] = rest;
  if (next?.kind === 'summary') return summaryOf(found, next.statistic, rest.slice(1));
  return found.length === 1 && found[0] !== undefined ? resolvePath(found[0], rest) : undefined;
};
