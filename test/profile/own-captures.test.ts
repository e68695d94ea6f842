// The numbers of captures made here, counted a second time in the test: from the simulated events one by one, over every
// piece of time between two of them. Nothing of src/profile is used to get what is expected.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { diffProfiles } from '../../src/profile/diff-profiles.ts';
import { profileDiffSchema } from '../../src/profile/diff/profile-diff-schema.ts';
import type { ProfileDiff } from '../../src/profile/diff/profile-diff-schema.ts';
import { cellsBy, cellsOf, sumOf } from '../../src/profile/kernels/kernel-cells.ts';
import type { ProfileSide } from '../../src/profile/model/profile-side.ts';
import { readProfile } from '../../src/profile/read/read-profile.ts';
import { profileDiffSvg } from '../../src/profile/text/profile-diff-svg.ts';
import { profileDiffMarkdown } from '../../src/profile/text/diff-document.ts';
import { renderProfileDiffText } from '../../src/profile/text/diff-text.ts';
import { scratchFolder } from '../fs/scratch.ts';
import { execute, insertRows } from '../sqlite/make-database.ts';
import { isCollective, simulate } from './simulate-run.ts';
import type { SimulatedEvent, SimulatedOp } from './simulate-run.ts';
import { writeNsys } from './write-run.ts';

const GEMM = 'void sm90_xmma_gemm_bf16<(int)128>(Params)';
const ATTENTION = 'void flash_fwd_kernel<Traits>(Flash_fwd_params)';
const NORM = 'void rms_norm_kernel<float>(float*, int)';
const ALL_REDUCE = 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<4096>)';

const ops = (gemmNs: number, norms: number): SimulatedOp[] => [
  { name: 'H2D', kind: 'copy', ns: 9_000, bytes: 262_144, stream: 14 },
  { name: GEMM, ns: gemmNs, grid: 264, block: 384 },
  { name: ATTENTION, ns: 61_000, grid: 96, block: 128 },
  { name: ALL_REDUCE, ns: 47_000, stream: 20, after: [7] },
  { name: NORM, ns: 8_000, times: norms },
];

/** Rank 1 is late before every third step: rank 0 then waits in the collective. */
const run = (gemmNs: number, norms: number): SimulatedEvent[] =>
  simulate({
    ranks: 2,
    steps: 12,
    ops: ops(gemmNs, norms),
    delayOf: (rank, step) => (rank === 1 && step % 3 === 0 ? 35_000 : 0),
  });

const before = run(110_000, 3);
const after = run(154_000, 2);

const folder = scratchFolder('own-captures');
const paths = { before: join(folder, 'before.sqlite'), after: join(folder, 'after.sqlite') };

/** Two sets and three waits on each rank, which the simulation knows nothing of. */
const SET_NS = 700;
const addSetsAndWaits = (path: string): void => {
  execute(path, [
    'CREATE TABLE CUPTI_ACTIVITY_KIND_MEMSET (start INTEGER, "end" INTEGER, deviceId INTEGER, streamId INTEGER, globalPid INTEGER, bytes INTEGER)',
    'CREATE TABLE CUPTI_ACTIVITY_KIND_SYNCHRONIZATION (start INTEGER, "end" INTEGER, deviceId INTEGER, streamId INTEGER, globalPid INTEGER, syncType INTEGER)',
  ]);
  const processOf = (rank: number): bigint => (1n << 48n) + (BigInt(500 + rank) << 24n);
  const at = 1_000_100;
  const sets = [0, 1].flatMap((rank) =>
    [0, 1].map((index) => [at + 900 * index, at + 900 * index + SET_NS, rank, 7, processOf(rank), 4096 * (index + 1)]),
  );
  const waits = [0, 1].flatMap((rank) =>
    [1, 3, 3].map((type, index) => [at + 10 * index, at + 10 * index + 100 + rank, rank, 7, processOf(rank), type]),
  );
  insertRows(path, 'CUPTI_ACTIVITY_KIND_MEMSET', sets);
  insertRows(path, 'CUPTI_ACTIVITY_KIND_SYNCHRONIZATION', waits);
};

