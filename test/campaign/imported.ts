// A bundle of files, written to a folder of its own and read as an importer reads it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { findBundle, openBundle } from '../../src/campaign/bundles/find-bundle.ts';
import type { CellIdentity } from '../../src/campaign/cell-identity.ts';
import type { CampaignConfig } from '../../src/campaign/config.ts';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { importBundle, type ImportedBundle } from '../../src/campaign/import-bundle.ts';
import type { AtlasRow } from '../../src/campaign/row.ts';
import { writeTree } from './bundles.ts';

const CEILINGS = 'configs/sol-ceilings.yaml';

export const IDENTITY: CellIdentity = { model: 'org/model', hardware: 'B200', quant: 'NVFP4', tensor_parallel: 8 };

export interface Imported extends ImportedBundle {
  readonly layout: string;
  /** Rows of all cells. */
  readonly rows: readonly AtlasRow[];
}

export type Import = (
  name: string,
  files: Readonly<Record<string, unknown>>,
  given?: CellIdentity,
  /** What else is done to the folder before it is read. */
  prepare?: (folder: string) => void,
  config?: CampaignConfig,
) => Promise<Imported>;

/** Reads what is at a path. */
export const importPath = async (
  path: string,
  given: CellIdentity = IDENTITY,
  config: CampaignConfig | null = null,
): Promise<Imported> => {
  const opened = await openBundle(path, undefined);
  const bundle = await findBundle({
    ...opened,
    ceilings: () => parseCeilings(readFileSync(CEILINGS, 'utf8'), CEILINGS),
  });
  const { signal } = new AbortController();
  const request = {
    bundlePath: opened.path,
    bundle,
    given,
    notes: undefined,
    config,
    importer: 'test',
    campaign: 'a-campaign',
    signal,
  };
  const read = await importBundle(request);
  return { ...read, layout: bundle.layout, rows: read.cells.flatMap(({ rows }) => rows) };
};

/** An import into a folder that is gone after the tests of the file. */
export const importing = (): Import => {
  const folder = mkdtempSync(join(tmpdir(), 'import-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return (name, files, given, prepare, config) => {
    const bundle = writeTree(join(folder, name), files);
    prepare?.(bundle);
    return importPath(bundle, given, config);
  };
};

/** The result of `vllm bench serve`: 64 requests of 1000 and 100 tokens at concurrency 8 in ten seconds. */
export const serve = (more: object = {}): Record<string, unknown> => ({
  model_id: 'org/model',
  num_prompts: 64,
  request_rate: 'inf',
  max_concurrency: 8,
  completed: 64,
  total_input_tokens: 64000,
  total_output_tokens: 6400,
  duration: 10,
  request_throughput: 6.4,
  output_throughput: 640,
  total_token_throughput: 7040,
  mean_ttft_ms: 50,
  median_tpot_ms: 10,
  ...more,
});
