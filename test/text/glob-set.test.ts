import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlobs } from '../../src/text/glob-set.ts';

/** One glob, the slow and obvious way. */
const matches = (glob: string, text: string): boolean =>
  new RegExp(`^${glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^]*')}$`, 'i').test(text);

describe('compileGlobs', () => {
  it.each([
    ['ttft_*_ms', 'ttft_p50_ms', true],
    ['ttft_*_ms', 'TTFT_P50_MS', true],
    ['ttft_*_ms', 'x_ttft_p50_ms', false],
    ['*_per_s', '_per_s', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a**b', 'ab', true],
    ['*[concurrency=16]', 'throughput[concurrency=16]', true],
    ['*[concurrency=16]', 'throughput[concurrency=160]', false],
    ['a.b', 'axb', false],
    ['größe*', 'größe_ms', true],
  ])('%j against %j is %s', (glob, text, expected) => {
    expect(compileGlobs([glob])(text).matched).toEqual(expected ? [0] : []);
  });

  it('finds all that match, in the order given, and gives equal sets one id', () => {
    const match = compileGlobs(['*_ms', 'ttft*', 'x', '*']);
    expect(match('ttft_ms').matched).toEqual([0, 1, 3]);
    expect(match('ttft_p50_ms')).toBe(match('ttft_p99_ms'));
    expect(match('tpot_ms').id).not.toBe(match('ttft_ms').id);
  });

  it('agrees with matching each glob by itself', () => {
    const letters = fc.constantFrom('a', 'b', 'B', '_', '*', '[');
    const glob = fc.array(letters, { maxLength: 6 }).map((parts) => parts.join(''));
    const text = fc
      .array(fc.constantFrom('a', 'b', 'A', '_', '[', 'z'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(glob, { maxLength: 8 }), fc.array(text, { maxLength: 8 }), (globs, texts) => {
        const match = compileGlobs(globs);
        for (const each of texts)
          expect(match(each).matched).toEqual(globs.flatMap((one, index) => (matches(one, each) ? [index] : [])));
      }),
    );
  });

  it('stays right when it has forgotten its states', () => {
    const globs = Array.from({ length: 14 }, (_, index) => `*${String.fromCharCode(97 + index)}x*y`);
    const match = compileGlobs(globs);
    const texts = Array.from({ length: 6000 }, (_, index) =>
      globs
        .flatMap((_glob, bit) => (index & (1 << bit) ? `${String.fromCharCode(97 + bit)}x` : []))
        .join('')
        .concat('y'),
    );
    for (const text of texts)
      expect(match(text).matched).toEqual(globs.flatMap((glob, index) => (matches(glob, text) ? [index] : [])));
  });
});
