// tpm_summary through the run wrapper, on a campaign that lies on disk: the three files, the answer, what is said where something lacks.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync, existsSync, lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { atlasPath, cellFile, cellFolder, configPath } from '../../../src/campaign/layout.ts';
import { rowLine } from '../../../src/campaign/row-text.ts';
import type { AtlasRow } from '../../../src/campaign/row.ts';
import { costRowSchema, tpmRowSchema } from '../../../src/capacity/lake-rows.ts';
import { groupSchema } from '../../../src/capacity/summary-schema.ts';
import { parseCsv } from '../../../src/text/csv.ts';
import { runVerb } from '../../../src/verb/run-verb.ts';
import type { Host, Outcome } from '../../../src/verb/host.ts';
import { tpmSummary } from '../../../tools/analysis/tpm-summary.ts';
import { row } from '../../capacity/rows.ts';
import { scratchFolder } from '../../fs/scratch.ts';
import { entryOf } from '../../verb/entry-of.ts';

const VERBS = { perf_tune_report_tpm_summary: tpmSummary };

const call = (
  name: keyof typeof VERBS,
  root: string,
  input: Readonly<Record<string, unknown>> = {},
): Promise<Outcome> => {
  const host: Host = {
    cwd: root,
    env: { PATH: process.env['PATH'] },
    product: { name: 'profile-and-optimize', version: '0.1.0', sha: null },
    productFolder: resolve('.'),
    log: async () => undefined,
    resolveRoot: () => ({ root, source: 'test' }),
  };
  return runVerb(entryOf(VERBS[name]), async () => VERBS[name], { campaign: 'demo', ...input }, host);
};

const ROWS = [
  row({ concurrency: 8, output_tps_per_gpu: 90 }),
  row({ concurrency: 64, output_tps_per_gpu: 120, tpot_median_ms: 60, total_tps_per_gpu: null }),
  row({
    cell_id: 'cell-g',
    hardware: 'GB300',
    tensor_parallel: 4,
    n_gpus: 4,
    tpot_median_ms: null,
    output_tps_per_gpu: 200,
    concurrency: 16,
  }),
  row({ cell_id: 'cell-x', output_tps_per_gpu: 9000, request_throughput_avg: 80, e2e_mean_ms: 10_000 }),
];

const CONFIG =
  'description: "one line\n  of context"\ntpm: { ttft_sla_ms: 1500 }\ncost: { usd_per_gpu_hour: { B200: 4.5, B2000: 1 } }\ncells: []\n';

const campaignOf = (rows: readonly AtlasRow[] = ROWS, config = CONFIG) => {
  const root = scratchFolder('tpm-summary');
  const campaign = join(root, 'campaigns', '20261128T224000Z-demo');
  mkdirSync(cellFolder(campaign, 'cell-1'), { recursive: true });
  writeFileSync(configPath(campaign), config);
  writeFileSync(atlasPath(campaign), rows.map(rowLine).join(''));
  return { root, campaign, file: (extension: string) => join(campaign, `tpm_summary.${extension}`) };
};

const textOf = (path: string): string => readFileSync(path, 'utf8');

