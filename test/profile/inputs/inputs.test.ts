import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffProfiles } from '../../../src/profile/diff-profiles.ts';
import { readTraceEvents } from '../../../src/profile/inputs/trace-events.ts';
import type { Runner } from '../../../src/exec/run-process.ts';
import { readProfile } from '../../../src/profile/read/read-profile.ts';
import { ascendingOrder } from '../../../src/profile/model/ascending-order.ts';
import { quantileOfUnion } from '../../../src/profile/kernels/distribution.ts';
import { rangeName, stepTypeName } from '../../../src/profile/model/range-names.ts';
import { COMMUNICATION, COMPUTE, COPY, createSweep } from '../../../src/profile/model/timeline.ts';
import { makeExport } from '../make-export.ts';
import { hasSamples, sample } from '../shared-samples.ts';
import { execute, inTemporaryFolder } from '../../sqlite/make-database.ts';
import { printed, standInTools } from '../stand-in-tools.ts';

const read = (paths: string | string[], cacheDir = '/nonexistent', run?: Runner) =>
  readProfile(typeof paths === 'string' ? [paths] : paths, { cacheDir, ...(run === undefined ? {} : { run }) });

const CSV = `Generating SQLite file report.sqlite from report.nsys-rep
Processing [report.sqlite] with [gpukernsum.py]...
 ** CUDA GPU Kernel Summary (cuda_gpu_kern_sum):

Time (%),Total Time (ns),Instances,Avg (ns),Med (ns),Min (ns),Max (ns),StdDev (ns),Name
80.0,"8,000",4,2000.0,1900.0,1800,2400,100.0,"void gemm<int, float>(int, ""x"")"
10.0,1000,2,500.0,500.0,400,600,10.0,nvjet_a
10.0,1000,2,500.0,500.0,300,700,10.0,nvjet_a
`;

describe('reports of nsys stats', () => {
  test.each(['r_cuda_gpu_kern_sum.csv', 'r_gpukernsum.csv'])(
    'in %s: names with commas, thousands, a preamble, a name twice',
    (name) =>
      inTemporaryFolder(async (folder) => {
        writeFileSync(join(folder, name), CSV);
        const side = await read(folder);
        expect(side.kernels.map((kernel) => kernel.name)).toEqual(['void gemm<int, float>(int, "x")', 'nvjet_a']);
        expect(side.groups.map(({ count, totalNs, given }) => ({ count, totalNs, given }))).toEqual([
          { count: 4, totalNs: 8000, given: { medianNs: 1900, p95Ns: null, minNs: 1800, maxNs: 2400 } },
          { count: 4, totalNs: 2000, given: { medianNs: null, p95Ns: null, minNs: 300, maxNs: 700 } },
        ]);
      }),
  );

  test('times in another unit are converted, and a report with no data is absent', () =>
    inTemporaryFolder(async (folder) => {
      writeFileSync(
        join(folder, 'r_cuda_gpu_kern_sum.csv'),
        'Time(%),Total Time (us),Instances,Average,Minimum,Maximum,Name\n100,2.5,1,2.5,2.5,2.5,k\n',
      );
      writeFileSync(join(folder, 'r_nvtx_sum.csv'), '');
      writeFileSync(join(folder, 'r_cuda_api_sum.csv'), 'SKIPPED: r.sqlite does not contain CUDA trace data.\n');
      const side = await read(folder);
      expect(side.groups[0]?.totalNs).toBe(2500);
      expect([side.ranges, side.apis]).toEqual([[], []]);
    }));

  test('a number that is none, and two files of one report, are faults', () =>
    inTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 'a_gpukernsum.csv'), CSV.replace('1000,2', 'n/a,2'));
      await expect(read(folder)).rejects.toMatchObject({ code: 'not_a_number' });
      writeFileSync(join(folder, 'b_cuda_gpu_kern_sum.csv'), CSV);
      await expect(read(folder)).rejects.toMatchObject({ code: 'stats_report_twice' });
    }));

  test('two folders are compared by count and mean', () =>
    inTemporaryFolder(async (folder) => {
      for (const [name, text] of [
        ['a', CSV],
        ['b', CSV.replace('"8,000",4,2000.0', '12000,4,3000.0')],
      ] as const) {
        mkdirSync(join(folder, name));
        writeFileSync(join(folder, name, 'x_gpukernsum.csv'), text);
      }
      const diff = diffProfiles([await read(join(folder, 'a'))], [await read(join(folder, 'b'))]);
      expect(diff.first_line).toMatch(/^YELLOW for gemm: gemm takes 50\.0% longer per call/);
      expect(diff.first_line).toContain('the captures share no unit of work');
    }));

  test.skipIf(!hasSamples)('the column format keeps names that hold spaces', async () => {
    const side = await read(sample('nsys/cuda_gpu_kern_sum_table_b200_vllm_nvfp4.txt'));
    expect(side.kernels.map((kernel) => kernel.name)).toContain('void vllm::reshape_and_cache_nvfp4_kernel');
    expect(side.groups[0]).toMatchObject({ count: 38254, totalNs: 2949542239 });
  });
});

