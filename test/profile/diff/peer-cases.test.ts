// The 41 cases that a public profile diff tests itself with: each holds here in our words, or does not apply and why. That
// tool's confidence score and its words (regression likely, improvement likely, neutral) do not exist here.
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../../src/profile/diff-profiles.ts';
import type { DiffOptions } from '../../../src/profile/diff/findings.ts';
import { renderProfileDiffText } from '../../../src/profile/text/diff-text.ts';
import type { KernelRow, ProfileDiff } from '../../../src/profile/diff/profile-diff-schema.ts';
import type { ProfileSide } from '../../../src/profile/model/profile-side.ts';
import type { CaptureWindow } from '../../../src/profile/model/capture-window.ts';
import { readProfile } from '../../../src/profile/read/read-profile.ts';
import { summariseProfile } from '../../../src/profile/summarise-profile.ts';
import { makeExport } from '../make-export.ts';
import type { MadeExport, MadeKernel } from '../make-export.ts';
import { execute, inTemporaryFolder } from '../../sqlite/make-database.ts';
import { printed, standInTools } from '../stand-in-tools.ts';

interface PeerCase {
  readonly number: number;
  readonly condition: string;
  /** What we say of it, executed; or why there is nothing to execute. */
  readonly holds: (() => Promise<void>) | string;
}

const GEMM: MadeKernel = { name: 'nvjet_tst_128x256_64x4_2x1_v_bz_TNT', ns: 994_000 };
const NORM: MadeKernel = { name: 'void vllm::rms_norm_kernel<c10::BFloat16>(c10::BFloat16*, int)', ns: 300_000 };

/** Steps of exactly 1 ms of one kernel, each call alike. */
const EXACT: MadeExport = { ranks: 1, steps: 20, kernels: [GEMM], durationOf: (kernel) => kernel.ns, marker: 'step' };

type Edit = (path: string) => void;

const read = (folder: string, path: string, window?: CaptureWindow): Promise<ProfileSide> =>
  readProfile([path], { cacheDir: folder, ...(window === undefined ? {} : { window }) });

const exported = (folder: string, name: string, made: MadeExport, edit: Edit = () => undefined): string => {
  const path = join(folder, name);
  makeExport(path, made);
  edit(path);
  return path;
};

const diffOf = (
  before: MadeExport,
  after: MadeExport,
  { edit, options }: { edit?: Edit; options?: DiffOptions } = {},
): Promise<ProfileDiff> =>
  inTemporaryFolder(async (folder) => {
    const baseline = await read(folder, exported(folder, 'a.sqlite', before));
    const candidate = await read(folder, exported(folder, 'b.sqlite', after, edit));
    return diffProfiles([baseline], [candidate], options);
  });

/** Kernels and launches given by hand: times in ms, the stream, and the launching call where there is one. */
type HandRow = readonly [name: string, start: number, end: number, stream: number, call?: readonly [number, number]];

const byHand = (rows: readonly HandRow[], columns = ''): Edit => {
  const ns = (ms: number): number => Math.round(ms * 1e6);
  const names = [...new Set(rows.map(([name]) => name))];
  const pid = 1n << 48n;
  return (path) =>
    execute(path, [
      'CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT)',
      "INSERT INTO StringIds VALUES (900, 'cudaLaunchKernel_v7000')",
      `CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, "end" INTEGER, deviceId INTEGER, streamId INTEGER, globalPid INTEGER, correlationId INTEGER, demangledName INTEGER, shortName INTEGER${columns})`,
      ...names.map((name, id) => `INSERT INTO StringIds VALUES (${id}, '${name}')`),
      ...rows.map(
        ([name, start, end, stream], id) =>
          `INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (${ns(start)}, ${ns(end)}, 0, ${stream}, ${pid}, ${id}, ${names.indexOf(name)}, ${names.indexOf(name)})`,
      ),
      ...(rows.some(([, , , , call]) => call !== undefined)
        ? [
            'CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, "end" INTEGER, globalTid INTEGER, correlationId INTEGER, nameId INTEGER)',
            ...rows.flatMap(([, , , , call], id) =>
              call === undefined
                ? []
                : [
                    `INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (${ns(call[0])}, ${ns(call[1])}, ${pid + 5n}, ${id}, 900)`,
                  ],
            ),
          ]
        : []),
    ]);
};

