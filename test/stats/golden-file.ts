// Reads golden numbers: our own, computed by test/fixtures/stats/make-golden.py, and further ones that may lie beside the
// repository, which are read in place; null with a printed reason where those are absent.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { z } from 'zod';

const read = <T>(path: string, schema: z.ZodType<T>): T => schema.parse(JSON.parse(readFileSync(path, 'utf8')));

export const ownGolden = <T>(name: string, schema: z.ZodType<T>): T =>
  read(join(import.meta.dirname, '../fixtures/stats', name), schema);

export const goldenFile = <T>(name: string, schema: z.ZodType<T>): T | null => {
  const path = resolve('..', 'shared', 'golden', 'stats', name);
  if (existsSync(path)) return read(path, schema);
  console.warn(`skipped: ${path} is not there`);
  return null;
};