const traceEvents = [
  { ph: 'M', name: 'process_name', pid: 0, args: { name: 'python' } },
  { ph: 'X', cat: 'cpu_op', name: 'aten::"quoted" {[', pid: 9, tid: 9, ts: 1000, dur: 50, args: {} },
  { ph: 'X', cat: 'user_annotation', name: 'ProfilerStep#3', pid: 9, tid: 9, ts: 1000, dur: 100 },
  { ph: 'X', cat: 'user_annotation', name: 'ProfilerStep#4', pid: 9, tid: 9, ts: 1100, dur: 120 },
  {
    ph: 'X',
    cat: 'cuda_runtime',
    name: 'cudaLaunchKernel',
    pid: 9,
    tid: 9,
    ts: 1001.5,
    dur: 4,
    args: { correlation: 7 },
  },
  {
    ph: 'X',
    cat: 'kernel',
    name: 'ncclDevKernel_AllReduce_Sum_bf16_RING_LL',
    pid: 0,
    tid: 7,
    ts: 1020.5,
    dur: 10.25,
    args: { device: 0, stream: 7, correlation: 8, grid: [32, 1, 1], block: [640, 1, 1] },
  },
  {
    ph: 'X',
    cat: 'kernel',
    name: 'void gemm<4>(int)',
    pid: 0,
    tid: 7,
    ts: 1004,
    dur: 12,
    args: {
      device: 0,
      stream: 7,
      correlation: 7,
      grid: [1, 2, 3],
      block: [128, 1, 1],
      'registers per thread': 64,
      'shared memory': 1024,
    },
  },
  {
    ph: 'X',
    cat: 'gpu_memcpy',
    name: 'Memcpy HtoD (Pageable -> Device)',
    pid: 0,
    tid: 7,
    ts: 1110,
    dur: 2,
    args: { device: 0, bytes: 4096 },
  },
];
const trace = {
  schemaVersion: 1,
  distributedInfo: { rank: 3 },
  deviceProperties: [{ id: 0, name: 'NVIDIA H100' }],
  traceEvents,
  baseTimeNanoseconds: 1_700_000_000_000_000_000,
};