const read = (path: string): Promise<ProfileSide> => readProfile([path], { cacheDir: '/nonexistent' });

interface Span {
  readonly start: number;
  readonly end: number;
}
const spanOf = ({ start, end }: Span): Span => ({ start: Math.round(start), end: Math.round(end) });
const lengthOf = (span: Span): number => spanOf(span).end - spanOf(span).start;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const kernelsOf = (events: readonly SimulatedEvent[], rank?: number): SimulatedEvent[] =>
  events.filter((event) => event.kind === 'kernel' && (rank === undefined || event.rank === rank));
const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> =>
  items.reduce(
    (groups, item) => groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]),
    new Map<string, T[]>(),
  );

/** Length of time in which `holds` is true of the spans that run, over every piece between two ends. */
const timeWhere = (spans: readonly Span[], holds: (running: readonly Span[]) => boolean): number => {
  const ends = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  return sum(
    ends.slice(1).map((end, index) => {
      const start = ends[index] ?? end;
      const running = spans.filter((span) => span.start <= start && span.end >= end);
      return holds(running) ? end - start : 0;
    }),
  );
};

describe('a capture gives the numbers that went into it', () => {
  let side: ProfileSide;
  beforeAll(async () => {
    writeNsys(paths.before, before, { shuffled: true });
    addSetsAndWaits(paths.before);
    side = await read(paths.before);
  });

  test('calls, times and short name of every kernel', () => {
    const cells = cellsOf([side]);
    const expected = groupBy(kernelsOf(before), ({ name }) => name);
    expect([...cells.byKernel.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [name, calls] of expected) {
      const own = cells.byKernel.get(name) ?? [];
      const times = own.flatMap((cell) => Array.from(cell.calls));
      expect(sumOf(own)).toEqual({ count: calls.length, totalNs: sum(calls.map(lengthOf)) });
      expect(times.toSorted((a, b) => a - b)).toEqual(calls.map(lengthOf).toSorted((a, b) => a - b));
    }
    const short = (name: string): string | undefined => cells.byKernel.get(name)?.[0]?.kernel.shortName;
    expect([short(GEMM), short(ATTENTION), short(NORM)]).toEqual([
      'sm90_xmma_gemm_bf16',
      'flash_fwd_kernel',
      'rms_norm_kernel',
    ]);
  });

  test('calls of every kernel on every rank and with every launch configuration', () => {
    const keyOf = (name: string, rank: number, grid?: number, block?: number): string =>
      [name, rank, grid, block].join(' ');
    const cells = cellsBy(cellsOf([side]).all, ({ kernel, rank, config }) =>
      keyOf(kernel.name, Number(rank.replace('rank ', '')), config?.grid[0], config?.block[0]),
    );
    const expected = groupBy(kernelsOf(before), ({ name, rank, op }) =>
      keyOf(name, rank, op?.grid ?? 132, op?.block ?? 256),
    );
    expect([...cells.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [key, calls] of expected)
      expect(sumOf(cells.get(key) ?? [])).toEqual({ count: calls.length, totalNs: sum(calls.map(lengthOf)) });
  });

  test.each([0, 1])('busy, idle and overlapping time of rank %i', (rank) => {
    const kernels = kernelsOf(before, rank).map((event) => ({ ...spanOf(event), nccl: event.name.startsWith('nccl') }));
    const copies = before.filter((event) => event.kind === 'copy' && event.rank === rank).map(spanOf);
    const sets = [0, 1].map((index) => ({ start: 1_000_100 + 900 * index, end: 1_000_100 + 900 * index + SET_NS }));
    const others = [...copies, ...sets];
    const isNccl = (span: Span): boolean => 'nccl' in span && span.nccl === true;
    const span = (spans: readonly Span[]): number =>
      Math.max(...spans.map(({ end }) => end)) - Math.min(...spans.map(({ start }) => start));
    const busy = timeWhere(kernels, (running) => running.length > 0);
    const overlap = timeWhere(kernels, (running) => running.some(isNccl) && !running.every(isNccl));
    expect(overlap).toBeGreaterThan(0);
    const line = side.timelines.find((one) => one.rank === rank);
    expect(line).toMatchObject({
      kernelSpanNs: span(kernels),
      kernelBusyNs: busy,
      kernelIdleNs: span(kernels) - busy,
      overlapNs: overlap,
      computeOnlyNs: timeWhere(kernels, (running) => running.length > 0 && !running.some(isNccl)),
      communicationOnlyNs: timeWhere(kernels, (running) => running.length > 0 && running.every(isNccl)),
      spanNs: span([...kernels, ...others]),
      busyNs: timeWhere([...kernels, ...others], (running) => running.length > 0),
    });
    expect((line?.lastKernelNs ?? 0) - (line?.firstKernelNs ?? 0)).toBe(span(kernels));
    expect(line?.idleNs).toBe((line?.spanNs ?? 0) - (line?.busyNs ?? 0));
  });

  test.each([0, 1])('idle time of rank %i in which the host was still launching', (rank) => {
    const kernels = kernelsOf(before, rank).toSorted((a, b) => Math.round(a.start) - Math.round(b.start));
    const exposed = kernels.map((event, index) => {
      if (index === 0) return 0;
      const until = Math.max(...kernels.slice(0, index).map(({ end }) => Math.round(end)));
      const from = Math.max(until, Math.round(event.launchStart));
      return Math.max(0, Math.min(Math.round(event.start), Math.round(event.launchEnd)) - from);
    });
    expect(side.timelines.find((one) => one.rank === rank)?.exposedLaunchNs).toBe(sum(exposed));
    expect(side.facts.launches).toEqual({ found: kernelsOf(before).length, missing: 0 });
  });

  test('copies, sets, waits, calls of the host and streams', () => {
    for (const rank of [0, 1]) {
      const copies = before.filter((event) => event.kind === 'copy' && event.rank === rank).map(lengthOf);
      expect(side.copies).toContainEqual({
        rank,
        kind: 'Host-to-Device',
        count: 12,
        bytes: 12 * 262_144,
        totalNs: sum(copies),
        maxNs: Math.max(...copies),
      });
      expect(side.memsets).toContainEqual({ rank, count: 2, bytes: 3 * 4096, totalNs: 2 * SET_NS });
      for (const [key, calls] of groupBy(kernelsOf(before, rank), ({ stream }) => `${stream}`)) {
        const own = side.streams.find((one) => one.rank === rank && one.stream === Number(key));
        expect(own).toMatchObject({ kernels: calls.length, totalNs: sum(calls.map(lengthOf)) });
        const spans = calls.map(spanOf);
        expect((own?.lastNs ?? 0) - (own?.firstNs ?? 0)).toBe(
          Math.max(...spans.map(({ end }) => end)) - Math.min(...spans.map(({ start }) => start)),
        );
      }
    }
    expect(side.copies).toHaveLength(2);
    const launches = before
      .filter(({ kind }) => kind !== 'step')
      .map(({ launchStart, launchEnd }) => lengthOf({ start: launchStart, end: launchEnd }));
    expect(side.apis).toEqual([
      { name: 'cudaLaunchKernel_v7000', count: launches.length, totalNs: sum(launches), maxNs: Math.max(...launches) },
    ]);
    const waited = (type: string): number =>
      sum(side.waits.filter((wait) => wait.type === type).map((wait) => wait.totalNs));
    expect([waited('Event sync'), waited('Stream sync'), waited('Context sync')]).toEqual([201, 402, 0]);
    expect(sum(side.waits.map((wait) => wait.count))).toBe(6);
  });

  test('annotated ranges and the kernels launched inside them', () => {
    const steps = before.filter(({ kind }) => kind === 'step');
    const inside = kernelsOf(before).filter((kernel) =>
      steps.some(
        ({ rank, start, end }) => rank === kernel.rank && start <= kernel.launchStart && kernel.launchEnd <= end,
      ),
    );
    expect(inside).toHaveLength(kernelsOf(before).length);
    const [range, ...others] = side.ranges;
    expect(others).toEqual([]);
    expect(range).toMatchObject({
      count: steps.length,
      totalNs: sum(steps.map(lengthOf)),
      kernelsSelf: inside.length,
      gpuSelfNs: sum(inside.map(lengthOf)),
    });
  });
});

describe('the diff of a pair', () => {
  let diff: ProfileDiff;
  let sides: { before: ProfileSide; after: ProfileSide };
  beforeAll(async () => {
    writeNsys(paths.after, after);
    sides = { before: await read(paths.before), after: await read(paths.after) };
    diff = diffProfiles([sides.before], [sides.after]);
  });

  test('splits the change of every kernel into calls and time per call', () => {
    const [old, now] = [groupBy(kernelsOf(before), ({ name }) => name), groupBy(kernelsOf(after), ({ name }) => name)];
    expect(diff.kernels).toHaveLength(old.size);
    let [total, byCount] = [0, 0];
    for (const [name, calls] of old) {
      const [a, b] = [calls.map(lengthOf), (now.get(name) ?? []).map(lengthOf)];
      const countEffect = Math.round((b.length - a.length) * (sum(a) / a.length));
      const row = diff.kernels.find((one) => one.name === name);
      expect(row).toMatchObject({
        class: 'both',
        delta_ns: sum(b) - sum(a),
        count_effect_ns: countEffect,
        per_call_effect_ns: sum(b) - sum(a) - countEffect,
        baseline: { mean_ns: sum(a) / a.length },
        candidate: { mean_ns: sum(b) / b.length },
      });
      expect(row?.per_call_pct).toBeCloseTo((sum(b) / b.length / (sum(a) / a.length) - 1) * 100, 9);
      total += sum(b) - sum(a);
      byCount += countEffect;
    }
    expect(diff.totals).toMatchObject({
      baseline_ns: sum(kernelsOf(before).map(lengthOf)),
      candidate_ns: sum(kernelsOf(after).map(lengthOf)),
      delta_ns: total,
      count_effect_ns: byCount,
      per_call_effect_ns: total - byCount,
    });
  });

  test('names the matrix product that got slower, and not the kernel that runs less often', () => {
    expect(diff.verdict).toBe('RED');
    expect(diff.first_line).toMatch(/sm90_xmma_gemm_bf16 takes (39|40|41)\.\d% longer per call/);
    const norm = diff.kernels.find(({ name }) => name === NORM);
    expect(norm).toMatchObject({ adverse: false });
    expect(norm?.count_effect_ns).toBeLessThan(0);
    expect(kernelsOf(before).filter(({ op }) => op !== null && isCollective(op))).toHaveLength(24);
  });

  test('splits the step so that the parts add up', () => {
    const { change_ns: change = 0, ...parts } = diff.step ?? {};
    expect(sum(Object.values(parts).map((part) => part ?? 0))).toBeCloseTo(change, 3);
    expect(change).toBeCloseTo((diff.headline.candidate_ns ?? 0) - (diff.headline.baseline_ns ?? 0), 6);
  });

  test('fits its schema, 1.5 kB of text, Markdown and a picture', () => {
    expect(profileDiffSchema.parse(JSON.parse(JSON.stringify(diff)))).toEqual(diff);
    const text = renderProfileDiffText(diff);
    expect(text.split('\n')[0]).toBe(diff.first_line);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1500);
    expect(profileDiffMarkdown(diff)).toContain('| sm90_xmma_gemm_bf16');
    expect(profileDiffSvg(diff)).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
  });

  test('turned round has the opposite sign, and a capture against itself is GREEN', async () => {
    const back = diffProfiles([sides.after], [sides.before]);
    expect(back.totals.delta_ns).toBe(-diff.totals.delta_ns);
    expect(back.verdict).toBe('GREEN');
    const same = diffProfiles([sides.before], [await read(paths.before)]);
    expect(same).toMatchObject({ verdict: 'GREEN', same_capture: true, adverse: [] });
    expect(same.totals).toMatchObject({ delta_ns: 0, count_effect_ns: 0, per_call_effect_ns: 0 });
  });
});
