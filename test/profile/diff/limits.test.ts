// Where each limit of a diff lies: a value exactly at it, and the next one beyond.
import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../../src/profile/diff-profiles.ts';
import { pairKernels } from '../../../src/profile/diff/kernel-pairs.ts';
import type { NamedKernel } from '../../../src/profile/diff/kernel-pairs.ts';
import { profileDiffSchema } from '../../../src/profile/diff/profile-diff-schema.ts';
import type { ProfileDiff } from '../../../src/profile/diff/profile-diff-schema.ts';
import type { DiffOptions } from '../../../src/profile/diff/findings.ts';
import type { MatchedCalls, MatchedCollective } from '../../../src/profile/model/matched-collectives.ts';
import { smallSide, times } from '../small-side.ts';
import type { Calls, SmallSide } from '../small-side.ts';

/** Every diff must fit its schema. */
const parsed = (diff: ProfileDiff): ProfileDiff => {
  expect(profileDiffSchema.parse(diff)).toEqual(diff);
  return diff;
};

const diffOf = (before: SmallSide, after: SmallSide, options: DiffOptions = {}): ProfileDiff =>
  parsed(
    diffProfiles([smallSide(before)], [smallSide({ ...after, facts: { contentId: 'b', ...after.facts } })], options),
  );

const calls = (kernel: string, ns: number, count = 10, rank = 0): Calls => ({ kernel, ns: times(count, ns), rank });
const named = (diff: ProfileDiff, name: string) => diff.kernels.find((row) => row.name === name);

describe('a kernel is adverse', () => {
  const pair = (ns: number, restNs: number, options: DiffOptions = {}) =>
    named(
      diffOf(
        { calls: [calls('a', 1000), calls('rest', 1000)] },
        { calls: [calls('a', ns), calls('rest', restNs)] },
        options,
      ),
      'a',
    );
  test.each([
    [1050, 'none', false],
    [1051, 'slower', true],
    [950, 'none', false],
    [949, 'faster', false],
  ])('from %i ns on, of 1000', (ns, change, adverse) =>
    expect(pair(ns, 1000)).toMatchObject({ change, adverse, improved: change === 'faster' }),
  );

  test.each([
    [990_000, true],
    [991_000, false],
  ])('with one percent of the time, beside calls of %i ns', (ns, adverse) => {
    const [before, after] = [
      [calls('a', 1000), calls('rest', ns)],
      [calls('a', 10_000), calls('rest', ns)],
    ];
    expect(named(diffOf({ calls: before }, { calls: after }), 'a')).toMatchObject({ adverse });
    expect(named(diffOf({ calls: after }, { calls: before }), 'a')).toMatchObject({ improved: adverse });
  });

  test('by the limit of its bucket where one is given', () => {
    expect(pair(1100, 1000, { thresholds: { other: 10 } })).toMatchObject({ change: 'none', adverse: false });
    expect(pair(1101, 1000, { thresholds: { other: 10 } })).toMatchObject({ change: 'slower', adverse: true });
    expect(pair(1101, 1000, { thresholds: { gemm: 20 } })).toMatchObject({ change: 'slower' });
  });

  test('on one rank of two, though not as a whole', () => {
    const side = (ns: number) => ({
      calls: [calls('a', 1000), calls('a', ns, 10, 1), calls('b', 500), calls('b', 500, 10, 1)],
    });
    const row = named(diffOf(side(1000), side(1080)), 'a');
    expect(row).toMatchObject({ change: 'none', adverse: true });
    expect(row?.ranks.map(({ adverse }) => adverse)).toEqual([false, true]);
  });

  test('also where it is called once', () => {
    const once = (ns: number): SmallSide => ({ calls: [calls('a', ns, 1), calls('rest', 1000)] });
    expect(named(diffOf(once(1000), once(1200)), 'a')).toMatchObject({ stratified_pct: 20, change: 'slower', q: null });
  });

  test('never where it is new or gone', () => {
    const diff = diffOf(
      { calls: [calls('a', 100), calls('old', 50)] },
      { calls: [calls('a', 100), calls('new_one', 90)] },
    );
    expect(diff.kernels.map(({ name, class: kind, adverse }) => [name, kind, adverse])).toEqual([
      ['new_one', 'new', false],
      ['old', 'removed', false],
      ['a', 'both', false],
    ]);
  });
});

describe('the colour without a headline', () => {
  const colour = (slower: number) => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const side = (ns: number) => ({ calls: names.map((name, at) => calls(name, at < slower ? ns : 1000)) });
    return diffOf(side(1000), side(1100)).verdict;
  };
  test('is green, yellow from one adverse kernel on, red from three on', () => {
    expect([0, 1, 2, 3].map(colour)).toEqual(['GREEN', 'YELLOW', 'YELLOW', 'RED']);
  });
});

