// What clients can read without calling a verb: the registry by family, measurement and entry, jobs with their logs (also by
// the file links of results), every file that a result links to, the whole description of each verb, the shapes of files that
// callers write, and the product's pages.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ResourceNotFoundError,
  type ListResourcesResult,
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
} from '@modelcontextprotocol/server';
import { plural } from '../render/numbers.ts';
import { FILE_SHAPES, schemaName, shapeUri, type FileShape } from '../text/file-shape.ts';
import { findVerb } from '../catalog/find-verb.ts';
import { SHAPES } from '../catalog/file-shapes.ts';
import type { ManifestEntry } from '../verb/manifest.ts';
import type { Host } from '../verb/host.ts';
import { APP, APP_TYPE } from './app.ts';
import { PICTURES } from './shown-pictures.ts';
import { namedFile, readLinkedFile, type LinkedFiles } from './linked-files.ts';

const SCHEME = 'perf://';
const JSON_TYPE = 'application/json';
const MOST = 200;

const PAGES: readonly (readonly [name: string, file: string, title: string])[] = [
  ['methodology', 'docs/METHODOLOGY.md', 'How numbers are reported and judged'],
  ['verbs', 'docs/verbs.md', 'Every verb with fields and examples'],
  ['statistics', 'docs/statistics.md', 'The decision from repeated trials'],
];

/** URI templates of the registry and of the verbs. */
export const TEMPLATES = {
  family: `${SCHEME}baselines/{family}`,
  measurement: `${SCHEME}baselines/{family}/{measurement}`,
  entry: `${SCHEME}baselines/{family}/{measurement}/{entry}`,
  verb: `${SCHEME}verbs/{verb}`,
  job: `${SCHEME}jobs/{job_id}`,
  jobPart: `${SCHEME}jobs/{job_id}/{part}`,
  picture: `${PICTURES}{picture}`,
  file: 'file:///{+path}{?offset}',
} as const;

type Place = Pick<Host, 'resolveRoot' | 'productFolder'>;

const registryOf = async (host: Place): Promise<string> => {
  const { registryFolder } = await import('../registry/layout.ts');
  return registryFolder(host.resolveRoot(undefined).root);
};

export const listTemplates = (): ResourceTemplateType[] => [
  { name: 'family', uriTemplate: TEMPLATES.family, title: 'Measurements of a family', mimeType: JSON_TYPE },
  { name: 'measurement', uriTemplate: TEMPLATES.measurement, title: 'Entries of a measurement', mimeType: JSON_TYPE },
  { name: 'entry', uriTemplate: TEMPLATES.entry, title: 'One entry (slug, tag or latest)', mimeType: JSON_TYPE },
  { name: 'verb', uriTemplate: TEMPLATES.verb, title: 'Every field of a verb, with all limits', mimeType: JSON_TYPE },
  { name: 'job', uriTemplate: TEMPLATES.job, title: 'State of a job', mimeType: JSON_TYPE },
  { name: 'job_part', uriTemplate: TEMPLATES.jobPart, title: 'stdout, stderr, events or result of a job' },
  { name: 'picture', uriTemplate: TEMPLATES.picture, title: 'A picture that a result links to', mimeType: 'image/png' },
  { name: 'file', uriTemplate: TEMPLATES.file, title: 'A file that a result links to, in pages of 256 kB' },
];

/** What is there whatever was recorded. */
const FIXED: readonly Resource[] = [
  { uri: `${SCHEME}baselines`, name: 'baselines', title: 'Families of the registry', mimeType: JSON_TYPE },
  ...PAGES.map(([name, , title]) => ({ uri: `${SCHEME}docs/${name}`, name, title, mimeType: 'text/markdown' })),
  ...FILE_SHAPES.map((shape) => ({
    uri: shapeUri(shape),
    name: `${shape}_file`,
    title: SHAPES[shape].title,
    mimeType: JSON_TYPE,
  })),
  { uri: APP, name: 'report_app', title: 'The report inside a conversation (MCP Apps)', mimeType: APP_TYPE },
];

/**
 * The fixed resources, then the families that exist, page by page. Throws a Fault `cursor_unknown` for the cursor of another
 * list.
 */
export const listResources = async (host: Place, cursor?: string): Promise<ListResourcesResult> => {
  const { listFamilies } = await import('../registry/list.ts');
  const families = await listFamilies(await registryOf(host), { limit: MOST, cursor });
  return {
    ...(families.next_cursor === null ? {} : { nextCursor: families.next_cursor }),
    resources: [
      ...(cursor === undefined ? FIXED : []),
      ...families.items.map(({ family, measurements }) => ({
        uri: `${SCHEME}baselines/${family}`,
        name: family,
        title: `${family}: ${plural(measurements, 'measurement')}`,
        mimeType: JSON_TYPE,
      })),
    ],
  };
};

