import { expect, test } from 'vitest';
import { chainLinkSchema } from '../../src/registry/chain.ts';
import { baselineSchema } from '../../src/registry/entry-schema.ts';
import { indexRowSchema } from '../../src/registry/index-row.ts';
import { tagLineSchema } from '../../src/registry/tags.ts';
import { publishedSchema, schemaOf } from '../published-schema.ts';

test.each([
  ['baseline.v1', baselineSchema],
  ['chain-link.v1', chainLinkSchema],
  ['index-row.v1', indexRowSchema],
  ['tag-line.v1', tagLineSchema],
])('%s has the shape that is published', (name, schema) => {
  expect(schemaOf(schema)).toEqual(publishedSchema(name));
});
