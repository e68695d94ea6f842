// The real GuideLLM against a server whose delays are known: its report is read through the built program, point by point.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonOf } from '../e2e/run-cli.ts';
import { knownServer } from './known-server.ts';
import { campaignOf, hasClient, makeModel, startClient } from './python-tools.ts';

const present = hasClient('guidellm');

describe.skipIf(!present)('the real GuideLLM', () => {
  const known = knownServer();

  test('its report becomes rows of a campaign, one for each number of streams', async () => {
    const { root, server } = known;
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
