import { expect, test } from 'vitest';
import { contextSchema } from '../../src/metrics/context.ts';
import { publishedSchema, schemaOf } from '../published-schema.ts';

test('a context has the shape that is published', () => {
  expect(schemaOf(contextSchema)).toEqual(publishedSchema('context.v1'));
});
