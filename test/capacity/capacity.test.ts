// From rows to peak and SLA points: what is pooled and what never is, per which set of GPUs, by which limits, at which price, for which energy.
import { describe, expect, it } from 'vitest';
import type { GivenRow } from '../../src/campaign/row.ts';
import { capacitySettings } from '../../src/capacity/settings.ts';
import { capacityOfRows, row } from './rows.ts';

const only = async (...input: Parameters<typeof capacityOfRows>) => {
  const { groups } = await capacityOfRows(...input);
  expect(groups).toHaveLength(1);
  const [group] = groups;
  if (group === undefined) throw new Error('no group');
  return group;
};

describe('the points of a group', () => {
  it('are the highest rate, and the highest one within both limits', async () => {
    const group = await only([
      row({ concurrency: 8, output_tps_per_gpu: 50, ttft_avg_ms: 200, tpot_median_ms: 10 }),
      row({ concurrency: 32, output_tps_per_gpu: 75, ttft_avg_ms: 900, tpot_median_ms: 50 }),
      row({ concurrency: 64, output_tps_per_gpu: 150, ttft_avg_ms: 1900, tpot_median_ms: 51 }),
      row({
        concurrency: 128,
        output_tps_per_gpu: 350,
        total_tps_per_gpu: 1050,
        ttft_avg_ms: 2001,
        tpot_median_ms: 40,
        cell_id: 'cell-2',
      }),
    ]);
    expect(group.peak).toMatchObject({ operating_point: 'peak', concurrency: 128, cell_id: 'cell-2' });
    expect(group.sla).toMatchObject({ operating_point: 'sla', concurrency: 32, decode_by: 'tpot_median_ms' });
    expect(group).toMatchObject({ rows: 4, cells: 2, sla_lacks: null, ttft_sla_ms: 2000, tpot_sla_ms: 50 });
  });

  it('are per GPU, replica, node and rack, of output and of all tokens, in tokens per minute', async () => {
    const { peak } = await only([row({ hardware: 'GB300', tensor_parallel: 4, n_gpus: 4 })]);
    expect(peak).toMatchObject({
      output_tpm_per_gpu: 6000,
      output_tpm_per_replica: 24_000,
      output_tpm_per_node: 24_000,
      output_tpm_per_rack: 432_000,
      total_tpm_per_gpu: 18_000,
      total_tpm_per_rack: 1_296_000,
      gpus_per_node: 4,
      gpus_per_rack: 72,
    });
  });

  it('have no total where the tool gives none, and no rack where racks have no fixed size', async () => {
    const { peak } = await only([row({ total_tps_per_gpu: null })]);
    expect(peak).toMatchObject({
      total_tpm_per_gpu: null,
      total_tpm_per_node: null,
      usd_per_1m_total_tokens: null,
      output_tpm_per_node: 48_000,
      output_tpm_per_rack: null,
    });
  });

  it.each<[string, Partial<GivenRow>, number]>([
    ['stages of a pipeline', { tensor_parallel: 4, pipeline_parallel: 2 }, 8],
    [
      'experts spread over replicas of attention',
      { tensor_parallel: 1, data_parallel: 16, n_gpus: 16, expert_parallel: 16 },
      16,
    ],
    ['attention split by data', { tensor_parallel: 8, data_parallel: 8, dp_attention: true }, 8],
    ['one of several replicas', { tensor_parallel: 4, data_parallel: 2 }, 4],
    ['roles apart', { tensor_parallel: 4, disagg: true, n_gpus: 12 }, 12],
  ])('of %s count a replica of as many GPUs as serve the model by themselves', async (_, more, gpus) => {
    expect((await only([row(more)])).peak).toMatchObject({
      gpus_per_replica: gpus,
      output_tpm_per_replica: 6000 * gpus,
    });
  });

  it('say where a replica is larger than a node', async () => {
    const { peak } = await only([row({ hardware: 'GB300', tensor_parallel: 8 })]);
    expect(peak.notes).toContain('a replica of 8 GPUs spans nodes of 4');
  });
});

describe('rows are never pooled', () => {
  it.each<[string, Partial<GivenRow>]>([
    ['of two models', { model: 'org/other' }],
    ['of two formats', { quant: 'FP8' }],
    ['of two engines', { serving_engine: 'sglang' }],
    ['of two data sets', { dataset: 'sharegpt' }],
    ['of two prompt lengths', { mean_input_tokens: 8192 }],
    ['of two output lengths', { mean_output_tokens: 1024 }],
    ['with and without speculation', { mtp: true }],
    ['warm and cold', { cache_mode: 'warm' }],
    ['of serving and of decode alone', { extra: { phase: 'decode' } }],
    ['of one server and of roles apart', { disagg: true }],
    [
      'measured lengths and lengths asked for',
      { mean_input_tokens: null, mean_output_tokens: null, extra: { isl: 1024, osl: 512 } },
    ],
  ])('%s', async (_, more) => {
    const { groups } = await capacityOfRows([row(), row({ ...more, output_tps_per_gpu: 200, concurrency: 16 })]);
    expect(groups.map(({ peak }) => peak.output_tps_per_gpu).sort((a, b) => a - b)).toEqual([100, 200]);
  });

  it('but lengths that wobble from load to load are one workload, in whatever order they come', async () => {
    const rows = [1000, 1050, 1099, 1200].map((isl, index) =>
      row({ mean_input_tokens: isl, cell_id: `cell-${index}` }),
    );
    for (const order of [rows, rows.toReversed()])
      expect((await capacityOfRows(order)).groups.map(({ rows: count, mean_isl }) => [count, mean_isl])).toEqual([
        [3, (1000 + 1050 + 1099) / 3],
        [1, 1200],
      ]);
  });
});

