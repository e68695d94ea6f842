// A figure below zero, which nobody measures: no row holds one, and an atlas that does is refused by its line before it is balanced.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { atlasPath } from '../../../src/campaign/layout.ts';
import { reconcileCampaign } from '../../../src/campaign/reconcile/reconcile-campaign.ts';
import { rowLine } from '../../../src/campaign/row-text.ts';
import { productCeilings } from './evidence.ts';
import { HONEST, rowOf } from './row.ts';

const campaign = mkdtempSync(join(tmpdir(), 'negative-figures-'));
afterAll(() => rmSync(campaign, { recursive: true, force: true }));

test.each([
  'ttft_avg_ms',
  'tpot_median_ms',
  'request_throughput_avg',
  'output_tps_per_gpu',
  'total_tps_per_gpu',
  'mean_output_tokens',
] as const)('%s below zero is refused by its line', async (field) => {
  const negative = rowLine(rowOf()).replace(`"${field}":${HONEST[field]}`, `"${field}":-${HONEST[field]}`);
  writeFileSync(atlasPath(campaign), `${rowLine(rowOf({ concurrency: 1 }))}${negative}`);
  const asked = { campaign, cell: undefined, model: undefined, steps: undefined, signal: new AbortController().signal };
  await expect(reconcileCampaign({ ...asked, ceilings: await productCeilings() })).rejects.toMatchObject({
    code: 'row_invalid',
    message: expect.stringMatching(new RegExp(`row of line 2 ${field}`)),
  });
});
