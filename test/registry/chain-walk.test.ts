import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { walkChain } from '../../src/registry/chain-walk.ts';
import { linkHash, nextLink, type ChainLine, type ChainLink } from '../../src/registry/chain.ts';
import { timeSlug } from '../../src/text/time.ts';

const EPOCH = Date.parse('2026-01-01T00:00:00Z');
const DIGEST = 'a'.repeat(64);
const AT = '2026-01-01T00:00:00Z';

/** `count` links on top of `base`; slugs count milliseconds from `from`. */
const chainOf = (count: number, base: readonly ChainLink[] = [], from = base.length): ChainLink[] => {
  const links = [...base];
  for (let index = 0; index < count; index += 1)
    links.push(nextLink(links.at(-1), timeSlug({ epochMs: EPOCH + from + index, micros: 0 }), DIGEST, AT));
  return links;
};

const linesOf = (links: readonly (ChainLink | undefined)[], mergeMark = false): ChainLine[] =>
  links.map((link, index) => ({ line: index + 1, link, mergeMark: link === undefined && mergeMark }));

const hashOf = (link: ChainLink | undefined): string | null => (link === undefined ? null : linkHash(link));

describe('a chain', () => {
  it('as it was written has one head and no breaks', () => {
    const links = chainOf(5);
    expect(walkChain(linesOf(links))).toMatchObject({
      breaks: [],
      forks: [],
      head: hashOf(links[4]),
      heads: [hashOf(links[4])],
    });
    expect(walkChain([])).toMatchObject({ breaks: [], forks: [], head: null, heads: [] });
  });

  const place = fc.integer({ min: 2, max: 12 }).chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 2)));

  it('shows where a link was taken out, unless it was the last', () => {
    fc.assert(
      fc.property(place, ([count, index]) => {
        const walk = walkChain(linesOf(chainOf(count).toSpliced(index, 1)));
        expect(walk.breaks).toEqual([expect.objectContaining({ line: index + 1, reason: 'previous_link_missing' })]);
      }),
    );
  });

  it('shows where any field of a link was changed, unless it was the last', () => {
    const change = fc.constantFrom<Partial<ChainLink>>(
      { entry_sha256: 'b'.repeat(64) },
      { at: 'x' },
      { slug: '20200101T000000Z' },
    );
    fc.assert(
      fc.property(place, change, ([count, index], changed) => {
        const links = chainOf(count).map((link, at) => (at === index ? { ...link, ...changed } : link));
        expect(walkChain(linesOf(links)).breaks).toEqual([
          expect.objectContaining({ line: index + 2, reason: 'previous_link_missing' }),
        ]);
      }),
    );
  });

  it('shows links that were put in or changed places', () => {
    const [a, b, c] = chainOf(3);
    const reasons = (links: (ChainLink | undefined)[]): string[] =>
      walkChain(linesOf(links)).breaks.map(({ reason }) => reason);
    expect(reasons([a, c, b])).toEqual(['previous_link_missing']);
    expect(reasons([a, b, b, c])).toEqual(['repeated_link']);
    expect(reasons([a, b, undefined, c])).toEqual(['not_a_link']);
    expect(reasons([a, b, b && nextLink(b, b.slug, DIGEST, AT), c])).toContain('repeated_entry');
    expect(reasons([a, b && { ...b, seq: 7 }])).toEqual(['wrong_sequence']);
  });
});

describe('two branches that were merged', () => {
  const base = chainOf(2);
  const [left, right] = [chainOf(2, base, 100), chainOf(3, base, 200)];

  it.each([
    ['one after the other', [...left, ...right.slice(2)]],
    ['line by line', [...base, left[2], right[2], left[3], right[3], right[4]]],
  ])('%s are a fork and not a break', (_, links) => {
    const walk = walkChain(linesOf(links));
    expect(walk.breaks).toEqual([]);
    expect(walk.forks).toEqual([{ after: hashOf(base[1]), branches: [left[2]?.slug, right[2]?.slug] }]);
    expect([...walk.heads].sort()).toEqual([hashOf(left[3]), hashOf(right[4])].sort());
  });

  it('from the very beginning share no link', () => {
    const walk = walkChain(linesOf([...chainOf(1), ...chainOf(1, [], 50)]));
    expect(walk).toMatchObject({ breaks: [], forks: [{ after: null }] });
  });

  it('and left with the marks of git are named as such', () => {
    const walk = walkChain(linesOf([...left, undefined, ...right.slice(2)], true));
    expect(walk.breaks).toEqual([{ line: 5, reason: 'merge_mark', slug: null }]);
  });
});