describe('traces of the torch profiler', () => {
  test.each([
    ['an object', (path: string) => writeFileSync(path, JSON.stringify(trace, null, 2)), 'rank 3'],
    ['a bare array', (path: string) => writeFileSync(path, JSON.stringify(traceEvents)), 'rank 0'],
    ['gzip', (path: string) => writeFileSync(`${path}.gz`, gzipSync(JSON.stringify(trace))), 'rank 3'],
  ])('as %s', (kind, write, label) =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'trace.json');
      write(path);
      const side = await read(kind === 'gzip' ? `${path}.gz` : path);
      expect(side.ranks[0]).toMatchObject({ label, device: 0 });
      expect(side.kernels.map((kernel) => kernel.bucket)).toEqual(['collective', 'gemm']);
      expect(side.groups.map((group) => group.totalNs).sort((a, b) => a - b)).toEqual([10_250, 12_000]);
      expect(side.configs).toContainEqual({
        grid: [1, 2, 3],
        block: [128, 1, 1],
        registers: 64,
        staticSharedBytes: null,
        dynamicSharedBytes: 1024,
      });
      expect(side.timelines[0]).toMatchObject({
        kernelBusyNs: 22_250,
        communicationOnlyNs: 10_250,
        spanNs: 108_000,
        busyNs: 24_250,
      });
      expect(side.copies).toEqual([
        { rank: 0, kind: 'Host-to-Device', count: 1, bytes: 4096, totalNs: 2000, maxNs: 2000 },
      ]);
      expect(side.steps.map((step) => step.endNs - step.startNs)).toEqual([100_000, 120_000]);
      expect(side.facts.launches).toEqual({ found: 1, missing: 1 });
    }),
  );

  test('any cut of the file into chunks gives the same events', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            cat: fc.constantFrom('kernel', 'cpu_op'),
            name: fc.string(),
            n: fc.double({ noNaN: true, noDefaultInfinity: true }),
          }),
        ),
        fc.integer({ min: 0, max: 3 }),
        (events, indent) =>
          inTemporaryFolder(async (folder) => {
            const path = join(folder, 't.json');
            writeFileSync(path, JSON.stringify({ a: 1, traceEvents: events, z: { b: [2] } }, null, indent));
            const seen: unknown[] = [];
            const text = await readTraceEvents(
              path,
              (category) => category === 'kernel',
              (event) => seen.push(event),
            );
            expect(text.events).toBe(events.length);
            expect(seen).toEqual(JSON.parse(JSON.stringify(events.filter((event) => event.cat === 'kernel'))));
          }),
      ),
      { numRuns: 40 },
    );
  });

  test('marks and flows are passed over, and names that look like keys are only names', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 't.json');
      const kernels = ['cat', 'ph', '"cat": "x"'].map((name) => ({ name, ph: 'X', cat: 'kernel' }));
      const others = ['s', 'f', 'i', 'M'].map((ph) => ({ ph, id: 1, ts: 5, cat: 'kernel', name: 'ac2g' }));
      writeFileSync(path, JSON.stringify({ traceEvents: [...others, ...kernels] }));
      const seen: unknown[] = [];
      const text = await readTraceEvents(
        path,
        (category) => category === 'kernel',
        (event) => seen.push(event),
      );
      expect(text.events).toBe(7);
      expect(seen).toEqual(kernels);
    }));

  test('an event longer than a chunk is read whole', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 't.json');
      const long = { cat: 'kernel', name: 'x"\\'.repeat(900_000) };
      writeFileSync(path, JSON.stringify({ traceEvents: [long, { cat: 'kernel', name: 'y' }] }));
      const seen: unknown[] = [];
      await readTraceEvents(
        path,
        () => true,
        (event) => seen.push(event),
      );
      expect(seen).toEqual([long, { cat: 'kernel', name: 'y' }]);
    }));

  test.each([
    ['cut short', JSON.stringify(trace).slice(0, 900), 'trace_truncated'],
    ['no events', '{"hello": [1]}', 'trace_syntax'],
    ['a broken event', '{"traceEvents": [{"cat": "kernel", "ts": 1e}]}', 'trace_syntax'],
    ['something between the events', '{"traceEvents": [{}, 5]}', 'trace_syntax'],
  ])('%s is a fault', (_, text, code) =>
    inTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 't.json'), text);
      await expect(read(join(folder, 't.json'))).rejects.toMatchObject({ code });
    }),
  );

  test('files of several ranks become one side, aligned by their collectives', () =>
    inTemporaryFolder(async (folder) => {
      for (const rank of [0, 1]) {
        const shift = rank * 20_000;
        const events = [0, 1, 2, 3, 4].flatMap((step) => [
          {
            ph: 'X',
            cat: 'kernel',
            name: 'nvjet_gemm',
            pid: 0,
            tid: 7,
            ts: shift + step * 1000,
            dur: 300 + rank * 200,
            args: { device: 0 },
          },
          {
            ph: 'X',
            cat: 'kernel',
            name: 'ncclDevKernel_AllReduce',
            pid: 0,
            tid: 7,
            ts: shift + step * 1000 + 320 + rank * 200,
            dur: 400 - rank * 200,
            args: { device: 0 },
          },
        ]);
        writeFileSync(
          join(folder, `r${rank}.json`),
          JSON.stringify({ distributedInfo: { rank }, traceEvents: events }),
        );
      }
      const side = await read(folder);
      expect(side.ranks.map((rank) => rank.label)).toEqual(['rank 0', 'rank 1']);
      const [row] = diffProfiles([side], [side]).collectives;
      expect(row?.candidate).toMatchObject({
        matched_collectives: 5,
        matched_calls: 10,
        waiting_ns: 1_000_000,
        caused_by_rank_ns: { 'rank 1': 1_000_000 },
      });
      expect(side.facts.warnings.join()).toContain('files aligned by');
    }));
});