describe('the summary', () => {
  it.each([
    ['a TPOT', { tpot_median_ms: null }, 'peak, without TPOT to hold against TTFT <= 1500 ms, TPOT <= 50 ms: 7,200'],
    ['a TTFT', { ttft_avg_ms: null }, 'peak, without TTFT to hold against TTFT <= 1500 ms, TPOT <= 50 ms: 7,200'],
    ['a TPOT, but too late', { tpot_median_ms: null, ttft_avg_ms: 1600 }, 'peak, outside of TTFT <= 1500 ms, TPOT <= 50 ms: 7,200'],
  ])('does not call a peak outside of limits for want of %s', async (_, lacks, says) => {
    const peak = row({ concurrency: 64, output_tps_per_gpu: 120, ...lacks });
    const { root } = campaignOf([row({ concurrency: 8, output_tps_per_gpu: 90 }), peak]);
    expect((await call('perf_tune_report_tpm_summary', root)).text).toContain(says);
  });

  it('says peak and SLA points of each group with unit, limits, workload and price', async () => {
    const { root } = campaignOf();
    const { ok, text, structured, notices } = await call('perf_tune_report_tpm_summary', root);
    expect(ok, text).toBe(true);
    expect(structured).toMatchObject({
      group_count: 2,
      point_count: 3,
      hardwares: ['B200', 'GB300'],
      sla_computed: true,
      ttft_sla_ms: 1500,
      tpot_sla_ms: 50,
      gpus_per_node: null,
      excluded_count: 1,
      excluded: [{ cell_id: 'cell-x', because: 'impossible' }],
      cost_rate_source: 'B200 from the campaign; GB300 from the shipped table; GB300 an estimate',
    });
    expect(text).toContain('B200 org/model NVFP4 TP8 TP vllm, ISL 1,024 / OSL 512, cold, random');
    expect(text).toContain('peak, outside of TTFT <= 1500 ms, TPOT <= 50 ms: 7,200 output tok/min per GPU (one trial: no interval) at concurrency 64');
    expect(text).toContain('SLA (TTFT <= 1500 ms, TPOT <= 50 ms): 5,400 output tok/min per GPU');
    expect(text).toContain('node 43,200 (8 GPUs)');
    expect(text).toContain('$13.89 per 1M output tok; $4.17 per 1M total tok');
    expect(text).toContain('total n/a tok/min per GPU');
    expect(text).toContain('no SLA point (TTFT <= 1500 ms, TPOT <= 50 ms): no row has TPOT or ITL: re-run the bench with decode capture');
    expect(text).toContain('rack 864,000 (72 GPUs)');
    expect(text).toContain('$16.67* per 1M output tok');
    expect(text).toContain('left out cell-x at concurrency 8');
    expect(notices).toEqual([expect.stringContaining('B2000 prices no hardware'), '1 row cannot be true or does not count, and is left out']);
  });

  it('lies in three files that say the same, with rows of both tables', async () => {
    const { root, file } = campaignOf();
    await call('perf_tune_report_tpm_summary', root);
    const json = JSON.parse(textOf(file('json')));
    expect(json).toMatchObject({ schema_version: 'tpm_summary_v1', context_line: 'one line of context', rows: 4, excluded: [{ cell_id: 'cell-x' }] });
    for (const group of json.groups) groupSchema.parse(group);
    for (const each of json.tpm_v1) tpmRowSchema.parse(each);
    for (const each of json.cost_v1) costRowSchema.parse(each);
    // per GPU, replica and node of two points of B200; a rack besides of GB300
    expect(json.tpm_v1.map(({ hardware, operating_point, basis, gpus, output_tpm }: Record<string, unknown>) => [hardware, operating_point, basis, gpus, output_tpm])).toEqual([
      ['B200', 'peak', 'per_gpu', 1, 7200],
      ['B200', 'peak', 'per_replica', 8, 57_600],
      ['B200', 'peak', 'per_node', 8, 57_600],
      ['B200', 'sla', 'per_gpu', 1, 5400],
      ['B200', 'sla', 'per_replica', 8, 43_200],
      ['B200', 'sla', 'per_node', 8, 43_200],
      ['GB300', 'peak', 'per_gpu', 1, 12_000],
      ['GB300', 'peak', 'per_replica', 4, 48_000],
      ['GB300', 'peak', 'per_node', 4, 48_000],
      ['GB300', 'peak', 'per_rack', 72, 864_000],
    ]);
    expect(json.cost_v1).toHaveLength(3);
    expect(json.cost_v1[0]).toMatchObject({ campaign_id: '20261128T224000Z-demo', captured_at_utc: '2026-11-28T22:40:00Z', published_at_utc: null, usd_per_gpu_hour: 4.5 });
    const [titles = [], ...lines] = await parseCsv(textOf(file('csv')), 'tpm_summary.csv');
    expect(titles.slice(0, 19).join(',')).toBe(
      'model,hardware,quant,tensor_parallel,parallel_strategy,mtp,operating_point,basis,concurrency,output_tpm,total_tpm,ttft_avg_ms,tpot_median_ms,itl_avg_ms,mean_isl,mean_osl,cache_mode,usd_per_1m_output_tokens,usd_per_1m_total_tokens',
    );
    expect(lines).toHaveLength(json.tpm_v1.length);
    const cell = (line: number, name: string) => lines[line]?.[titles.indexOf(name)];
    expect([cell(0, 'mtp'), cell(0, 'total_tpm'), cell(3, 'usd_per_gpu_hour'), cell(9, 'usd_is_estimate'), cell(9, 'gpus')]).toEqual(['False', '', '4.5', 'True', '72']);
    const page = textOf(file('md'));
    expect(page).toMatch(/^# TPM supported across hardware types\n/);
    expect(page).toContain('4 GPUs a node, 72 GPUs a rack. \\$12.00 per GPU and hour, an estimate');
    expect(page).toContain('**no SLA point (TTFT \\<= 1500 ms, TPOT \\<= 50 ms)**');
    expect(page).toContain('## Left out');
  });

  it('gives the same bytes for the same rows', async () => {
    const { root, file } = campaignOf();
    const read = async () => {
      await call('perf_tune_report_tpm_summary', root);
      return ['json', 'csv', 'md'].map((extension) => textOf(file(extension)));
    };
    expect(await read()).toEqual(await read());
  });

  it('is not written by a dry run', async () => {
    const { root, file } = campaignOf();
    const { text } = await call('perf_tune_report_tpm_summary', root, { dry_run: true });
    expect(text).toContain('would write');
    expect(existsSync(file('json'))).toBe(false);
  });

  it('does not follow a link that lies in its place', async () => {
    const { root, file } = campaignOf();
    const elsewhere = join(root, 'elsewhere.md');
    writeFileSync(elsewhere, 'mine');
    symlinkSync(elsewhere, file('md'));
    await call('perf_tune_report_tpm_summary', root);
    expect(textOf(elsewhere)).toBe('mine');
    expect(lstatSync(file('md')).isSymbolicLink()).toBe(false);
  });

  it('takes limits and GPUs a node of the caller over those of the campaign', async () => {
    const { root } = campaignOf();
    const { structured } = await call('perf_tune_report_tpm_summary', root, { ttft_sla_ms: 100, tpot_sla_ms: 5, gpus_per_node: 16 });
    expect(structured).toMatchObject({ ttft_sla_ms: 100, tpot_sla_ms: 5, gpus_per_node: 16, sla_computed: false });
  });

  it("takes power of a cell's window only with its window and its nodes", async () => {
    const { root, campaign } = campaignOf([row()]);
    const power = { power_watts_per_gpu: 800, sweep_start_utc: '2026-11-28T01:00:00Z', sweep_end_utc: '2026-11-28T01:20:00Z' };
    const says = async (document: object): Promise<unknown> => {
      writeFileSync(cellFile(campaign, 'cell-1', 'dcgm'), JSON.stringify(document));
      await call('perf_tune_report_tpm_summary', root);
      const { peak } = JSON.parse(textOf(join(campaign, 'tpm_summary.json'))).groups[0];
      return [peak.tokens_per_joule, peak.power_scope, peak.power_window, peak.power_lacks];
    };
    expect(await says({ ...power, nodes: ['n1'] })).toEqual([0.125, 'gpu', 'cell', null]);
    expect(await says(power)).toEqual([null, null, null, 'dcgm_correlation.json does not say the node of its power']);
    expect(await says({ power_watts_per_gpu: 800, nodes: ['n1'] })).toEqual([null, null, null, 'dcgm_correlation.json does not say the window of its power']);
    expect(await says({ ...power, power_watts_per_gpu: null })).toEqual([null, null, null, 'dcgm_correlation.json holds no power_watts_per_gpu']);
  });

  it('says so where the config cannot be used, and where no row has a rate', async () => {
    const { root } = campaignOf([row({ output_tps_per_gpu: null })], 'cells: [{ what: 1 }]\n');
    const { ok, notices } = await call('perf_tune_report_tpm_summary', root);
    expect(ok).toBe(true);
    expect(notices).toEqual([expect.stringContaining('config.yaml is left out'), expect.stringContaining('no usable row has an output rate')]);
  });

  it('needs an atlas', async () => {
    const { root } = campaignOf();
    const bare = join(root, 'campaigns', '20261128T224000Z-bare');
    mkdirSync(cellFolder(bare, 'c'), { recursive: true });
    const { ok, text } = await call('perf_tune_report_tpm_summary', root, { campaign: 'bare' });
    expect(ok).toBe(false);
    expect(text).toContain('atlas_missing');
  });

  it('refuses limits that are none', async () => {
    const { root } = campaignOf();
    for (const input of [{ ttft_sla_ms: 0 }, { tpot_sla_ms: -1 }, { gpus_per_node: 1.5 }])
      expect((await call('perf_tune_report_tpm_summary', root, input)).ok).toBe(false);
  });
}); // prettier-ignore