describe('a group has no point within the limits', () => {
  it.each<[string, Partial<GivenRow>, string, RegExp]>([
    ['without TPOT and ITL', { tpot_median_ms: null }, 'no_decode_metric', /re-run the bench with decode capture/],
    [
      'with ITL alone under speculation',
      { mtp: true, tpot_median_ms: null, itl_avg_ms: 9 },
      'itl_under_speculation',
      /per chunk/,
    ],
    ['without a time to first token', { ttft_avg_ms: null }, 'no_ttft', /time to first token/],
    [
      'where none keeps them',
      { tpot_median_ms: 60, output_tps_per_gpu: 16 },
      'not_met',
      /no point met TTFT <= 2000 ms and TPOT <= 50 ms; nearest at concurrency 8: TTFT 200 ms, TPOT 60 ms/,
    ],
  ])('%s', async (_, more, lacks, says) => {
    const group = await only([row(more)]);
    expect(group).toMatchObject({ sla: null, sla_lacks: lacks });
    expect(group.sla_says).toMatch(says);
  });

  it('and has one by ITL where there is no TPOT and no speculation', async () => {
    expect((await only([row({ tpot_median_ms: null, itl_avg_ms: 9 })])).sla).toMatchObject({ decode_by: 'itl_avg_ms' });
  });
});

describe('what is left out', () => {
  it('is what cannot be true, with the balance it breaks', async () => {
    // 8 requests at a time of 10 s each are 0.8 requests per second, not 80
    const impossible = row({
      cell_id: 'bad',
      output_tps_per_gpu: 9000,
      request_throughput_avg: 80,
      e2e_mean_ms: 10_000,
    });
    const { groups, excluded } = await capacityOfRows([impossible, row()]);
    expect(groups.map(({ peak }) => peak.cell_id)).toEqual(['cell-1']);
    expect(excluded).toMatchObject([
      { cell_id: 'bad', concurrency: 8, because: 'impossible', violation: { balance: expect.any(String) } },
    ]);
  });

  it('is what has no trial that counts', async () => {
    const trial = { index: 0, replicate_level: null, values: {}, validity: ['throttle' as const] };
    const { groups, excluded } = await capacityOfRows([
      row({ trials: [trial] }),
      row({ cell_id: 'c', extra: { invalid: ['cache_state'] } }),
    ]);
    expect(groups).toEqual([]);
    expect(excluded.map(({ because, says }) => [because, says])).toEqual([
      ['invalid', 'no trial counts: throttle'],
      ['invalid', 'no trial counts: cache_state'],
    ]);
  });

  it('counts rows without a rate and markers, and they make no group', async () => {
    const rows = [
      row({ output_tps_per_gpu: null }),
      row({ output_tps_per_gpu: 0 }),
      row({ status: 'failed', n_trials: 0 }),
    ];
    expect(await capacityOfRows(rows)).toMatchObject({ groups: [], rows: 3, rows_without_rate: 3 });
  });
});

describe('uncertainty', () => {
  const trials = (...rates: readonly number[]) =>
    rates.map((rate, index) => ({
      index,
      replicate_level: 'process' as const,
      validity: [],
      values: { throughput_tok_per_s: rate, ttft_mean_ms: 100, tpot_p50_ms: index === 0 ? 60 : 10 },
    }));

  it('is the interval of the trials in tokens per minute, and what was repeated', async () => {
    const { peak } = await only([row({ n_trials: 3, trials: trials(784, 800, 816) })]);
    expect(peak.output_interval).toMatchObject({ n: 3, method: 't', level: 0.9, replicate_level: 'process' });
    expect(peak.output_interval?.low).toBeCloseTo(6000 * 0.9667, -1);
    expect(peak.output_interval?.high).toBeCloseTo(6000 * 1.0341, -1);
  });

  it('is not there for one trial', async () => {
    expect((await only([row({ trials: trials(800) })])).peak.output_interval).toBeNull();
  });

  it('says how many trials keep the limits by themselves', async () => {
    expect((await only([row({ n_trials: 3, trials: trials(784, 800, 816) })])).sla?.trials_within_sla).toEqual({
      met: 2,
      of: 3,
    });
  });
});

