// Which characters the fonts of a report have, and what stands for the others.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coveredBy } from '../../src/render/font-coverage.ts';

const font = (name: string): Uint8Array => readFileSync(`node_modules/dejavu-fonts-ttf/ttf/${name}.ttf`);
const covered = coveredBy([font('DejaVuSans'), font('DejaVuSans-Bold')]);

test.each([
  ['plain words, 1,024 tok/s/GPU\nand a second line', 'plain words, 1,024 tok/s/GPU\nand a second line'],
  ['naïve → × µ ≤ “quoted” · Ωмега', 'naïve → × µ ≤ “quoted” · Ωмега'],
  ['模型 Qwen3', '\ufffd\ufffd Qwen3'],
  ['icon \ue000 of a private area', 'icon \ufffd of a private area'],
  ['beyond the first plane: 𠀀', 'beyond the first plane: \ufffd'],
])('%j is shown as %j', (text, shown) => {
  expect(covered(text)).toBe(shown);
});

test('one font that lacks a character is enough to lose it', () => {
  const [inSans, inBoth] = [coveredBy([font('DejaVuSans')]), coveredBy([font('DejaVuSans'), font('DejaVuSansMono')])];
  expect([inSans('א'), inBoth('א')]).toEqual(['א', '\ufffd']);
});
