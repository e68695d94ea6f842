// The quick check says yes only where the schema would, and would change nothing; it may always say no.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { rowSchema } from '../../src/campaign/row.ts';
import { quickCheck } from '../../src/text/quick-check.ts';

describe('the quick check', () => {
  it.each<[string, z.ZodType, readonly unknown[], readonly unknown[]]>([
    ['an amount', z.number().nonnegative(), [0, -0, 1.5], [-1, '1', null, NaN, Infinity, undefined]],
    ['a share', z.number().min(0).max(1), [0, 0.5, 1], [1.01, -0.01]],
    ['more than zero, less than ten', z.number().positive().lt(10), [0.1, 9.9], [0, 10]],
    ['a count', z.number().int().positive(), [1, 2 ** 53 - 1], [0, 1.5, 2 ** 53]],
    ['a flag that may be unknown', z.boolean().nullable().default(null), [true, null], [undefined, 0]],
    ['a name', z.string().min(1).default('unknown'), ['a'], ['', undefined, 1]],
    ['a pattern', z.string().regex(/^[ab]+$/), ['ab'], ['abc', '']],
    ['a word of a list', z.enum(['full', 'failed']), ['full'], ['Full', null]],
    ['a number or a word', z.union([z.number(), z.literal('inf')]), [1, 'inf'], ['1', null]],
    ['a list', z.array(z.enum(['a'])), [[], ['a', 'a']], [['b'], {}, 'a']],
    ['numbers by name', z.record(z.string(), z.number()), [{}, { a: 1 }], [{ a: '1' }, [], null]],
    ['numbers by short name', z.record(z.string().min(2), z.number()), [{ ab: 1 }], [{ a: 1 }]],
    [
      'an object',
      z.strictObject({ a: z.number(), b: z.string().default('') }),
      [
        { a: 1, b: 'x' },
        { b: '', a: 0 },
      ],
      [{ a: 1 }, { a: 1, b: '', c: 1 }, []],
    ],
    ['JSON', z.json(), [null, 1, 'a', [1, { a: [] }], {}], [undefined, NaN, () => 1]],
  ])('of %s takes what stands as it is, and leaves the rest to the schema', (_, schema, yes, no) => {
    const check = quickCheck(schema);
    for (const value of yes) expect([value, check(value), schema.parse(value)]).toEqual([value, true, value]);
    for (const value of no) expect([value, check(value)]).toEqual([value, false]);
  });

  it.each<[string, z.ZodType, unknown]>([
    ['changes the text', z.string().trim(), 'a'],
    ['asks a rule of its own', z.number().refine((value) => value > 1), 2],
    ['knows a format', z.email(), 'a@b.cd'],
    ['turns text into numbers', z.coerce.number(), 1],
    ['drops what it does not know', z.object({ a: z.number() }), { a: 1 }],
    ['bounds a list', z.array(z.number()).max(2), [1]],
    ['has a rule about the whole', z.strictObject({ a: z.number() }).refine(() => true), { a: 1 }],
    ['makes something else of it', z.number().transform(String), 1],
    ['may be absent', z.number().optional(), 1],
  ])('never says yes for a schema that %s', (_, schema, value) => {
    expect(schema.safeParse(value).success).toBe(true);
    expect(quickCheck(schema)(value)).toBe(false);
  });

  it('agrees with the fields of an atlas row on any value', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.double(),
      fc.integer(),
      fc.constantFrom(
        'full',
        'inf',
        'TP',
        'vllm-sweep',
        'warm',
        'a'.repeat(64),
        [{ role: 'decode' }],
        ['no_telemetry'],
      ),
    );
    const fields = Object.entries(rowSchema.shape);
    fc.assert(
      fc.property(anything, (value) => {
        for (const [field, schema] of fields)
          if (quickCheck(schema)(value)) expect([field, schema.parse(value)]).toEqual([field, value]);
      }),
    );
  });
});
