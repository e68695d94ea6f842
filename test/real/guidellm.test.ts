// The real GuideLLM against a server whose delays are known: its report is read through the built program, point by point.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freshRoot, removeRoot } from '../e2e/connect.ts';
import { jsonOf } from '../e2e/run-cli.ts';
import { startStandIn, type StandIn } from '../load/stand-in-server.ts';
import { campaignOf, hasClient, makeModel, startClient } from './python-tools.ts';

const present = hasClient('guidellm');

describe.skipIf(!present)('the real GuideLLM', () => {
  let root: string;
  let server: StandIn;
  beforeAll(async () => {
    root = freshRoot();
    server = await startStandIn({ chunks: 8, firstMs: 60, gapMs: 10, models: ['tiny'] });
  });
  afterAll(async () => {
    await server.close();
    removeRoot(root);
  });

  test('its report becomes rows of a campaign, one for each number of streams', async () => {
    const report = join(root, 'bundle', 'report.json');
    await startClient(root, [
      'guidellm', 'run',
      '--backend', `kind=openai_http,target=${server.baseUrl.replace(/\/v1$/, '')},model=tiny`,
      '--tokenizer', `kind=huggingface_auto,model=${makeModel(root, 'tokenizer')}`,
      '--data', 'kind=synthetic_text,prompt_tokens=16,output_tokens=8',
      '--profile', 'kind=concurrent',
      '--override', 'profile.streams', '1,2',
      '--constraint', 'kind=max_requests,count=8',
      '--output', `kind=json,path=${report}`,
      '--disable-console',
    ]);
    const cell = await campaignOf(root, { concurrencies: [1, 2] });
    jsonOf(await cell.run('import_bench', '--campaign', cell.id, '--bundle', join(root, 'bundle'), '--cell-id', 'cell', '--json'));
    const rows = cell.rows();
    expect(rows.map(({ concurrency, status }) => [concurrency, status])).toEqual([[1, 'full'], [2, 'full']]);
    for (const { ttft_avg_ms: ttft, mean_output_tokens: osl } of rows) {
      expect(ttft).toBeGreaterThanOrEqual(60);
      expect(ttft).toBeLessThan(1000);
      expect(osl).toBe(8);
    }
  }, 900_000);
}); // prettier-ignore
