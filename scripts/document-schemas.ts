// The JSON documents that the product writes, by schema name; `npm run gen` turns each into `schemas/<name>.json`.
import type { z } from 'zod';
import { contextSchema } from '../src/measurement/context.ts';

export const DOCUMENT_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  'context.v1': contextSchema,
};