const handSide = (folder: string, name: string, rows: readonly HandRow[]): Promise<ProfileSide> => {
  const path = join(folder, name);
  byHand(rows)(path);
  return read(folder, path);
};

const handDiff = (before: readonly HandRow[], after: readonly HandRow[]): Promise<ProfileDiff> =>
  inTemporaryFolder(async (folder) =>
    diffProfiles([await handSide(folder, 'a.sqlite', before)], [await handSide(folder, 'b.sqlite', after)]),
  );

const rowOf = (diff: ProfileDiff, name: string): KernelRow => {
  const found = diff.kernels.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
};

const ms = (value: number): number => value * 1e6;

const timelines = ({ ranks }: ProfileDiff) => {
  const [rank] = ranks;
  return { before: rank?.baseline_timeline, after: rank?.candidate_timeline };
};

/** A step that is longer by this many percent, the kernel unchanged. */
const stepLonger = (percent: number): Promise<ProfileDiff> =>
  diffOf({ ...EXACT, delayOf: () => 100_000 }, { ...EXACT, delayOf: () => 100_000 + Math.round(11_000 * percent) });

const gemmLonger = (percent: number, gemm: number): Promise<ProfileDiff> =>
  diffOf(
    { ...EXACT, kernels: [GEMM, NORM] },
    { ...EXACT, kernels: [{ ...GEMM, ns: GEMM.ns * (1 + percent / 100) }, NORM] },
    { options: { thresholds: { gemm } } },
  );

const EMPTY = 'CREATE TABLE META_DATA_EXPORT (name TEXT, value TEXT)';
const schema =
  (version: string): Edit =>
  (path) =>
    execute(path, [EMPTY, `INSERT INTO META_DATA_EXPORT VALUES ('EXPORT_SCHEMA_VERSION', '${version}')`]);

const JUDGING_WORDS = /faster|improv|\bgain|better/i;

const GOLDEN_BEFORE: readonly HandRow[] = [
  ['nvjet_gemm', 0, 10, 7],
  ['nvjet_gemm', 15, 25, 7],
  ['ncclDevKernel_AllReduce_Sum', 5, 10, 8],
  ['ncclDevKernel_AllReduce_Sum', 25, 30, 8],
];
const GOLDEN_AFTER: readonly HandRow[] = [
  ['nvjet_gemm', 0, 10, 7],
  ['nvjet_gemm', 20, 30, 7],
  ['ncclDevKernel_AllReduce_Sum', 5, 10, 8],
  ['ncclDevKernel_AllReduce_Sum', 30, 40, 8],
];

