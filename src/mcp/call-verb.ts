// The tools of the server that are no verbs: call_verb runs any verb of the toolset by its name, for verbs that the list does not
// carry. Decides only which verb a call means; running it is the wrapper's work.
import type { Tool } from '@modelcontextprotocol/server';
import { FIND_VERB } from '../catalog/verbs.generated.ts';
import { findVerb, loadVerb, requireVerb } from '../catalog/find-verb.ts';
import type { Toolset } from '../catalog/toolset.ts';
import { Fault } from '../text/fault.ts';
import type { Verb } from '../verb/define-verb.ts';
import type { ManifestEntry } from '../verb/manifest.ts';
import { toolOf } from './tools.ts';

/** How a call that names no verb is reported. */
export const CALL_VERB_NAMES = { name: 'call_verb', library: 'catalog', verb: 'call', safety: 'submits_jobs' } as const;

const CALL_VERB: Tool = {
  name: CALL_VERB_NAMES.name,
  title: 'Call a verb',
  description: 'Runs a verb that find_verb named and this list does not carry.',
  inputSchema: {
    type: 'object',
    properties: { verb: { type: 'string' }, arguments: { type: 'object', description: 'Fields of the verb.' } },
    required: ['verb'],
  },
  annotations: { readOnlyHint: false, destructiveHint: true },
};

const reachesMore = ({ listed, callable }: Toolset): boolean => callable.length > listed.length;

/** The tools of a toolset, sorted by name; an empty toolset has none. */
export const toolsOf = (toolset: Toolset): Tool[] => {
  if (toolset.listed.length === 0) return [];
  const tools = [...toolset.listed.map(toolOf), toolOf(FIND_VERB), ...(reachesMore(toolset) ? [CALL_VERB] : [])];
  return tools.toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

export interface MeantCall {
  readonly entry: ManifestEntry;
  readonly load: () => Promise<Verb>;
  readonly input: unknown;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const ofVerb = (entry: ManifestEntry, input: unknown): MeantCall => ({ entry, input, load: () => loadVerb(entry) });

const loadFindVerb = async ({ callable }: Toolset): Promise<Verb> => {
  const { findVerbIn } = await import('../catalog/find-verb-tool.ts');
  return findVerbIn(callable);
};

/** The verb and arguments inside a call of call_verb; fields beside `verb` count as arguments where none are given. */
const innerCall = (raw: unknown, { callable }: Toolset): MeantCall => {
  const { verb, arguments: inner, ...beside } = isRecord(raw) ? raw : {};
  if (typeof verb !== 'string' || verb === '')
    throw new Fault('usage', 'invalid_input', 'call_verb: verb is required', {
      fix: 'send {"verb": "<name>", "arguments": {…}}; find_verb finds names',
    });
  return ofVerb(requireVerb(verb, callable), inner ?? beside);
};

/**
 * What a tools/call means; undefined where the toolset has no such tool. Throws a usage Fault for a call_verb that names no
 * verb, which is the caller's mistake and not the protocol's.
 */
export const meantCall = (name: string, input: unknown, toolset: Toolset): MeantCall | undefined => {
  if (name === FIND_VERB.name) return { entry: FIND_VERB, input, load: () => loadFindVerb(toolset) };
  if (name === CALL_VERB.name && reachesMore(toolset)) return innerCall(input, toolset);
  const entry = findVerb(name);
  return entry !== undefined && toolset.callable.includes(entry) ? ofVerb(entry, input) : undefined;
};
