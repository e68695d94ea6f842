// Completes the arguments of the URI templates: families, measurements, entries, verbs.
import type { CompleteRequestParams, CompleteResult } from '@modelcontextprotocol/server';
import { listVerbs } from '../catalog/find-verb.ts';
import type { Host } from '../verb/host.ts';

const MOST = 100;

const candidates = async (
  argument: string,
  given: Readonly<Record<string, string>>,
  registry: string,
): Promise<readonly string[]> => {
  if (argument === 'verb') return listVerbs().map(({ name }) => name);
  const page = { limit: 1000 };
  const { listEntries, listFamilies, listMeasurements } = await import('../registry/list.ts');
  if (argument === 'family') return (await listFamilies(registry, page)).items.map(({ family }) => family);
  if (given['family'] === undefined) return [];
  const { existingFamily } = await import('../registry/address.ts');
  const family = await existingFamily(registry, given['family']);
  if (argument === 'measurement')
    return (await listMeasurements(registry, family, page)).items.map(({ measurement }) => measurement);
  const measurement = given['measurement'];
  if (argument !== 'entry' || measurement === undefined) return [];
  const entries = (await listEntries(registry, family, measurement, page)).items;
  return ['latest', ...entries.flatMap(({ slug, tags }) => [...tags, slug])];
};

/** Values that begin with what was typed; nothing for what does not exist. */
export const completeArgument = async (
  { ref, argument, context }: CompleteRequestParams,
  host: Pick<Host, 'resolveRoot'>,
): Promise<CompleteResult> => {
  if (ref.type !== 'ref/resource') return { completion: { values: [] } };
  const { registryFolder } = await import('../registry/layout.ts');
  const registry = registryFolder(host.resolveRoot(undefined).root);
  const all = await candidates(argument.name, context?.arguments ?? {}, registry).catch(() => []);
  const values = all.filter((value) => value.startsWith(argument.value));
  return { completion: { values: values.slice(0, MOST), total: values.length, hasMore: values.length > MOST } };
};
