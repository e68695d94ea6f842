// Checks every measurement of a registry, and names what lies there without belonging to one. Writes nothing.
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { exists } from '../fs/exists.ts';
import { onFile } from '../fs/io-fault.ts';
import { isSafeSegment } from '../fs/safe-path.ts';
import { foldersIn } from './folder-names.ts';
import { placeOf, workFolder } from './layout.ts';
import { registryDigest, type RegistryDigest } from './registry-digest.ts';
import { isDropping, verifyPlace, type MeasurementReport, type VerifyOptions } from './verify.ts';

export interface RegistryReport {
  readonly ok: boolean;
  readonly measurements: readonly MeasurementReport[];
  /** Paths below the registry that belong to no measurement. */
  readonly extra: readonly string[];
  /** One digest for the heads of all of them, and where the expected one was found. */
  readonly heads: RegistryDigest;
}

const strangersIn = async (folder: string, label: string): Promise<string[]> => {
  const entries = await onFile(folder, () => readdir(folder, { withFileTypes: true }));
  return entries
    .filter(({ name }) => name !== basename(workFolder(folder)) && !isDropping(name))
    .filter((entry) => !entry.isDirectory() || !isSafeSegment(entry.name))
    .map(({ name }) => `${label}${name}`);
};

const reportOf = (
  measurements: readonly MeasurementReport[],
  extra: readonly string[],
  expectHead: string | undefined,
): RegistryReport => {
  const heads = registryDigest(measurements, expectHead);
  const ok = extra.length === 0 && heads.standing !== 'absent' && measurements.every((report) => report.ok);
  return { ok, measurements, extra, heads };
};

/**
 * Checks every measurement of the registry, or of one family. An absent registry is empty. `expectHead` is a digest that an earlier
 * call gave for the same scope.
 */
export const verifyRegistry = async (
  registry: string,
  scope: { readonly family?: string | undefined } = {},
  { expectHead, ...options }: VerifyOptions = {},
): Promise<RegistryReport> => {
  if (!exists(registry)) return reportOf([], [], expectHead);
  const families = scope.family === undefined ? await foldersIn(registry) : [scope.family];
  const extra = scope.family === undefined ? await strangersIn(registry, '') : [];
  const measurements: MeasurementReport[] = [];
  for (const family of families) {
    extra.push(...(await strangersIn(join(registry, family), `${family}/`)));
    for (const measurement of await foldersIn(join(registry, family)))
      measurements.push(await verifyPlace(placeOf(registry, family, measurement), options));
  }
  return reportOf(measurements, extra, expectHead);
};
