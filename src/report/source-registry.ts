// Where the code under test lives: what `source-registry.yaml` says of the repositories that a campaign's provenance names, and the sources
// that the campaign's own file adds. What the provenance says is never replaced.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { DELIVERIES, type LineageSource } from '../campaign/lineage.ts';
import { checkAgainst } from '../text/schema-fault.ts';
import { parseYaml } from '../text/yaml.ts';
import type { VerbContext } from '../verb/context.ts';

const text = z.string().min(1);

const knownSchema = z.strictObject({
  url: z.string().regex(/^https:\/\/[^\s"<>]+$/, 'is no https address').optional(),
  purpose: text.optional(),
  delivery: z.enum(DELIVERIES).optional(),
  branch: text.optional(),
  commit: text.optional(),
  image: text.optional(),
  patch_files: z.array(text).optional(),
}); // prettier-ignore

const registrySchema = z.strictObject({ sources: z.record(text, knownSchema) });

type Known = z.output<typeof knownSchema>;

/** A source as its page shows it. */
export interface SourceUnderTest extends LineageSource {
  /** Of the repository, or of the commit where the host has pages for commits. */
  readonly url?: string;
}

const FILE = 'source-registry.yaml';

const readRegistry = async (path: string): Promise<Readonly<Record<string, Known>>> => {
  if (!existsSync(path)) return {};
  const value = await parseYaml(await readNamedText(path, { limit: CONFIGURATION_BYTES }), path);
  const keys = ['sources', ...Object.keys(knownSchema.shape)];
  return checkAgainst(registrySchema, value, { path, code: 'source_registry_malformed', keys }).sources;
};

/** GitHub and GitLab have a page for each commit. */
const addressOf = (url: string | undefined, commit: string): string | undefined => {
  const base = url?.replace(/(\.git)?\/?$/, '');
  if (base === undefined) return undefined;
  const isCommit = /^[0-9a-f]{7,40}$/i.test(commit);
  if (isCommit && /^https:\/\/github\.com\/[^/]+\/[^/]+$/.test(base)) return `${base}/commit/${commit}`;
  return isCommit && base.startsWith('https://gitlab.com/') ? `${base}/-/commit/${commit}` : base;
};

const joined = (source: LineageSource, known: Known | undefined): SourceUnderTest => {
  const { url: home, ...more } = known ?? {};
  const url = addressOf(home, source.commit);
  return { ...more, ...source, ...(url === undefined ? {} : { url }) };
};

/** The sources of a campaign with what registries know of them. Throws a Fault `source_registry_malformed` that names the file. */
export const sourcesUnderTest = async (
  campaign: string,
  lineage: readonly LineageSource[],
  { root, productFolder }: Pick<VerbContext, 'root' | 'productFolder'>,
): Promise<readonly SourceUnderTest[]> => {
  const own = await readRegistry(join(campaign, FILE));
  const [shipped, ofRoot] = [join(productFolder, 'configs', FILE), join(root, 'configs', FILE)];
  const known = { ...(await readRegistry(shipped)), ...(ofRoot === shipped ? {} : await readRegistry(ofRoot)), ...own };
  const named = new Set(lineage.map(({ repo }) => repo));
  const added = Object.entries(own).flatMap(([repo, { commit }]) => (commit === undefined || named.has(repo) ? [] : [{ repo, commit }]));
  return [...lineage, ...added].map((source) => joined(source, known[source.repo]));
}; // prettier-ignore
