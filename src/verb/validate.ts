// Validates a call against the verb's schema and says what is wrong in the caller's terms: field, value seen, nearest name.
import type { z } from 'zod';
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import type { Verb } from './define-verb.ts';

const seenAt = (input: unknown, path: readonly PropertyKey[]): string => {
  let value = input;
  for (const key of path) value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  if (value === undefined) return '';
  const text = JSON.stringify(value) ?? typeof value;
  return ` (got ${text.length > 80 ? `${text.slice(0, 77)}…` : text})`;
};

const place = (path: readonly PropertyKey[]): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? String(key) : `.${String(key)}`))
    .join('');

const describeIssue = (issue: z.core.$ZodIssue, input: unknown, fields: readonly string[]): string => {
  if (issue.code === 'unrecognized_keys') {
    const named = issue.keys.map((key) => {
      const near = nearestName(key, fields);
      return near === undefined ? key : `${key} (did you mean ${near}?)`;
    });
    return `unknown field ${named.join(', ')}`;
  }
  const where = place(issue.path);
  const seen = seenAt(input, issue.path);
  if (issue.code === 'invalid_value' && issue.values.length > 1 && seen !== '') return `${where} is not known${seen}`;
  if ((issue.code === 'invalid_type' || issue.code === 'invalid_union') && seen === '') return `${where} is required`;
  return `${where}: ${issue.message.replace(/^Invalid input: /, '')}${seen}`;
};

/** What a field may be, where its values are few. */
const optionsOf = (issues: readonly z.core.$ZodIssue[]): string[] =>
  issues.flatMap((issue) => {
    if (issue.code !== 'invalid_value') return [];
    const values = issue.values.map(String);
    return [`${place(issue.path)} is one of ${values.join(', ')}`];
  });

/** The parsed input. Throws a usage Fault `invalid_input` that lists every problem. */
export const validateInput = (verb: Verb, input: unknown): Record<string, unknown> => {
  const parsed = verb.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = Object.keys(verb.input.shape);
  const problems = parsed.error.issues.map((issue) => describeIssue(issue, input, fields));
  const options = optionsOf(parsed.error.issues);
  const optional = fields.filter((field) => !['repo_root', 'time_limit_s'].includes(field));
  throw new Fault('usage', 'invalid_input', `${verb.name}: ${problems.join('; ')}`, {
    fix: options.length > 0 ? options.join('; ') : `fields: ${optional.join(', ')}`,
    data: { problems },
  });
};
