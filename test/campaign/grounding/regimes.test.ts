import { describe, expect, test } from 'vitest';
import { REGIME_RULES, REGIMES, regimeOf, regimeTimes, sharesOf } from '../../../src/campaign/grounding/regimes.ts';
import type { GpuReading } from '../../../src/telemetry/gpu-fields.ts';

const BUSY = { engine: 0.99, link: 0 };

describe('the regime of GPUs is by the unit that is near its limit', () => {
  test.each([
    ['nothing runs', { engine: 0.04, memory: 0, tensor: 0, link: 0 }, 'idle'],
    ['nothing runs and the counters are not there', { engine: 0, memory: null, tensor: null, link: null }, 'idle'],
    ['the memory is at 60 % of the best', { ...BUSY, memory: 0.6, tensor: 0.3 }, 'memory'],
    ['the memory is just below', { ...BUSY, memory: 0.599, tensor: 0.3 }, 'latency'],
    ['the tensor pipe is busy', { ...BUSY, memory: 0.5, tensor: 0.8 }, 'compute'],
    ['both are high and close', { ...BUSY, memory: 0.7, tensor: 0.65 }, 'memory and compute'],
    ['both are high and apart', { ...BUSY, memory: 0.95, tensor: 0.65 }, 'memory'],
    ['only the link is', { ...BUSY, memory: 0.2, tensor: 0.1, link: 0.7 }, 'link'],
    ['the link is high beside the memory', { ...BUSY, memory: 0.7, tensor: 0.1, link: 0.9 }, 'memory'],
    ['DRAM_ACTIVE was not read', { ...BUSY, memory: null, tensor: 0.9 }, 'unknown'],
    ['PIPE_TENSOR_ACTIVE was not read', { ...BUSY, memory: 0.9, tensor: null }, 'unknown'],
    ['the engine was not read', { engine: null, memory: 0.7, tensor: 0.1, link: null }, 'memory'],
  ])('%s', (_what, shares, regime) => {
    expect(regimeOf(shares)).toBe(regime);
    expect(REGIME_RULES[regimeOf(shares)]).not.toBe('');
  });

  test('memory is held against the best that was measured, and the busier way of a link against one way', () => {
    const limits = { memory: 0.9155, link: 9e11 };
    expect(sharesOf({ gr_engine_active: 1, dram_active: 0.55, nvlink_tx: 1e11, nvlink_rx: 9e11 }, limits)).toEqual({
      engine: 1,
      memory: 0.55 / 0.9155,
      tensor: null,
      link: 1,
    });
    expect(sharesOf({ sm_active: 0.5 }, { memory: 1, link: null })).toEqual({ engine: 0.5, memory: null, tensor: null, link: null });
    expect(REGIMES.every((regime) => REGIME_RULES[regime].length > 10)).toBe(true);
  }); // prettier-ignore
});

describe('how long each regime lasted', () => {
  const reading = (at: number, dram: number | null): GpuReading => ({
    at_ms: at * 1000,
    node: 'n',
    gpu: '0',
    uuid: null,
    values: { gr_engine_active: 0.9, dram_active: dram, tensor_active: 0.1 },
  });

  test('weighs a reading by the time half way to its neighbours', () => {
    const times = regimeTimes([[reading(0, 0.8), reading(2, 0.8), reading(4, 0.1), reading(12, 0.1)]], { memory: 1, link: null });
    expect(times).toEqual([
      { regime: 'latency', share_pct: 75 },
      { regime: 'memory', share_pct: 25 },
    ]);
  }); // prettier-ignore

  test('calls a reading without the counter unknown, and gives nothing of nothing', () => {
    expect(regimeTimes([[reading(0, null)]], { memory: 1, link: null })).toEqual([
      { regime: 'unknown', share_pct: 100 },
    ]);
    expect(regimeTimes([], { memory: 1, link: null })).toEqual([]);
  });
});
