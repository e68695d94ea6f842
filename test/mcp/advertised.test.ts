// What the list of tools says of a verb: enough for a right first call, in few bytes.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { CORE_VERBS, parseToolset, WHOLE_TOOLSET } from '../../src/catalog/toolset.ts';
import { advertisedHints, advertisedSchema } from '../../src/mcp/advertised.ts';
import { toolsOf } from '../../src/mcp/call-verb.ts';
import { defineVerb, oneOrMany } from '../../src/verb/define-verb.ts';
import type { FieldSchema } from '../../src/verb/manifest.ts';
import { ACK_FIELD, commonFields } from '../../src/verb/vocabulary.ts';
import { entryOf } from '../verb/entry-of.ts';

/** Verbs outside of campaigns: what they are for is easily taken for another's. */
const CONFUSABLE = MANIFEST.filter(({ family }) => family !== 'campaign');

describe('a description', () => {
  it.each(CONFUSABLE.map(({ name, description }) => [name, description]))(
    'of %s names the verb for what it is not for',
    (name, description) => {
      const others = MANIFEST.map((entry) => entry.name).filter((other) => other !== name);
      expect(
        others.filter((other) => new RegExp(`\\b${other}\\b`).test(description)),
        description,
      ).not.toEqual([]);
    },
  );

  it('names no verb that does not exist', () => {
    const named = MANIFEST.flatMap(
      ({ description }) => description.match(/\b(?:perf|bench|profile|job|ratchet|sota|autotune|plan)_[a-z_]+/g) ?? [],
    );
    expect(named.filter((name) => !MANIFEST.some((entry) => entry.name === name))).toEqual([]);
  });
});

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

describe('sizes', () => {
  it('lists everything in at most 64 kB and 950 bytes a tool', () => {
    const tools = toolsOf(WHOLE_TOOLSET);
    expect(bytes({ tools })).toBeLessThanOrEqual(64_000);
    expect(bytes({ tools }) / tools.length).toBeLessThanOrEqual(950);
  });

  it('lists the core in at most 24 kB', () => {
    expect(bytes({ tools: toolsOf(parseToolset('core')) })).toBeLessThanOrEqual(24_000);
  });

  it('has a verb for every name of the core', () => {
    expect(CORE_VERBS.filter((name) => !MANIFEST.some((entry) => entry.name === name))).toEqual([]);
  });
});

const verb = entryOf(
  defineVerb({
    name: 'echo_things',
    family: 'baseline',
    library: 'echo',
    verb: 'things',
    title: 'Echo',
    description: 'Gives back what it got.',
    safety: 'submits_jobs',
    fields: {
      files: oneOrMany('Result files (.json). Several are trials.'),
      level: z.enum(['low', 'high']).optional().describe('Level. Default low.'),
      count: z.number().int().min(1).max(99).optional().describe('How many.'),
      strict: z.boolean().optional().describe('Strict.'),
      rules: z
        .record(z.string(), z.strictObject({ percent: z.number().min(0) }))
        .optional()
        .describe('{"a": {"percent": 3}}. By metric.'),
      sizes: z.array(z.number().positive()).min(2).optional().describe('Sizes. In bytes.'),
      wait_s: z.number().optional().describe('Seconds to wait.'),
    },
    data: {},
    examples: [],
    run: async () => ({}),
    render: () => '',
  }),
);

describe('an advertised schema', () => {
  it('keeps types, enums and what is required; leaves out limits, common fields and further sentences', () => {
    expect(advertisedSchema(verb)).toEqual({
      type: 'object',
      properties: {
        files: { type: 'array', items: { type: 'string' }, description: 'Result files (.json).' },
        level: { type: 'string', enum: ['low', 'high'] },
        count: { type: 'integer', description: 'How many.' },
        strict: { type: 'boolean' },
        rules: { type: 'object', description: '{"a": {"percent": 3}}.' },
        sizes: { type: 'array', items: { type: 'number' } },
        [ACK_FIELD]: { type: 'boolean', const: true },
      },
      required: ['files'],
    });
  });

  it('leaves out hints that say what their absence says', () => {
    expect(advertisedHints(verb)).toEqual({ readOnlyHint: false, destructiveHint: true });
  });
});

const kinds = ({ type, anyOf = [] }: FieldSchema): unknown[] => [type, ...anyOf.flatMap(kinds)].flat();

describe.each(MANIFEST.map((entry) => [entry.name, entry] as const))('%s', (_, entry) => {
  const { properties, ...rest } = advertisedSchema(entry);
  const full = entry.input_schema.properties;

  it('lists each of its own fields with a type that the server takes, and what is required', () => {
    const unlisted = [...commonFields(entry.safety), ...(entry.seldom ?? [])];
    expect(unlisted.filter((name) => entry.input_schema.required?.includes(name))).toEqual([]);
    expect(Object.keys(properties)).toEqual(Object.keys(full).filter((name) => !unlisted.includes(name)));
    expect(rest).toEqual({
      type: 'object',
      ...(entry.input_schema.required === undefined ? {} : { required: entry.input_schema.required }),
    });
    for (const [name, field] of Object.entries(properties)) {
      expect(typeof field.type, name).toBe('string');
      expect(kinds(full[name] ?? {}), name).toContain(field.type);
      expect(field.enum, name).toEqual(full[name]?.enum);
    }
  });

  it('says in words what each required field is', () => {
    for (const name of entry.input_schema.required ?? [])
      if (name !== 'candidate' && name !== 'tag' && name !== 'job_id')
        expect(properties[name]?.description, name).toMatch(/\w/);
  });
});