describe('the headline', () => {
  const steps = (ns: number): SmallSide => ({ calls: [calls('a', 100)], spanNs: [10 * ns], stepNs: [times(10, ns)] });
  test.each([
    [1050, false, 'GREEN'],
    [1051, true, 'RED'],
    [900, false, 'GREEN'],
  ])('steps of %i ns after 1000', (ns, adverse, verdict) =>
    expect(diffOf(steps(1000), steps(ns))).toMatchObject({
      verdict,
      headline: { basis: 'step', adverse, baseline_units: 10 },
    }),
  );

  test.each([
    [10_199, true],
    [10_201, false],
    [9801, true],
    [9799, false],
  ])('a window of %i ns is as long as one of 10000: %s', (spanNs, equal) => {
    const side = (span: number): SmallSide => ({ calls: [calls('a', 100)], spanNs: [span] });
    expect(diffOf(side(10_000), side(spanNs)).headline.equal_window).toBe(equal);
  });

  test('one step is no measure: calls of the dominant kernel are', () => {
    const side = (ns: number): SmallSide => ({
      calls: [calls('a', 100), calls('b', 90)],
      spanNs: [ns],
      stepNs: [[500]],
    });
    expect(diffOf(side(5000), side(5000)).headline).toMatchObject({
      basis: 'dominant_kernel',
      unit: 'a call',
      baseline_units: 10,
      baseline_ns: 500,
    });
  });

  test.each([
    [10, 'dominant_kernel'],
    [11, 'none'],
  ])('kernels of both sides with 10 calls, beside %i of others: %s', (others, basis) => {
    const side = (other: string): SmallSide => ({
      calls: [calls('shared', 100), calls(other, 100, others)],
      spanNs: [5000],
    });
    expect(diffOf(side('left_one'), side('right_one')).headline.basis).toBe(basis);
  });

  test('calls of collectives are no measure of the work', () => {
    const side = (ns: number): SmallSide => ({ calls: [calls('nccl_a', 1000), calls('b', 600)], spanNs: [ns] });
    expect(diffOf(side(50_000), side(50_000)).headline.unit).toBe('b call');
  });

  test('given work of none is no measure', () => {
    const given = (baseline: number) =>
      diffOf(steps(1000), steps(1000), { work: { unit: 'token', baseline, candidate: 50 } }).headline;
    expect(given(100)).toMatchObject({
      basis: 'work',
      metric: 'time per token',
      baseline_ns: 100,
      candidate_ns: 200,
      work_ratio: 0.5,
    });
    expect(given(0)).toMatchObject({ baseline_ns: null, change_pct: null, work_ratio: null, adverse: false });
  });
});

describe('kernels are paired', () => {
  const of = (name: string, count: number, meanNs: number): NamedKernel => ({
    name,
    shortName: name,
    bucket: 'gemm',
    count,
    totalNs: count * meanNs,
  });
  const pairs = (before: readonly NamedKernel[], after: readonly NamedKernel[], work = 1) =>
    pairKernels(before, after, work).map(({ baseline, candidate }) => `${baseline ?? '-'} ${candidate ?? '-'}`);
  const [small, large] = ['tiled_64x64_a', 'tiled_128x64_a'];
  test.each([
    ['with the same calls', 10, 100, 1, true],
    ['with four times the calls', 40, 100, 1, true],
    ['not with more than that', 41, 100, 1, false],
    ['with more, where the work grew as much', 80, 100, 2, true],
    ['with calls sixteen times as long', 10, 1600, 1, true],
    ['not with longer ones', 10, 1610, 1, false],
    ['with twice the calls, four times as long', 20, 400, 1, true],
    ['not with twice the calls, five times as long', 20, 500, 1, false],
    ['with a quarter of the calls', 10 / 4, 100, 1, true],
  ])('over a changed tile %s', (_, count, meanNs, work, paired) => {
    expect(pairs([of(small, 10, 100)], [of(large, count, meanNs)], work)).toEqual(
      paired ? [`${small} ${large}`] : [`${small} -`, `- ${large}`],
    );
  });

  test('the closest first', () => {
    const before = [of('tiled_64x64_a', 10, 100), of('tiled_32x32_a', 10, 400)];
    const after = [of('tiled_128x64_a', 10, 390), of('tiled_128x128_a', 10, 110)];
    expect(pairs(before, after)).toEqual(['tiled_32x32_a tiled_128x64_a', 'tiled_64x64_a tiled_128x128_a']);
  });

  test('by name before all, whatever their calls', () => {
    expect(pairs([of('k', 10, 100)], [of('k', 10_000, 1), of(large, 10, 100)])).toEqual(['k k', `- ${large}`]);
  });

  test('never over buckets', () => {
    expect(pairs([of(small, 10, 100)], [{ ...of(large, 10, 100), bucket: 'other' }])).toEqual([
      `${small} -`,
      `- ${large}`,
    ]);
  });
});

