// The context of a row, or of the identity of a cell, in the names of a measurement's context. Placeholders of rows (a zero, `unknown`)
// are no facts.
import { contextOf } from '../importers/context-fields.ts';
import { CONTEXT_NAMES, type Context, type ContextField } from '../metrics/context.ts';
import type { JsonValue } from '../text/json.ts';

/** What a row or an identity of a cell states, under the names that both have. */
type Settings = Readonly<Partial<Record<string, unknown>>>;

const SAME_NAMES: readonly ContextField[] = [
  'n_gpus', 'dp_attention', 'disagg', 'roles', 'spec_method', 'engine_version', 'node', 'gpu_uuids', 'request_rate',
]; // prettier-ignore

/** A row has a zero where nobody says, and a list of roles that may be empty. */
const isSaid = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && value !== 0 && !(Array.isArray(value) && value.length === 0);

/** What the settings state. */
export const contextOfSettings = (settings: Settings): Context => {
  const named = Object.entries(CONTEXT_NAMES).flatMap(([field, { atlas }]) =>
    atlas === undefined || field === 'concurrency' ? [] : [[field, settings[atlas]] as const],
  );
  const same = SAME_NAMES.map((field) => [field, settings[field]] as const);
  const all = [...named, ...same, ['ep', settings['expert_parallel']] as const];
  const said = Object.fromEntries(all.filter(([, value]) => isSaid(value)));
  const derived = settings['n_gpus_source'] === 'derived';
  return contextOf({ ...(said as Record<string, JsonValue>), ...(derived ? { n_gpus: undefined } : {}) }); // checked boundary: `contextOf` lets each field pass its own schema
};
