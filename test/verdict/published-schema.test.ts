import { expect, test } from 'vitest';
import { rowDecisionSchema } from '../../src/verdict/answer-schema.ts';
import { policyFileSchema } from '../../src/verdict/policy-file.ts';
import { publishedSchema, schemaOf } from '../published-schema.ts';

test.each(['policy-file.v1', 'metrics-file.v1'])('%s has the shape that is published', (name) => {
  expect(schemaOf(policyFileSchema)).toEqual(publishedSchema(name));
});

test('what repeats say about a row has the shape that answers of perf_baseline_diff are published with', () => {
  const { $schema: _version, ...schema } = Object(schemaOf(rowDecisionSchema));
  expect(JSON.stringify(publishedSchema('verbs/perf_baseline_diff.output'))).toContain(JSON.stringify(schema));
});