describe('pages of ncu', () => {
  const identity =
    '"ID","Process ID","Process Name","Host Name","Kernel Name","Context","Stream","Block Size","Grid Size","Device","CC"';
  const details = `==PROF== Connected\n${identity},"Section Name","Metric Name","Metric Unit","Metric Value","Rule Name","Rule Type","Rule Description"
"0","1","p","h","gemm<1, 2>","1","7","(384, 1, 1)","(9, 32, 1)","0","10.0","GPU Speed Of Light Throughput","Duration","us","1,406.25",
"0","1","p","h","gemm<1, 2>","1","7","(384, 1, 1)","(9, 32, 1)","0","10.0","Launch Statistics","Registers Per Thread","register/thread","168",
"0","1","p","h","gemm<1, 2>","1","7","(384, 1, 1)","(9, 32, 1)","0","10.0","Rules","","","","Rule","OPT","text, with commas"
`;
  const raw = `${identity},"gpu__time_duration.sum","launch__registers_per_thread"
"","","","","","","","","","","","nsecond","register/thread"
"0","1","p","h","gemm<1, 2>","1","7","(384, 1, 1)","(9, 32, 1)","0","10.0","1406250","168"
`;

  test.each([
    ['details', details],
    ['raw', raw],
  ])('%s', (_, text) =>
    inTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 'k.csv'), text);
      const side = await read(join(folder, 'k.csv'));
      expect(side.groups[0]).toMatchObject({ count: 1, totalNs: 1_406_250 });
      expect(side.configs[0]).toMatchObject({ grid: [9, 32, 1], block: [384, 1, 1], registers: 168 });
    }),
  );

  test('a report goes through ncu, and an unknown unit is a fault', () =>
    inTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 'r.ncu-rep'), 'x');
      const run = standInTools((argv) => printed(argv.join(' ').includes('--page raw') ? 0 : 1, raw));
      expect((await read(join(folder, 'r.ncu-rep'), folder, run)).format).toBe('ncu-rep');
      const odd = standInTools(() => printed(0, raw.replace('nsecond', 'fortnight')));
      await expect(read(join(folder, 'r.ncu-rep'), folder, odd)).rejects.toMatchObject({ code: 'ncu_unit' });
    }));
});