describe('a clock', () => {
  const side = (factors: readonly number[], ranks = 1): SmallSide => ({
    calls: Array.from({ length: ranks }, (_, rank) =>
      factors.map((factor, at) => calls(`kernel_${at}`, 10_000 * factor, 10, rank)),
    ).flat(),
  });
  const clock = (...factors: readonly number[]) => diffOf(side(factors.map(() => 1)), side(factors)).clock;
  test.each([
    ['all three by one percent and a little', [1.0101, 1.0101, 1.0101], true],
    ['all by less than one percent', [1.0099, 1.0099, 1.0099], false],
    ['three of four kernels by the same', [1.1, 1.1, 1.1, 1], true],
    ['three of five, the heaviest not among them', [1, 1.1, 1.1, 1.1, 1], true],
    ['three of five, the heaviest among them', [1.1, 1.1, 1.1, 1, 1], false],
    ['within 1.5 percent of each other', [1.1, 1.1149, 1.0851], true],
    ['one and a half percent apart and more', [1.1, 1.118, 1.08], false],
    ['faster together', [0.9, 0.9, 0.9], true],
    ['only two kernels', [1.1, 1.1], false],
    ['two of four kernels', [1.1, 1.1, 1, 1], false],
  ])('%s', (_, factors, applied) => expect(clock(...factors)).toMatchObject({ applied }));

  test('is not read from kernels that took no time', () => {
    const given = { medianNs: null, p95Ns: null, minNs: null, maxNs: null };
    const summary = (factor: number): SmallSide => ({
      calls: [0, 0, 1000, 2000, 3000].map((ns, at) => ({ kernel: `kernel_${at}`, ns: times(4, ns * factor), given })),
    });
    expect(diffOf(summary(1), summary(1.1)).clock).toMatchObject({
      factor: expect.closeTo(1.1, 9),
      agreement: 1,
      applied: true,
    });
  });

  test('is not a kernel that is alone, on however many ranks', () => {
    expect(diffOf(side([1], 4), side([1.1], 4)).clock).toEqual({
      factor: expect.closeTo(1.1, 9),
      agreement: 1,
      applied: false,
      ranks: [],
    });
  });

  test('is not the one kernel that has most of the time', () => {
    const heavy = (ns: number): SmallSide => ({
      calls: [calls('heavy', 100 * ns), calls('b', 100), calls('c', 100), calls('d', 100)],
    });
    expect(diffOf(heavy(100), heavy(110)).clock).toMatchObject({ applied: false });
    expect(diffOf(heavy(100), heavy(110)).clock.agreement).toBeGreaterThan(0.9);
  });

  test('belongs to a rank of its own from 1.5 percent on', () => {
    const ofRank = (factor: number) => {
      const both = (own: number): SmallSide => ({
        calls: [0, 1, 2].flatMap((rank) =>
          ['a', 'b', 'c'].map((name) => calls(name, 10_000 * (rank === 2 ? own : 1), 10, rank)),
        ),
      });
      return diffOf(both(1), both(factor)).clock.ranks;
    };
    expect(ofRank(1.0149)).toEqual([]);
    expect(ofRank(1.0151)).toEqual([{ rank: 'rank 2', factor: expect.closeTo(1.0151, 9) }]);
    expect(ofRank(0.9)).toEqual([{ rank: 'rank 2', factor: expect.closeTo(0.9, 9) }]);
  });
});

