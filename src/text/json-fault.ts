// Finds the first place where a text breaks RFC 8259 or repeats a key. Runs only after the fast parser has refused the
// text or lost a member, so it is written for exact messages, not for speed.

export interface JsonFault {
  /** UTF-16 offset into the text. */
  readonly offset: number;
  readonly code: 'json_syntax' | 'json_non_finite' | 'json_duplicate_key' | 'json_empty';
  readonly message: string;
  readonly fix: string;
}

class Found extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.message);
    this.fault = fault;
  }
}

const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const NON_FINITE = /-?(?:NaN|Infinity|nan|inf|Inf)/y;

const syntax = (offset: number, message: string): never => {
  throw new Found({ offset, code: 'json_syntax', message, fix: 'write valid JSON (RFC 8259)' });
};

/** The first fault of `text`, or undefined when it is valid JSON without repeated keys. */
export const findJsonFault = (text: string): JsonFault | undefined => {
  let offset = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = offset;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) offset += found.length;
    return found;
  };
  const seen = (): string => (offset >= text.length ? 'the end of the text' : JSON.stringify(text[offset]));
  const expect = (character: string): void => {
    match(SPACE);
    if (text[offset] !== character) syntax(offset, `expected ${JSON.stringify(character)}, found ${seen()}`);
    offset += 1;
  };
  const list = (close: string, item: () => void): void => {
    offset += 1;
    match(SPACE);
    if (text[offset] === close) {
      offset += 1;
      return;
    }
    for (;;) {
      item();
      match(SPACE);
      if (text[offset] === close) break;
      expect(',');
    }
    offset += 1;
  };
  const member = (keys: Set<string>): void => {
    match(SPACE);
    const start = offset;
    const key = match(STRING);
    if (key === undefined) return syntax(offset, `expected a key in quotes, found ${seen()}`);
    const name: string = JSON.parse(key);
    if (keys.has(name))
      throw new Found({
        offset: start,
        code: 'json_duplicate_key',
        message: `key ${key} appears twice in one object`,
        fix: 'keep one of the two',
      });
    keys.add(name);
    expect(':');
    value();
  };
  const value = (): void => {
    match(SPACE);
    const start = offset;
    if (text[offset] === '{') {
      const keys = new Set<string>();
      return list('}', () => member(keys));
    }
    if (text[offset] === '[') return list(']', value);
    if (match(NON_FINITE) !== undefined)
      throw new Found({
        offset: start,
        code: 'json_non_finite',
        message: `${text.slice(start, offset)} is not a JSON number`,
        fix: 'use null for a value that was not measured',
      });
    if (match(STRING) ?? match(NUMBER) ?? match(LITERAL)) return undefined;
    return syntax(start, `expected a value, found ${seen()}`);
  };
  try {
    match(SPACE);
    if (offset >= text.length)
      return { offset: 0, code: 'json_empty', message: 'the text is empty', fix: 'check that the writer finished' };
    value();
    match(SPACE);
    if (offset < text.length) syntax(offset, `expected the end of the text, found ${seen()}`);
    return undefined;
  } catch (error) {
    if (error instanceof Found) return error.fault;
    if (error instanceof RangeError)
      return { offset, code: 'json_syntax', message: 'nested too deeply', fix: 'flatten the document' };
    throw error;
  }
};
