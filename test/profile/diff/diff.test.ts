import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../../src/profile/diff-profiles.ts';
import type { DiffOptions } from '../../../src/profile/diff/findings.ts';
import { profileDiffSchema } from '../../../src/profile/diff/profile-diff-schema.ts';
import type { KernelRow, ProfileDiff } from '../../../src/profile/diff/profile-diff-schema.ts';
import { renderProfileDiffText } from '../../../src/profile/text/diff-text.ts';
import { readProfile } from '../../../src/profile/read/read-profile.ts';
import type { ReadOptions } from '../../../src/profile/read/read-profile.ts';
import { makeExport } from '../make-export.ts';
import type { MadeExport, MadeKernel } from '../make-export.ts';
import { simulate } from '../simulate-run.ts';
import type { SimulatedOp } from '../simulate-run.ts';
import { execute, inTemporaryFolder } from '../../sqlite/make-database.ts';
import { writeNsys, writeTorch } from '../write-run.ts';

const GEMM = 'nvjet_tst_128x256_64x4_2x1_v_bz_TNT';
const ATTENTION = 'void flash::flash_fwd_kernel<Flash_fwd_kernel_traits<(int)128, (int)64>>(flash::Flash_fwd_params)';
const NORM = 'void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, int)';
const SILU = 'void vllm::act_and_mul_kernel<c10::BFloat16>(c10::BFloat16*, int)';
const ALL_REDUCE = 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL(ncclDevKernelArgsStorage<(unsigned long)4096>)';
const ALL_GATHER = 'ncclDevKernel_AllGather_RING_LL(ncclDevKernelArgsStorage<(unsigned long)4096>)';

const LAYER: readonly MadeKernel[] = [
  { name: NORM, ns: 30_000 },
  { name: GEMM, ns: 400_000 },
  { name: ATTENTION, ns: 300_000, short: 'flash_fwd_kernel' },
  { name: SILU, ns: 50_000 },
  { name: ALL_REDUCE, ns: 100_000 },
];

const withNs = (factors: Readonly<Record<string, number>>): MadeKernel[] =>
  LAYER.map((kernel) => ({ ...kernel, ns: Math.round(kernel.ns * (factors[kernel.name] ?? 1)) }));

const diffOf = (
  baseline: Partial<MadeExport>,
  candidate: Partial<MadeExport>,
  options: DiffOptions = {},
  reading: Partial<ReadOptions> = {},
): Promise<ProfileDiff> =>
  inTemporaryFolder(async (folder) => {
    const read = async (name: string, made: Partial<MadeExport>) => {
      makeExport(join(folder, name), { kernels: LAYER, ...made });
      return readProfile([join(folder, name)], { cacheDir: folder, ...reading });
    };
    return diffProfiles([await read('a.sqlite', baseline)], [await read('b.sqlite', candidate)], options);
  });

