import { describe, expect, it } from 'vitest';
import { compareSlugs, isSlug, momentOfSlug, slugAfter } from '../../src/registry/slug.ts';
import { splitPlace } from '../../src/registry/split-place.ts';

describe('the name of an entry', () => {
  it.each([
    ['20261122T020816992331Z', true],
    ['20261122T020816Z', true],
    ['20261122T020816992Z', false],
    ['20261122T0208169923311Z', false],
    ['x20261122T020816Z', false],
    ['golden', false],
  ])('%s: %s', (name, expected) => expect(isSlug(name)).toBe(expected));

  it('is a moment', () => {
    expect(momentOfSlug('20261122T020816992331Z')).toEqual({
      epochMs: Date.parse('2026-11-22T02:08:16.992Z'),
      micros: 331,
    });
    expect(momentOfSlug('20261122T020816Z')).toEqual({ epochMs: Date.parse('2026-11-22T02:08:16Z'), micros: 0 });
    expect([momentOfSlug('golden'), momentOfSlug('20261399T000000Z')]).toEqual([undefined, undefined]);
  });

  it('sorts by time, one without microseconds at the beginning of its second', () => {
    const sorted = ['20260101T000000Z', '20260101T000000000000Z', '20260101T000000000001Z', '20260101T000001Z'];
    expect(sorted.toReversed().sort(compareSlugs)).toEqual(sorted);
    expect(compareSlugs('20260101T000000Z', '20260101T000000Z')).toBe(0);
  });

  it('is after the last one, also where the clock is not', () => {
    const moment = { epochMs: Date.parse('2026-01-01T00:00:00Z'), micros: 5 };
    expect(slugAfter(moment, undefined)).toBe('20260101T000000000005Z');
    expect(slugAfter(moment, '20250101T000000Z')).toBe('20260101T000000000005Z');
    expect(slugAfter(moment, '20260101T000000000005Z')).toBe('20260101T000000000006Z');
    expect(slugAfter(moment, '20270101T000000999999Z')).toBe('20270101T000001000000Z');
    expect(slugAfter(moment, 'golden')).toBe('20260101T000000000005Z');
  });
});

describe('family and measurement', () => {
  it.each([
    ['b200', 'busbw', ['b200', 'busbw']],
    ['b200/busbw', undefined, ['b200', 'busbw']],
    ['b200/busbw@golden', undefined, ['b200', 'busbw']],
    ['b200/busbw', 'other', ['b200/busbw', 'other']],
    ['b200/busbw/20260101T000000Z', undefined, ['b200/busbw/20260101T000000Z', undefined]],
    ['b200', undefined, ['b200', undefined]],
    ['/busbw', undefined, ['/busbw', undefined]],
    ['b200/', undefined, ['b200/', undefined]],
    [undefined, undefined, [undefined, undefined]],
  ])('%s and %s are %j', (family, measurement, expected) => expect(splitPlace(family, measurement)).toEqual(expected));
});
