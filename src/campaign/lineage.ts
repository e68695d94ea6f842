// Where the code under test comes from: the `experiment_provenance_v1` block of an evidence bundle or of a campaign's YAML, and
// the flat facts that rows, reports and the lake carry. Unknown stays absent.
import { join } from 'node:path';
import { z } from 'zod';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { inputFault } from '../text/fault.ts';
import { parseYaml } from '../text/yaml.ts';

const text = z.string().min(1);

export const DELIVERIES = ['image', 'overlay', 'patchedVllm', 'infr-patch'] as const;
export const OVERLAY_MODES = ['subpath', 'patchset-initcontainer', 'pythonpath-sitecustomize'] as const;
const STATUSES = ['active', 'verified', 'refuted', 'incomplete', 'superseded'] as const;

const sourceSchema = z.strictObject({
  repo: text,
  branch: text.optional(),
  commit: text,
  dirty: z.boolean().optional(),
  delivery: z.enum(DELIVERIES).optional(),
  overlay_mode: z.enum(OVERLAY_MODES).optional(),
  image: text.optional(),
  image_digest: text.optional(),
  image_pip_version: text.optional(),
  overlay_configmap: text.optional(),
  patch_files: z.array(text).optional(),
  purpose: text.optional(),
});
export type LineageSource = z.output<typeof sourceSchema>;

export const lineageSchema = z.strictObject({
  schema: z.literal('experiment_provenance_v1').optional(),
  identity: z.strictObject({
    run_id: text,
    id_slug: text.optional(),
    title: text.optional(),
    hypothesis: text.optional(),
    family: text.optional(),
    tags: z.array(text).optional(),
    status: z.enum(STATUSES).optional(),
    supersedes: text.nullable().optional(),
    superseded_by: text.nullable().optional(),
  }),
  source: z.array(sourceSchema).optional(),
  lineage: z.record(z.string(), z.json()).optional(),
  verdict: z
    .strictObject({ tier: z.enum(['draft', 'verdict']).optional(), claim: text.optional(), baseline: text.optional(), metric: text.optional() })
    .optional(),
}); // prettier-ignore
export type Lineage = z.output<typeof lineageSchema>;

/** The source of the engine: a repository that ends in `/vllm` or `/sglang` or says how it is delivered, else the first. */
export const engineSource = ({ source = [] }: Lineage): LineageSource | undefined =>
  source.find(({ repo, delivery }) => /\/(vllm|sglang)$/.test(repo) || delivery !== undefined) ?? source[0];

const harnessSource = ({ source = [] }: Lineage): LineageSource | undefined =>
  source.find(({ repo }) => /deploy|\/perf-tune-/.test(repo));

/** The facts by their flat names, the known ones only; the lake has a column for each. */
export const flatLineage = (lineage: Lineage): Readonly<Record<string, string>> => {
  const { identity } = lineage;
  const engine = engineSource(lineage);
  const harness = harnessSource(lineage);
  const facts: Readonly<Record<string, string | undefined>> = {
    title: identity.title,
    experiment_status: identity.status,
    tags: identity.tags?.join(','),
    hypothesis: identity.hypothesis,
    vllm_repo: engine?.repo,
    vllm_branch: engine?.branch,
    vllm_commit: engine?.commit,
    vllm_image: engine?.image,
    vllm_image_digest: engine?.image_digest,
    vllm_pip_version: engine?.image_pip_version,
    delivery: engine?.delivery,
    overlay_mode: engine?.overlay_mode,
    code_repo: harness?.repo,
    code_sha: harness?.commit,
  };
  return Object.fromEntries(Object.entries(facts).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}; // prettier-ignore

const PROVENANCE_BLOCK = /^```provenance[^\S\n]*\n([\s\S]*?)^```/m;

const checked = (value: unknown, path: string): Lineage => {
  const parsed = lineageSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') ?? '';
  throw inputFault('lineage_invalid', `${path}: the provenance block does not fit at ${at}: ${issue?.message ?? ''}`, {
    path,
    at,
    fix: 'write it as experiment_provenance_v1: identity.run_id, and repo and commit of every source',
  });
};

/** The lineage in the `SOURCE.md` of an evidence bundle; undefined where the page has no such block. */
export const bundleLineage = async (bundle: string, signal?: AbortSignal): Promise<Lineage | undefined> => {
  const path = join(bundle, 'SOURCE.md');
  const page = await readNamedText(path, { limit: CONFIGURATION_BYTES, signal });
  const block = PROVENANCE_BLOCK.exec(page.replaceAll('\r\n', '\n'))?.[1];
  return block === undefined ? undefined : checked(await parseYaml(block, path), path);
};
