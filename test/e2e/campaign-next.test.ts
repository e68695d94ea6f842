// What to measure next, asked of the built server: its next call works as it is printed.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, writeTree } from '../campaign/bundles.ts';
import { connect, ERAS, freshRoot, removeRoot, type Connection } from './connect.ts';

const ID = 'next-20261129T010203Z';
const NEXT = 'perf_tune_report_campaign_next';

let root: string;
let server: Connection;

beforeAll(async () => {
  root = freshRoot();
  server = await connect(ERAS[0], { root });
  const bench = { endpoint_url: 'http://127.0.0.1:9', requests: 4 };
  const arm = { ...CELL, concurrencies: [8], isl: 16, osl: 4, bench };
  writeTree(root, {
    'next.yaml': {
      experiment_id: ID,
      campaign: { arms: { cells: ['base', 'mtp'], trials: 3 } },
      cells: [arm, { ...arm, cell_id: 'mtp', mtp: true }],
    },
  });
  await server.call('perf_tune_report_campaign_init', { config: 'next.yaml' });
  const { concurrencies: _asked, ...identity } = CELL;
  const row = (cell_id: string, rates: readonly number[]) => ({
    ...identity, cell_id, schema_version: 2, concurrency: 8, status: 'full', n_gpus: 8, n_gpus_source: 'recorded', duration_s: 900,
    output_tps_per_gpu: rates[1], n_trials: 3,
    trials: rates.map((rate, index) => ({ index, replicate_level: 'process', validity: [], values: { throughput_tok_per_s: 8 * rate } })),
  }); // prettier-ignore
  writeTree(join(root, 'campaigns', ID, 'cells'), {
    'base/normalized.json': [row('base', [96, 100, 104])],
    'mtp/normalized.json': [row('mtp', [95, 99, 103])],
  });
}, 60_000);
afterAll(async () => {
  await server.close();
  removeRoot(root);
});

describe('campaign_next', () => {
  test('says how many pairs settle the question, what they cost, and what is not there', async () => {
    const { structured, text } = await server.call(NEXT, { campaign: ID, gpu_hours: 500 });
    expect(structured).toMatchObject({
      cells: [{ cell: 'mtp', against: 'base', decision: { status: 'INCONCLUSIVE' }, trials: { from: 'decision', held: 3 }, fits: true }],
      absent: [{ cell: 'base', what: 'trials' }, { cell: 'mtp', what: 'trials' }],
      budget: 500,
    });
    expect(text).toMatch(/mtp against base: INCONCLUSIVE[\s\S]*more pairs at concurrency 8, [\d.]+ GPU hours[\s\S]*a VERDICT also needs[\s\S]*L3 also needs/);
  }); // prettier-ignore

  test('each next call that needs nothing more works as it is', async () => {
    const { structured } = await server.call(NEXT, { campaign: ID });
    const steps: { verb: string; input: Record<string, unknown>; with?: string }[] = Object(structured).steps;
    const ready = steps.filter(({ with: needs }) => needs === undefined);
    expect(ready.map(({ verb }) => verb)).toContain('perf_tune_report_campaign_run');
    expect(ready.some(({ input }) => Number(input['trials']) > 3)).toBe(true);
    for (const { verb, input } of ready) {
      const answer = await server.call(verb, input);
      expect([verb, answer.isError ?? false, answer.text.slice(0, 200)]).toEqual([verb, false, expect.any(String)]);
    }
  });
});
