import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  jsonFile,
  parseJson,
  parseJsonObject,
  roundedIntegers,
  writtenInteger,
} from '../../src/text/json.ts';

describe('reading JSON', () => {
  it.each([
    ['', 'json_empty', '1:1'],
    ['{"a": 1,}', 'json_syntax', '1:9'],
    ['{"a": NaN}', 'json_non_finite', '1:7'],
    ['[1,\n -Infinity]', 'json_non_finite', '2:2'],
    ['{"a": 1,\n "b": {"x": 1, "x": 2}}', 'json_duplicate_key', '2:16'],
    ['{"a": 1} x', 'json_syntax', '1:10'],
    ['{"a": "b', 'json_syntax', '1:7'],
    ["{'a': 1}", 'json_syntax', '1:2'],
  ])('refuses %j as %s at %s', (text, code, at) => {
    expect(() => parseJson(text, 'x.json')).toThrowError(
      expect.objectContaining({ code, details: expect.objectContaining({ at, path: 'x.json' }) }),
    );
  });

  it('accepts a byte order mark and keys that contain quotes, colons and backslashes', () => {
    expect(parseJson('\uFEFF{"a\\"b": 1, "c:\\\\": [{"d": "x:y"}]}')).toEqual({ 'a"b': 1, 'c:\\': [{ d: 'x:y' }] });
  });

  it('says what the top level is when an object was wanted', () => {
    expect(() => parseJsonObject('[1,2]', 'x.json')).toThrowError(/an array of 2/);
  });

  it('reads back every document it writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = jsonFile(value);
        expect(jsonFile(parseJson(text))).toBe(text);
      }),
    );
  });
});

describe('writing JSON', () => {
  it('gives the same bytes whatever the order of keys', () => {
    expect(canonicalJson({ b: 1, a: { d: 2, c: 3 } })).toBe('{"a":{"c":3,"d":2},"b":1}');
  });

  it('refuses numbers that are not finite', () => {
    expect(() => jsonFile({ a: Number.NaN })).toThrowError(/refusing/);
  });
});

describe('integers that a double cannot hold', () => {
  it.each([
    ['9007199254740993', [[9007199254740992, '9007199254740993']]],
    ['{"id": -9007199254740993 }', [[-9007199254740992, '-9007199254740993']]],
    ['[1, 1764374400123456789]', [[1764374400123456800, '1764374400123456789']]],
    ['{"exact": 9007199254740992, "safe": 9007199254740991, "power": 1152921504606846976}', []],
    ['{"text": "9007199254740993", "in_text": "id 9007199254740993x", "n": 0.1234567890123456789}', []],
    ['{"n": 9007199254740993.5, "e": 9007199254740993e2}', []],
  ])('of %s are known', (text, expected) => {
    expect([...roundedIntegers(text)]).toEqual(expected);
  });

  it('are known by the object or list that holds them', () => {
    const document = parseJsonObject(
      '{"id": 9007199254740993, "list": [9007199254740995], "rest": {"n": 9007199254740994}}',
    );
    const { list, rest } = document;
    expect(writtenInteger(document, 9007199254740992)).toBe('9007199254740993');
    expect(writtenInteger(Object(list), 9007199254740996)).toBe('9007199254740995');
    expect(writtenInteger(Object(rest), 9007199254740994)).toBeUndefined();
  });
});
