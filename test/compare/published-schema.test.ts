import { expect, test } from 'vitest';
import { diffFileSchema } from '../../src/compare/diff-schema.ts';
import { publishedSchema, schemaOf } from '../published-schema.ts';

test('a comparison with a baseline has the shape that is published', () => {
  expect(schemaOf(diffFileSchema)).toEqual(publishedSchema('diff.v1'));
});
