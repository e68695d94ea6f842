// What to try next in a campaign, and how it stands beside published results, through the built command line.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshRoot, removeRoot } from './connect.ts';
import { jsonOf, runCli, type Finished } from './run-cli.ts';

const program = resolve('dist/perftunereport.mjs');

let root: string;
beforeEach(async () => {
  root = freshRoot();
  await run(['campaign_init', resolve('configs/campaigns/kimi-k26.yaml')]);
});
afterEach(() => removeRoot(root));

const run = (args: readonly string[]): Promise<Finished> => runCli(args, { root, program });

test('value_view writes its block of HANDOFF.md and names levers with their gates', async () => {
  const answer = jsonOf(await run(['value_view', 'kimi-k26', '--json']));
  expect(readFileSync(String(answer['handoff']), 'utf8')).toContain('frontier: begin');
});

test('compare_public is a draft whatever it finds, and lists what does not match', async () => {
  writeFileSync(
    join(root, 'agg.json'),
    JSON.stringify({
      hw: 'b200',
      conc: 16,
      model: 'org/model',
      isl: 1024,
      osl: 512,
      tput_per_gpu: 900,
      median_tpot: 0.01,
    }),
  );
  const answer = await run(['compare_public', 'kimi-k26', 'agg.json']);
  expect(answer.stdout).toContain('DRAFT');
});
