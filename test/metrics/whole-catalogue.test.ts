// The catalogue as it is, one metric a line: what a name is, its unit and direction, whether it is a headline or a count of work, how
// other tools write it. A line that changes changes verdicts (`npx vitest run <file> -u`).
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ATTESTED_FACTS } from '../../src/metrics/attested.ts';
import { CATALOGUE, LATENCIES, SHARES } from '../../src/metrics/catalogue.ts';
import { CONTEXT_NAMES, PLACEMENT_FIELDS, contextSchema } from '../../src/metrics/context.ts';
import { rowSchema } from '../../src/campaign/row.ts';

const fixture = new URL('../fixtures/metrics/catalogue.txt', import.meta.url).pathname;

const published = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), 'utf8'));

test('every metric', async () => {
  const lines = [...Object.entries(CATALOGUE), ...Object.entries(LATENCIES), ...SHARES].map(([name, entry]) => {
    const { means: _words, ...facts } = typeof entry === 'string' ? { means: '', of: entry } : entry;
    return `${name} ${JSON.stringify(facts)}`;
  });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(fixture);
});

/** Names of all members in a schema, at whatever depth. */
const membersIn = (schema: unknown): Set<string> => {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      if (name === 'properties' && typeof inner === 'object' && inner !== null)
        for (const member of Object.keys(inner)) found.add(member);
      visit(inner);
    }
  };
  visit(schema);
  return found;
};

test('every other name of a fact of the context is one that the other format has', () => {
  const [columns, members] = [Object.keys(rowSchema.shape), membersIn(published('envelope.v1.1'))];
  const fields = Object.keys(contextSchema.shape);
  for (const [field, { atlas, envelope }] of Object.entries(CONTEXT_NAMES)) {
    expect(fields).toContain(field);
    if (atlas !== undefined) expect(columns).toContain(atlas);
    if (envelope !== undefined) expect([...members]).toContain(envelope.split('.')[0]);
  }
  expect(PLACEMENT_FIELDS.every((field) => fields.includes(field))).toBe(true);
});

test('the facts that somebody may have typed are those of the schema of an entry', () => {
  expect(published('baseline.v1')).toMatchObject({
    properties: { attested: { items: { enum: [...ATTESTED_FACTS] } } },
  });
});
