import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containedPath, isInside, isSafeSegment, portableSegment, safeSegment } from '../../src/fs/safe-path.ts';
import { scratchFolder } from './scratch.ts';

describe('a safe segment', () => {
  it.each(['llama31_8b', 'gb300-cluster', 'v1.2', '0', 'A'.repeat(128)])('may be %s', (name) => {
    expect(safeSegment(name, 'family')).toBe(name);
  });

  it.each(['', '.', '..', '.hidden', '-flag', 'a/b', 'a\\b', 'a b', 'a\n', 'a\u0000', 'naïve', 'A'.repeat(129)])(
    'is not %j',
    (name) => {
      expect(() => safeSegment(name, 'family')).toThrow(
        expect.objectContaining({ code: 'unsafe_segment', kind: 'usage' }),
      );
    },
  );

  it('never leaves the folder it is joined to', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '7', '.', '/', '\\', '-', '\0'), maxLength: 5 });
    fc.assert(fc.property(name, (some) => !isSafeSegment(some) || join('/root', some) === `/root/${some}`));
  });
});

describe('a name that every system can hold', () => {
  it.each(['auxiliary', 'console', 'com', 'com10', 'nullable', 'v1.2'])('may be %s', (name) => {
    expect(portableSegment(name, 'family')).toBe(name);
  });

  it.each([
    ['CON', 'name_not_portable', 'use my_CON'],
    ['NUL', 'name_not_portable', 'use my_NUL'],
    ['aux.x', 'name_not_portable', 'use my_aux.x'],
    ['lpt1.tar.gz', 'name_not_portable', 'use my_lpt1.tar.gz'],
    ['run.', 'name_not_portable', 'use run'],
    ['run ', 'unsafe_segment', 'use run: begin with a letter or digit'],
    ['8 x B200', 'unsafe_segment', 'use 8_x_B200: begin with'],
  ])('is not %j: %s', (name, code, fix) => {
    expect(() => portableSegment(name, 'family')).toThrow(
      expect.objectContaining({ code, details: expect.objectContaining({ fix: expect.stringMatching(`^${fix}`) }) }),
    );
  });
});

describe('containment', () => {
  const top = scratchFolder('contained');
  const [root, outside] = [join(top, 'root'), join(top, 'outside')];
  mkdirSync(join(root, 'real'), { recursive: true });
  mkdirSync(outside);
  symlinkSync(outside, join(root, 'out'));
  symlinkSync(join(root, 'real'), join(root, 'in'));
  symlinkSync(join(root, 'loop'), join(root, 'loop'));

  it('holds for what is not there yet, and for links that stay inside', () => {
    expect(containedPath(root, 'new', 'deeper')).toBe(join(root, 'new', 'deeper'));
    expect(containedPath(root, 'in', 'x')).toBe(join(root, 'in', 'x'));
    expect(isInside(root, root)).toBe(true);
  });

  it('is refused for a link that leads out, even below a name that is not there', () => {
    expect(() => containedPath(root, 'out', 'x', 'y')).toThrow(expect.objectContaining({ code: 'path_escapes' }));
    expect(isInside(root, `${root}-sibling`)).toBe(false);
  });

  it('names a link that leads to itself', () => {
    expect(() => containedPath(root, 'loop')).toThrow(expect.objectContaining({ code: 'symlink_loop' }));
  });

  it('says what is wrong with a root that is a file', () => {
    writeFileSync(join(top, 'file'), '');
    expect(() => containedPath(join(top, 'file'), 'a')).toThrow(expect.objectContaining({ code: 'not_a_folder' }));
  });
});
