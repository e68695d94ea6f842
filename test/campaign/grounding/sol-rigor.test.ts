import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { evidenceWords, highestRigor, SOL_RIGORS, solRigorOf } from '../../../src/campaign/grounding/sol-rigor.ts';
import { writeTree } from '../bundles.ts';

let campaign: string;
beforeEach(() => {
  campaign = mkdtempSync(join(tmpdir(), 'grounding-'));
  mkdirSync(join(campaign, 'cells'));
});
afterEach(() => rmSync(campaign, { recursive: true, force: true }));

const KERNELS = {
  schema_version: 2,
  captured_sources: ['nsys'],
  sources: [{ source: 'nsys', unit: 'ns', per_category: { FMHA: 5 } }],
};
const OLD_KERNELS = {
  schema_version: 1,
  captured_sources: ['zymtrace'],
  top_kernels: [{ name: 'k', samples: 3, category: 'MoE' }],
};
const DCGM = { schema_version: 1, resources: [{ peak_key: 'hbm3e_tbps', sol_pct: 15.5 }] };
const SWEEP = { decode: [{ c: 8, tensor_active: null, dram_active: 0.61 }], prefill: [] };
const NCU = { schema_version: 1, kernels: [{ name: 'gemm' }] }; // prettier-ignore

describe('the rigor of a cell is the highest level that its files hold something of', () => {
  test.each([
    ['nothing', {}, 'none', false, []],
    ['kernels of nsys', { 'kernels.json': KERNELS }, 'L1', false, ['L1 kernels']],
    ['kernels of zymtrace as the predecessor wrote them', { 'kernels.json': OLD_KERNELS }, 'L1', false, ['L1 kernels']],
    ['counters of DCGM alone', { 'dcgm_correlation.json': DCGM }, 'L3', true, ['L3 DCGM']],
    ['kernels and a sweep', { 'kernels.json': KERNELS, 'roofline_sweep.json': SWEEP }, 'L3', true, ['L1 kernels', 'L3 sweep']],
    ['counters of kernels without those of the GPUs', { 'ncu_kernels.json': NCU }, 'L4', false, ['L4 ncu']],
    ['all of it', { 'kernels.json': KERNELS, 'dcgm_correlation.json': DCGM, 'roofline_sweep.json': SWEEP, 'ncu_kernels.json': NCU }, 'L4', true, ['L1 kernels', 'L3 DCGM', 'L3 sweep', 'L4 ncu']],
  ])('%s: %s', async (_name, files, rigor, grounded, words) => {
    writeTree(campaign, Object.fromEntries(Object.entries(files).map(([name, text]) => [`cells/base/${name}`, text])));
    const found = await solRigorOf(campaign, 'base');
    expect(found).toMatchObject({ sol_rigor: rigor, dcgm_grounded: grounded, empty: [] });
    expect(evidenceWords(found)).toEqual(words);
  }); // prettier-ignore

  test.each([
    ['kernels.json', {}, 'holds no kernel'],
    ['kernels.json', { sources: [{ source: 'nsys', per_category: {}, top_kernels: [] }] }, 'holds no kernel'],
    ['dcgm_correlation.json', { resources: [] }, 'holds no share of a ceiling'],
    ['dcgm_correlation.json', { resources: [{ peak_key: 'hbm3e_tbps', sol_pct: null }] }, 'holds no share of a ceiling'],
    ['roofline_sweep.json', { decode: [{ c: 1, median_tpot_ms: 9, sm_active: null }] }, 'holds no counter of a GPU at any point'],
    ['ncu_kernels.json', { kernels: [] }, 'holds no kernel'],
    ['kernels.json', '{"sources": [', 'line 1'],
    ['kernels.json', '[]', 'object'],
  ])('%s of %j grounds nothing, and it is said why', async (name, text, reason) => {
    writeTree(campaign, { [`cells/base/${name}`]: text });
    const { sol_rigor, evidence, empty } = await solRigorOf(campaign, 'base');
    expect([sol_rigor, evidence]).toEqual(['none', []]);
    expect(empty).toEqual([{ path: `cells/base/${name}`, reason: expect.stringContaining(reason) }]);
  }); // prettier-ignore

  test('a sweep lies in cells of its own, and artifacts in the folder of the arm that a row names', async () => {
    writeTree(campaign, { 'cells/base-decode/roofline_sweep.json': SWEEP, 'cells/arm/kernels.json': KERNELS });
    expect((await solRigorOf(campaign, 'base')).evidence).toEqual([
      { level: 'L3', what: 'sweep', path: 'cells/base-decode/roofline_sweep.json' },
    ]);
    expect((await solRigorOf(campaign, 'base', 'arm')).evidence.map(({ path }) => path)).toEqual([
      'cells/arm/kernels.json',
      'cells/base-decode/roofline_sweep.json',
    ]);
    expect(await solRigorOf(campaign, 'other')).toMatchObject({ sol_rigor: 'none' });
  });

  test('of several cells the highest stands', () => {
    expect(highestRigor([])).toBe('none');
    expect(highestRigor(['L1', 'none', 'L3', 'L1'])).toBe('L3');
    expect(highestRigor([...SOL_RIGORS])).toBe('L4');
  });
});
