// A campaign's atlas as a baseline: recorded, then diffed with the atlas of a second campaign, through the built command line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CELL, serveBlock, writeTree } from '../campaign/bundles.ts';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const ARMS = ['base', 'mtp', 'fp8-kv', 'ep8', 'tp4', 'graph'];
const CONCURRENCIES = [1, 8, 32];
/** Trials differ by a per cent, as those of a quiet host. */
const NOISE = [1, 1.01, 0.99];

let root: string;
const run = (...args: string[]): Promise<Finished> => runCli([...args, '--json'], { root });

/** The bundle of an A/B over all arms; `slower` gives what one point takes of the time of the others. */
const bundleOf = (slower: (arm: string, concurrency: number) => number): Record<string, string> =>
  Object.fromEntries(
    ARMS.flatMap((arm) =>
      CONCURRENCIES.flatMap((concurrency) =>
        NOISE.map((noise, trial) => {
          const factor = noise * slower(arm, concurrency);
          const requests = 20 * concurrency;
          const block = serveBlock({ requests, seconds: 80 * factor, tpot: (8 + concurrency / 8) * factor });
          return [`${arm}/c${concurrency}-t${trial + 1}.txt`, block];
        }),
      ),
    ),
  );

const atlasOf = async (name: string, slower: (arm: string, concurrency: number) => number): Promise<string> => {
  const id = `${name}-20261128T010203Z`;
  writeTree(root, { [`${name}.yaml`]: { experiment_id: id, cells: ARMS.map((arm) => ({ ...CELL, cell_id: arm })) } });
  writeTree(join(root, name), bundleOf(slower));
  await run('perf_tune_report_campaign_init', `${name}.yaml`);
  await run('perf_tune_report_import_variant_ab', '--campaign', id, '--bundle', name, '--cache-mode', 'warm');
  const { atlas_path: path } = jsonOf(await run('perf_tune_report_atlas_aggregate', id));
  return String(path);
};

const diff = (atlas: string): Promise<Finished> => run('perf_baseline_diff', 'night/atlas@latest', atlas, '--strict');

beforeAll(async () => {
  root = freshRoot();
  const source = await atlasOf('before', () => 1);
  jsonOf(await run('perf_baseline_record', '--family', 'night', '--measurement', 'atlas', '--source', source));
});
afterAll(() => removeRoot(root));

describe('an atlas recorded as a baseline', () => {
  test('holds the trials of every row', async () => {
    const rows = readFileSync(join(root, 'campaigns', 'before-20261128T010203Z', 'atlas.jsonl'), 'utf8');
    expect(rows.trim().split('\n')).toHaveLength(ARMS.length * CONCURRENCIES.length);
    const shown = jsonOf(await run('perf_baseline_show', 'night/atlas@latest'));
    expect(Object(shown['baseline'])['trials']).toHaveLength(3);
  });

  test('passes against itself', async () => {
    const same = await diff(await atlasOf('same', () => 1));
    expect(jsonOf(same)).toMatchObject({ verdict: 'GREEN', decision: { status: 'PASS' } });
    expect(same.code).toBe(0);
  });

  test('names one cell of many that is slower at one concurrency: RED, proven by its trials', async () => {
    const atlas = await atlasOf('after', (arm, concurrency) => (arm === 'ep8' && concurrency === 8 ? 1.25 : 1));
    const found = await diff(atlas);
    const answer = jsonOf(found);
    expect(answer).toMatchObject({ verdict: 'RED', decision: { status: 'FAIL' } });
    expect(found.code).toBe(1);
    const failed = Object(answer['decision'])['failed'];
    expect(failed.length).toBeGreaterThan(0);
    for (const name of failed) expect(name).toContain('cell_id=ep8,concurrency=8');
  });
});
