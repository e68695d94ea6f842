import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withFrontierBlock } from '../../../src/champion/value/handoff-block.ts';
import { Fault } from '../../../src/text/fault.ts';

const BEGIN = '<!-- profile-and-optimize frontier: begin -->';
const END = '<!-- profile-and-optimize frontier: end -->';

const put = (file: Buffer | null, text: string): Buffer => withFrontierBlock(file, text, 'HANDOFF.md');

const codeOf = (text: string): string => {
  try {
    put(Buffer.from(text), 'new');
  } catch (error) {
    if (error instanceof Fault) return error.code;
  }
  return 'none';
};

describe('the frontier block of a HANDOFF.md', () => {
  it.each([
    ['an absent file', null, `${BEGIN}\nnew\n${END}\n`],
    ['a file without a block', 'notes\n', `notes\n\n${BEGIN}\nnew\n${END}\n`],
    ['a file without a last line end', 'notes', `notes\n\n${BEGIN}\nnew\n${END}\n`],
    ['a file with a block', `a\n${BEGIN}\nold\nold\n${END}\nb`, `a\n${BEGIN}\nnew\n${END}\nb`],
    ['a file of Windows', `a\r\n${BEGIN}\r\nold\r\n${END}\r\nb\r\n`, `a\r\n${BEGIN}\r\nnew\r\n${END}\r\nb\r\n`],
  ])('is put into %s', (_, before, after) => {
    expect(put(before === null ? null : Buffer.from(before), 'new').toString()).toBe(after);
  });

  it.each([
    ['no end', `a\n${BEGIN}\nb`],
    ['no begin', `a\n${END}\nb`],
    ['the end before the begin', `${END}\n${BEGIN}\n`],
    ['two blocks', `${BEGIN}\n${END}\n${BEGIN}\n${END}\n`],
  ])('refuses a file with %s', (_, text) => {
    expect(codeOf(text)).toBe('handoff_block_broken');
  });

  it('keeps every byte outside of the markers, whatever they are, and is the same when it is put in twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 200 }), (before, after) => {
        const file = Buffer.concat([before, Buffer.from(`${BEGIN}\nold\n${END}`), after]);
        const once = put(file, 'new');
        expect(once.subarray(0, before.length).equals(before)).toBe(true);
        expect(once.subarray(once.length - after.length).equals(after)).toBe(true);
        expect(put(once, 'new').equals(once)).toBe(true);
      }),
    );
  });
});