describe('an .nsys-rep', () => {
  const fakeNsys = (made: string, calls: string[][]): Runner =>
    standInTools((argv) => {
      calls.push([...argv]);
      copyFileSync(made, argv.find((flag) => flag.startsWith('--output='))?.slice(9) ?? '');
      return printed(0);
    });

  test('is exported once into the cache, with the tables that are needed, and again when it changed', () =>
    inTemporaryFolder(async (folder) => {
      const [made, user, cache] = [join(folder, 'made.sqlite'), join(folder, 'user'), join(folder, 'cache')];
      makeExport(made, { kernels: [{ name: 'nvjet_a', ns: 1000 }], steps: 3 });
      mkdirSync(user);
      const report = join(user, 'r.nsys-rep');
      writeFileSync(report, 'report');
      const calls: string[][] = [];
      const side = await read(report, cache, fakeNsys(made, calls));
      await read(report, cache, fakeNsys(made, calls));
      expect(side).toMatchObject({ format: 'nsys-rep', sources: [report] });
      expect(calls).toHaveLength(1);
      expect(calls[0]?.join(' ')).toMatch(/--type=sqlite .*--lazy=true --tables=StringIds,\S+/);
      expect(calls[0]?.join(' ')).not.toMatch(/SYSTEM_ENV/);
      expect(readdirSync(user)).toEqual(['r.nsys-rep']);
      const [exported = ''] = readdirSync(cache).filter((name) => name.endsWith('.sqlite'));
      expect(statSync(join(cache, exported)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(cache, '.gitignore'), 'utf8')).toBe('*\n');
      writeFileSync(report, 'another');
      utimesSync(report, 1, 1);
      await read(report, cache, fakeNsys(made, calls));
      expect(calls).toHaveLength(2);
    }));

  test.each<[string, Runner]>([
    ['fails', standInTools(() => printed(1, '', 'unsupported report version'))],
    ['is killed', standInTools(() => printed(null))],
    ['writes nothing', standInTools(() => printed(0))],
  ])('whose export %s is a fault, and leaves nothing in the cache', (_, run) =>
    inTemporaryFolder(async (folder) => {
      const report = join(folder, 'r.nsys-rep');
      writeFileSync(report, 'report');
      await expect(read(report, join(folder, 'cache'), run)).rejects.toMatchObject({ code: 'nsys_export_failed' });
      expect(readdirSync(join(folder, 'cache'))).toEqual(['.gitignore']);
      await expect(read(report, folder)).rejects.toMatchObject({ code: 'runner_missing' });
    }),
  );
});

describe('folders', () => {
  test('of nsys stats reports: those of the host beside them are left alone', () =>
    inTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 'r_cuda_gpu_kern_sum.csv'), CSV);
      for (const other of ['r_osrtsum.csv', 'r_osrt_sum.csv', 'r_cuda_kern_exec_trace.csv'])
        writeFileSync(join(folder, other), CSV);
      expect((await read(folder)).sources).toEqual([join(folder, 'r_cuda_gpu_kern_sum.csv')]);
    }));

  test('of per-rank exports become one side; a report beside its export counts once; other files are left alone', () =>
    inTemporaryFolder(async (folder) => {
      for (const rank of [0, 1])
        makeExport(join(folder, `r${rank}.sqlite`), {
          ranks: 1,
          steps: 4,
          kernels: [{ name: 'nvjet_a', ns: 1000 + rank }],
        });
      writeFileSync(join(folder, 'r0.nsys-rep'), 'report');
      writeFileSync(join(folder, 'notes.json'), 'not a trace');
      const side = await read(folder);
      expect(side.ranks.map((rank) => rank.label)).toEqual(['rank 0', 'rank 1']);
      expect(side.groups.reduce((sum, group) => sum + group.count, 0)).toBe(8);
      expect(existsSync(join(folder, '.cache'))).toBe(false);
    }));

  test('without a profile, and files that are none, are faults', () =>
    inTemporaryFolder(async (folder) => {
      writeFileSync(join(folder, 'a.txt'), 'hello');
      await expect(read(folder)).rejects.toMatchObject({ code: 'profile_empty_folder' });
      await expect(read(join(folder, 'a.txt'))).rejects.toMatchObject({ code: 'profile_format_unknown' });
    }));
});