describe('two captures are compared', () => {
  const ranks = (ns: readonly number[]): SmallSide => ({ calls: ns.map((each, rank) => calls('a', each, 10, rank)) });
  const refusals = ({ warnings }: ProfileDiff) => warnings.filter((warning) => warning.startsWith('not comparable'));
  test('unless a rank with one percent of the time is on one side only', () => {
    const minor = diffOf(ranks([990, 10]), ranks([1000]));
    expect(refusals(minor)).toEqual(['not comparable: the GPU count differs: rank 1 only in baseline']);
    expect(minor).toMatchObject({
      verdict: 'YELLOW',
      decision: { status: 'INCOMPARABLE', rule: 'V9', basis: 'capture' },
      adverse: [],
      step: null,
    });
    const less = diffOf(ranks([1000]), ranks([991, 9]));
    expect(refusals(less)).toEqual([]);
    expect(less.warnings).toContain('rank 1 is only in candidate, with less than 1% of its kernel time');
  });

  test('unless one holds a single step and the other several', () => {
    const steps = (count: number): SmallSide => ({
      calls: [calls('a', 100)],
      spanNs: [9000],
      stepNs: [times(count, 1000)],
    });
    const said = (label: string) => [
      `not comparable: ${label} holds a single step, against 2: too few to compare, and perhaps another phase of the work`,
    ];
    expect(refusals(diffOf(steps(1), steps(2)))).toEqual(said('baseline'));
    expect(refusals(diffOf(steps(2), steps(1)))).toEqual(said('candidate'));
    expect(refusals(diffOf(steps(1), steps(1)))).toEqual([]);
    expect(refusals(diffOf(steps(2), steps(3)))).toEqual([]);
  });

  test('unless one has no kernels', () => {
    const empty = diffOf({ calls: [] }, { calls: [] }, { baselineLabel: 'x', candidateLabel: 'y' });
    expect(refusals(empty)).toEqual(['not comparable: no GPU kernels were recorded in x and y']);
    expect(refusals(diffOf(ranks([100]), { calls: [] }))).toEqual([
      'not comparable: no GPU kernels were recorded in candidate',
    ]);
  });

  test('unless ncu measured one of them', () => {
    const said = [
      'not comparable: one side was measured by ncu (locked clocks, flushed caches), the other on a timeline',
    ];
    for (const format of ['ncu-csv', 'ncu-rep'] as const) {
      expect(refusals(diffOf({ ...ranks([100]), format }, ranks([100])))).toEqual(said);
      expect(refusals(diffOf(ranks([100]), { ...ranks([100]), format }))).toEqual(said);
    }
    expect(refusals(diffOf({ ...ranks([100]), format: 'ncu-csv' }, { ...ranks([100]), format: 'ncu-rep' }))).toEqual(
      [],
    );
    const [timeline, ncu] = [ranks([100]), { ...ranks([100]), format: 'ncu-csv' as const }].map(smallSide);
    const both = [timeline, ncu].flatMap((side) => side ?? []);
    expect(refusals(diffProfiles(both, both.slice(0, 1)))).toEqual(said);
    expect(refusals(diffProfiles(both.slice(0, 1), both))).toEqual(said);
  });

  test('unless graphs hide kernels on one side', () => {
    const graphs = [{ rank: 0, graphId: 1, count: 2, totalNs: 100 }];
    const whole: SmallSide = { ...ranks([100]), graphs, facts: { graphMode: 'graph' } };
    const nodes: SmallSide = { ...ranks([100]), facts: { graphMode: 'node' } };
    expect(refusals(diffOf(whole, nodes))).toEqual([
      'not comparable: CUDA graphs were captured as graph in one side and as node in the other',
    ]);
    expect(refusals(diffOf(whole, { ...ranks([100]), facts: { graphMode: 'none' } }))).toEqual([]);
    expect(refusals(diffOf(nodes, nodes))).toEqual([]);
  });

  test('with a word where the calls differ three times', () => {
    const counted = (count: number): SmallSide => ({ calls: [calls('a', 100, count)] });
    const said = 'the captures differ 3.0 times in kernel calls';
    expect(diffOf(counted(10), counted(30)).warnings).toContain(said);
    expect(diffOf(counted(30), counted(10)).warnings).toContain(said);
    expect(diffOf(counted(10), counted(29)).warnings).toEqual([]);
  });

  test('with a word where they have hardly a kernel in common', () => {
    const list = (prefix: string, count: number): SmallSide => ({
      calls: Array.from({ length: count }, (_, at) => calls(`${prefix}${'abcdefghijkl'[at]}_kernel`, 100)),
    });
    const said = 'only 0 kernels are in both captures: they are different programs';
    expect(diffOf(list('one', 6), list('two', 6)).warnings).toEqual([said]);
    expect(diffOf(list('one', 5), list('two', 6)).warnings).toEqual([]);
    const beside = (prefix: string, count: number): SmallSide => ({
      calls: [
        calls('shared_one', 100),
        ...Array.from({ length: count }, (_, at) => calls(`${prefix}_${'x'.repeat(at)}k`, 100)),
      ],
    });
    expect(diffOf(beside('one', 19), beside('two', 19)).warnings).toEqual([]);
    expect(diffOf(beside('one', 20), beside('two', 20)).warnings).toEqual([
      'only 1 kernels are in both captures: they are different programs',
    ]);
  });

  test('with a word for what differs of profiler and export', () => {
    const facts = (product: string | null, schema: string): SmallSide => ({
      ...ranks([100]),
      facts: { product, schema },
    });
    expect(diffOf(facts('p 1', '1'), facts(null, '2')).warnings).toEqual([
      'profiler version differs: p 1 against unknown',
      'export schema differs: 1 against 2',
    ]);
  });
});

