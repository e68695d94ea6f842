import { describe, expect, test } from 'vitest';
import type { FieldName, GpuReading } from '../../src/telemetry/gpu-fields.ts';
import { gpuMeans, overGpus } from '../../src/telemetry/gpu-means.ts';

type Values = GpuReading['values'];

const readings = (values: readonly Values[], gpu = '0', node = 'n'): GpuReading[] =>
  values.map((each, index) => ({ at_ms: 1000 * index, node, gpu, uuid: null, values: each }));

/** One field over time beside what else the GPU says. */
const over = (field: FieldName, values: readonly (number | null)[], rest: Values): GpuReading[] =>
  readings(values.map((value) => ({ ...rest, [field]: value })));

describe('the mean of a GPU', () => {
  test('is weighted by time, not by readings', () => {
    const at = (at_ms: number, power_w: number): GpuReading => ({ at_ms, node: 'n', gpu: '0', uuid: null, values: { power_w } });
    const [gpu] = gpuMeans([at(0, 100), at(1000, 100), at(2000, 100), at(12_000, 700)]);
    expect(gpu?.fields.power_w?.mean).toBeCloseTo((100 * 2 + 400 * 10) / 12);
  }); // prettier-ignore

  test('leaves out what was not known, and a power of nothing', () => {
    const [gpu] = gpuMeans(over('sm_active', [null, 0.5, 0.7], {}).concat(over('power_w', [0, 300, 300], {})));
    expect(gpu?.fields).toEqual({ sm_active: { mean: 0.6, samples: 2 }, power_w: { mean: 300, samples: 2 } });
  });

  test('counters have no mean, and energy is what its counter grew by', () => {
    const [gpu] = gpuMeans(over('energy_mj', [5_000_000, 5_300_000, 5_650_000], { xid: 0 }));
    expect(gpu).toMatchObject({ fields: {}, energy_j: 650 });
    expect(gpuMeans(over('energy_mj', [9000, 100], {}))[0]?.energy_j).toBeNull();
  });

  test('the GPUs of a node count alike, whatever their number of readings', () => {
    const gpus = gpuMeans([
      ...readings([{ dram_active: 0.2 }], '10'),
      ...readings(Array.from({ length: 9 }, () => ({ dram_active: 0.6 })), '2'),
    ]); // prettier-ignore
    expect(gpus.map(({ gpu }) => gpu)).toEqual(['2', '10']);
    expect(overGpus(gpus, 'dram_active')).toBeCloseTo(0.4);
    expect(overGpus(gpus, 'sm_active')).toBeNull();
  });
});

describe('a zero', () => {
  const work: Values = { gr_engine_active: 0.9 };
  test.each<[string, FieldName, readonly number[], Values, number, number]>([
    ['between readings of a working GPU is no measurement', 'tensor_active', [0.2, 0, 0.2, 0, 0.2], work, 0.2, 2],
    ['of bytes is none either', 'nvlink_tx', [2e9, 0, 2e9], work, 2e9, 1],
    ['of a GPU at rest is idle', 'tensor_active', [0.2, 0, 0.2], { gr_engine_active: 0 }, 0.1, 0],
    ['at the ends is kept', 'tensor_active', [0, 0.2, 0.2, 0], work, 0.4 / 3, 0],
    ['at the ends of a field that takes turns is none', 'tensor_active', [0, 0.2, 0, 0.2, 0], work, 0.2, 3],
    ['of a long pause is kept', 'tensor_active', [0.2, 0, 0, 0, 0, 0.2], work, 0.04, 0],
    ['between another level and another is kept', 'tensor_active', [0.9, 0, 0.1], work, 0.25, 0],
  ])('%s', (_what, field, values, rest, mean, dropped) => {
    const [gpu] = gpuMeans(over(field, values, rest));
    expect(gpu?.fields[field]?.mean).toBeCloseTo(mean);
    expect(gpu?.multiplexed_zeros[field] ?? 0).toBe(dropped);
  });

  test('of all fields at once is no measurement where the power stays', () => {
    const moment = (active: number, power_w: number): Values => ({ sm_active: active, dram_active: active, power_w });
    const [kept] = gpuMeans(readings([moment(0.5, 600), moment(0, 590), moment(0.5, 600)]));
    expect(kept?.multiplexed_zeros).toEqual({ sm_active: 1, dram_active: 1 });
    const [idle] = gpuMeans(readings([moment(0.5, 600), moment(0, 120), moment(0.5, 600)]));
    expect(idle?.multiplexed_zeros).toEqual({});
  });
});
