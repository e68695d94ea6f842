// Captures of kernels that lie in a bundle: what each source says in its own unit, and what is refused.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { captureFolders, skipReason } from '../../src/campaign/captures/capture-sources.ts';
import { readNcuPairs } from '../../src/campaign/captures/ncu.ts';
import { readZymtrace } from '../../src/campaign/captures/zymtrace.ts';
import { defaultRulesPath, loadBucketRules } from '../../src/profile/kernels/bucket-rules.ts';
import { classifier } from '../../src/profile/kernels/classify.ts';
import { NCU, writeTree, ZYMTRACE } from './bundles.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'captures-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const made = (name: string, files: Readonly<Record<string, unknown>>): string => writeTree(join(folder, name), files);

describe('counters of ncu', () => {
  const read = async (path: string) => readNcuPairs(path, classifier(await loadBucketRules()));

  test('are summed over the launches, with units scaled, and shares are means', async () => {
    expect(await read(made('ncu', NCU))).toMatchObject([
      {
        name: 'gemm_kernel',
        name_full: 'gemm_kernel<int>(args)',
        launches: 2,
        kernel_time_ns: 100_000,
        dram_bytes_total: 1.5e9,
        sm_flops_total: 1e9,
        tensor_flops_total: 299e9,
        arithmetic_intensity_flops_per_byte: 200,
        achieved_dram_pct_peak: 60,
        achieved_sm_pct_peak: null,
        block_limit_factor: 'shared_mem',
        achieved_tflops: 1500,
      },
    ]);
  });

  test.each([
    ['without the raw page', { 'ncu-profiles/k-sol.csv': NCU['ncu-profiles/k-sol.csv'] }, 'k-raw.csv is missing'],
    ['without any page', {}, 'is missing'],
    ['with a page of something else', { ...NCU, 'ncu-profiles/k-raw.csv': 'a,b\n' }, 'k-raw.csv holds no column'],
  ])('%s are refused by name', async (name, files, says) => {
    await expect(read(made(`ncu ${name}`, files))).rejects.toThrow(says);
  });
});

describe('samples of zymtrace', () => {
  const read = (path: string) => readZymtrace(path, defaultRulesPath());

  test('stay samples, by kernel, category and GPU', async () => {
    expect(await read(made('zym', ZYMTRACE))).toMatchObject({
      unit: 'samples',
      top_kernels: [{ name: 'ncclDevKernel_AllReduce', category: 'NCCL', value: 30, calls: null }, { name: '<unresolved>' }],
      per_category: { NCCL: 30, Other: 5 },
      per_gpu: [{ gpu_name: 'NVIDIA B200', gpu_uuid: 'GPU-1', value: 35 }],
      top_python_during_cuda: [{ frame: 'engine.step', value: 12 }],
    });
  }); // prettier-ignore

  test.each([
    ['a table less', 'per-gpu.tsv', undefined, 'per-gpu.tsv'],
    ['a header alone', 'per-category.tsv', 'category\tsamples\n', 'no line below'],
    ['a column less', 'per-gpu.tsv', 'gpu_name\tgpu_uuid\tsamples\nB200\t5\n', 'has 2 columns, not 3'],
    ['a time for a count', 'per-category.tsv', 'category\tsamples\nNCCL\t1.5\n', '1.5 for a number'],
  ])('with %s are refused by name', async (name, file, text, says) => {
    const { [`zymtrace/${file}`]: _left, ...others } = ZYMTRACE;
    const files = text === undefined ? others : { ...others, [`zymtrace/${file}`]: text };
    await expect(read(made(`zym ${name}`, files))).rejects.toThrow(says);
  });
});

describe('what a bundle declares', () => {
  test('decides which captures of an arm are read', async () => {
    const arms = made('arms', {
      'base/capture_sources.json': { captured_sources: ['zymtrace'] },
      'tuned/capture_sources.json': { captured_sources: ['nsys'] },
      'none/c8-t1.txt': 'x',
    });
    const folders = await captureFolders(arms, undefined);
    expect(folders.map((one) => [one.cellId, skipReason(one, 'nsys')])).toEqual([
      ['base', 'capture_sources.json does not declare nsys'],
      ['tuned', undefined],
    ]);
  });

  test('is refused where it is no list', async () => {
    const path = made('undeclared', { 'capture_sources.json': { captured_sources: 'nsys' } });
    await expect(captureFolders(path, undefined)).rejects.toThrow('holds no list');
  });
});