describe('the note beside a silent test', () => {
  const noteOf = (before: readonly Calls[], after: readonly Calls[]) =>
    named(diffOf({ calls: before }, { calls: after }), 'a')?.q_note;
  const vary = (ns: number, by: number, count = 12) =>
    Array.from({ length: count }, (_, at) => ns + (at % 2 === 0 ? by : -by) + at);
  test('says that single calls vary', () => {
    const spread = (ns: number) => Array.from({ length: 12 }, (_, at) => ns + 60 * at);
    expect(noteOf([{ kernel: 'a', ns: spread(700) }], [{ kernel: 'a', ns: spread(780) }])).toBe(
      'single calls vary too much to decide',
    );
  });
  test('is absent below the limit', () => {
    expect(noteOf([{ kernel: 'a', ns: vary(1000, 300) }], [{ kernel: 'a', ns: vary(1040, 300) }])).toBeNull();
  });
  test('says that ranks moved apart', () => {
    const two = (first: number, second: number): Calls[] => [
      { kernel: 'a', rank: 0, ns: vary(first, 5) },
      { kernel: 'a', rank: 1, ns: vary(second, 5) },
    ];
    expect(noteOf(two(1000, 1000), two(900, 1230))).toBe(
      'ranks moved in opposite directions (rank 0 -9.9%, rank 1 +22.9%)',
    );
  });
  test('says that the long calls changed', () => {
    const tail = (long: number) => [...times(20, 1000), long, long].map((ns, at) => ns + (at % 3));
    expect(noteOf([{ kernel: 'a', ns: tail(1000) }], [{ kernel: 'a', ns: tail(3000) }])).toMatch(
      /^the long calls changed more than the typical one \(median [+-]0\.\d%, p95 \+\d+\.\d%\)$/,
    );
  });
});

