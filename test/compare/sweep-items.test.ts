import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sweepItems } from '../../src/compare/sweep-items.ts';
import { scratchFolder } from '../fs/scratch.ts';

const root = scratchFolder('sweep-items');

const place = (...paths: readonly string[]): void => {
  for (const path of paths) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), '1\n');
  }
};

test('of a folder are family/measurement, in the order of names; what does not fit is named, hidden files are not', async () => {
  place('serve/b.json', 'serve/a.txt', 'serve/.hidden.json', 'serve/trials/1.json', 'comm/busbw.json');
  place('stray.json', 'odd name/a.json', 'comm/bad name.json', '.git/config');
  const { sources, misplaced } = await sweepItems(root);
  expect(sources).toEqual([
    { family: 'comm', measurement: 'busbw', path: join(root, 'comm/busbw.json') },
    { family: 'serve', measurement: 'a', path: join(root, 'serve/a.txt') },
    { family: 'serve', measurement: 'b', path: join(root, 'serve/b.json') },
    { family: 'serve', measurement: 'trials', path: join(root, 'serve/trials') },
  ]);
  expect(misplaced).toEqual(['comm/bad name.json', 'odd name', 'stray.json']);
  const one = await sweepItems(root, 'serve');
  expect([one.sources.map(({ measurement }) => measurement), one.misplaced]).toEqual([['a', 'b', 'trials'], []]);
});
