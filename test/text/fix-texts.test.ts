// Every error says how it is fixed, in one style: an instruction or a question in lower case, without a full stop.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

// The readers of profiles follow.
const EXEMPT = /^src\/(profile|sqlite)\//;

const sources = ['src', 'tools'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !EXEMPT.test(join(folder, name)))
    .map((name) => join(folder, name)),
);

/** The texts that stand as literals behind `fix:`. */
const fixesIn = (text: string): string[] =>
  [...text.matchAll(/\bfix:\s*(?:'((?:[^'\\]|\\.)*)'|`((?:[^`\\]|\\.)*)`)/g)].map(
    ([, plain, filled]) => plain ?? filled ?? '',
  );

const UNITS = /^(Gb\/s)$/;

it('fix texts start in lower case and end without a full stop', () => {
  const odd = sources.flatMap((path) =>
    fixesIn(readFileSync(path, 'utf8'))
      .filter((fix) => !UNITS.test(fix) && (/^[A-Z][a-z ]/.test(fix) || /[^.]\.$/.test(fix) || fix === ''))
      .map((fix) => `${path}: ${fix}`),
  );
  expect(odd).toEqual([]);
});
