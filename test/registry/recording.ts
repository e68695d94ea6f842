// A registry in a temporary folder and recordings into it, for the tests of the registry.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EntryFacts } from '../../src/registry/compose-baseline.ts';
import { registryFolder } from '../../src/registry/layout.ts';
import type { RecordInput } from '../../src/registry/record.ts';
import { presentMoment } from '../../src/text/time.ts';

export interface Lab {
  readonly root: string;
  readonly registry: string;
  /** A measurement file outside the registry. */
  readonly source: string;
}

export const openLab = async (text = '{"busbw":310}\n'): Promise<Lab> => {
  const root = await mkdtemp(join(tmpdir(), 'registry-'));
  const source = join(root, 'result.json');
  await writeFile(source, text);
  return { root, registry: registryFolder(root), source };
};

export const scalarFacts = (value: number, more: Partial<EntryFacts> = {}): EntryFacts => ({
  value,
  unit: 'GB/s',
  direction: 'higher-is-better',
  direction_source: 'flag',
  tier: 'DRAFT',
  tier_missing: ['replicates'],
  ...more,
});

export const recording = (lab: Lab, more: Partial<RecordInput> = {}): RecordInput => ({
  registry: lab.registry,
  family: 'b200',
  measurement: 'nccl_busbw',
  source: lab.source,
  facts: () => scalarFacts(310),
  secrets: [],
  registeredAt: presentMoment(),
  operatorUser: 'ada',
  hostname: 'node-1',
  uname: 'Linux node-1 6.1.0 #1 x86_64',
  profileAndOptimizeSha: '0123456789abcdef0123456789abcdef01234567',
  productVersion: '0.1.0',
  repoSha: null,
  repoDirty: null,
  ...more,
});
