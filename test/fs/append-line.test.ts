import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendLine, fixTornTail, lastLine, linesBackward, linesHolding } from '../../src/fs/append-line.ts';
import { scratchFolder } from './scratch.ts';

const folder = scratchFolder('lines');
const path = join(folder, 'log.jsonl');
const text = fc
  .array(fc.constantFrom('a', 'é', '{"x":1}', '\n', '\n\n', 'b'.repeat(5000)), { maxLength: 30 })
  .map((parts) => parts.join(''));

/** Complete lines of a text, and what follows the last newline. */
const split = (whole: string): { lines: string[]; rest: string } => {
  const lines = whole.split('\n');
  return { rest: lines.pop() ?? '', lines };
};

describe('a file of lines', () => {
  it('reads backward what it would read forward, without an unfinished end', () => {
    fc.assert(
      fc.property(text, (whole) => {
        writeFileSync(path, whole);
        expect([...linesBackward(path)].reverse()).toEqual(split(whole).lines);
      }),
    );
  });

  it.each(['a', 'é', '"x":1', 'bb', 'bbb}', 'not there'])(
    'gives the lines that hold %s, from the last to the first',
    (wanted) => {
      fc.assert(
        fc.property(text, (whole) => {
          writeFileSync(path, whole);
          const holding = split(whole).lines.filter((line) => line.includes(wanted));
          expect([...linesHolding(path, wanted)].reverse()).toEqual(holding);
        }),
      );
    },
  );

  it('finds a line far from its end, and one that is longer than what is read at once', () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `{"n":${index},"text":"${'x'.repeat(index % 90)}"}`);
    lines[7] = `{"n":7,"text":"${'y'.repeat(200_000)}"}`;
    writeFileSync(path, `${lines.join('\n')}\n{"n":3,"torn`);
    for (const index of [0, 7, 8, 2500, 4999]) expect([...linesHolding(path, `"n":${index},`)]).toEqual([lines[index]]);
  });

  it('loses exactly its unfinished end when it is fixed', () => {
    fc.assert(
      fc.property(text, (whole) => {
        writeFileSync(path, whole);
        const { lines, rest } = split(whole);
        expect(fixTornTail(path)).toBe(rest === '' ? null : rest);
        expect(readFileSync(path, 'utf8')).toBe(lines.map((line) => `${line}\n`).join(''));
      }),
    );
  });

  it('is empty when it is absent', () => {
    const absent = join(folder, 'absent');
    expect([...linesBackward(absent)]).toEqual([]);
    expect([...linesHolding(absent, 'a')]).toEqual([]);
    expect(lastLine(absent)).toBeUndefined();
    expect(fixTornTail(absent)).toBeNull();
  });

  it('grows by whole lines at its end', async () => {
    const log = join(folder, 'grow');
    await appendLine(log, 'one\n');
    await appendLine(log, 'two\n', { sync: true });
    expect(readFileSync(log, 'utf8')).toBe('one\ntwo\n');
    await expect(appendLine(log, 'no end')).rejects.toMatchObject({ code: 'line_without_end' });
  });

  it('names a folder that is not there', async () => {
    await expect(appendLine(join(folder, 'no', 'log'), 'x\n')).rejects.toMatchObject({ code: 'file_not_found' });
  });

  it.skipIf(!existsSync('/dev/full'))('says that the disk is full', async () => {
    await expect(appendLine('/dev/full', 'x\n')).rejects.toMatchObject({ code: 'disk_full' });
  });
});