describe('a collective', () => {
  const NAME = 'nccl_all_reduce';
  const matched = (
    own: Partial<MatchedCalls>,
    byRanks: Readonly<Record<string, Partial<MatchedCalls>>> = {},
  ): MatchedCollective => {
    const full = (part: Partial<MatchedCalls>): MatchedCalls => ({
      matchedCollectives: 50, matchedCalls: 100, unmatchedCalls: 0, mixedCalls: 0, transferNs: 10_000, waitingNs: 10_000,
      waitedByRank: new Map([['rank 0', 10_000]]), causedByRank: new Map([['rank 1', 10_000]]), ...part,
    }); // prettier-ignore
    return { ...full(own), byRanks: new Map(Object.entries(byRanks).map(([ranks, part]) => [ranks, full(part)])) };
  };
  const side = (collective: MatchedCollective, ns: readonly [number, number] = [200, 200]): SmallSide => ({
    calls: [calls(NAME, ns[0], 50, 0), calls(NAME, ns[1], 50, 1), calls('a', 1000, 50, 0), calls('a', 1000, 50, 1)],
    spanNs: [90_000, 90_000],
    stepNs: [times(10, 9000), times(10, 9000)],
    matched: { partitions: new Map(), byKernel: new Map([[NAME, collective]]) },
  });
  const row = (before: Partial<MatchedCalls>, after: Partial<MatchedCalls>) =>
    diffOf(side(matched(before)), side(matched(after))).collectives[0];

  test.each([
    ['transfer', { transferNs: 12_000 }, 'transfer'],
    ['waiting', { waitingNs: 12_000 }, 'waiting'],
    ['both', { transferNs: 12_000, waitingNs: 12_000 }, 'both'],
    ['a quarter of the growth counts', { transferNs: 13_000, waitingNs: 11_000 }, 'both'],
    ['less does not', { transferNs: 13_100, waitingNs: 11_000 }, 'transfer'],
    ['two percent of the call count', { transferNs: 10_400 }, 'transfer'],
    ['less do not', { transferNs: 10_390 }, 'neither'],
    ['nothing', {}, 'neither'],
    ['shrinking', { transferNs: 5000, waitingNs: 5000 }, 'neither'],
    ['80 percent matched is enough', { matchedCalls: 80, unmatchedCalls: 20, transferNs: 12_000, waitingNs: 8000 }, 'transfer'],
    ['less is not', { matchedCalls: 79, unmatchedCalls: 21, transferNs: 12_000 }, 'cannot_tell'],
    ['none matched', { matchedCalls: 0, unmatchedCalls: 0 }, 'cannot_tell'],
    ['5 percent mixed up may be', { mixedCalls: 5, transferNs: 12_000 }, 'transfer'],
    ['more may not', { mixedCalls: 6, transferNs: 12_000 }, 'cannot_tell'],
  ])('grew by %s', (_, after, grew) => expect(row({}, after)?.grew).toBe(grew)); // prettier-ignore

  test('says why it cannot tell', () => {
    expect(row({}, { mixedCalls: 6 })?.cannot_tell_why).toBe('communicators');
    expect(row({ mixedCalls: 6 }, {})?.cannot_tell_why).toBe('communicators');
    expect(row({ matchedCalls: 10, unmatchedCalls: 90 }, {})?.cannot_tell_why).toBe('ranks');
    expect(row({}, {})?.cannot_tell_why).toBeNull();
  });

  test.each([
    ['more than half of the waiting', { waitingNs: 10_000, causedByRank: new Map([['rank 1', 5001], ['rank 0', 4999]]) }, 'rank 1'],
    ['half is not enough', { waitingNs: 10_000, causedByRank: new Map([['rank 1', 5000], ['rank 0', 5000]]) }, null],
    ['where two percent is waiting', { transferNs: 9800, waitingNs: 200, causedByRank: new Map([['rank 0', 200]]) }, 'rank 0'],
    ['not where less is', { transferNs: 9801, waitingNs: 199, causedByRank: new Map([['rank 0', 199]]) }, null],
    ['nobody', { waitingNs: 0, causedByRank: new Map<string, number>() }, null],
  ])('names the late rank: %s', (_, after, late) => expect(row({}, after)?.late_rank).toEqual({ baseline: 'rank 1', candidate: late })); // prettier-ignore

  test.each([
    [[170, 230], { from: 'rank 0', to: 'rank 1' }],
    [[140, 260], { from: 'rank 0', to: 'rank 1' }],
    [[260, 140], { from: 'rank 1', to: 'rank 0' }],
    [[141, 260], null],
    [[140, 259], null],
    [[200, 200], null],
  ] as const)('of %j ns a rank, after 200 each, moved: %j', (ns, moved) => {
    const expected = ns[0] === 170 ? null : moved;
    expect(diffOf(side(matched({})), side(matched({}), ns)).collectives[0]?.moved).toEqual(expected);
  });

  test('lists groups of ranks with five percent of the calls, the one that grew most first', () => {
    const groups = (second: Partial<MatchedCalls>, third: number) =>
      matched(
        { matchedCollectives: 1000 },
        {
          'rank 0\nrank 1': { matchedCollectives: 600 },
          'rank 2\nrank 3': { matchedCollectives: 350, ...second },
          'rank 4': { matchedCollectives: third },
        },
      );
    const listed = (third: number) =>
      diffOf(side(groups({}, third)), side(groups({ waitingNs: 30_000 }, third))).collectives[0]?.communicators.map(
        ({ ranks, grew }) => [ranks.join(' '), grew],
      );
    expect(listed(49)).toEqual([
      ['rank 2 rank 3', 'waiting'],
      ['rank 0 rank 1', 'neither'],
    ]);
    expect(listed(50)).toHaveLength(3);
    const alone = matched({ matchedCollectives: 100 }, { 'rank 0\nrank 1': { matchedCollectives: 100 } });
    expect(diffOf(side(alone), side(alone)).collectives[0]?.communicators).toEqual([]);
  });

  test('per call: transfer and waiting', () => {
    expect(row({}, { transferNs: 12_000, matchedCalls: 50 })).toMatchObject({
      transfer_per_call_ns: { baseline: 100, candidate: 240 },
      waiting_per_call_ns: { baseline: 100, candidate: 200 },
    });
  });
});

