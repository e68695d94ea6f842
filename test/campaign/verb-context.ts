// What a verb finds around it, for tests that call what verbs call.
import { resolve } from 'node:path';
import type { VerbContext } from '../../src/verb/context.ts';

const PRODUCT = new URL('../../', import.meta.url).pathname;

/** A root without a terminal; `more` changes what a test is about. */
export const verbContext = (root: string, more: Partial<VerbContext> = {}): VerbContext => ({
  root,
  cwd: root,
  campaigns: resolve(root, 'campaigns'),
  env: process.env,
  signal: new AbortController().signal,
  product: { name: 'test', version: '0.0.0', sha: null },
  dryRun: false,
  foreground: false,
  textLimit: Infinity,
  columns: Infinity,
  allRows: false,
  show: null,
  explore: null,
  now: () => ({ epochMs: Date.UTC(2026, 10, 29), micros: 0 }),
  path: (path) => resolve(root, path),
  pipes: {},
  progress: () => undefined,
  productFolder: PRODUCT,
  ...more,
});
