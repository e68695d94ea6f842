import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { perfBaselineRecord } from '../../../tools/baseline/perf-baseline-record.ts';
import { campaignNext } from '../../../tools/campaign/campaign-next.ts';
import { CELL, writeTree } from '../../campaign/bundles.ts';
import { verbContext } from '../../campaign/verb-context.ts';

const ID = 'next-20261129T010203Z';

let root: string;
let campaign: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'next-'));
  campaign = join(root, 'campaigns', ID);
  mkdirSync(join(root, '.git'));
  mkdirSync(join(campaign, 'cells'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const { concurrencies: _asked, ...IDENTITY } = CELL;
const row = (rates: readonly number[]) => ({
  ...IDENTITY,
  schema_version: 2,
  concurrency: 8,
  status: 'full',
  n_gpus: 8,
  n_gpus_source: 'recorded',
  duration_s: 900,
  output_tps_per_gpu: rates[1],
  n_trials: 3,
  trials: rates.map((rate, index) => ({ index, replicate_level: 'process', validity: [], values: { throughput_tok_per_s: 8 * rate } })),
}); // prettier-ignore

const config = (cells: readonly object[], block: object = {}): void => {
  writeTree(campaign, { 'config.yaml': { experiment_id: ID, family: 'kimi', campaign: block, cells } });
};
const hold = (rates: readonly number[]): void => {
  writeTree(campaign, { 'cells/base/normalized.json': [row(rates)] });
};

const answer = async (input: object = {}) => {
  const data = await campaignNext.run(campaignNext.input.parse({ campaign: ID, ...input }), verbContext(root));
  return { data, next: campaignNext.next?.(data, {}) ?? [] };
};

const ONE = { ...CELL, concurrencies: [8] };

describe('what campaign_next leads to', () => {
  test('a cell that can be run and lacks points is run', async () => {
    config([{ ...ONE, bench: { endpoint_url: 'http://127.0.0.1:9' } }]);
    const { next } = await answer();
    expect(next[0]).toEqual({ verb: 'perf_tune_report_cell_run', input: { campaign, cell: 'base', dry_run: true } });
  });

  test('a measured cell that nothing is compared with is recorded', async () => {
    config([ONE]);
    hold([96, 100, 104]);
    const { data, next } = await answer();
    expect(data.cells).toMatchObject([{ cell: 'base', kind: null, reason: 'no baseline and no arms are named' }]);
    expect(next[0]).toMatchObject({
      verb: 'perf_baseline_record',
      input: { family: 'kimi', measurement: 'base', dry_run: true },
    });
  });

  test('against an entry of the registry the decision is that of the comparison with it', async () => {
    config([ONE], { comparator_baseline: 'kimi/{cell}@latest' });
    hold([96, 100, 104]);
    const source = join(campaign, 'cells/base/normalized.json');
    await perfBaselineRecord.run(
      perfBaselineRecord.input.parse({ family: 'kimi', measurement: 'base', source }),
      verbContext(root, { product: { name: 'test', version: '0.0.0', sha: 'a'.repeat(40) } }),
    );
    const { data, next } = await answer();
    expect(data.cells).toMatchObject([
      {
        kind: 'baseline',
        against: 'kimi/base@latest',
        decision: { status: 'INCONCLUSIVE' },
        trials: { from: 'decision', held: 3, concurrencies: [8] },
      },
    ]);
    expect(data.absent).toEqual([]);
    expect(next[0]).toMatchObject({
      verb: 'perf_baseline_diff',
      with: expect.stringMatching(/more trials of base and of its baseline/),
    });
    // Something that can be called now is always among them.
    expect(next.at(-1)).toEqual({ verb: 'perf_tune_report_campaign_status', input: { campaign } });
  });

  test('a headline that no metric has is the mistake of the call', async () => {
    config([ONE], { comparator_baseline: 'kimi/{cell}@latest' });
    hold([96, 100, 104]);
    await expect(answer({ headline: ['ttft_p99_ms'] })).rejects.toMatchObject({ code: 'headline_unknown' });
  });
});
