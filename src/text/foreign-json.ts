// JSON that a stranger wrote: read only where its size and depth are ordinary and no name in it could reach the prototype of an object.
import { inputFault } from './fault.ts';
import { parseJson, type JsonValue } from './json.ts';

/** Levels of a report's own files: rows and documents of captures. */
const MOST_LEVELS = 40;

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** Deepest nesting of a text, without building anything; brackets inside strings do not count. */
const levelsOf = (text: string): number => {
  let [level, deepest, inString] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 92) at += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) deepest = Math.max(deepest, ++level);
    else if (code === 125 || code === 93) level -= 1;
  }
  return deepest;
};

const forbiddenName = (value: JsonValue): string | undefined => {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) for (const key of Object.keys(value)) if (FORBIDDEN.has(key)) return key;
  for (const member of Object.values(value)) {
    const found = forbiddenName(member);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** Throws a Fault `foreign_json` beside those of `parseJson`. `name` stands in errors. */
export const parseForeignJson = (text: string, name: string): JsonValue => {
  const levels = levelsOf(text);
  if (levels > MOST_LEVELS)
    throw inputFault('foreign_json', `${name} is nested ${levels} levels deep, the limit is ${MOST_LEVELS}`);
  const value = parseJson(text, name);
  const word = forbiddenName(value);
  if (word !== undefined) throw inputFault('foreign_json', `${name} holds a member named ${word}`);
  return value;
};
