import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findCeiling, hardwareKey, parseCeilings } from '../../src/hardware/ceilings.ts';
import { freezeSol, solDelta, solNotes } from '../../src/hardware/speed-of-light.ts';

const PATH = 'configs/sol-ceilings.yaml';
const table = await parseCeilings(readFileSync(PATH, 'utf8'), PATH);

describe('configs/sol-ceilings.yaml', () => {
  it.each([
    ['b200_sm100.nvlink5_tbps', 1.8, 'TB/s', 'both-way'],
    ['b200_sm100.nvlink5_oneway_tbps', 0.9, 'TB/s', 'one-way'],
    ['gb300_nvl72.nvfp4_dense_pflops', 15, 'PFLOPS', undefined],
    ['h100_sxm.bf16_dense_pflops', 0.989, 'PFLOPS', undefined],
    ['h200_sxm.hbm3e_tbps', 4.8, 'TB/s', undefined],
    ['mi355x.mxfp4_dense_pflops', 10.066, 'PFLOPS', undefined],
  ])('%s is %d %s', (key, value, unit, direction) => {
    expect(findCeiling(table, key)).toMatchObject({ value, unit, kind: 'datasheet' });
    expect(findCeiling(table, key).direction).toBe(direction);
  });

  it.each([
    ['B200', 'b200_sm100'],
    ['NVIDIA B200', 'b200_sm100'],
    ['GB200', 'gb200_nvl72'],
    ['GB300', 'gb300_nvl72'],
    ['H100', 'h100_sxm'],
    ['NVIDIA H100 80GB HBM3', 'h100_sxm'],
    ['H200', 'h200_sxm'],
    ['mi300x', 'mi300x'],
    ['h100_sxm', 'h100_sxm'],
    ['H100 NVL', null],
    ['B200 MaxQ', null],
    ['VR-NVL72', 'vr200_nvl72'],
    ['RTX PRO 6000 Blackwell Server Edition', 'rtx_pro_6000_server'],
    ['Instinct MI325X', 'mi325x'],
    ['MI350X', 'mi350x'],
    ['Gaudi 3', 'gaudi3'],
    ['L40S', 'l40s'],
    ['unheard of', null],
  ])('device %s is %s', (device, key) => {
    expect(hardwareKey(table, device)).toBe(key);
  });

  it('states both directions of a link as twice one', () => {
    const agreed = [...table.byKey.values()].filter(
      ({ direction, disagrees_with }) => direction === 'both-way' && disagrees_with === undefined,
    );
    expect(agreed.length).toBeGreaterThan(5);
    for (const { key, value } of agreed)
      expect(value).toBeCloseTo(2 * findCeiling(table, key.replace(/_([a-z]+)$/, '_oneway_$1')).value, 12);
  });

  it('names in every disagreement a figure that exists and disagrees back', () => {
    const disagreeing = [...table.byKey.values()].filter(({ disagrees_with }) => disagrees_with !== undefined);
    expect(disagreeing.length).toBeGreaterThan(5);
    for (const { key, disagrees_with = [] } of disagreeing)
      for (const other of disagrees_with) expect(table.byKey.get(other)?.disagrees_with).toContain(key);
  });

  it.each(['h100_sxm', 'b200_sm100'])(
    'has three lines of %s for memory, link and each format that was measured',
    (hardware) => {
      const keys = [...table.byKey.values()].filter(({ key }) => key.startsWith(`${hardware}.`));
      const best = keys.filter(({ kind, unit }) => kind === 'best' && unit !== 'us');
      expect(best.length).toBeGreaterThan(3);
      for (const { key, value, unit, source, date } of best) {
        const [sheet, typical] = ['', '_typical'].map((line) => findCeiling(table, key.replace('_best', line)));
        expect([sheet?.unit, typical?.unit, sheet?.kind, typical?.kind]).toEqual([unit, unit, 'datasheet', 'typical']);
        expect(value).toBeLessThan(sheet?.value ?? 0);
        expect(typical?.value).toBeLessThan(value);
        expect([source, date].every((text) => text.length > 0)).toBe(true);
      }
    },
  );

  it.each(['gaudi3', 'vr200_nvl72', 'mi350x'])('%s has no peak of products: a neighbour lends none', (hardware) => {
    expect([...table.byKey.keys()].filter((key) => key.startsWith(`${hardware}.`) && /p(fl)?ops$/.test(key))).toEqual(
      [],
    );
  });

  it('calls no achievable figure larger than the peak it belongs to', () => {
    for (const [key, { kind, value }] of table.byKey)
      if (kind === 'achievable') expect(value).toBeLessThan(findCeiling(table, key.replace('_achievable', '')).value);
  });
});

describe('a table with faults', () => {
  const peak = '{ value: 1, unit: TB/s, kind: datasheet, source: s, date: 2026-01-01 }';
  it.each([
    ['a: { names: [A], x: { value: 1, units: TB/s } }', 'sol_ceilings_malformed'],
    [
      'a: { names: [A], x: { value: -1, unit: TB/s, kind: datasheet, source: s, date: 2026-01-01 } }',
      'sol_ceilings_malformed',
    ],
    [`a: { x: ${peak} }`, 'sol_ceilings_malformed'],
    [`a: { names: [X], x: ${peak} }\nb: { names: [NVIDIA x], x: ${peak} }`, 'sol_ceilings_malformed'],
    ['a: {', 'sol_ceilings_malformed'],
    [`a: { names: [A], x_pflops: ${peak} }`, 'sol_ceilings_malformed'],
    [`a: { names: [A], x: ${peak.replace('TB/s', 'parsecs')} }`, 'sol_ceilings_malformed'],
  ])('%j is refused as %s', async (text, code) => {
    await expect(parseCeilings(text, 'c.yaml')).rejects.toMatchObject({
      code,
      details: { path: 'c.yaml' },
      message: expect.stringMatching(/^SoLCeilingsMalformed: c\.yaml/),
    });
  });
});