describe('what is blamed', () => {
  /** Ten steps on one rank, one call of each kernel in each; `spanNs` of a step less the kernels is idle. */
  const steps = (
    kernels: Readonly<Record<string, number>>,
    idleNs: number,
    more: Partial<SmallSide> = {},
  ): SmallSide => {
    const busy = Object.values(kernels).reduce((sum, ns) => sum + ns, 0);
    return {
      calls: Object.entries(kernels).map(([name, ns]) => calls(name, ns)),
      spanNs: [10 * (busy + idleNs)],
      stepNs: [times(10, busy + idleNs)],
      ...more,
    };
  };
  const blamed = (before: SmallSide, after: SmallSide): string =>
    /^\w+(?: for ([^:]+))?:/.exec(diffOf(before, after).first_line)?.[1] ?? 'nothing';

  test.each([
    [400, 'other'],
    [402, 'GPU idle time'],
  ])('a kernel that takes 100 ns longer, beside %i ns more of idle time: %s', (idle, culprit) => {
    expect(blamed(steps({ a: 1000, b: 1000 }, 500), steps({ a: 1100, b: 1000 }, 500 + idle))).toBe(culprit);
  });

  test.each([
    [1000, 'communication'],
    [1002, 'GPU idle time'],
  ])('a collective that takes 100 ns longer, beside %i ns more of idle time: %s', (idle, culprit) => {
    const before = steps({ nccl_all_reduce: 1000, b: 1000 }, 500);
    expect(blamed(before, steps({ nccl_all_reduce: 1100, b: 1000 }, 500 + idle))).toBe(culprit);
  });

  test('nothing, where a step got longer by parts that are each too small', () => {
    const before = steps({ a: 1000, b: 1000 }, 100);
    expect(diffOf(before, steps({ a: 1049, b: 1049 }, 109)).first_line).toMatch(/^RED: no single kernel/);
    expect(blamed(before, steps({ a: 1049, b: 1049 }, 142))).toBe('GPU idle time');
  });

  test.each([
    [120, 'GPU idle time'],
    [110, 'GPU idle time'],
    [100, 'nothing'],
  ])('%i ns more of idle time in 2000', (idle, culprit) => {
    expect(blamed(steps({ a: 900, b: 1000 }, 100), steps({ a: 900, b: 1000 }, 100 + idle))).toBe(culprit);
  });

  test('a new kernel of one percent and more, less what is gone of its bucket', () => {
    const base = { a: 2000, b: 1000 };
    expect(blamed(steps(base, 100), steps({ ...base, added_one: 400 }, 100))).toBe('new kernels');
    expect(blamed(steps({ ...base, gone_one: 390 }, 100), steps({ ...base, added_one: 400 }, 100))).toBe('nothing');
    expect(blamed(steps({ ...base, gone_one: 300 }, 100), steps({ ...base, added_one: 400 }, 100))).toBe('nothing');
  });

  test('no new kernel that has less than one percent, however many there are', () => {
    const base = { a: 5000, b: 4900 };
    const namesNew = (before: SmallSide, after: SmallSide) => /new kernel/.test(diffOf(before, after).first_line);
    expect(namesNew(steps(base, 900), steps({ ...base, added_one: 100 }, 800))).toBe(true);
    expect(namesNew(steps(base, 900), steps({ ...base, added_one: 99 }, 801))).toBe(false);
    expect(namesNew(steps(base, 900), steps({ ...base, added_one: 60, added_two: 60 }, 780))).toBe(false);
    const gone = { ...steps(base, 900), calls: [...steps(base, 900).calls, calls('gone_one', 1, 1)] };
    expect(namesNew(gone, steps({ ...base, added_one: 100 }, 800))).toBe(false);
  });

  test('calls that are more for the same work', () => {
    const side = (count: number): SmallSide => ({
      ...steps({ a: 1000, b: 1000 }, 100),
      calls: [calls('a', 1000), calls('b', 1000, count)],
      spanNs: [10_000 + 1000 * count + 1000],
      stepNs: [times(10, 1100 + 100 * count)],
    });
    expect(diffOf(side(10), side(20)).first_line).toMatch(/b runs 2\.0 times as often per step/);
  });

  test('copies that keep the GPU busy longer', () => {
    const side = (ns: number): SmallSide => ({
      ...steps({ a: 1000, b: 1000 }, 100),
      spanNs: [21_000 + ns],
      stepNs: [times(10, 2100 + ns / 10)],
      copies: [{ rank: 0, kind: 'Host-to-Device', count: 10, bytes: 10_000, totalNs: ns, maxNs: ns / 10 }],
    });
    const [before, after] = [smallSide(side(1000)), smallSide({ ...side(6000), facts: { contentId: 'b' } })];
    const busy = (one: typeof before, ns: number) => ({
      ...one,
      timelines: one.timelines.map((line) => ({ ...line, busyNs: line.busyNs + ns, idleNs: line.idleNs - ns })),
    });
    expect(diffProfiles([busy(before, 1000)], [busy(after, 6000)]).first_line).toMatch(
      /^RED for copies: Host-to-Device copies take/,
    );
  });
});

