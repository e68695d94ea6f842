// find_verb: the full description of verbs, found by name or by what is to be done. Part of the server, not of tools/, because it
// reads the list that is made from tools/.
import { z } from 'zod';
import { Fault } from '../text/fault.ts';
import { defineVerb, type Verb } from '../verb/define-verb.ts';
import { fullMeaning, typeText } from '../verb/field-text.ts';
import type { ManifestEntry } from '../verb/manifest.ts';
import { nextStepSchema } from '../verb/next-step.ts';
import { commonFields } from '../verb/vocabulary.ts';
import { searchVerbs } from './search-verbs.ts';

const MOST = 5;

const fieldLines = ({ input_schema: schema, safety }: ManifestEntry): string[] => {
  const common = commonFields(safety);
  const rank = (name: string): number => (schema.required?.includes(name) === true ? 0 : 1);
  return Object.entries(schema.properties)
    .filter(([name]) => !common.includes(name))
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .map(([name, field]) => {
      const required = rank(name) === 0 ? ', required' : '';
      return `  ${name} (${typeText(field)}${required}): ${fullMeaning(name, field)}`;
    });
};

/** Which of the fields that all verbs share this one takes. */
const alsoLine = ({ safety, input_schema: { properties } }: ManifestEntry): string =>
  `also: ${commonFields(safety)
    .filter((name) => name in properties)
    .join(', ')}`;

const describeBest = (best: ManifestEntry): string[] => {
  const [example] = best.examples;
  return [
    `${best.name} (${best.safety}): ${best.description}`,
    alsoLine(best),
    ...fieldLines(best),
    ...(example === undefined ? [] : [`example: ${best.name} ${JSON.stringify(example.input)}`]),
  ];
};

/** A JSON Schema, which says of itself what it may hold. */
const jsonSchema = z.record(z.string(), z.unknown());

const matchSchema = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  safety: z.enum(['read_only', 'writes_artifacts', 'submits_jobs']),
  input_schema: jsonSchema.describe('JSON Schema with every limit that the server checks.'),
  examples: z.array(z.object({ title: z.string(), input: nextStepSchema.shape.input })),
});

const matchOf = (entry: ManifestEntry): z.output<typeof matchSchema> => ({
  name: entry.name,
  title: entry.annotations.title,
  description: entry.description,
  safety: entry.safety,
  input_schema: { ...entry.input_schema },
  examples: entry.examples.map(({ title, input }) => ({ title, input: { ...input } })),
});

/** The verb that finds the verbs of `entries`. */
export const findVerbIn = (entries: readonly ManifestEntry[]): Verb =>
  defineVerb({
    name: 'find_verb',
    family: 'job',
    library: 'catalog',
    verb: 'find',
    title: 'Find a verb',
    description: 'Verbs for a task, or one by name: every field with its limits, common fields, examples.',
    safety: 'read_only',
    fields: { query: z.string().min(1).describe('A task in words, or the name of a verb.') },
    aliases: { name: 'query', verb: 'query' },
    positionals: ['query'],
    data: { matches: z.array(matchSchema), matches_count: z.number() },
    examples: [{ title: 'By task', input: { query: 'compare two profiles' } }],
    run: async ({ query }) => {
      const found = searchVerbs(entries, query);
      if (found.length > 0) return { matches: found.slice(0, MOST).map(matchOf), matches_count: found.length };
      throw new Fault('usage', 'verb_not_found', `no verb fits ${JSON.stringify(query)}`, {
        fix: `name a task in other words, or one of ${entries.map(({ name }) => name).join(', ')}`,
      });
    },
    render: ({ matches }) => {
      const [best, ...others] = matches.flatMap(({ name }) => entries.filter((entry) => entry.name === name));
      if (best === undefined) return 'nothing fits';
      const [head = '', ...rest] = describeBest(best);
      return [head, ...others.map(({ name, annotations }) => `or ${name}: ${annotations.title}`), ...rest].join('\n');
    },
  });
