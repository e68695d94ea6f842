// The paths by which metrics of a document are named and selected: `results[concurrency=16].ttft_p50_ms`, `rows[3]`,
// `kernels["a.b"].time_us`. One grammar for writing and reading: parsePath(renderPath(x)) = x. Selects, never guesses.
//
//   path    = step *( "." name / bracket )         step = name / bracket
//   bracket = "[" index "]" / "[" string "]" / "[" label "=" value *( "," label "=" value ) "]"
//   name    = one or more characters other than . [ ] " and controls     string, value: plain, or a JSON string
import { inputFault } from '../text/fault.ts';
import { type JsonValue, isJsonObject } from '../text/json.ts';

export type Step =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'index'; readonly index: number }
  /** The one object of an array whose members have these values, compared as text. */
  | { readonly kind: 'where'; readonly labels: readonly (readonly [string, string])[] };

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

/** Writes a path. */
export const renderPath = (steps: readonly Step[]): string =>
  steps.reduce((path, step) => {
    if (step.kind === 'key') return memberPath(path, step.key);
    return step.kind === 'index' ? indexPath(path, step.index) : wherePath(path, step.labels);
  }, '');

const STRING = /"(?:[^"\\]|\\.)*"/.source;
const NAME = /[^.[\]"]+/y;
const INDEX = /\[(0|[1-9]\d*)\]/y;
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

const matches = (item: JsonValue, labels: readonly (readonly [string, string])[]): boolean =>
  isJsonObject(item) && labels.every(([label, value]) => label in item && String(item[label]) === value);

/** What a path selects in a document; undefined where it selects nothing, or more than one element. */
export const resolvePath = (document: JsonValue, steps: readonly Step[]): JsonValue | undefined =>
  steps.reduce<JsonValue | undefined>((inner, step) => {
    if (step.kind === 'key') return isJsonObject(inner) && Object.hasOwn(inner, step.key) ? inner[step.key] : undefined;
    if (!Array.isArray(inner)) return undefined;
    if (step.kind === 'index') return inner[step.index];
    const found = inner.filter((item) => matches(item, step.labels));
    return found.length === 1 ? found[0] : undefined;
  }, document);
