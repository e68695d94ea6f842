// The models that rows name, for bounds beside what was measured: their configs as a campaign kept them, or as this machine has them.
// A model whose config is not at hand says so; nothing is downloaded.
import { modelByName } from '../campaign/cell-facts.ts';
import type { AtlasRow } from '../campaign/row.ts';
import type { ModelPlaces } from '../roofline/find-model.ts';
import type { ModelConfigs } from '../roofline/read-model.ts';
import { Fault } from '../text/fault.ts';

/** Plain data, so that a report can carry it. */
export type ModelOutcome =
  { readonly kind: 'configs'; readonly configs: ModelConfigs } | { readonly kind: 'none'; readonly because: string };

/** By the name that rows have. */
export type Models = ReadonlyMap<string, ModelOutcome>;

const outcomeOf = async (name: string, campaign: string, places: ModelPlaces): Promise<ModelOutcome> => {
  try {
    return { kind: 'configs', configs: await modelByName(name, campaign, places) };
  } catch (error) {
    if (error instanceof Fault) return { kind: 'none', because: error.message };
    throw error;
  }
};

/** Of rows with a time per token; no other needs one. */
export const readModels = async (rows: readonly AtlasRow[], campaign: string, places: ModelPlaces): Promise<Models> => {
  const timed = rows.filter(({ tpot_median_ms: tpot }) => tpot !== null && tpot > 0);
  const models = new Map<string, ModelOutcome>();
  for (const name of new Set(timed.map(({ model }) => model)))
    models.set(name, await outcomeOf(name, campaign, places));
  return models;
};
