import { describe, expect, test } from 'vitest';
import { fitText, textWidth, wrapText } from '../../src/render/text-width.ts';

const type = { size: 10 };

describe('the width of text', () => {
  test('is that of DejaVu Sans', () => {
    expect(textWidth('0', type)).toBeCloseTo(6.4, 1);
    expect(textWidth('iW', type)).toBeCloseTo(12.7, 1);
    expect(textWidth('0', { size: 10, bold: true })).toBeGreaterThan(textWidth('0', type));
    expect(textWidth('中', type)).toBeGreaterThan(10);
  });

  test('long names lose their middle and keep both ends', () => {
    const shown = fitText('flash_attention_forward_kernel_sm90_fp8', 120, type);
    expect(shown).toMatch(/^flash.*….*fp8$/);
    expect(textWidth(shown, type)).toBeLessThanOrEqual(120);
    expect(fitText('short', 120, type)).toBe('short');
  });

  test('lines break at blanks, and the last one allowed is shortened', () => {
    expect(wrapText('one two three', 50, type)).toEqual(['one two', 'three']);
    const [only, ...more] = wrapText('one two three four five', 50, type, 1);
    expect(more).toEqual([]);
    expect(only).toMatch(/^one.*…/);
    for (const line of wrapText('a very_long_word_without_any_blank here', 60, type))
      expect(textWidth(line, type)).toBeLessThanOrEqual(60);
  });
});
