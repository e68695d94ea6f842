import { expect, test } from 'vitest';
import { policyFileSchema } from '../../src/verdict/policy-file.ts';
import { publishedSchema, schemaOf } from '../published-schema.ts';

test.each(['policy-file.v1', 'metrics-file.v1'])('%s has the shape that is published', (name) => {
  expect(schemaOf(policyFileSchema)).toEqual(publishedSchema(name));
});
