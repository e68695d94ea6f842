import { expect, test } from 'vitest';
import { numberParts } from '../../src/verb/number-list.ts';

test.each([
  ['1,2, 4', ['1', '2', '4']],
  ['1 2  4', ['1', '2', '4']],
  ['0.05 s', ['0.05 s']],
  ['0.05 s,0.06 s', ['0.05 s', '0.06 s']],
  ['', []],
])('%j is the list %j', (text, parts) => expect(numberParts(text).map((part) => part.trim())).toEqual(parts));
