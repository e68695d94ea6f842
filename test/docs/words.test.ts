// The words of the pages: those that the field uses, and a bus bandwidth is graded by a one-way ceiling wherever one is shown.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MANIFEST } from '../../src/catalog/verbs.generated.ts';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { blocksOf, PAGES } from './pages.ts';

/** Words for which there are plainer ones: report, fix, check. */
const ODD = /\b(?:tells?|told|mend(?:s|ed|ing)?|one look|the look at)\b/i;

const CONFIGS = ['configs/metrics.yaml', 'configs/kernel-buckets.yaml', 'configs/autotune-example.yaml'];

it.each([...PAGES, ...CONFIGS, 'install.sh'])('%s has no odd words', (path) => {
  const lines = readFileSync(path, 'utf8').split('\n');
  expect(lines.filter((line) => ODD.test(line))).toEqual([]);
});

it('no description of a verb has odd words', () => {
  expect(MANIFEST.filter((entry) => ODD.test(JSON.stringify(entry))).map(({ name }) => name)).toEqual([]);
});

it('bus bandwidth is graded by a one-way ceiling in every example', async () => {
  const path = 'configs/sol-ceilings.yaml';
  const { byKey } = await parseCeilings(readFileSync(path, 'utf8'), path);
  const shown = PAGES.flatMap(blocksOf).filter(({ text }) => text.includes('busbw'));
  const keys = shown.flatMap(({ text }) =>
    [...text.matchAll(/\w*(?:nvlink|infinity_fabric)\w*_tbps/g)].map(([key]) => key),
  );
  expect(keys.length).toBeGreaterThan(1);
  const bothWays = [...byKey].filter(([, { direction }]) => direction === 'both-way').map(([key]) => key);
  expect(keys.filter((key) => bothWays.some((both) => both.endsWith(`.${key}`)))).toEqual([]);
});