describe('freezing', () => {
  it('keeps 310 GB/s against 1.8 TB/s as 17.2 percent of 1800 GB/s', () => {
    expect(freezeSol(table, 'b200_sm100.nvlink5_tbps', 310, 'GB/s')).toEqual({
      sol_pct: 17.2,
      sol_ceiling_key: 'b200_sm100.nvlink5_tbps',
      sol_ceiling_value: 1800,
      unit: 'GB/s',
    });
  });

  it.each([
    ['h100_sxm.bf16_dense_pflops', 494.5, 'TFLOPS', 50, 989],
    ['b200_sm100.hbm3e_tbps', 8, 'TB/s', 100, 8],
    ['b200_sm100.nvlink5_tbps', 0.4, 'GB/s', 0.022, 1800],
    ['b200_sm100.nvlink5_tbps', 3600, 'GB/s', 200, 1800],
  ])('%s: %d %s is %d percent of %d', (key, value, unit, percent, ceiling) => {
    expect(freezeSol(table, key, value, unit)).toMatchObject({ sol_pct: percent, sol_ceiling_value: ceiling });
  });

  it.each([
    ['b200_sm100.nvlink5_tbps', 'ms', 'sol_unit_mismatch', 'same kind'],
    ['b200_sm100.nvlink5_tbps', 'furlongs', 'sol_unit_mismatch', 'same kind'],
    ['b200_sm100.nvlink5_tbps', null, 'sol_unit_missing', 'unit'],
    ['b200_sm100.nvlink_tbps', 'GB/s', 'ceiling_unknown', 'did you mean b200_sm100.nvlink5_tbps?'],
    ['b200_sm100.nvlink_tbps', 'GB/s', 'ceiling_unknown', 'nvlink5_tbps (both-way) 1.8 TB/s'],
    ['NVIDIA B200.nvlink', 'GB/s', 'ceiling_unknown', 'nvlink5_oneway_tbps (one-way) 0.9 TB/s'],
    ['b200.hbm', 'TB/s', 'ceiling_unknown', 'b200_sm100 has nvfp4_dense_pflops'],
    ['mi300.fabric', 'TB/s', 'ceiling_unknown', 'infinity_fabric_oneway_tbps (one-way)'],
    ['nvlink5_tbps', 'GB/s', 'ceiling_unknown', 'hardware is one of a100_sxm, l4, h100_sxm'],
    ['tpu.hbm_tbps', 'GB/s', 'ceiling_unknown', 'write <hardware>.<ceiling>'],
  ])('%s against %s is refused as %s', (key, unit, code, fix) => {
    expect(() => freezeSol(table, key, 310, unit)).toThrow(
      expect.objectContaining({ code, details: expect.objectContaining({ fix: expect.stringContaining(fix) }) }),
    );
  });

  it('names in place of an unknown key none of other hardware', () => {
    const fixOf = (key: string): string => {
      try {
        findCeiling(table, key);
        return '';
      } catch (error) {
        return String(Object(error).details.fix);
      }
    };
    expect(fixOf('h100_sxm.nvlink5_tbps')).toMatch(/^did you mean h100_sxm\.nvlink4_tbps\? h100_sxm has /);
    expect(fixOf('h100_sxm.nvlink5_tbps')).not.toMatch(/b200|gb200|mi3/);
  });

  it.each([
    ['b200_sm100.nvlink5_tbps', 'GB/s', 310, ['one-way: b200_sm100.nvlink5_oneway_tbps is its ceiling']],
    ['b200_sm100.nvlink5_oneway_tbps', 'GB/s', 310, []],
    [
      'b200_sm100.nvlink5_oneway_tbps',
      'GB/s',
      1100,
      ['where the switch adds up (NVLS), grade the algorithm bandwidth'],
    ],
    ['mi300x.infinity_fabric_oneway_tbps', 'GB/s', 500, ['not possible']],
    ['b200_sm100.hbm3e_tbps', 'TB/s', 9, ['not possible', 'hbm3e_hgx_tbps']],
    ['h100_sxm.hbm3_tbps', 'TB/s', 2, []],
  ])('a reader of %s learns what to know', (key, unit, value, notes) => {
    const stated = solNotes(table, freezeSol(table, key, value, unit));
    expect(stated).toEqual(notes.map((note) => expect.stringContaining(note)));
  });
});

describe('two shares of the frozen ceiling', () => {
  const frozen = freezeSol(table, 'b200_sm100.nvlink5_tbps', 310, 'GB/s');
  it('differ in percentage points', () => {
    expect(solDelta(frozen, { key: 'x', unit: 'GB/s', baseline: 310, candidate: 295 })).toEqual({
      key: 'x',
      sol_ceiling_key: 'b200_sm100.nvlink5_tbps',
      sol_ceiling_value: 1800,
      unit: 'GB/s',
      baseline_sol_pct: 17.2,
      current_sol_pct: 16.4,
      delta_pp: -0.8,
      above_ceiling: false,
    });
  });

  it('are the same in another unit, and say when one is impossible', () => {
    const delta = solDelta(frozen, { key: 'x', unit: 'TB/s', baseline: 0.31, candidate: 1.9 });
    expect(delta).toMatchObject({ baseline_sol_pct: 17.2, sol_ceiling_value: 1.8, above_ceiling: true });
  });
});