describe('dollars and joules', () => {
  it('are the price of a GPU hour over its tokens, an estimate marked', async () => {
    const { peak } = await only([row({ hardware: 'GB300', tensor_parallel: 4, n_gpus: 4 })]);
    // 12 $ an hour for 360,000 output and 1,080,000 tokens in all
    expect(peak.usd_per_1m_output_tokens).toBeCloseTo(33.3333, 3);
    expect(peak.usd_per_1m_total_tokens).toBeCloseTo(11.1111, 3);
    expect(peak).toMatchObject({ usd_per_gpu_hour: 12, usd_is_estimate: true, usd_origin: 'shipped' });
  });

  it('are unknown for hardware without a price of its own, also beside one of a similar name', async () => {
    expect((await only([row({ hardware: 'GB200' })])).peak).toMatchObject({
      usd_per_gpu_hour: null,
      usd_per_1m_output_tokens: null,
    });
  });

  it('joules come from power beside the point, whose power it is said', async () => {
    const { peak } = await only([row({ power_watts_per_gpu: 500, extra: { power_scope: 'gpu' } })]);
    expect(peak).toMatchObject({
      tokens_per_watt: 0.2,
      tokens_per_joule: 0.2,
      power_scope: 'gpu',
      power_window: 'point',
    });
  });

  it("joules come from the tool's own energy where it says it", async () => {
    const { peak } = await only([row({ joules_per_token: 4, extra: { power_scope: 'wall' } })]);
    expect(peak).toMatchObject({
      tokens_per_joule: 0.25,
      tokens_per_watt: null,
      power_scope: 'wall',
      power_window: 'point',
    });
  });

  it("joules come from the cell's window where the point has none", async () => {
    const { peak } = await only([row()], {}, async () => ({ watts: 800, scope: 'gpu', lacks: null }));
    expect(peak).toMatchObject({ tokens_per_joule: 0.125, power_watts_per_gpu: 800, power_window: 'cell' });
  });

  it('joules do not come from a window over several loads: its mean is that of none of them', async () => {
    const { peak } = await only([row(), row({ concurrency: 16 })], {}, async () => ({
      watts: 800,
      scope: 'gpu',
      lacks: null,
    }));
    expect(peak).toMatchObject({
      tokens_per_joule: null,
      power_watts_per_gpu: null,
      power_lacks: expect.stringContaining('beside each load'),
    });
  });

  it('joules are never made up from a price', async () => {
    expect((await only([row()])).peak).toMatchObject({
      usd_per_gpu_hour: 8.6,
      tokens_per_joule: null,
      tokens_per_watt: null,
      power_lacks: 'nobody looked',
    });
  });
});

describe('limits and sizes', () => {
  it('are those of the caller, else of the campaign, else the defaults, each by itself', () => {
    const settings = capacitySettings(
      { ttft_sla_ms: 500 },
      { ttft_sla_ms: 900, tpot_sla_ms: 25, gpus_per_node: 16 },
      new Map(),
    );
    expect(settings.sla).toEqual({ ttftMs: 500, tpotMs: 25 });
    expect(['B200', 'GB300'].map(settings.gpusPerNode)).toEqual([16, 16]);
    expect(['B200', 'GB300'].map(settings.gpusPerRack)).toEqual([null, 72]);
  });

  it.each([
    ['H100', 8],
    ['B200', 8],
    ['GB200', 4],
    ['NVIDIA GB300', 4],
    ['gb300_nvl72', 4],
    ['GB10', 8],
  ])('a node of %s has %i GPUs unless given', (hardware, gpus) => {
    expect(capacitySettings({}, {}, new Map()).gpusPerNode(hardware)).toBe(gpus);
  });
});

it('groups stand by hardware, then larger TP, without speculation, EP before TP', async () => {
  const { groups } = await capacityOfRows([
    row({ hardware: 'MI300X' }),
    row({ hardware: 'GB300' }),
    row({ hardware: 'B200', mtp: true }),
    row({ hardware: 'B200' }),
    row({ hardware: 'B200', parallel_strategy: 'EP' }),
    row({ hardware: 'B200', tensor_parallel: 16, n_gpus: 16 }),
    row({ hardware: 'H100' }),
    row({ hardware: 'H100', extra: { phase: 'decode' } }),
  ]);
  expect(groups.map(({ hardware, tensor_parallel: tp, parallel_strategy: way, mtp, phase }) => [hardware, tp, way, mtp, phase].join(' '))).toEqual([
    'H100 8 TP false ',
    'B200 16 TP false ',
    'B200 8 EP false ',
    'B200 8 TP false ',
    'B200 8 TP true ',
    'GB300 8 TP false ',
    'MI300X 8 TP false ',
    'H100 8 TP false decode',
  ]);
}); // prettier-ignore
