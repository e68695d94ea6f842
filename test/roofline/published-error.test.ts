// The table of docs/roofline.md is what the samples give today: `npm run roofline-error -- --write` prints it again.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorTable, SAMPLES } from '../../bench/roofline-error.ts';

/** Cells of a table whatever its columns are padded to. */
const cellsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| -/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));

const found = await errorTable(SAMPLES);
if (found === null) console.log(`skipped: no measured times at ${SAMPLES}`);

it.skipIf(found === null)('docs/roofline.md publishes the error of the bound as it is', () => {
  const page = readFileSync('docs/roofline.md', 'utf8');
  const [, published = ''] = /<!-- npm run roofline-error -->\n\n((?:\|.*\n)+)/.exec(page) ?? [];
  expect(cellsOf(published)).toEqual(cellsOf(found ?? ''));
  const impossible = cellsOf(published).slice(1).filter(([, , gpu = '', , below]) => !gpu.endsWith('?') && below !== '0');
  expect(impossible).toEqual([]);
}, 120_000); // prettier-ignore
