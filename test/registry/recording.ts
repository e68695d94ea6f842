// A registry in a temporary folder and recordings into it, for the tests of the registry.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEntry } from '../../src/registry/commit.ts';
import { composeBaseline, type EntryFacts } from '../../src/registry/compose-baseline.ts';
import { placeOf, registryFolder, type Place } from '../../src/registry/layout.ts';
import {
  dropRecording,
  openRecording,
  publishEntry,
  type RecordInput,
  type RecordOptions,
} from '../../src/registry/record-entry.ts';
import type { Snapshot } from '../../src/registry/snapshot.ts';
import { presentMoment } from '../../src/text/time.ts';
import { scratchFolder } from '../fs/scratch.ts';

export interface Lab {
  readonly root: string;
  readonly registry: string;
  /** A measurement file outside the registry. */
  readonly source: string;
}

const top = scratchFolder('registry');
let labs = 0;

export const openLab = (text = '{"busbw":310}\n'): Lab => {
  const root = join(top, String((labs += 1)));
  const source = join(root, 'result.json');
  mkdirSync(root);
  writeFileSync(source, text);
  return { root, registry: registryFolder(root), source };
};

export const scalarFacts = (value: number | null, more: Partial<EntryFacts> = {}): EntryFacts => ({
  value,
  unit: 'GB/s',
  direction: 'higher-is-better',
  direction_source: 'flag',
  tier: 'DRAFT',
  tier_missing: ['replicates'],
  ...more,
});

export const FAMILY = 'b200';
export const MEASUREMENT = 'nccl_busbw';

/** A recording with what its entry states, or reads from the snapshot. */
export interface Recording extends RecordInput {
  readonly facts: (snapshot: Snapshot) => EntryFacts;
}

/** Records from beginning to end. */
export const recordEntry = async (input: Recording, options: RecordOptions = {}): Promise<RecordedEntry> => {
  const { family, measurement } = input;
  const open = await openRecording(input, options);
  try {
    const baseline = composeBaseline(
      { family, measurement },
      open.snapshot,
      input.facts(open.snapshot),
      input,
      input.secrets,
    );
    return await publishEntry(open, baseline, input.registeredAt, options);
  } catch (error) {
    await dropRecording(open);
    throw error;
  }
};

export const recording = (lab: Lab, more: Partial<Recording> = {}): Recording => ({
  registry: lab.registry,
  family: FAMILY,
  measurement: MEASUREMENT,
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

export const recordMany = async (lab: Lab, count: number, more: Partial<Recording> = {}): Promise<RecordedEntry[]> => {
  const entries: RecordedEntry[] = [];
  for (let index = 0; index < count; index += 1)
    entries.push(await recordEntry(recording(lab, { notes: `entry ${index}`, ...more })));
  return entries;
};

export const placeIn = (lab: Lab): Place => placeOf(lab.registry, FAMILY, MEASUREMENT);

export interface ForeignEntry {
  readonly slug: string;
  readonly baseline: Readonly<Record<string, unknown>>;
  /** File name in the entry to content; a folder snapshot has names with `/`. */
  readonly files: Readonly<Record<string, string>>;
}

/** Writes an entry as another tool or a person would. */
export const writeForeign = (lab: Lab, { slug, baseline, files }: ForeignEntry): string => {
  const folder = join(placeIn(lab).folder, slug);
  mkdirSync(join(folder, 'source-snapshot'), { recursive: true });
  writeFileSync(join(folder, 'baseline.json'), JSON.stringify(baseline));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};