describe('laws', () => {
  const times = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });

  test('ascendingOrder sorts and keeps equal keys in their order', () => {
    fc.assert(
      fc.property(times, (keys) => {
        const expected = keys.map((_, index) => index).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
        expect(Array.from(ascendingOrder(Float64Array.from(keys)))).toEqual(expected);
      }),
    );
  });

  test('quantiles of a union are those of the sorted values', () => {
    fc.assert(
      fc.property(
        fc.array(
          times.filter((list) => list.length > 0),
          { minLength: 1, maxLength: 5 },
        ),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (lists, p) => {
          const slices = lists.map((list) => Uint32Array.from(list).sort());
          const all = lists.flat().sort((a, b) => a - b);
          const place = (all.length - 1) * p;
          const [low = 0, high = low] = [all[Math.floor(place)], all[Math.floor(place) + 1]];
          expect(quantileOfUnion(slices, p)).toBeCloseTo(low + (place - Math.floor(place)) * (high - low), 9);
        },
      ),
    );
  });

  test('the sweep counts each nanosecond as a plain timeline of single nanoseconds does', () => {
    const interval = fc.record({
      kind: fc.constantFrom(COMPUTE, COMMUNICATION, COPY),
      start: fc.integer({ min: 0, max: 50 }),
      length: fc.integer({ min: 1, max: 20 }),
    });
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 25 }), (intervals) => {
        const sorted = [...intervals].sort((a, b) => a.start - b.start);
        const sweep = createSweep();
        for (const { kind, start, length } of sorted) expect(sweep.add(0, kind, start, start + length)).toBe(true);
        const [line] = sweep.finish(() => null);
        const at = (time: number, kinds: number[]): boolean =>
          sorted.some(({ kind, start, length }) => kinds.includes(kind) && start <= time && time < start + length);
        const count = (test: (time: number) => boolean): number =>
          Array.from({ length: 80 }, (_, time) => time).filter(test).length;
        expect(line).toMatchObject({
          kernelBusyNs: count((t) => at(t, [COMPUTE, COMMUNICATION])),
          computeOnlyNs: count((t) => at(t, [COMPUTE]) && !at(t, [COMMUNICATION])),
          communicationOnlyNs: count((t) => at(t, [COMMUNICATION]) && !at(t, [COMPUTE])),
          overlapNs: count((t) => at(t, [COMMUNICATION]) && at(t, [COMPUTE])),
          busyNs: count((t) => at(t, [COMPUTE, COMMUNICATION, COPY])),
        });
      }),
    );
  });

  test.each([
    ['aten::to, op_id = 990347', 'aten::to'],
    ['AllToAll4D, seq = 46286, op_id = 994184', 'AllToAll4D'],
    ['iteration 12', 'iteration'],
    ['ProfilerStep#4', 'ProfilerStep'],
    ['fp8', 'fp8'],
  ])('range %s is named %s', (text, name) => expect(rangeName(text)).toBe(name));

  test('step types separate none from some', () => {
    expect(stepTypeName('execute_context_0(0)_generation_12(12)')).toBe('execute_context_0(0)_generation_#(#)');
  });

  test('kernels, exposed launch and idle of the textbook case', () =>
    inTemporaryFolder(async (folder) => {
      const path = join(folder, 'a.sqlite');
      const ms = (value: number): number => Math.round(value * 1e6);
      const pid = 1n << 48n;
      execute(path, [
        'CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT)',
        "INSERT INTO StringIds VALUES (1, 'gemm'), (2, 'cudaLaunchKernel_v7000')",
        'CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start INTEGER, "end" INTEGER, deviceId INTEGER, globalPid INTEGER, correlationId INTEGER, demangledName INTEGER, shortName INTEGER)',
        'CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start INTEGER, "end" INTEGER, globalTid INTEGER, correlationId INTEGER, nameId INTEGER)',
        ...[
          [1, 2],
          [5, 6],
          [10, 11],
          [12, 13],
        ].map(
          ([a = 0, b = 0], i) =>
            `INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (${ms(a)}, ${ms(b)}, 0, ${pid}, ${i}, 1, 1)`,
        ),
        ...[
          [0.9, 1.0],
          [4, 4.5],
          [8.5, 10.2],
          [10.5, 10.9],
        ].map(
          ([a = 0, b = 0], i) =>
            `INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (${ms(a)}, ${ms(b)}, ${pid + 5n}, ${i}, 2)`,
        ),
      ]);
      const [line] = (await read(path)).timelines;
      expect(line).toMatchObject({ exposedLaunchNs: ms(2), idleNs: ms(8), busyNs: ms(4) });
    }));
});
