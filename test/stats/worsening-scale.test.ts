import { describe, expect, it } from 'vitest';
import { pairByBlock } from '../../src/stats/pair-trials.ts';
import { differenceScale, ratioScale } from '../../src/stats/worsening-scale.ts';
import { near } from './sample.ts';

describe('the scale of worsening', () => {
  it('turns ratios so that larger is worse, whichever way the metric is better', () => {
    const lower = ratioScale('lower-is-better', 0.05);
    const higher = ratioScale('higher-is-better', 0.05);
    near(lower.place(110) - lower.place(100), Math.log(1.1));
    near(higher.place(100) - higher.place(110), Math.log(1.1));
    near(ratioScale('two-sided', 0.05).place(Math.E), 1);
    expect(lower).toMatchObject({ name: 'ratio', tolerance: 0.05, grain: 1e-12 });
    near(lower.limit, Math.log(1.05));
    near(lower.shown(Math.log(1.2)), 0.2);
  });

  it('turns differences alike, in the unit of the metric', () => {
    const lower = differenceScale('lower-is-better', 2, [-500, 3]);
    const higher = differenceScale('higher-is-better', 2, [-500, 3]);
    expect([lower.place(7), higher.place(7), lower.shown(3), lower.limit, lower.tolerance]).toEqual([7, -7, 3, 2, 2]);
    expect(lower.name).toBe('difference');
    near(lower.grain, 5e-10, 1e-15);
    near(differenceScale('lower-is-better', 9, [1]).grain, 9e-12, 1e-15);
  });
});

describe('pairs of trials', () => {
  const trial = (value: number, block: number | null) => ({ value, block });

  it('are made within a block, in order, and the rest is counted', () => {
    const pairing = pairByBlock(
      [trial(1, 0), trial(2, 0), trial(3, 1), trial(4, 2)],
      [trial(11, 0), trial(12, 0), trial(13, 1), trial(14, 1)],
    );
    expect(pairing?.pairs.map(([a, b]) => [a.value, b.value])).toEqual([
      [1, 11],
      [2, 12],
      [3, 13],
    ]);
    expect(pairing?.left).toBe(2);
  });

  it('need a block on every trial, and one that holds both sides', () => {
    expect(pairByBlock([trial(1, 0)], [trial(2, null)])).toBeNull();
    expect(pairByBlock([trial(1, null)], [trial(2, 0)])).toBeNull();
    expect(pairByBlock([trial(1, 0)], [trial(2, 1)])).toBeNull();
  });
});
