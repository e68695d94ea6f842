// Looks verbs up by the names that people and agents use. Loads a verb's code only when it is called.
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';
import type { Verb } from '../verb/define-verb.ts';
import type { ManifestEntry } from '../verb/manifest.ts';
import { FAMILIES, type Family } from '../verb/vocabulary.ts';
import { LOADERS, MANIFEST } from './verbs.generated.ts';

/** Names that skill files and older scripts use. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  cell_run: 'perf_tune_report_cell_run',
  perf_tune_report_import_perf_bench: 'perf_tune_report_import_bench',
  perf_tune_report_smoke: 'perf_tune_report_report_smoke',
};

/** Every verb, sorted by name. */
export const listVerbs = (): readonly ManifestEntry[] => MANIFEST;

/** Families of which this version has no verb. */
export const emptyFamilies = (): readonly Family[] =>
  FAMILIES.filter((family) => !MANIFEST.some((entry) => entry.family === family));

/** The verb of this name (snake_case or kebab-case), or undefined. */
export const findVerb = (name: string): ManifestEntry | undefined => {
  const wanted = name.replaceAll('-', '_');
  const full = OTHER_NAMES[wanted] ?? wanted;
  return MANIFEST.find((entry) => entry.name === full);
};

/** The verb of this name among `verbs`, or a usage Fault that names the nearest one. */
export const requireVerb = (name: string, verbs: readonly ManifestEntry[] = MANIFEST): ManifestEntry => {
  const entry = findVerb(name);
  if (entry !== undefined && verbs.includes(entry)) return entry;
  const near = nearestName(
    name,
    verbs.map((known) => known.name),
  );
  throw new Fault('usage', 'unknown_verb', `no verb ${name}${near === undefined ? '' : `; did you mean ${near}?`}`, {
    fix: near === undefined ? 'find its name with find_verb' : `call ${near}`,
  });
};

/** Loads the code of a verb. */
export const loadVerb = async (entry: ManifestEntry): Promise<Verb> => {
  const load = LOADERS[entry.name];
  if (load === undefined) throw new Fault('internal', 'verb_not_built', `${entry.name} has no code in this build`);
  return load();
};