const CASES: readonly PeerCase[] = [
  {
    number: 1,
    condition: 'a step just over 5 % longer is adverse, 4.9 % is not, 5 % shorter is not',
    holds: async () => {
      expect(await stepLonger(5.01)).toMatchObject({ verdict: 'RED', headline: { basis: 'step', adverse: true } });
      expect(await stepLonger(4.9)).toMatchObject({ verdict: 'GREEN', headline: { adverse: false } });
      expect(await stepLonger(-5)).toMatchObject({ verdict: 'GREEN', adverse: [] });
    },
  },
  {
    number: 2,
    condition: 'another threshold: 4 % against 3 is adverse, 20 % against 30 is not',
    holds: async () => {
      expect(rowOf(await gemmLonger(4, 3), GEMM.name).adverse).toBe(true);
      expect(rowOf(await gemmLonger(20, 30), GEMM.name).adverse).toBe(false);
      expect(rowOf(await gemmLonger(-4, 3), GEMM.name)).toMatchObject({ adverse: false, improved: true });
    },
  },
  {
    number: 3,
    condition: 'a change within the noise is not adverse however small the threshold; one beyond it is',
    holds: async () => {
      const noise = (seed: number) => (kernel: MadeKernel, _: number, step: number) =>
        Math.round(kernel.ns * (1 + 0.04 * Math.sin(seed + step * 7.3)));
      const of = (factor: number) =>
        diffOf(
          { ...EXACT, kernels: [GEMM, NORM], durationOf: noise(0) },
          { ...EXACT, kernels: [{ ...GEMM, ns: GEMM.ns * factor }, NORM], durationOf: noise(2) },
          { options: { thresholds: { gemm: 0.1, norm: 0.1 } } },
        );
      expect((await of(1)).kernels.filter((row) => row.adverse)).toEqual([]);
      expect(rowOf(await of(1.1), GEMM.name)).toMatchObject({ adverse: true });
    },
  },
  { number: 4, condition: 'confidence 0.4996 shows below 0.5', holds: 'there is no confidence score' },
  {
    number: 5,
    condition: 'another export schema is compared, with a warning',
    holds: async () => {
      const diff = await diffOf(EXACT, EXACT, { edit: schema('3.24.14') });
      expect(diff.decision.status).not.toBe('INCOMPARABLE');
      expect(diff.warnings.join()).toContain('export schema differs');
    },
  },
  {
    number: 6,
    condition: 'an empty side is named, nothing is compared, nothing is praised',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const empty = join(folder, 'empty.sqlite');
        execute(empty, [EMPTY]);
        const [none, some] = [await read(folder, empty), await read(folder, exported(folder, 'a.sqlite', EXACT))];
        for (const [before, after, named] of [
          [none, some, 'baseline'],
          [some, none, 'candidate'],
          [none, none, 'baseline and candidate'],
        ] as const) {
          const diff = diffProfiles([before], [after]);
          expect(diff).toMatchObject({
            decision: { status: 'INCOMPARABLE' },
            adverse: [],
            next_lever: { lever: 'none found' },
          });
          expect(diff.first_line).toContain(`no GPU kernels were recorded in ${named}`);
          expect(renderProfileDiffText(diff)).not.toMatch(JUDGING_WORDS);
        }
        expect(summariseProfile(none).capture.valid).toBe(false);
      }),
  },
  { number: 7, condition: 'one GPU chosen by number', holds: 'every rank is compared; none is chosen by number' },
  {
    number: 8,
    condition: 'a GPU that is gone: not comparable, and no kernel is blamed',
    holds: async () => {
      const diff = await diffOf({ ...EXACT, ranks: 2 }, EXACT);
      expect(diff).toMatchObject({ decision: { status: 'INCOMPARABLE' }, adverse: [] });
      expect(diff.first_line).toContain('the GPU count differs: rank 1 only in baseline');
    },
  },
  {
    number: 9,
    condition: 'two GPUs against four are not comparable',
    holds: async () => {
      const diff = await diffOf({ ...EXACT, ranks: 2 }, { ...EXACT, ranks: 4 });
      expect(diff.decision.status).toBe('INCOMPARABLE');
      expect(diff.first_line).toContain('rank 2, rank 3 only in candidate');
    },
  },
  {
    number: 10,
    condition: 'devices 0 and 1 against 2 and 3 are compared rank by rank',
    holds: async () => {
      const two = { ...EXACT, ranks: 2 };
      const shift: Edit = (path) => execute(path, ['UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET deviceId = deviceId + 2']);
      const diff = await diffOf(two, two, { edit: shift });
      expect(diff).toMatchObject({ verdict: 'GREEN', decision: { status: 'INCONCLUSIVE' } });
      expect(diff.ranks.map((rank) => rank.rank)).toEqual(['rank 0', 'rank 1']);
    },
  },
  {
    number: 11,
    condition: 'a second device with next to no work does not stop the comparison, and is said',
    holds: async () => {
      const stray: Edit = (path) =>
        execute(path, [
          'INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL SELECT start, start + 1000, 1, contextId, streamId, correlationId, globalPid + 16777216, demangledName, shortName, registersPerThread, gridX, gridY, gridZ, blockX, blockY, blockZ, staticSharedMemory, dynamicSharedMemory FROM CUPTI_ACTIVITY_KIND_KERNEL LIMIT 1',
        ]);
      const diff = await diffOf(EXACT, EXACT, { edit: stray });
      expect(diff.decision.status).not.toBe('INCOMPARABLE');
      expect(diff.warnings.join()).toMatch(/rank 1 is only in candidate, with less than 1% of its kernel time/);
    },
  },
  {
    number: 12,
    condition: 'a capture against itself, by another name too, is the same capture',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const path = exported(folder, 'a.sqlite', EXACT);
        copyFileSync(path, join(folder, 'copy.sqlite'));
        const diff = diffProfiles([await read(folder, path)], [await read(folder, join(folder, 'copy.sqlite'))]);
        expect(diff).toMatchObject({ verdict: 'GREEN', same_capture: true, adverse: [] });
      }),
  },
  {
    number: 13,
    condition: 'two captures with equal row counts and no capture facts are two captures',
    holds: async () => {
      const diff = await diffOf(EXACT, { ...EXACT, durationOf: (kernel) => kernel.ns + 1 });
      expect(diff).toMatchObject({ same_capture: false, totals: { calls_pct: 0 } });
    },
  },
  {
    number: 14,
    condition: 'two windows of one file are compared',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const path = exported(folder, 'a.sqlite', { ...EXACT, durationOf: ({ ns }, _, step) => ns + step * 10_000 });
        const [first, last] = [
          { startS: 0, endS: 0.0102 },
          { startS: 0.0102, endS: 1 },
        ];
        const diff = diffProfiles([await read(folder, path, first)], [await read(folder, path, last)]);
        expect(diff.same_capture).toBe(false);
        expect(rowOf(diff, GEMM.name)).toMatchObject({ adverse: true });
      }),
  },
  {
    number: 15,
    condition: 'programs without a common kernel, and counts three times apart, are warned of',
    holds: async () => {
      const names = (prefix: string): MadeKernel[] =>
        Array.from({ length: 8 }, (_, i) => ({ name: `${prefix}_${'abcdefgh'[i]}_kernel`, ns: 1000 * (i + 1) }));
      const strangers = await diffOf(
        { ...EXACT, kernels: names('first') },
        { ...EXACT, steps: 70, kernels: names('other') },
      );
      expect(strangers.warnings.join()).toMatch(/only 0 kernels are in both captures: they are different programs/);
      expect(strangers.warnings.join()).toMatch(/differ 3\.5 times in kernel calls/);
    },
  },
  {
    number: 16,
    condition: 'identical numbers are neither slower nor faster',
    holds: async () => {
      const noisy = { ...EXACT, durationOf: ({ ns }: MadeKernel, _: number, step: number) => ns + step };
      const diff = await diffOf(noisy, { ...noisy, origin: 5_000_000n });
      expect(diff).toMatchObject({ verdict: 'GREEN', same_capture: false, totals: { delta_ns: 0 } });
      expect(diff.headline.change_pct).toBe(0);
      expect(renderProfileDiffText(diff)).not.toMatch(JUDGING_WORDS);
      expect(diff.kernels.map((row) => row.change)).toEqual(['none']);
    },
  },
  {
    number: 17,
    condition: 'the golden loop: time per call 15 to 20 ms, communication 5 to 10, idle 5 to 10; swapped, the opposite',
    holds: async () => {
      const diff = await handDiff(GOLDEN_BEFORE, GOLDEN_AFTER);
      expect(diff).toMatchObject({ verdict: 'RED', warnings: [] });
      expect(diff.headline).toMatchObject({ baseline_ns: ms(15), candidate_ns: ms(20), adverse: true });
      expect(diff.headline.change_pct).toBeCloseTo(100 / 3, 9);
      const split = { compute_only_ns: ms(15), overlap_ns: ms(5), exposed_launch_ns: 0 };
      expect(timelines(diff)).toMatchObject({
        before: { ...split, communication_only_ns: ms(5), idle_ns: ms(5), span_ns: ms(30) },
        after: { ...split, communication_only_ns: ms(10), idle_ns: ms(10), span_ns: ms(40) },
      });
      const back = await handDiff(GOLDEN_AFTER, GOLDEN_BEFORE);
      expect(back).toMatchObject({ verdict: 'GREEN', adverse: [] });
      expect(back.totals.delta_ns).toBe(-diff.totals.delta_ns);
    },
  },
  {
    number: 18,
    condition: 'communication and idle: all-reduce +3, all-gather -1, exposed 7 to 9, idle 13 to 26 ms',
    holds: async () => {
      const [reduce, gather] = ['ncclDevKernel_AllReduce_Sum', 'ncclDevKernel_AllGather'];
      const [a, b] = ['nvjet_first', 'flash_fwd_kernel'];
      const diff = await handDiff(
        [
          [a, 0, 10, 7],
          [reduce, 12, 17, 17],
          [gather, 18, 20, 17],
          [b, 30, 40, 7],
        ],
        [
          [a, 0, 10, 7],
          [reduce, 12, 20, 17],
          [gather, 21, 22, 17],
          [b, 45, 55, 7],
        ],
      );
      expect(timelines(diff)).toMatchObject({
        before: { communication_only_ns: ms(7), idle_ns: ms(13) },
        after: { communication_only_ns: ms(9), idle_ns: ms(26) },
      });
      expect([rowOf(diff, reduce).delta_ns, rowOf(diff, gather).delta_ns]).toEqual([ms(3), -ms(1)]);
    },
  },
  {
    number: 19,
    condition: 'a pair without communication has no such part',
    holds: async () => {
      const diff = await diffOf(EXACT, EXACT);
      expect(diff.collectives).toEqual([]);
      expect(timelines(diff).after).toMatchObject({ communication_only_ns: 0, overlap_ns: 0 });
    },
  },
  {
    number: 20,
    condition: 'compute 110 to 135 with overlap, communication 20 to 25, idle 5 to 10 ms',
    holds: async () => {
      const diff = await handDiff(
        [
          ['nvjet_gemm', 0, 50, 7],
          ['nvjet_gemm', 55, 115, 7],
          ['ncclDevKernel_AllReduce_Sum', 105, 135, 8],
        ],
        [
          ['nvjet_gemm', 0, 50, 7],
          ['nvjet_gemm', 60, 145, 7],
          ['ncclDevKernel_AllReduce_Sum', 130, 170, 8],
        ],
      );
      const parts = (compute: number, communication: number, overlap: number, idle: number) => ({
        compute_only_ns: ms(compute),
        communication_only_ns: ms(communication),
        overlap_ns: ms(overlap),
        idle_ns: ms(idle),
      });
      expect(timelines(diff)).toMatchObject({ before: parts(100, 20, 10, 5), after: parts(120, 25, 15, 10) });
    },
  },
  {
    number: 21,
    condition:
      'exposed launch is 2.0 ms of the textbook case, none is claimed without the calls, and never more than idle',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const kernels = [
          [1, 2],
          [5, 6],
          [10, 11],
          [12, 13],
        ] as const;
        const calls = [
          [0.9, 1],
          [4, 4.5],
          [8.5, 10.2],
          [10.5, 10.9],
        ] as const;
        const rows = kernels.map(([start, end], i): HandRow => ['nvjet_gemm', start, end, 7, calls[i] ?? [0, 0]]);
        const long = kernels.map(([start, end], i): HandRow => ['nvjet_gemm', start, end, 7, [0, 6 + i]]);
        const bare = kernels.map(([start, end]): HandRow => ['nvjet_gemm', start, end, 7]);
        const exposed = async (name: string, own: readonly HandRow[]) =>
          (await handSide(folder, name, own)).timelines[0]?.exposedLaunchNs;
        expect(await exposed('a.sqlite', rows)).toBe(ms(2));
        expect(await exposed('b.sqlite', bare)).toBe(0);
        expect(await exposed('c.sqlite', long)).toBeLessThanOrEqual(ms(8));
      }),
  },
  {
    number: 22,
    condition: 'a kernel points to its slowest call of the candidate; a removed one to none',
    holds: async () => {
      const diff = await handDiff(
        [
          ['nvjet_gemm', 0, 10, 7],
          ['gone_kernel', 12, 14, 7],
        ],
        [
          ['nvjet_gemm', 0, 10, 7],
          ['nvjet_gemm', 20, 35, 7],
        ],
      );
      expect(rowOf(diff, 'nvjet_gemm').slowest_start_ns).toBe(ms(20));
      expect(rowOf(diff, 'gone_kernel')).toMatchObject({ class: 'removed', slowest_start_ns: null });
    },
  },
  { number: 23, condition: 'ids of selections', holds: 'there are no selections to give ids to' },
  {
    number: 24,
    condition: 'grid, block, registers and shared memory that changed are named',
    holds: async () => {
      const change: Edit = (path) =>
        execute(path, [
          'UPDATE CUPTI_ACTIVITY_KIND_KERNEL SET gridX = 64, blockX = 512, registersPerThread = 96, dynamicSharedMemory = 4096',
        ]);
      expect(rowOf(await diffOf(EXACT, EXACT, { edit: change }), GEMM.name).launch).toMatchObject({
        baseline: { grid: [132, 1, 1], block: [256, 1, 1], registers_per_thread: 64, dynamic_shared_bytes: 1024 },
        candidate: { grid: [64, 1, 1], block: [512, 1, 1], registers_per_thread: 96, dynamic_shared_bytes: 4096 },
        changed: ['grid', 'block', 'registers', 'shared_memory'],
      });
    },
  },
  {
    number: 25,
    condition: 'a launch that one side lacks is shown for the other, and nothing is called changed',
    holds: async () => {
      const diff = await diffOf(EXACT, { ...EXACT, kernels: [GEMM, NORM] });
      expect(rowOf(diff, NORM.name).launch).toMatchObject({ baseline: null, changed: [] });
    },
  },
  {
    number: 26,
    condition: 'several launches of a kernel: how many, and the share of the main one',
    holds: async () => {
      const kernels = [GEMM, { ...GEMM, grid: 8, ns: GEMM.ns / 2 }];
      const { launch } = rowOf(await diffOf({ ...EXACT, kernels }, { ...EXACT, kernels }), GEMM.name);
      expect(launch?.candidate).toMatchObject({ grid: [132, 1, 1], distinct: 2 });
      expect(launch?.candidate?.time_share).toBeCloseTo(2 / 3, 6);
    },
  },
  {
    number: 27,
    condition: 'a launch that did not change is said not to have',
    holds: async () => {
      expect(rowOf(await gemmLonger(20, 5), GEMM.name)).toMatchObject({ adverse: true, launch: { changed: [] } });
    },
  },
  {
    number: 28,
    condition: 'without launch columns, on one side or both, kernels are compared all the same',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const bare = await handSide(folder, 'a.sqlite', [[GEMM.name, 0, 1, 7]]);
        const full = await read(folder, exported(folder, 'b.sqlite', EXACT));
        expect(rowOf(diffProfiles([bare], [bare]), GEMM.name).launch).toBeNull();
        expect(rowOf(diffProfiles([bare], [full]), GEMM.name).launch).toMatchObject({ baseline: null, changed: [] });
      }),
  },
  {
    number: 29,
    condition: 'an iteration chosen by index',
    holds: 'every step is compared; a part is named by a window',
  },
  { number: 30, condition: 'peak device memory', holds: 'device memory is not part of a diff of time' },
  {
    number: 31,
    condition: 'versioned tables: the exact name, else the highest number; peer copies are never taken for copies',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const older = 'CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL_V3 (start INTEGER, "end" INTEGER)';
        const peer = 'CREATE TABLE CUPTI_ACTIVITY_KIND_MEMCPY2_V2 (start INTEGER, "end" INTEGER, bytes INTEGER)';
        const path = exported(folder, 'a.sqlite', { ...EXACT, kernelTable: 'CUPTI_ACTIVITY_KIND_KERNEL_V10' }, (file) =>
          execute(file, [older, peer, 'INSERT INTO CUPTI_ACTIVITY_KIND_MEMCPY2_V2 VALUES (1, 5, 9)']),
        );
        const side = await read(folder, path);
        expect(summariseProfile(side)).toMatchObject({ kernel_calls: 20, copies: [] });
        execute(path, [
          'CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL AS SELECT * FROM CUPTI_ACTIVITY_KIND_KERNEL_V10 WHERE 0',
        ]);
        expect(summariseProfile(await read(folder, path)).kernel_calls).toBe(0);
      }),
  },
  {
    number: 32,
    condition:
      'a table or column that is needed is named when it is missing, its case does not matter, NVTX is optional',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const without = (name: string, statement: string): Promise<ProfileSide> =>
          read(
            folder,
            exported(folder, name, EXACT, (path) => execute(path, [statement])),
          );
        await expect(without('a.sqlite', 'DROP TABLE StringIds')).rejects.toMatchObject({
          code: 'column_absent',
          message: expect.stringContaining('StringIds'),
        });
        await expect(
          without('b.sqlite', 'ALTER TABLE CUPTI_ACTIVITY_KIND_KERNEL RENAME COLUMN start TO began'),
        ).rejects.toMatchObject({ code: 'column_absent', message: expect.stringContaining('start') });
        const shouted = await without(
          'c.sqlite',
          'ALTER TABLE CUPTI_ACTIVITY_KIND_KERNEL RENAME COLUMN start TO START',
        );
        expect(summariseProfile(shouted).kernel_calls).toBe(20);
        expect((await without('d.sqlite', 'DROP TABLE NVTX_EVENTS')).steps).toEqual([]);
        const none = await without('e.sqlite', 'DROP TABLE CUPTI_ACTIVITY_KIND_KERNEL');
        expect(none.facts.warnings.join()).toContain('the export has no kernel table');
      }),
  },
  {
    number: 33,
    condition: 'ranges without a textId column, and with one',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const registered: Edit = (path) =>
          execute(path, [
            'ALTER TABLE NVTX_EVENTS ADD COLUMN textId INTEGER',
            "INSERT INTO StringIds VALUES (77, 'step')",
            'UPDATE NVTX_EVENTS SET text = NULL, textId = 77',
          ]);
        for (const edit of [() => undefined, registered]) {
          const side = await read(folder, exported(folder, `${edit.name}.sqlite`, EXACT, edit));
          expect(side.ranges).toMatchObject([{ name: 'step', count: 20 }]);
        }
      }),
  },
  {
    number: 34,
    condition: 'a marker that matches no range: steps are not guessed, work is counted by the dominant kernel',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const path = exported(folder, 'a.sqlite', EXACT);
        const side = await readProfile([path], { cacheDir: folder, stepMarker: 'no such range' });
        expect(side.steps).toEqual([]);
        expect(diffProfiles([side], [side]).headline.basis).toBe('dominant_kernel');
      }),
  },
  {
    number: 35,
    condition: 'steps do not depend on the order of rows, nor on one of zero length or a single one',
    holds: async () => {
      const { kernels, steps } = await inTemporaryFolder(async (folder) => {
        const made = { ...EXACT, durationOf: ({ ns }: MadeKernel, _: number, step: number) => ns + step };
        const [forth, back] = [
          await read(folder, exported(folder, 'a.sqlite', made)),
          await read(folder, exported(folder, 'b.sqlite', { ...made, reversed: true })),
        ];
        return { kernels: [forth.groups, back.groups], steps: [forth.steps, back.steps] };
      });
      expect(kernels[1]).toEqual(kernels[0]);
      expect(steps[1]).toEqual(steps[0]);
      const instant: Edit = (path) => execute(path, ['UPDATE NVTX_EVENTS SET "end" = start WHERE rowid = 1']);
      expect((await diffOf(EXACT, EXACT, { edit: instant })).headline.basis).toBe('step');
      expect((await diffOf({ ...EXACT, steps: 1 }, { ...EXACT, steps: 1 })).headline.basis).toBe('dominant_kernel');
    },
  },
  {
    number: 36,
    condition: 'steps of two kinds',
    holds: 'no step is dropped as a ghost: steps are compared type by type, by the name of their range',
  },
  {
    number: 37,
    condition:
      'a path that is not there creates nothing; exports that fail, stay away or print garbage get faults of their own',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const cacheDir = join(folder, 'cache');
        await expect(readProfile([join(folder, 'none')], { cacheDir })).rejects.toMatchObject({
          code: 'profile_unreadable',
        });
        expect(readdirSync(folder)).toEqual([]);
        const report = join(folder, 'r.nsys-rep');
        writeFileSync(report, 'report');
        const says = async (run: ReturnType<typeof standInTools>): Promise<string> =>
          readProfile([report], { cacheDir, run }).then(
            () => '',
            (error: unknown) => (error instanceof Error ? error.message : ''),
          );
        expect(await says(standInTools(() => printed(3, '', 'bad report')))).toContain('code 3; bad report');
        expect(await says(standInTools(() => printed(null)))).toContain('killed');
        expect(await says(standInTools(() => printed(0)))).toContain('it wrote no file');
        expect(await says(async () => printed(0, 'hello'))).toContain('does not answer like Nsight Systems');
      }),
  },
  {
    number: 38,
    condition: 'nothing is written beside a profile; a cache that cannot be written is a clear error',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const user = join(folder, 'user');
        mkdirSync(user);
        const path = exported(user, 'a.sqlite', EXACT);
        await read(join(folder, 'cache'), path);
        expect(readdirSync(folder)).toEqual(['user']);
        expect(readdirSync(user)).toEqual(['a.sqlite']);
        const report = join(user, 'r.nsys-rep');
        writeFileSync(report, 'report');
        const run = standInTools(() => printed(0));
        await expect(readProfile([report], { cacheDir: join(path, 'cache'), run })).rejects.toMatchObject({
          code: 'profile_cache_unwritable',
        });
      }),
  },
  {
    number: 39,
    condition: 'a window outside of the capture is an error, not an empty result',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const path = exported(folder, 'a.sqlite', EXACT);
        await expect(read(folder, path, { startS: 900, endS: 901 })).rejects.toMatchObject({
          code: 'window_outside_capture',
        });
      }),
  },
  { number: 40, condition: 'a decision file', holds: 'there is no decision file: decisions are computed' },
  {
    number: 41,
    condition: 'one input gives one output: run twice, and after SQLite rewrote the file',
    holds: () =>
      inTemporaryFolder(async (folder) => {
        const [a, b] = [
          exported(folder, 'a.sqlite', EXACT),
          exported(folder, 'b.sqlite', { ...EXACT, kernels: [NORM] }),
        ];
        const once = async () => diffProfiles([await read(folder, a)], [await read(folder, b)]);
        const first = await once();
        expect(JSON.stringify(await once())).toBe(JSON.stringify(first));
        execute(b, ['VACUUM']);
        expect((await once()).kernels).toEqual(first.kernels);
      }),
  },
];

describe('cases of a public profile diff', () => {
  test('all 41 are listed once', () => {
    expect(CASES.map(({ number }) => number)).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
  });

  for (const { number, condition, holds } of CASES) {
    if (typeof holds === 'string') test.skip(`${number}. ${condition}: does not apply, ${holds}`, () => undefined);
    else test(`${number}. ${condition}`, holds);
  }
});
