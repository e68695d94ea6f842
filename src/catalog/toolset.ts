// Which verbs a server lists and which it runs: all, some families, or the core with two tools that reach the rest.
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import type { ManifestEntry } from '../verb/manifest.ts';
import { FAMILIES, type Family } from '../verb/vocabulary.ts';
import { MANIFEST } from './verbs.generated.ts';

/** The verbs of the main jobs: record, compare, look up, profile, measure, gate, and the jobs that these start. */
export const CORE_VERBS: readonly string[] = [
  'bench_diff',
  'bench_run',
  'job_cancel',
  'job_status',
  'perf_baseline_diff',
  'perf_baseline_list',
  'perf_baseline_record',
  'perf_baseline_show',
  'plan_trials',
  'profile_profile_diff',
  'profile_summary',
  'ratchet_check',
];

export interface Toolset {
  /** As it was asked for, for messages. */
  readonly name: string;
  /** Verbs with a tool of their own, sorted by name. */
  readonly listed: readonly ManifestEntry[];
  /** Verbs that may be called; more than `listed` where `call_verb` reaches the rest. */
  readonly callable: readonly ManifestEntry[];
}

/** Every verb with a tool of its own. */
export const WHOLE_TOOLSET: Toolset = { name: 'all', listed: MANIFEST, callable: MANIFEST };

const CORE = 'core';

const familyOf = (name: string): Family => {
  const family = FAMILIES.find((known) => known === name);
  if (family !== undefined) return family;
  const names = [CORE, ...FAMILIES];
  throw new Fault('usage', 'unknown_toolset', `no toolset ${JSON.stringify(name)}`, {
    fix: `use ${nearestName(name, names) ?? names.join(', ')}`,
  });
};

/**
 * What a comma list names: families (`baseline,profile`), `core` (the main verbs; the rest through call_verb), `all`. A usage
 * Fault `unknown_toolset` names the nearest for a wrong one.
 */
export const parseToolset = (text: string): Toolset => {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('all')) return WHOLE_TOOLSET;
  const core = names.includes(CORE);
  const families = names.filter((name) => name !== CORE).map(familyOf);
  const listed = MANIFEST.filter(
    ({ name, family }) => families.includes(family) || (core && CORE_VERBS.includes(name)),
  );
  return { name: names.join(','), listed, callable: core ? MANIFEST : listed };
};
