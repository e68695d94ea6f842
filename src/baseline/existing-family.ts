// Checks that the registry holds a family before anything is listed or verified below it. Never follows a name out of the
// registry.
import { foldersIn } from '../registry/folder-names.ts';
import { Fault } from '../text/fault.ts';
import { nearestName } from '../text/nearest.ts';

const SHOWN = 8;

/** `family` as the registry holds it. Throws a Fault `family_not_found` with the nearest name. */
export const existingFamily = async (registry: string, family: string): Promise<string> => {
  const known = await foldersIn(registry);
  if (known.includes(family)) return family;
  const near = nearestName(family, known);
  const some = known.slice(0, SHOWN).join(', ');
  const fix =
    near === undefined
      ? known.length === 0
        ? 'record one with perf_baseline_record'
        : `there are ${some}`
      : `did you mean ${near}?`;
  throw new Fault('usage', 'family_not_found', `family ${JSON.stringify(family)} does not exist`, { fix });
};
