// Reads YAML 1.2 documents with the place of every fault. The package itself is loaded when the first document is read.
import { Fault, inputFault } from './fault.ts';
import type { JsonValue } from './json.ts';

/** Integers as numbers. Throws a Fault `number_inexact` for one that a double cannot hold. */
const plainInteger =
  (path: string) =>
  (key: unknown, value: unknown): unknown => {
    if (typeof value !== 'bigint') return value;
    if (BigInt(Number(value)) === value) return Number(value);
    throw inputFault('number_inexact', `${path}: ${String(key)} is ${value}, an integer that a double cannot hold`, {
      path,
      at: String(key),
      fix: 'put it in quotes where it is a name, else give it in a larger unit',
    });
  };

export interface PlacedYaml {
  readonly value: JsonValue;
  /** `line:column` of the value at a path of keys and positions; of the deepest part of it that exists. */
  readonly placeOf: (path: readonly PropertyKey[]) => string;
}

/** Parses one YAML document and keeps where its values stand. Throws a Fault `yaml_syntax` with line and column; warnings count as faults. `yaml_aliases` for an alias bomb. */
export const parsePlacedYaml = async (text: string, path: string): Promise<PlacedYaml> => {
  const { LineCounter, isNode, parseDocument } = await import('./yaml-package.ts');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, uniqueKeys: true, prettyErrors: false, intAsBigInt: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw inputFault('yaml_syntax', `${path}: ${problem.message} at line ${line}, column ${col}`, {
      path,
      at: `${line}:${col}`,
      fix: 'correct the YAML at that place',
    });
  }
  const startOf = (place: readonly PropertyKey[]): number | undefined => {
    const node = place.length === 0 ? document.contents : document.getIn(place, true);
    return isNode(node) ? node.range?.[0] : undefined;
  };
  const placeOf = (place: readonly PropertyKey[]): string => {
    const start = startOf(place);
    if (start === undefined && place.length > 0) return placeOf(place.slice(0, -1));
    const { line, col } = lineCounter.linePos(start ?? 0);
    return `${line}:${col}`;
  };
  try {
    return { value: document.toJS({ reviver: plainInteger(path) }) as JsonValue, placeOf }; // checked boundary: the core schema yields JSON values only
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw inputFault('yaml_aliases', `${path}: its aliases stand for more than can be read`, {
      path,
      cause,
      fix: 'write the values out instead of aliases of aliases',
    });
  }
};

/** Parses one YAML document to plain JSON values. Throws as `parsePlacedYaml` does. */
export const parseYaml = async (text: string, path: string): Promise<JsonValue> =>
  (await parsePlacedYaml(text, path)).value;
