import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readKernels } from '../../src/report/cell-captures.ts';

let campaign: string;
beforeEach(() => {
  campaign = mkdtempSync(join(tmpdir(), 'captures-'));
  mkdirSync(join(campaign, 'cells/base'), { recursive: true });
});
afterEach(() => rmSync(campaign, { recursive: true }));

const kernels = (document: unknown) => {
  writeFileSync(join(campaign, 'cells/base/kernels.json'), JSON.stringify(document));
  return readKernels(campaign, ['base'], new AbortController().signal);
};

const PER_CATEGORY = { MoE: 7, NCCL: 3 };

describe('kernels of a cell', () => {
  test('of the predecessor are one source of samples', async () => {
    const former = {
      schema_version: 1,
      captured_sources: ['zymtrace'],
      per_gpu: [],
      per_category: PER_CATEGORY,
      top_kernels: [{ name: 'moe', category: 'MoE', samples: 7 }],
    };
    expect(await kernels(former)).toEqual([
      {
        cell: 'base',
        document: {
          sources: [
            {
              source: 'zymtrace',
              unit: 'samples',
              per_category: PER_CATEGORY,
              top_kernels: [{ name: 'moe', category: 'MoE', value: 7, calls: null }],
            },
          ],
        },
      },
    ]);
  });

  test('that are neither stop the report by name', async () => {
    await expect(kernels({ schema_version: 1, per_category: PER_CATEGORY })).rejects.toMatchObject({
      code: 'kernels_json_malformed',
      message: expect.stringContaining('KernelsJsonMalformed'),
    });
  });
});
