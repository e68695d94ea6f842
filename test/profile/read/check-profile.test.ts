// What a profile gets that is recorded: read by its tables, its header or both ends, refused with the file and the fix when it
// is something else, cut off or damaged, with a report of how far the check went.
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkProfile } from '../../../src/profile/read/check-profile.ts';
import { scratchFolder } from '../../fs/scratch.ts';
import { faultOf } from '../../importers/outcome.ts';
import { makeExport } from '../make-export.ts';
import { hasSamples, sample } from '../shared-samples.ts';
import { execute } from '../../sqlite/make-database.ts';

const folder = scratchFolder('check-profile');
const file = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const exported = join(folder, 'good.sqlite');
makeExport(exported, { kernels: [{ name: 'gemm', ns: 1000 }] });

const NSYS = 'NVIDIA Tegra Profiler Report 2026@4@1\n\u000bLocal (CLI)';
const TRACE = '{"schemaVersion": 1, "traceEvents": [{"ph": "X", "name": "gemm", "ts": 1, "dur": 2}]}';
const KERNELS = 'Time (%),Total Time (ns),Instances,Avg (ns),Name\n100.0,5000,5,1000.0,"gemm"\n';

const emptyExport = (): string => {
  const path = join(folder, 'no-kernels.sqlite');
  execute(path, ['CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT)']);
  return path;
};

describe('a profile that can be read', () => {
  it.each([
    ['an export', () => exported, 'nsys-sqlite', /tables/, []],
    ['an export without kernels', emptyExport, 'nsys-sqlite', /tables/, [/no GPU kernel/]],
    ['a report', () => file('r.nsys-rep', `${NSYS}\u0000[END]`), 'nsys-rep', /header/, []],
    ['a report that may be cut off', () => file('c.nsys-rep', NSYS), 'nsys-rep', /header/, [/c\.nsys-rep.*cut off/]],
    ['a report of kernels', () => file('r.ncu-rep', 'NVR\u0000\u0002'), 'ncu-rep', /header/, []],
    ['a trace', () => file('t.json', TRACE), 'torch-trace', /header/, []],
    ['a packed trace', () => file('t.json.gz', gzipSync(TRACE)), 'torch-trace', /header/, []],
    [
      'a packed trace as the registry names it',
      () => file('source-snapshot.gz', gzipSync(TRACE)),
      'torch-trace',
      /header/,
      [],
    ],
    ['a kernel table', () => file('x_cuda_gpu_kern_sum.csv', KERNELS), 'nsys-stats', /all of it/, []],
    ['a kernel table of another name', () => file('top.csv', KERNELS), 'nsys-stats', /all of it/, []],
  ] as const)('%s', async (_, make, format, checked, warnings) => {
    const check = await checkProfile(make());
    expect(check).toMatchObject({ formats: [format], checked: expect.stringMatching(checked) });
    expect(check.warnings).toEqual(warnings.map((warning) => expect.stringMatching(warning)));
  });

  it.skipIf(!hasSamples)('a real one of each kind', async () => {
    for (const name of [
      'nsys/mfu_2gpu_before.sqlite',
      'torch-profiler/triton_example.json.gz',
      'ncu/cublaslt_gemm_sm100_details.csv.log',
    ])
      expect((await checkProfile(sample(name))).warnings).toEqual([]);
  });
});

const cut = (): string => {
  const path = file('cut.sqlite', readFileSync(exported));
  const descriptor = openSync(path, 'r+');
  ftruncateSync(descriptor, 4096);
  closeSync(descriptor);
  return path;
};

const foreignDatabase = (): string => {
  const path = join(folder, 'foreign.sqlite');
  execute(path, ['CREATE TABLE t (a)']);
  return path;
};

const mixed = (): string => {
  mkdirSync(join(folder, 'mixed'));
  file('mixed/a.nsys-rep', `${NSYS}[END]`);
  file('mixed/b.nsys-rep', 'garbage');
  return join(folder, 'mixed');
};

describe('a profile that cannot be read', () => {
  it.each([
    ['garbage as a report', () => file('g.nsys-rep', 'garbage'), 'profile_foreign', /g\.nsys-rep/],
    ['garbage as a report of kernels', () => file('g.ncu-rep', 'garbage'), 'profile_foreign', /g\.ncu-rep/],
    ['an empty report', () => file('e.nsys-rep', ''), 'profile_truncated', /e\.nsys-rep.*empty/],
    ['garbage as an export', () => file('g.sqlite', 'garbage'), 'sqlite_foreign', /g\.sqlite/],
    ['an export that is cut off', cut, 'sqlite_damaged', /cut\.sqlite/],
    ['a database of something else', foreignDatabase, 'not_an_nsys_export', /foreign\.sqlite/],
    ['a trace that is cut off', () => file('cut.json', TRACE.slice(0, -4)), 'profile_truncated', /cut\.json/],
    ['JSON of something else', () => file('o.trace.json', '{"a": 1}'), 'profile_foreign', /o\.trace\.json/],
    ['a gzip stream that is none', () => file('g.trace.json.gz', '\u001f\u008bnot'), 'profile_foreign', /g\.trace/],
    ['a folder with one bad report', mixed, 'profile_foreign', /b\.nsys-rep/],
  ] as const)('%s', async (_, make, code, message) => {
    const fault = await faultOf(checkProfile(make()));
    expect(fault).toMatchObject({ kind: 'input', code, message: expect.stringMatching(message) });
    expect(fault.details.fix).toBeTruthy();
  });
});