const readRegistry = async (parts: readonly string[], host: Place): Promise<unknown> => {
  const registry = await registryOf(host);
  const { listEntries, listFamilies, listMeasurements } = await import('../registry/list.ts');
  const [family, measurement, entry] = parts;
  if (family === undefined) return listFamilies(registry, { limit: MOST });
  const { existingFamily, resolveAddress } = await import('../registry/address.ts');
  if (measurement === undefined)
    return listMeasurements(registry, await existingFamily(registry, family), { limit: MOST });
  if (entry === undefined) return listEntries(registry, family, measurement, { limit: MOST });
  const { readEntry } = await import('../registry/read-entry.ts');
  return readEntry(await resolveAddress(registry, `${family}/${measurement}@${entry}`, '/'));
};

/** The decoded parts of a URI of this server; none for any other, or where an escape is malformed. */
const partsOf = (uri: string): readonly string[] => {
  if (!uri.startsWith(SCHEME)) return [];
  try {
    return uri.slice(SCHEME.length).split('/').map(decodeURIComponent);
  } catch {
    return [];
  }
};

/** A verb with the schemas that the server validates by, as `schemas/` holds them. */
const readVerb = async ({ name, description, safety, examples }: ManifestEntry, host: Place): Promise<unknown> => {
  const schema = async (side: string): Promise<unknown> =>
    JSON.parse(await readFile(join(host.productFolder, 'schemas', 'verbs', `${name}.${side}.json`), 'utf8'));
  const [input, output] = await Promise.all([schema('input'), schema('output')]);
  return { name, description, safety, input_schema: input, output_schema: output, examples };
};

/** The shape of a file with its schema, as `schemas/` holds it, and an example. */
const readShape = async (shape: FileShape, { productFolder }: Place): Promise<unknown> => {
  const schema = JSON.parse(await readFile(join(productFolder, 'schemas', `${schemaName(shape)}.json`), 'utf8'));
  return { name: shape, ...SHAPES[shape], schema };
};

interface NamedJob {
  readonly root: string;
  readonly id: string;
  readonly part: string | undefined;
}

/** The job and part that a URI names, `perf://jobs/<id>/<part>` or the `file:` link of a result; null for any other. */
const jobOf = async (uri: string, roots: readonly string[]): Promise<NamedJob | null> => {
  const [kind, id, part, ...rest] = partsOf(uri);
  const { jobPartAt, rootOfJob } = await import('../jobs/job-resource.ts');
  if (kind === 'jobs' && id !== undefined && rest.length === 0) return { root: rootOfJob(roots, id), id, part };
  const file = namedFile(uri);
  if (file === null || uri.includes('?')) return null;
  for (const root of roots) {
    const found = jobPartAt(root, file.path);
    if (found !== null) return { root, ...found };
  }
  return null;
};

const readJobResource = async (uri: string, roots: readonly string[]): Promise<ReadResourceResult | null> => {
  const job = await jobOf(uri, roots);
  if (job === null) return null;
  const { readJobText } = await import('../jobs/job-resource.ts');
  const found = await readJobText(job.root, job.id, job.part);
  return found === null ? null : { contents: [{ uri, ...found }] };
};

const readFileResource = async (uri: string, root: string, files: LinkedFiles): Promise<ReadResourceResult | null> => {
  const file = namedFile(uri);
  const contents = file === null ? null : await readLinkedFile(file, files, root);
  return contents === null ? null : { contents };
};

const jsonContents = (uri: string, value: unknown): ReadResourceResult => ({
  contents: [{ uri, mimeType: JSON_TYPE, text: JSON.stringify(value) }],
});

/** The content behind a URI. Throws the protocol's resource-not-found for anything unknown. */
export const readResource = async (uri: string, host: Place, files: LinkedFiles): Promise<ReadResourceResult> => {
  const [kind, ...parts] = partsOf(uri);
  const page = kind === 'docs' ? PAGES.find(([name]) => name === parts[0]) : undefined;
  if (page !== undefined) {
    const text = await readFile(join(host.productFolder, page[1]), 'utf8');
    return { contents: [{ uri, mimeType: 'text/markdown', text }] };
  }
  const verb = kind === 'verbs' && parts.length === 1 ? findVerb(parts[0] ?? '') : undefined;
  if (verb !== undefined) return jsonContents(uri, await readVerb(verb, host));
  const shape = FILE_SHAPES.find((name) => shapeUri(name) === uri);
  if (shape !== undefined) return jsonContents(uri, await readShape(shape, host));
  const { Fault } = await import('../text/fault.ts');
  try {
    const { root } = host.resolveRoot(undefined);
    const roots = [root, ...files.roots().filter((other) => other !== root)];
    const found = (await readJobResource(uri, roots)) ?? (await readFileResource(uri, root, files));
    if (found !== null) return found;
    if (kind !== 'baselines' || parts.length > 3) throw new ResourceNotFoundError(uri);
    return jsonContents(uri, await readRegistry(parts, host));
  } catch (error) {
    if (error instanceof Fault) throw new ResourceNotFoundError(uri, `Resource not found: ${uri}: ${error.message}`);
    throw error;
  }
};