const row = (diff: ProfileDiff, name: string): KernelRow => {
  const found = diff.kernels.find((kernel) => kernel.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
};

const lateOn =
  (late: number, ns: number) =>
  (rank: number): number =>
    rank === late ? ns : 0;

describe('the first line names what made it slower', () => {
  test('nothing: a different noise is GREEN', async () => {
    const diff = await diffOf(
      {},
      { durationOf: (kernel, rank, step) => Math.round(kernel.ns * (1 + 0.01 * Math.sin(step * 3 + rank))) },
    );
    expect(diff).toMatchObject({ verdict: 'GREEN', adverse: [], decision: { status: 'INCONCLUSIVE' } });
    expect(diff.first_line).toMatch(/^GREEN: no kernel takes longer per call/);
    const text = renderProfileDiffText(diff);
    expect(text).toContain(
      'decision: INCONCLUSIVE: one capture a side proves nothing (rule V11, n 1 against 1); 5 captures a side would settle it',
    );
    expect(text).toContain('next lever: none found');
  });

  test.each([15, 25, 40])('a GEMM slower by %i percent on all ranks', async (percent) => {
    const diff = await diffOf({}, { kernels: withNs({ [GEMM]: 1 + percent / 100 }) });
    const said = /for gemm: nvjet_tst_\S+ takes (\d+\.\d)% longer per call/.exec(diff.first_line)?.[1];
    expect(Math.abs(Number(said) - percent)).toBeLessThan(1);
    expect(diff.kernels.filter((kernel) => kernel.change === 'slower').map((kernel) => kernel.name)).toEqual([GEMM]);
  });

  test('a GEMM that is late on one rank only: the others wait for it, and the collective is not blamed', async () => {
    const slow = (kernel: MadeKernel, rank: number): number =>
      kernel.name === GEMM && rank === 1 ? 500_000 : kernel.ns;
    const diff = await diffOf({}, { durationOf: (kernel, rank, step) => slow(kernel, rank) + (step % 7) * 50 });
    expect(diff.first_line).toMatch(/for gemm: nvjet_tst_\S+ on rank 1 takes 2\d\.\d% longer per call/);
    expect(diff.first_line).toContain('the other ranks wait for it in ncclDevKernel_AllReduce');
    expect(diff.collectives[0]).toMatchObject({ grew: 'waiting', late_rank: { candidate: 'rank 1' } });
  });

  test.each([
    [0, 1, ALL_REDUCE],
    [1, 0, ALL_REDUCE],
    [2, 3, ALL_GATHER],
  ])('the late rank changes from %i to %i in %s', async (from, to, collective) => {
    const kernels = LAYER.map((kernel) => (kernel.name === ALL_REDUCE ? { ...kernel, name: collective } : kernel));
    const made = { ranks: 4, kernels, gapNs: 100 };
    const diff = await diffOf({ ...made, delayOf: lateOn(from, 60_000) }, { ...made, delayOf: lateOn(to, 200_000) });
    expect(diff.first_line).toMatch(
      /for communication: collective ncclDevKernel_All(Reduce|Gather)\S* takes \d+\.\d% longer/,
    );
    expect(diff.first_line).toContain(
      `waiting grew, the transfer did not, rank ${to} now comes late instead of rank ${from}`,
    );
    expect(diff.collectives[0]?.late_rank).toEqual({ baseline: `rank ${from}`, candidate: `rank ${to}` });
  });

  test('a longer transfer is not called waiting', async () => {
    const diff = await diffOf({}, { kernels: withNs({ [ALL_REDUCE]: 1.6 }) });
    expect(diff.first_line).toContain('the transfer grew, waiting did not');
  });

  test('one rank alone cannot separate transfer from waiting', async () => {
    const diff = await diffOf({ ranks: 1 }, { ranks: 1, kernels: withNs({ [ALL_REDUCE]: 1.6 }) });
    expect(diff.first_line).toContain('the file cannot separate transfer from waiting');
    expect(diff.collectives[0]?.grew).toBe('cannot_tell');
  });

  test('all compute kernels alike: the clock, and no kernel is blamed', async () => {
    const all = { [NORM]: 1.12, [GEMM]: 1.12, [ATTENTION]: 1.12, [SILU]: 1.12 };
    const diff = await diffOf({ marker: 'iteration' }, { marker: 'iteration', kernels: withNs(all) });
    expect(diff.clock).toMatchObject({ applied: true });
    expect(diff.clock.factor).toBeCloseTo(1.12, 2);
    expect(diff.kernels.filter((kernel) => kernel.adverse)).toEqual([]);
    expect(diff.first_line).toMatch(/^RED for the clock: clock or power changed/);
  });

  test('a GPU whose clock stayed is judged as before while seven others became slower', async () => {
    const made = { ranks: 8, marker: 'iteration', steps: 12 };
    const noisy = (kernel: MadeKernel, rank: number, step: number): number =>
      Math.round(kernel.ns * (1 + 0.005 * Math.sin(step * 3 + rank)));
    const slowed = (kernel: MadeKernel, rank: number, step: number): number =>
      Math.round(noisy(kernel, rank, step + 1) * (rank === 7 || kernel.name === ALL_REDUCE ? 1 : 1.1));
    const diff = await diffOf({ ...made, durationOf: noisy }, { ...made, durationOf: slowed });
    expect(diff.clock).toMatchObject({ applied: true, ranks: [{ rank: 'rank 7', factor: 1 }] });
    const healthy = row(diff, GEMM).ranks.find(({ rank }) => rank === 'rank 7');
    expect(Math.abs(healthy?.per_call_pct ?? NaN)).toBeLessThan(1);
    expect(healthy?.q).toBeGreaterThan(0.05);
    const onSeven = (0.1 * 7 * (30_000 + 400_000 + 300_000 + 50_000)) / 8;
    expect(Math.abs((diff.step?.clock_ns ?? 0) / onSeven - 1)).toBeLessThan(0.02);
    expect(diff.first_line).toMatch(/^RED for the clock: clock or power changed on 7 of 8 ranks: /);
  });

  test('the host: steps grow, kernels do not', async () => {
    const diff = await diffOf({ marker: 'iteration' }, { marker: 'iteration', delayOf: () => 300_000 });
    expect(diff.headline).toMatchObject({ basis: 'step', adverse: true });
    expect(diff.first_line).toMatch(/^RED for GPU idle time: every GPU is idle 29\d\.\d+ us longer per step/);
  });
});

describe('kernels of two captures', () => {
  test('that are dropped, new, re-templated and re-tiled are kept apart', async () => {
    const retiled = GEMM.replace('128x256_64x4', '256x128_64x5');
    const before = [...LAYER, { name: 'dropped_kernel', ns: 20_000 }];
    const after = [
      ...LAYER.map((kernel) => {
        if (kernel.name === GEMM) return { ...kernel, name: retiled };
        return kernel.name === ATTENTION ? { ...kernel, name: ATTENTION.replace('(int)64', '(int)96') } : kernel;
      }),
      { name: 'void added_kernel<int>(int*)', ns: 90_000 },
    ];
    const diff = await diffOf({ kernels: before }, { kernels: after });
    expect(row(diff, 'dropped_kernel').class).toBe('removed');
    expect(row(diff, 'void added_kernel<int>(int*)').class).toBe('new');
    expect(row(diff, retiled)).toMatchObject({ class: 'paired', baseline_name: GEMM });
    expect(diff.kernels.find((kernel) => kernel.baseline_name === ATTENTION)?.class).toBe('paired');
  });

  test('a launch that changed is reported with the kernel', async () => {
    const changed = LAYER.map((kernel) => (kernel.name === SILU ? { ...kernel, block: 512, ns: 70_000 } : kernel));
    const diff = await diffOf({}, { kernels: changed });
    expect(row(diff, SILU).launch?.changed).toEqual(['block']);
    expect(row(diff, SILU)).toMatchObject({ adverse: true });
  });

  test('a mix that shifts to a larger shape is mix, not a slower kernel', async () => {
    const large = { name: GEMM, ns: 800_000, grid: 264 };
    const diff = await diffOf({ kernels: [...LAYER, large] }, { kernels: [...LAYER, large, large, large] });
    expect(row(diff, GEMM).per_call_pct).toBeGreaterThan(10);
    expect(Math.abs(row(diff, GEMM).stratified_pct ?? 100)).toBeLessThan(1);
    expect(row(diff, GEMM).adverse).toBe(false);
  });

  test('twice the steps is twice the count, no change per call, and no verdict against it', async () => {
    const diff = await diffOf({ steps: 20, marker: 'iteration' }, { steps: 40, marker: 'iteration' });
    expect(diff.verdict).toBe('GREEN');
    expect(diff.totals.count_effect_ns).toBeGreaterThan(0.9 * diff.totals.delta_ns);
  });

  test('thresholds of a bucket', async () => {
    const slower = { kernels: withNs({ [ATTENTION]: 1.08 }) };
    expect(row(await diffOf({}, slower), ATTENTION).adverse).toBe(true);
    expect(row(await diffOf({}, slower, { thresholds: { attention: 10 } }), ATTENTION).adverse).toBe(false);
  });

  test('count and per-call effects add up for any change', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 2, max: 12 }),
        fc.double({ min: 0.5, max: 3, noNaN: true }),
        async (a, b, factor) => {
          const diff = await diffOf({ steps: a }, { steps: b, kernels: withNs({ [GEMM]: factor }) });
          for (const kernel of diff.kernels)
            expect(kernel.count_effect_ns + kernel.per_call_effect_ns).toBe(kernel.delta_ns);
          expect(diff.totals.count_effect_ns + diff.totals.per_call_effect_ns).toBe(diff.totals.delta_ns);
          expect(diff.kernels.reduce((sum, kernel) => sum + kernel.delta_ns, 0)).toBe(diff.totals.delta_ns);
          expect(Buffer.byteLength(renderProfileDiffText(diff))).toBeLessThanOrEqual(1500);
          profileDiffSchema.parse(diff);
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe('repeated captures', () => {
  test('decide what one capture cannot', () =>
    inTemporaryFolder(async (folder) => {
      const captures = async (name: string, factor: number) =>
        Promise.all(
          [0, 1, 2, 3, 4].map(async (trial) => {
            const path = join(folder, `${name}${trial}.sqlite`);
            makeExport(path, {
              kernels: withNs({ [GEMM]: factor * (1 + trial / 500) }),
              marker: 'iteration',
              steps: 8,
            });
            return readProfile([path], { cacheDir: folder });
          }),
        );
      const [before, same, slower] = [await captures('a', 1), await captures('b', 1.001), await captures('c', 1.5)];
      expect(diffProfiles(before, slower).decision).toMatchObject({ status: 'FAIL', strength: 'proven' });
      expect(diffProfiles(before, same).decision).toMatchObject({ status: 'PASS' });
      expect(diffProfiles(before, slower).baseline.captures).toBe(5);
    }));
});

describe('what a file may look like', () => {
  const numbers = (diff: ProfileDiff) =>
    diff.kernels.map(({ name, delta_ns, candidate }) => ({ name, delta_ns, candidate }));
  const change = { kernels: withNs({ [GEMM]: 1.25 }) };

  test.each<[string, Partial<MadeExport>]>([
    ['rows in another order', { reversed: true }],
    ['a versioned kernel table', { kernelTable: 'CUPTI_ACTIVITY_KIND_KERNEL_V2' }],
    ['times since 1970', { origin: 1_779_782_330_176_752_435n }],
    ['every rank calls its GPU device 0', { deviceZero: true }],
  ])('%s gives the same numbers', async (_, shape) => {
    const [plain, odd] = [await diffOf({}, change), await diffOf(shape, { ...change, ...shape })];
    expect(numbers(odd)).toEqual(numbers(plain));
    expect(odd.ranks.map((rank) => rank.candidate_timeline)).toEqual(
      plain.ranks.map((rank) => rank.candidate_timeline),
    );
    expect(odd.first_line).toBe(plain.first_line);
  });

  test('a P2P copy table is not the copy table, and an absent table is no copies', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.sqlite');
      makeExport(path, { kernels: LAYER });
      execute(path, [
        'CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY2 (start INTEGER, "end" INTEGER)',
        'INSERT INTO CUPTI_ACTIVITY_KIND_MEMCPY2 VALUES (1, 5)',
      ]);
      expect((await readProfile([path], { cacheDir: folder })).copies).toEqual([]);
    });
  });

  test('steps of two types are compared type by type', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.sqlite');
      makeExport(path, { kernels: LAYER, steps: 10, marker: 'execute_context_0(0)_generation_4(4)' });
      execute(path, ["UPDATE NVTX_EVENTS SET text = 'execute_context_1(512)_generation_0(0)' WHERE rowid % 3 = 0"]);
      const side = await readProfile([path], { cacheDir: folder });
      expect([...side.stepTypes].sort()).toEqual([
        'execute_context_#(#)_generation_0(0)',
        'execute_context_0(0)_generation_#(#)',
      ]);
      expect(new Set(side.groups.map((group) => group.stepType))).toEqual(new Set([0, 1]));
    });
  });

  test('a window keeps the calls that start in it, and one outside of the capture is a fault', async () => {
    const half = await diffOf({}, {}, {}, { window: { startS: 0, endS: 0.012 } });
    expect(half.baseline.kernel_calls).toBeGreaterThan(0);
    expect(half.baseline.kernel_calls).toBeLessThan(300);
    await expect(diffOf({}, {}, {}, { window: { startS: 500, endS: 600 } })).rejects.toMatchObject({
      code: 'window_outside_capture',
    });
  });

  test('graph replays keep the GPU busy, and graph mode against node mode is not compared', async () => {
    await inTemporaryFolder(async (folder) => {
      const graphs = (name: string, mode: string): string => {
        const path = join(folder, name);
        makeExport(path, { kernels: LAYER, steps: 5 });
        execute(path, [
          'CREATE TABLE META_DATA_CAPTURE (name TEXT, value TEXT)',
          `INSERT INTO META_DATA_CAPTURE VALUES ('CUDA_GRAPH_TRACE_OPTIONS:MODE', '${mode}'), ('PROCESS_0:ENVIRONMENT_VARIABLE', 'HF_TOKEN=hf_secret')`,
          'CREATE TABLE CUPTI_ACTIVITY_KIND_GRAPH_TRACE (start INTEGER, "end" INTEGER, deviceId INTEGER, globalPid INTEGER, graphId INTEGER)',
        ]);
        if (mode === 'Graph')
          execute(path, [
            `INSERT INTO CUPTI_ACTIVITY_KIND_GRAPH_TRACE VALUES (100000000, 105000000, 0, ${(1n << 48n) + (100n << 24n)}, 3)`,
          ]);
        return path;
      };
      const graph = await readProfile([graphs('g.sqlite', 'Graph')], { cacheDir: folder });
      const node = await readProfile([graphs('n.sqlite', 'Node')], { cacheDir: folder });
      expect(graph.graphs).toEqual([{ rank: 0, graphId: 3, count: 1, totalNs: 5_000_000 }]);
      expect(graph.timelines[0]?.busyNs).toBe((node.timelines[0]?.busyNs ?? 0) + 5_000_000);
      const diff = diffProfiles([graph], [node]);
      expect(diff.decision.status).toBe('INCOMPARABLE');
      expect(diff.first_line).toContain('CUDA graphs were captured as graph in one side and as node in the other');
      expect(JSON.stringify([graph, node, diff])).not.toContain('hf_secret');
    });
  });
});

