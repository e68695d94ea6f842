import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonObject, type JsonValue, parseJson } from '../../src/text/json.ts';
import { scanObject } from '../../src/text/json-scan.ts';

/** The document as its members were reported; undefined where the reading was given up. */
const rebuilt = (text: string): JsonObject | undefined => {
  let inner: JsonObject = {};
  const around: { object: JsonObject; key: string }[] = [];
  const put = (key: string, value: JsonValue): void => {
    Object.defineProperty(inner, key, { value, enumerable: true, configurable: true, writable: true });
  };
  const whole = scanObject(text, {
    onNumber: put,
    onText: (key, value) => {
      put(key, value);
      return true;
    },
    onArray: (key, value) => put(key, [...value]),
    onOpen: (key) => {
      around.push({ object: inner, key });
      inner = {};
      return true;
    },
    onClose: () => {
      const outer = around.pop();
      const closed = inner;
      inner = outer?.object ?? {};
      put(outer?.key ?? '', closed);
    },
  });
  return whole ? inner : undefined;
};

/** What the ordinary parser makes of it, without the literals, which are no members to be reported. */
const parsed = (text: string): unknown => {
  const withoutLiterals = (value: JsonValue): JsonValue => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const kept = Object.entries(value).filter(([, member]) => member !== null && typeof member !== 'boolean');
    return Object.fromEntries(kept.map(([key, member]) => [key, withoutLiterals(member)]));
  };
  return withoutLiterals(parseJson(text));
};

const plainKey = fc.string({ unit: fc.constantFrom('a', 'b', '_', '7', ' ', 'é', '.', '[') });
const leaf = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  plainKey,
);
const { document } = fc.letrec<{ value: unknown; document: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 4 }), tie('document')),
  document: fc.dictionary(plainKey, tie('value'), { maxKeys: 12 }),
}));

describe('reading an object member by member', () => {
  it('reports the members that the parser finds', () => {
    fc.assert(
      fc.property(document, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(rebuilt(text)).toEqual(parsed(text));
      }),
    );
  });

  it('never understands what the parser refuses, and never differently', () => {
    const edit = fc.record({
      at: fc.nat(),
      drop: fc.nat({ max: 3 }),
      put: fc.string({
        unit: fc.constantFrom('{', '}', '[', ']', '"', ',', ':', '-', '0', '1', '.', 'e', '\\', ' ', '\n', 't'),
        maxLength: 3,
      }),
    });
    fc.assert(
      fc.property(document, fc.array(edit, { minLength: 1, maxLength: 3 }), (value, edits) => {
        let text = JSON.stringify(value);
        for (const { at, drop, put } of edits) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + put + text.slice(place + drop);
        }
        const stated = rebuilt(text);
        if (stated !== undefined) expect(stated).toEqual(parsed(text));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '0', '-0', '1', '-1', '0.1', '310.25', '123456789012345', '1234567890123456', '9007199254740993', '0.30000000000000004',
    '303.03000000000003', '1e5', '1E+5', '2.5e-7', '123456.789012345', '0.000001', '5e-324', '1.7976931348623157e308', '1e400',
  ])('reads %s as the parser does', (number) => {
    expect(rebuilt(`{"a": ${number}}`)?.['a']).toBe(JSON.parse(number));
  }); // prettier-ignore

  it.each([
    '', '[]', '1', '{', '{}x', '{"a":1,}', '{"a":01}', '{"a":-}', '{"a":1.}', '{"a":.5}', '{"a":1e}', '{"a":+1}', '{"a":NaN}', '{"a":Infinity}',
    '{"a":"\n"}', '{"a\n":1}', '{a:1}', '{"a":1 "b":2}', '{"a":[1,]}', '{"a":[1}', '{"a":truex}', '{"a":{"b":1}', '\uFEFF{"a":1}',
    '{"a":1,"a":2}', '{"a":{"b":1,"b":1}}', '{"a":null,"a":1}', '{"a":[{"b":1,"b":2}]}', '{"a":"x","\\u0061":1}', '{"a":1}{"a":2}',
  ])('gives %j up', (text) => expect(rebuilt(text)).toBeUndefined()); // prettier-ignore

  it('finds a key that comes again after a hundred thousand others', () => {
    const members = Array.from({ length: 100_000 }, (_, index) => `"key_${index}": ${index}`);
    expect(Object.keys(rebuilt(`{${members.join(',')}}`) ?? {})).toHaveLength(100_000);
    expect(rebuilt(`{${[...members, '"key_4711": 1'].join(',')}}`)).toBeUndefined();
  });
});
