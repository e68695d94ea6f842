// The page of exit codes has every code, every verb that can end with more than the common ones, and stands alone: no other page has a
// list of its own for a job.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { exitCodeOfKind } from '../../src/verb/failure.ts';
import type { FaultKind } from '../../src/text/fault.ts';

const page = readFileSync('docs/exit-codes.md', 'utf8');
const KINDS: readonly FaultKind[] = [
  'usage',
  'refused',
  'input',
  'not_comparable',
  'internal',
  'timeout',
  'interrupted',
];

/** Cells of the rows that begin with a code span. */
const rows = [...page.matchAll(/^\| (`.+) \|$/gm)].map(([, line = '']) => line.split('|').map((cell) => cell.trim()));
const names = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** Verbs whose row adds `what`. */
const adding = (what: string): string[] =>
  rows.filter(([, added]) => added === what).flatMap(([verbs]) => names(verbs));

describe('the page of exit codes', () => {
  it('has every code that an error or a judgement can have, once', () => {
    const codes = rows.flatMap(([cell]) => names(cell)).filter((name) => /^\d+$/.test(name));
    const used = [0, 1, 3, ...KINDS.map(exitCodeOfKind)];
    expect(codes.map(Number)).toEqual([...new Set(used)].sort((a, b) => a - b));
  });

  it('says of every verb that starts jobs that it ends as its job does', () => {
    const starting = MANIFEST.filter(({ safety }) => safety === 'submits_jobs').map(({ name }) => name);
    expect(adding("the job's own").sort()).toEqual(starting.sort());
  });

  it('says of every gate when it ends with 1, 3 and 4', () => {
    // Other verbs that take `strict` judge nothing, and have a row of their own.
    const gates = MANIFEST.filter(({ input_schema: { properties } }) => 'fail_on' in properties).map(
      ({ name }) => name,
    );
    expect(adding('1, 3, 4').sort()).toEqual(gates.sort());
  });
});
