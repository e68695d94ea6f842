// Lines of a file of any size: whole, in order, whatever their length and wherever a block ends.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { lineBlocks } from '../../src/fs/line-blocks.ts';

const root = mkdtempSync(join(tmpdir(), 'line-blocks-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const linesOf = async (text: string): Promise<string[]> => {
  const path = join(root, 'lines.txt');
  writeFileSync(path, text);
  const lines: string[] = [];
  for await (const block of lineBlocks(path)) lines.push(...block);
  return lines;
};

const MANY = Array.from(
  { length: 30_000 },
  (_, index) => `${index} ${index % 7 === 0 ? 'größer' : 'plain'} ${'x'.repeat(index % 90)}`,
);

describe('the lines of a file', () => {
  test.each([
    ['nothing', '', []],
    ['one line without an end', 'one', ['one']],
    ['lines and an empty one', 'one\n\ntwo\n', ['one', '', 'two']],
    ['more than a block, ASCII and not', `${MANY.join('\n')}\n`, MANY],
    ['a line longer than several blocks', `first\n${'é'.repeat(1_000_000)}\nlast`, ['first', 'é'.repeat(1_000_000), 'last']],
  ])('are whole: %s', async (_, text, expected) => {
    expect(await linesOf(text)).toEqual(expected);
  });

  test('of a folder are refused by its path', async () => {
    mkdirSync(join(root, 'folder'));
    await expect(lineBlocks(join(root, 'folder')).next()).rejects.toMatchObject({ code: 'not_a_file' });
  });
}); // prettier-ignore
