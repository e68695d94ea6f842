// The two shapes in which verbs cross the wire: a tool of the list, a result of a call. Pure.
import { pathToFileURL } from 'node:url';
import type { CallToolResult, ContentBlock, ResourceLink, Tool } from '@modelcontextprotocol/server';
import type { ManifestEntry } from '../verb/manifest.ts';
import type { Outcome } from '../verb/host.ts';
import { advertisedHints, advertisedSchema } from './advertised.ts';

/** The advertised form of a verb. */
export const toolOf = (entry: ManifestEntry): Tool => ({
  name: entry.name,
  title: entry.annotations.title,
  description: entry.description,
  inputSchema: advertisedSchema(entry) as unknown as Tool['inputSchema'], // checked boundary: JSON Schema of an object
  annotations: advertisedHints(entry),
});

/** A message that clients still take: the library of the protocol closes the connection at 10 MiB. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Characters that a value takes as JSON, or more: any character may need an escape of six, a number up to 25. */
const mostCharacters = (value: unknown): number => {
  if (typeof value === 'string') return 6 * value.length + 3;
  if (typeof value !== 'object' || value === null) return 26;
  let sum = 3;
  if (Array.isArray(value)) for (const item of value) sum += mostCharacters(item);
  else for (const [key, member] of Object.entries(value)) sum += 6 * key.length + 3 + mostCharacters(member);
  return sum;
};

/** True for a result that would end the connection instead of answering. Only what may be one is written out to be measured. */
export const isTooLarge = ({ structured }: Outcome): boolean =>
  mostCharacters(structured) > MOST_BYTES && JSON.stringify(structured).length > MOST_BYTES;

/** Short text, pictures, structured fields, links to files; failures are results that the model can read. */
export const toolResult = (
  outcome: Outcome,
  pictures: readonly ContentBlock[] = [],
  meta: Readonly<Record<string, unknown>> = {},
): CallToolResult => ({
  content: [
    { type: 'text', text: [...outcome.notices.map((notice) => `warning: ${notice}`), outcome.text].join('\n') },
    ...pictures,
    ...outcome.links.map((link): ResourceLink => ({
      type: 'resource_link',
      uri: pathToFileURL(link.path).href,
      name: link.path.split('/').at(-1) ?? link.path,
      title: link.title,
      mimeType: link.mime_type,
    })),
  ],
  structuredContent: outcome.structured,
  ...(Object.keys(meta).length === 0 ? {} : { _meta: meta }),
  ...(outcome.ok && !outcome.reportsFailure ? {} : { isError: true }),
});
