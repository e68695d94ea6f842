// perf_baseline_tag: names for entries.
import { basename } from 'node:path';
import { z } from 'zod';
import { recorderFacts } from '../../src/registry/recorder-facts.ts';
import { existingPlace, resolveAddress } from '../../src/registry/address.ts';
import { registryFolder } from '../../src/registry/layout.ts';
import { requireNewName } from '../../src/registry/new-name.ts';
import { readEntry } from '../../src/registry/read-entry.ts';
import { placeFields, withNewResult } from '../../src/registry/entry-steps.ts';
import { currentTags, tagEntry, tagName } from '../../src/registry/tags.ts';
import { Fault } from '../../src/text/fault.ts';
import { nearestName } from '../../src/text/nearest.ts';
import { environmentSecrets } from '../../src/text/redact.ts';
import { defineVerb } from '../../src/verb/define-verb.ts';
import { readsEntries } from '../../src/registry/entry-paths.ts';

/** A tag that is to be taken away has to be there. Throws a Fault `tag_not_found`. */
const requireTag = (tag: string, tags: ReadonlyMap<string, string>, where: string): void => {
  if (tags.has(tag)) return;
  const near = nearestName(tag, [...tags.keys()]);
  const known = tags.size === 0 ? 'it has none' : `there are ${[...tags.keys()].slice(-8).join(', ')}`;
  throw new Fault('usage', 'tag_not_found', `${where} has no tag ${tag}`, {
    fix: near === undefined ? known : `did you mean ${near}?`,
  });
};

export const perfBaselineTag = defineVerb({
  name: 'perf_baseline_tag',
  family: 'baseline',
  library: 'perf_baseline',
  verb: 'tag',
  title: 'Tag a baseline',
  description:
    'Gives an entry a name (golden) that diffs address as family/measurement@name; moves an existing name; remove takes it away. The history is kept. For notes: perf_baseline_record.',
  safety: 'writes_artifacts',
  idempotent: true,
  fields: {
    entry: z.string().describe('family/measurement[@latest|@slug|@tag], or its folder.'),
    tag: z.string().describe('Tag. One path segment.'),
    note: z.string().optional().describe('Note. Why.'),
    remove: z.boolean().optional().describe('Take the name away.'),
  },
  positionals: ['entry', 'tag'],
  paths: { entry: readsEntries },
  data: {
    address: z.string(),
    slug: z.string().nullable(),
    tag: z.string(),
    previous_slug: z.string().nullable(),
    tags: z.record(z.string(), z.string()),
  },
  examples: [{ title: 'Name the newest entry', input: { entry: 'llama31_8b/vllm_serve@latest', tag: 'golden' } }],
  run: async ({ entry: address, tag: name, note, remove = false }, context) => {
    const tag = tagName(name);
    const registry = registryFolder(context.root);
    const folder = await resolveAddress(registry, address, context.cwd);
    const { family, measurement } = await readEntry(folder);
    const place = await existingPlace(registry, family, measurement);
    const tags = await currentTags(place);
    const before = tags.get(tag) ?? null;
    if (remove) requireTag(tag, tags, `${family}/${measurement}`);
    else requireNewName(tag, 'tag', [...tags.keys()]);
    const slug = remove ? null : basename(folder);
    if (!context.dryRun) {
      const { operatorUser } = await recorderFacts(context);
      const secrets = environmentSecrets(context.env);
      await tagEntry(place, { tag, slug, by: operatorUser, secrets, ...(note === undefined ? {} : { note }) });
    }
    return {
      address: `${family}/${measurement}@${tag}`,
      slug,
      tag,
      previous_slug: before,
      tags: Object.fromEntries(await currentTags(place)),
    };
  },
  render: (data, say) => {
    const moved =
      data.previous_slug === null || data.previous_slug === data.slug ? '' : `, before ${data.previous_slug}`;
    return data.slug === null
      ? `${data.address} ${say('removed', 'be removed')}${moved}`
      : `${data.address} ${say('is', 'be')} ${data.slug}${moved}`;
  },
  next: ({ address, slug }) =>
    slug === null
      ? [{ verb: 'perf_baseline_list', input: placeFields(address) }]
      : [withNewResult(address), { verb: 'perf_baseline_show', input: { entry: address } }],
});
