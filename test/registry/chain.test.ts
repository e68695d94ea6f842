import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  appendLink,
  findLink,
  lastLink,
  linkHash,
  linksBackward,
  fixChain,
  nextLink,
  parseLink,
  readChain,
  rollBackLink,
} from '../../src/registry/chain.ts';
import { openLab, placeIn, recordMany } from './recording.ts';

const DIGEST = 'a'.repeat(64);
const AT = '2026-01-01T00:00:00Z';

const three = async () => {
  const lab = openLab();
  const entries = await recordMany(lab, 3);
  return { place: placeIn(lab), slugs: entries.map(({ slug }) => slug) };
};

describe('a link', () => {
  const first = nextLink(undefined, '20260101T000000Z', DIGEST, AT);
  const second = nextLink(first, '20260102T000000Z', DIGEST, AT);

  it('counts on and holds the hash of the one before', () => {
    expect(first).toEqual({ seq: 0, slug: '20260101T000000Z', entry_sha256: DIGEST, prev: null, at: AT });
    expect(second).toMatchObject({ seq: 1, prev: linkHash(first) });
    expect(linkHash(first)).toMatch(/^[0-9a-f]{64}$/);
    expect(linkHash({ ...first, at: 'x' })).not.toBe(linkHash(first));
  });

  it.each([
    ['no JSON', '{'],
    ['a further field', JSON.stringify({ ...first, more: 1 })],
    ['a name that is none of an entry', JSON.stringify({ ...first, slug: 'golden' })],
    ['a digest that is too short', JSON.stringify({ ...first, entry_sha256: 'a'.repeat(63) })],
    ['a place before the first', JSON.stringify({ ...first, seq: -1 })],
  ])('is not read from %s', (_, line) => expect(parseLink(line)).toBeUndefined());

  it('is read as it was written', () => expect(parseLink(JSON.stringify(second))).toEqual(second));
});

describe('the file of a chain', () => {
  it('is read from either end', async () => {
    const { place, slugs } = await three();
    expect([...linksBackward(place)].map(({ slug }) => slug)).toEqual(slugs.toReversed());
    const { lines, torn } = await readChain(place);
    expect(lines.map(({ line, link, mergeMark }) => [line, link?.slug, mergeMark])).toEqual([
      [1, slugs[0], false],
      [2, slugs[1], false],
      [3, slugs[2], false],
    ]);
    expect(torn).toBe(false);
    expect(lastLink(place)?.slug).toBe(slugs[2]);
    expect(findLink(place, slugs[1] ?? '')?.seq).toBe(1);
    expect(findLink(place, '20200101T000000Z')).toBeUndefined();
  });

  it('is empty where there is none', async () => {
    const place = placeIn(openLab());
    expect(existsSync(place.chain)).toBe(false);
    expect(await readChain(place)).toEqual({ lines: [], torn: false });
    expect([lastLink(place), [...linksBackward(place)]]).toEqual([undefined, []]);
  });

  it('passes over lines that hold no link, and finds the newest link of a slug', async () => {
    const { place, slugs } = await three();
    const again = nextLink(lastLink(place), slugs[0] ?? '', DIGEST, AT);
    appendFileSync(place.chain, `<<<<<<< ours ${slugs[0]}\n`);
    await appendLink(place, again);
    expect(findLink(place, slugs[0] ?? '')).toEqual(again);
    expect([...linksBackward(place)]).toHaveLength(4);
    const { lines } = await readChain(place);
    expect(lines[3]).toEqual({ line: 4, link: undefined, mergeMark: true });
  });

  it('that ends in something else is refused, with the first of it and a way out', async () => {
    const { place } = await three();
    appendFileSync(place.chain, `${'x'.repeat(80)}\n`);
    expect(() => lastLink(place)).toThrow(
      expect.objectContaining({
        code: 'chain_unreadable',
        kind: 'refused',
        message: `${place.chain} does not end in a link but in ${'x'.repeat(60)}`,
      }),
    );
  });

  it('keeps a link that lacks only its newline, and drops one that was torn', async () => {
    const { place, slugs } = await three();
    const whole = readFileSync(place.chain, 'utf8');
    writeFileSync(place.chain, whole.trimEnd());
    expect((await readChain(place)).torn).toBe(true);
    await fixChain(place);
    expect(readFileSync(place.chain, 'utf8')).toBe(whole);
    appendFileSync(place.chain, '{"seq":3,');
    await fixChain(place);
    expect(readFileSync(place.chain, 'utf8')).toBe(whole);
    expect(lastLink(place)?.slug).toBe(slugs[2]);
  });

  it('gives back its last link, and no other', async () => {
    const { place, slugs } = await three();
    const [, before] = linksBackward(place);
    const whole = readFileSync(place.chain, 'utf8');
    if (before !== undefined) await rollBackLink(place, before);
    expect(readFileSync(place.chain, 'utf8')).toBe(whole);
    const last = lastLink(place);
    if (last !== undefined) await rollBackLink(place, last);
    expect(lastLink(place)?.slug).toBe(slugs[1]);
    expect(readFileSync(place.chain, 'utf8')).toBe(whole.split('\n').slice(0, 2).join('\n') + '\n');
  });
});
