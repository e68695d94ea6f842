import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSide } from '../../src/envelope/diff-files.ts';

/** A tree of two configurations: `<root>/tp4/c1.json` and `<root>/tp8/c1.json`. */
const tree = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'tree-'));
  for (const [name, value] of [
    ['tp4', 1],
    ['tp8', 2],
  ] as const) {
    mkdirSync(join(root, name));
    writeFileSync(join(root, name, 'c1.json'), JSON.stringify({ throughput_tok_per_s: value }));
  }
  return root;
};

describe('a folder whose results lie in folders below', () => {
  it('is read as a tree where runs are put side by side', async () => {
    const root = tree();
    const files = await readSide([root], { deep: true });
    expect(files.map(({ path }) => path.slice(root.length + 1))).toEqual(['tp4/c1.json', 'tp8/c1.json']);
  });

  it('is no side of a comparison: the folders that could be one are named', async () => {
    const root = tree();
    await expect(readSide([root])).rejects.toMatchObject({
      code: 'folder_empty',
      details: { fix: `name one of the folders that do: ${join(root, 'tp4')}, ${join(root, 'tp8')}` },
    });
  });
});