describe('replays of CUDA graphs that are single rows', () => {
  const ops = (graphId: number, factor: number): SimulatedOp[] => [
    { name: 'prefill', kind: 'graph', graphId, ns: 400_000 * factor, nodes: [{ name: GEMM, ns: 400_000 * factor }] },
    { name: 'decode', kind: 'graph', graphId: graphId + 1, ns: 90_000, nodes: [{ name: NORM, ns: 90_000 }], times: 3 },
  ];
  const graphDiff = (candidateId: number, graphs: 'graph' | 'node'): Promise<ProfileDiff> =>
    inTemporaryFolder(async (folder) => {
      const read = async (name: string, planted: SimulatedOp[], seed: number) => {
        const events = simulate({ ranks: 2, steps: 20, ops: planted, seed }).filter(({ kind }) => kind !== 'step');
        writeNsys(join(folder, name), events, { graphs });
        return readProfile([join(folder, name)], { cacheDir: folder });
      };
      return diffProfiles([await read('a', ops(5, 1), 1)], [await read('b', ops(candidateId, 1.2), 2)]);
    });

  test.each([
    [5, 'CUDA graph 5', 'graph id'],
    [9, 'CUDA graph no. 1 by length', 'length: their ids differ'],
  ])('are compared graph by graph, with the first id %i in the candidate', async (id, name, by) => {
    const diff = await graphDiff(id, 'graph');
    expect(diff.first_line).toMatch(new RegExp(`^RED for CUDA graphs: ${name} takes (19|20)\\.\\d% longer per call`));
    expect(diff.warnings.join()).toContain(`matched by ${by}`);
    expect(diff.kernels.map((row) => [row.change, row.baseline.calls])).toEqual([
      ['slower', 40],
      ['untested', 120],
    ]);
    expect(Math.abs(diff.step?.residual_ns ?? Infinity)).toBeLessThan(1);
    expect(diff.next_lever.lever).toContain('--cuda-graph-trace=node');
  });

  test('show the kernel where both sides were captured node by node', async () => {
    expect((await graphDiff(9, 'node')).first_line).toMatch(/^RED for gemm: nvjet_tst_\S+ takes (19|20)\.\d% longer/);
  });
});

