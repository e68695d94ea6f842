// SGLang's real client, driven by cell_run through the built program against a server that speaks SGLang's own interface with known
// delays. Its server needs a GPU and is not started.
import { describe, expect, test } from 'vitest';
import { knownServer } from './known-server.ts';
import { campaignOf, hasClient, makeModel } from './python-tools.ts';

const present = hasClient('sglang');

describe.skipIf(!present)("SGLang's real client", () => {
  const known = knownServer();

  test('measures every load of a cell without a download, and its lines are read', async () => {
    const { root, server } = known;
    const sglang = { endpoint_url: server.baseUrl, served_model: 'tiny', requests: 8, tokenizer: makeModel(root, 'tokenizer') };
    const cell = await campaignOf(root, { concurrencies: [1, 2], isl: 16, osl: 8, sglang });
    expect(await cell.cellRun('sglang')).toMatchObject({ state: 'succeeded', result: { status: 'full', row_count: 2 } });
    const rows = cell.rows();
    expect(rows).toMatchObject([
      { concurrency: 1, status: 'full', mean_input_tokens: 16, mean_output_tokens: 8 },
      { concurrency: 2, status: 'full', mean_input_tokens: 16, mean_output_tokens: 8 },
    ]);
    for (const { ttft_avg_ms: ttft, tpot_median_ms: tpot } of rows) {
      expect(ttft).toBeGreaterThanOrEqual(60);
      expect(tpot).toBeGreaterThanOrEqual(9);
    }
    // One for the warm-up of each load; with one seed for both, the second load would send the prompts of the first.
    const sent = server.bodies.map(({ text }) => String(text));
    expect(sent).toHaveLength(18);
    expect(new Set(sent.slice(9))).not.toEqual(new Set(sent.slice(0, 9)));
    expect(server.bodies.every(({ sampling_params: asked }) => (asked as { ignore_eos: boolean }).ignore_eos)).toBe(true);
  }, 900_000);
}); // prettier-ignore