describe('the list of what is adverse', () => {
  test('has the headline first, then kernels by what they cost, then buckets that no kernel explains', () => {
    const side = (a: number, b: number, c: number, step: number): SmallSide => ({
      calls: [calls('a', a), calls('b', b), calls('nvjet_gemm_a', c), calls('nvjet_gemm_b', c)],
      spanNs: [10 * step],
      stepNs: [times(10, step)],
    });
    const before = side(1000, 1000, 1000, 5000);
    const diff = diffOf(before, side(1100, 1300, 1200, 5900));
    expect(diff.adverse.map(({ kind, name, effect_ns: ns }) => [kind, name, ns])).toEqual([
      ['headline', 'time per step', 9000],
      ['kernel', 'b', 3000],
      ['kernel', 'nvjet_gemm_a', 2000],
      ['kernel', 'nvjet_gemm_b', 2000],
      ['kernel', 'a', 1000],
    ]);
    const oftener = (a: number, count: number, b: number): SmallSide => ({
      calls: [calls('a', a, count), calls('b', b), calls('c', 5000)],
    });
    expect(
      diffOf(oftener(1000, 10, 1000), oftener(1100, 20, 1300)).adverse.map(({ name, effect_ns: ns }) => [name, ns]),
    ).toEqual([
      ['b', 3000],
      ['a', 2000],
    ]);
    const vary = (ns: number) => Array.from({ length: 12 }, (_, at) => ns + 60 * at);
    const unclear = (ns: number): SmallSide => ({
      calls: [{ kernel: 'nvjet_gemm_a', ns: vary(ns) }, calls('b', 1000)],
    });
    expect(diffOf(unclear(700), unclear(780)).adverse).toEqual([
      { kind: 'bucket', name: 'gemm', rank: null, effect_ns: 960, pct: expect.closeTo(7.7669, 3) },
    ]);
  });

  test('has a bucket from one percent of the time on', () => {
    const vary = (ns: number) => Array.from({ length: 10 }, (_, at) => ns + 60 * at);
    const side = (ns: number, rest: number): SmallSide => ({
      calls: [{ kernel: 'nvjet_gemm_a', ns: vary(ns) }, calls('rest', rest)],
    });
    // 10 calls of 1050 ns on the mean, beside as many of the rest.
    const listed = (rest: number) => diffOf(side(700, rest), side(780, rest)).adverse.map(({ name }) => name);
    expect([listed(103_950), listed(103_951)]).toEqual([['gemm'], []]);
  });

  test('names the rank where it is one of several, and its own change', () => {
    const side = (ns: number): SmallSide => ({
      calls: [0, 1, 2].flatMap((rank) => [calls('a', rank === 2 ? ns : 1000, 10, rank), calls('b', 500, 10, rank)]),
    });
    expect(diffOf(side(1000), side(1140)).adverse).toMatchObject([
      { kind: 'kernel', rank: 'rank 2', pct: expect.closeTo(14, 9) },
    ]);
    const two: SmallSide = {
      calls: [0, 1, 2].flatMap((rank) => [calls('a', rank === 0 ? 1000 : 1140, 10, rank), calls('b', 500, 10, rank)]),
    };
    expect(diffOf(side(1000), two).adverse).toMatchObject([{ kind: 'kernel', rank: null }]);
  });

  test('a rank counts where the kernel has one percent of its time there', () => {
    const side = (ns: number, rest: number): SmallSide => ({
      calls: [calls('a', 1000, 10, 0), calls('a', ns, 10, 1), calls('rest', 1000, 10, 0), calls('rest', rest, 10, 1)],
    });
    const isAdverse = (rest: number) => named(diffOf(side(1000, rest), side(1100, rest)), 'a')?.ranks[1]?.adverse;
    expect([108_900, 108_910].map(isAdverse)).toEqual([true, false]);
  });
});

describe('several captures a side', () => {
  const capture = (stepNs: number, id: string) =>
    smallSide({
      calls: [calls('a', 100)],
      spanNs: [10 * stepNs],
      stepNs: [times(10, stepNs)],
      facts: { contentId: id },
    });
  const decided = (before: readonly number[], after: readonly number[]) =>
    parsed(
      diffProfiles(
        before.map((ns, at) => capture(ns, `b${at}`)),
        after.map((ns, at) => capture(ns, `c${at}`)),
      ),
    ).decision;
  test('are decided as trials of the headline', () => {
    expect(decided([1000, 1001, 1002, 1003, 1004], [1200, 1201, 1202, 1203, 1204])).toMatchObject({ status: 'FAIL' });
    expect(decided([1000, 1001, 1002, 1003, 1004], [1000, 1001, 1002, 1003, 1004.5])).toMatchObject({ status: 'PASS' });
    expect(decided([1000], [1200])).toMatchObject({
      status: 'INCONCLUSIVE',
      reason: 'one_capture_a_side',
      trials_needed: 5,
    });
    expect(decided([1000, 1001], [1200])).toMatchObject({ reason: 'one_capture_a_side' });
    expect(decided([1000], [1200, 1201])).toMatchObject({ reason: 'one_capture_a_side' });
  });
});
