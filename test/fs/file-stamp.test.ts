import { appendFileSync, mkdtempSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFileMemo, fileStamp } from '../../src/fs/file-stamp.ts';

const folder = mkdtempSync(join(tmpdir(), 'stamp-'));
const fileWith = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  utimesSync(path, 1, 1);
  return path;
};

describe('What was found in a file', () => {
  const counting = () => {
    let asked = 0;
    const memo = createFileMemo<number>(2);
    return { ask: (path: string, what = 'it') => memo(path, what, () => (asked += 1)), asked: () => asked };
  };

  it('is not looked for again while nobody has written to the file', () => {
    const [{ ask, asked }, path] = [counting(), fileWith('a', 'one')];
    expect([ask(path), ask(path), asked()]).toEqual([1, 1, 1]);
  });

  it.each([
    ['appended to', (path: string) => appendFileSync(path, 'x')],
    ['rewritten with as many bytes', (path: string) => writeFileSync(path, 'two')],
    ['rewritten and given its old time back', () => fileWith('b', 'two')],
    ['replaced by another', (path: string) => renameSync(fileWith('other', 'two'), path)],
  ])('is looked for again in a file that was %s', async (_how, change) => {
    const [{ ask }, path] = [counting(), fileWith('b', 'one')];
    ask(path);
    await new Promise((resolve) => setTimeout(resolve, 20)); // the clock of a file system ticks every 4 to 10 ms
    change(path);
    expect(ask(path)).toBe(2);
  });

  it('is kept apart from what else was found there, and forgotten when it was not asked for longest', () => {
    const [{ ask, asked }, path] = [counting(), fileWith('c', 'one')];
    expect([ask(path, 'x'), ask(path, 'y'), ask(path, 'x'), ask(path, 'z'), ask(path, 'x')]).toEqual([1, 2, 1, 3, 1]);
    expect([ask(path, 'y'), asked()]).toEqual([4, 4]);
  });

  it('is looked for every time where there is no file', () => {
    const { ask, asked } = counting();
    const path = join(folder, 'absent');
    expect([fileStamp(path), ask(path), ask(path), asked()]).toEqual([undefined, 1, 2, 2]);
  });
});