describe('sides that cannot be compared say so and blame nothing', () => {
  const empty = 'CREATE TABLE META_DATA_EXPORT (name TEXT, value TEXT)';

  test.each([
    ['baseline', [true, false], /no GPU kernels were recorded in baseline/],
    ['candidate', [false, true], /no GPU kernels were recorded in candidate/],
    ['both', [true, true], /no GPU kernels were recorded in baseline and candidate/],
  ] as const)('no kernels in %s', (_, missing, said) =>
    inTemporaryFolder(async (folder) => {
      const sides = await Promise.all(
        missing.map((without, index) => {
          const path = join(folder, `${index}.sqlite`);
          if (without) execute(path, [empty]);
          else makeExport(path, { kernels: LAYER, steps: 4 });
          return readProfile([path], { cacheDir: folder });
        }),
      );
      const diff = diffProfiles(sides.slice(0, 1), sides.slice(1));
      expect(diff).toMatchObject({
        verdict: 'YELLOW',
        adverse: [],
        next_lever: { lever: 'none found', expected_unlock: null, gate: null, key: null },
        decision: { status: 'INCOMPARABLE' },
      });
      expect(diff.first_line).toMatch(said);
    }),
  );

  test('a torch trace of a single step against one of many: another phase of the work, perhaps', () =>
    inTemporaryFolder(async (folder) => {
      const read = async (name: string, steps: number) => {
        writeTorch(join(folder, name), simulate({ ranks: 1, steps, ops: [{ name: GEMM, ns: 200_000, times: 4 }] }), {
          rank: 0,
        });
        return readProfile([join(folder, name)], { cacheDir: folder });
      };
      const diff = diffProfiles([await read('a.json', 1)], [await read('b.json', 20)]);
      expect(diff.decision.status).toBe('INCOMPARABLE');
      expect(diff.first_line).toContain('baseline holds a single step, against 20: too few to compare');
    }));

  test('other kernels for most of the time share no unit of work', async () => {
    const prefill = [LAYER[0], { name: 'cudnn_sdpa_fprop', ns: 900_000 }].filter((kernel) => kernel !== undefined);
    const diff = await diffOf({ kernels: prefill }, {});
    expect(diff.headline).toMatchObject({ basis: 'none', change_pct: null, adverse: false });
    expect(diff.first_line).toContain('the captures share no unit of work');
  });

  test('a rank that is gone', async () => {
    const diff = await diffOf({ ranks: 2 }, { ranks: 1 });
    expect(diff.first_line).toContain('the GPU count differs: rank 1 only in baseline');
    expect(diff.decision.status).toBe('INCOMPARABLE');
  });

  test('a database of something else, and a path that is not there', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'other.sqlite');
      execute(path, ['CREATE TABLE users (id INTEGER)']);
      await expect(readProfile([path], { cacheDir: folder })).rejects.toMatchObject({ code: 'not_an_nsys_export' });
      await expect(readProfile([join(folder, 'none.sqlite')], { cacheDir: folder })).rejects.toMatchObject({
        code: 'profile_unreadable',
      });
    }));
});
