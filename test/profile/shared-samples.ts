// Where the samples of real tools lie beside the checkout; tests that need them say why they are skipped without them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const shared = join(import.meta.dirname, '../../../shared');

export const sample = (name: string): string => join(shared, 'samples', name);

export const hasSamples = existsSync(sample('nsys'));

if (!hasSamples) console.log(`skipped where samples are needed: ${shared} is absent`);

/** The `result` of a golden file. */
export const golden = (name: string): unknown => {
  const parsed: unknown = JSON.parse(readFileSync(join(shared, 'golden/nsys', `${name}.json`), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'result' in parsed ? parsed.result : parsed;
};
