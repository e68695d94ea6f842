// The JSON Schema that the project publishes for a document, and what the code says it is.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What `schemas/<name>.json` holds. */
export const publishedSchema = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../schemas/${name}.json`, import.meta.url), 'utf8'));

export const schemaOf = (schema: z.ZodType): unknown =>
  JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' })));
