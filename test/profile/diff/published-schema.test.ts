import { expect, test } from 'vitest';
import { profileDiffSchema } from '../../../src/profile/diff/profile-diff-schema.ts';
import { publishedSchema, schemaOf } from '../../published-schema.ts';

test('a diff of profiles has the shape that is published', () => {
  expect(schemaOf(profileDiffSchema)).toEqual(publishedSchema('profile-diff.v1'));
});
