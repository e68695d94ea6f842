// Checks every measurement of a registry, and names what lies there without belonging to one. Writes nothing.
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { exists } from '../fs/exists.ts';
import { onFile } from '../fs/io-fault.ts';
import { isSafeSegment } from '../fs/safe-path.ts';
import { foldersIn } from './folder-names.ts';
import { placeOf, workFolder } from './layout.ts';
import { isDropping, verifyPlace, type MeasurementReport, type VerifyOptions } from './verify.ts';

export interface RegistryReport {
  readonly ok: boolean;
  readonly measurements: readonly MeasurementReport[];
  /** Paths below the registry that belong to no measurement. */
  readonly extra: readonly string[];
}

const strangersIn = async (folder: string, label: string): Promise<string[]> => {
  const entries = await onFile(folder, () => readdir(folder, { withFileTypes: true }));
  return entries
    .filter(({ name }) => name !== basename(workFolder(folder)) && !isDropping(name))
    .filter((entry) => !entry.isDirectory() || !isSafeSegment(entry.name))
    .map(({ name }) => `${label}${name}`);
};

/** Checks every measurement of the registry, or of one family. An absent registry is empty. */
export const verifyRegistry = async (
  registry: string,
  scope: { readonly family?: string | undefined } = {},
  options: Omit<VerifyOptions, 'expectHead'> = {},
): Promise<RegistryReport> => {
  if (!exists(registry)) return { ok: true, measurements: [], extra: [] };
  const families = scope.family === undefined ? await foldersIn(registry) : [scope.family];
  const extra = scope.family === undefined ? await strangersIn(registry, '') : [];
  const measurements: MeasurementReport[] = [];
  for (const family of families) {
    extra.push(...(await strangersIn(join(registry, family), `${family}/`)));
    for (const measurement of await foldersIn(join(registry, family)))
      measurements.push(await verifyPlace(placeOf(registry, family, measurement), options));
  }
  return { ok: extra.length === 0 && measurements.every(({ ok }) => ok), measurements, extra };
};
