// What the predecessor picked wrong on the sample campaign, beside what is picked here. Skips where the samples are not there.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importPath } from '../campaign/imported.ts';
import { selecting } from './atlas.ts';

const SAMPLES = resolve('../shared/samples/bundles');
const isThere = existsSync(SAMPLES);
if (!isThere) console.log(`skipped: no ${SAMPLES}`);

const GLM = { model: 'zai-org/GLM-5.1', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8 };
const rowsOf = async (bundle: string, given: object = GLM) => (await importPath(resolve(SAMPLES, bundle), given)).rows;

describe.skipIf(!isThere)('the sample campaign', () => {
  const select = selecting();

  it('picks the variant with speculation, +21.9 % as the predecessor printed, as a decision with its interval', async () => {
    const found = await select(await rowsOf('variant-ab'));
    expect(found).toMatchObject({ baseline_cell: 'glm-base', recommended_cell: 'glm-mtp-k2', slo_ms: 18.92, tier: 'draft' });
    const [base, mtp, radix] = found.variants;
    expect(base).toMatchObject({ name: 'glm-base', tpot_median_ms: 17.2, slo_verdict: 'BASELINE' });
    expect(mtp).toMatchObject({ name: 'glm-mtp-k2', engine: 'vllm', pct_win_vs_baseline: 21.9, tpot_median_ms: 13.98, lead: { rank: 'better' } });
    expect(radix).toMatchObject({ name: 'glm-s-radix', engine: 'sglang', pct_win_vs_baseline: 8.3, lead: { rank: 'better' } });
    expect((await select(await rowsOf('variant-ab'), { sloRel: 1.2 })).slo_ms).toBe(20.64);
  });

  it('leaves out the cells that the predecessor ranked at other loads, of other shapes and of another model', async () => {
    const rows = [...(await rowsOf('variant-ab')), ...(await rowsOf('workloads')), ...(await rowsOf('perf-bench-single', { hardware: 'B200' }))];
    const found = await select(rows);
    expect(found.recommended_cell).toBe('glm-mtp-k2');
    expect(Object.fromEntries(found.not_compared.map(({ cell_id: cell, reason }) => [cell, reason]))).toMatchObject({
      'aa-1k': 'no_row_at_focus',
      sonnet: 'no_row_at_focus',
      'perf-bench-single': 'other_model',
    });
    expect(found.variants).toHaveLength(3);
  });
}); // prettier-ignore
