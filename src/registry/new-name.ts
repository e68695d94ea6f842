// Which names a new family, measurement or tag may have: names that every system can hold, that the registry does not use itself,
// and that nobody takes for another. What was recorded under a name before stays readable and goes on.
import { join } from 'node:path';
import { distinctSegment } from '../fs/safe-path.ts';
import { Fault } from '../text/fault.ts';
import { foldersIn } from './folder-names.ts';
import { MEASUREMENT_FILES, type Place } from './layout.ts';
import { isSlug, LATEST } from './slug.ts';

const RESERVED: ReadonlySet<string> = new Set([...MEASUREMENT_FILES, LATEST].map((name) => name.toLowerCase()));

/** `index.jsonl` -> `index_jsonl_results`: no name of the registry and no file of it. */
const insteadOf = (name: string): string => `${name.replaceAll('.', '_')}_results`;

/**
 * `name` where nothing that is `known` has it yet. Throws a Fault `name_reserved`, `name_differs_by_case`, `name_not_portable` or
 * `unsafe_segment`, each with the name to use instead.
 */
export const requireNewName = (name: string, label: string, known: readonly string[]): string => {
  if (known.includes(name)) return name;
  if (RESERVED.has(name.toLowerCase()) || isSlug(name))
    throw new Fault('usage', 'name_reserved', `${label} ${name} is a name that the registry uses itself`, {
      fix: `use ${insteadOf(name)}`,
    });
  return distinctSegment(name, label, known);
};

/** Holds the names of a place to these rules, before anything is recorded there. Throws the Faults of `requireNewName`. */
export const requireNewPlace = async ({ registry, family, measurement }: Place): Promise<void> => {
  requireNewName(family, 'family', await foldersIn(registry));
  requireNewName(measurement, 'measurement', await foldersIn(join(registry, family)));
};
