import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatNote, resourceShare } from '../../../src/campaign/grounding/resource-share.ts';
import { parseCeilings } from '../../../src/hardware/ceilings.ts';
import type { Resource } from '../../../src/telemetry/frozen.ts';
import { Fault } from '../../../src/text/fault.ts';

const table = await parseCeilings(readFileSync('configs/sol-ceilings.yaml', 'utf8'), 'sol-ceilings.yaml');
/** Three ceilings in units that were once taken for TB/s and PFLOPS. */
const odd = await parseCeilings(
  `part: { names: [Part], fp32_tc_tflops: { value: 1125, unit: TFLOPS, kind: datasheet, source: s, date: 2026-01-01 },
  pcie_gen5_x16_gbps: { value: 128, unit: GB/s, direction: both-way, kind: datasheet, source: s, date: 2026-01-01 },
  hbm3_tbps: { value: 3350, unit: GB/s, kind: datasheet, source: s, date: 2026-01-01 } }`,
  'odd.yaml',
);
const WINDOW = { hwKey: 'b200_sm100', durationS: 1380, nGpus: 8 };

const DRAM: Resource = {
  peak_key: 'hbm3e_tbps',
  metric: 'DCGM_FI_PROF_DRAM_ACTIVE',
  unit: 'ratio',
  measured_avg: 0.155,
};
const TENSOR: Resource = {
  peak_key: 'nvfp4_dense_pflops',
  metric: 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE',
  unit: 'ratio',
  measured_avg: 0.018,
};
const LINK: Resource = { peak_key: 'nvlink5_tbps', metric: 'sum(TX,RX)', unit: 'bytes_per_s', measured_avg: 4e8 }; // prettier-ignore

const share = (resource: Resource) => resourceShare(table, resource, WINDOW);
const codeOf = (resource: Resource): string => {
  try {
    share(resource);
    return 'none';
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
};

describe('a share of a ceiling', () => {
  test('of memory has the bytes of a GPU, of the window, and the share of the best measured', () => {
    expect(share(DRAM)).toMatchObject({
      measured_bytes_per_s: 1.24e12,
      measured_bytes_total: 1.36896e16,
      sol_pct: 15.5,
      peak_aggregate: 64,
      best_key: 'b200_sm100.hbm3e_best_tbps',
      best_pct: 16.9306,
      share_of: 'rate',
    });
  });

  test('of the tensor pipe is a share of time: what it can have done at most, and no TFLOPS', () => {
    expect(share(TENSOR)).toMatchObject({ sol_pct: 1.8, share_of: 'busy time', measured_tflops_avg: null, tflops_at_most: 162, measured_bytes_total: null });
  }); // prettier-ignore

  test('of a link with both ways, and of one way against one way', () => {
    expect(share(LINK)).toMatchObject({ sol_pct: 0.0222222, measured_bytes_total: 4.416e12, best_key: 'b200_sm100.nvlink5_oneway_best_tbps' });
    const tx = share({ ...LINK, metric: 'DCGM_FI_PROF_NVLINK_TX_BYTES', measured_avg: 4.5e11 });
    expect(tx).toMatchObject({ sol_pct: 50, notes: ['one way counted: held against b200_sm100.nvlink5_oneway_tbps'] });
  }); // prettier-ignore

  test.each([
    ['TFLOPS are not PFLOPS', { peak_key: 'fp32_tc_tflops', metric: 'PIPE_TENSOR_ACTIVE', unit: 'ratio', measured_avg: 0.5 }, { tflops_at_most: 562.5, sol_pct: 50 }],
    ['64 of 128 GB/s are half', { peak_key: 'pcie_gen5_x16_gbps', metric: 'sum(PCIE_TX,PCIE_RX)', unit: 'bytes_per_s', measured_avg: 64e9 }, { sol_pct: 50 }],
    ['a memory in GB/s', { peak_key: 'hbm3_tbps', metric: 'DRAM_ACTIVE', unit: 'ratio', measured_avg: 0.5 }, { measured_bytes_per_s: 1.675e12 }],
  ] as const)('%s', (_what, resource, wanted) => {
    expect(resourceShare(odd, resource, { ...WINDOW, hwKey: 'part' })).toMatchObject(wanted);
  }); // prettier-ignore

  test('above the ceiling is none, and says so', () => {
    const found = share({ ...LINK, measured_avg: 2.5e12 });
    expect(found.sol_pct).toBeNull();
    expect(found.notes.at(-1)).toBe('138.9% of b200_sm100.nvlink5_tbps (1.8 TB/s) is not possible: check the unit of measured_avg');
    expect(share({ ...DRAM, measured_avg: 0.95 }).notes).toEqual(['above the best that was ever measured (b200_sm100.hbm3e_best_tbps)']);
  }); // prettier-ignore

  test('of the pipe without tensor cores against a tensor peak is none', () => {
    const found = share({ peak_key: 'bf16_dense_pflops', metric: 'DCGM_FI_PROF_PIPE_FP16_ACTIVE', unit: 'ratio', measured_avg: 0.4 });
    expect(found).toMatchObject({ sol_pct: null, tflops_at_most: null });
    expect(found.notes[0]).toContain('without tensor cores');
  }); // prettier-ignore

  test.each([
    ['a peak that the part has not', { ...TENSOR, peak_key: 'mxfp4_dense_pflops' }, 'ceiling_unknown'],
    ['a memory counter against a tensor peak', { ...DRAM, peak_key: 'nvfp4_dense_pflops' }, 'resource_mismatch'],
    ['a tensor counter against the memory', { ...TENSOR, peak_key: 'hbm3e_tbps' }, 'resource_mismatch'],
    ['a link against the memory', { ...LINK, metric: 'NVLINK_TX_BYTES', peak_key: 'hbm3e_tbps' }, 'resource_mismatch'],
    ['bytes against a capacity', { ...LINK, metric: 'X', peak_key: 'hbm3e_capacity_gb' }, 'resource_mismatch'],
    ['both ways against one', { ...LINK, peak_key: 'nvlink5_oneway_tbps' }, 'resource_mismatch'],
  ])('is refused for %s', (_what, resource, code) => {
    expect(codeOf(resource)).toBe(code);
  });

  test('one counter beside several peaks is said not to know its format', () => {
    const all = ['nvfp4', 'fp8', 'bf16'].map((format) => share({ ...TENSOR, peak_key: `${format}_dense_pflops` }));
    expect(formatNote(all)).toContain('stands beside 3 peaks');
    expect(formatNote(all.slice(0, 1))).toBeNull();
  });
});
