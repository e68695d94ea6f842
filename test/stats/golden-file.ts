// Reads the golden vectors that lie beside the repository, in place; null with a printed reason where they are absent.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { z } from 'zod';

export const goldenFile = <T>(name: string, schema: z.ZodType<T>): T | null => {
  const path = resolve('..', 'shared', 'golden', 'stats', name);
  if (existsSync(path)) return schema.parse(JSON.parse(readFileSync(path, 'utf8')));
  console.warn(`skipped: ${path} is not there`);
  return null;
};
