// The question that a selection answers, put together from a call, the campaign's config and its atlas: which metric at which load,
// beside which baseline, and what the judge lets stand as the pick. Says nothing in words.
import type { VerbContext } from '../verb/context.ts';
import { Fault, inputFault } from '../text/fault.ts';
import type { PolicySources } from '../verdict/policy.ts';
import { isImplausible, surpriseOf, type Surprise } from '../verdict/plausibility.ts';
import { sourcesOf } from '../campaign/next/questions.ts';
import type { CampaignConfig } from '../campaign/config.ts';
import { engineSource } from '../campaign/lineage.ts';
import { isStale } from '../campaign/status.ts';
import { runSettings, type RunSettings } from '../campaign/runs/run-settings.ts';
import { readChampionRows, type ChampionRows } from './champion-rows.ts';
import { findBaseline, type FoundBaseline } from './find-baseline.ts';
import { defaultLoad, defaultMetric, METRIC_FACTS, type ChampionFocus, type ChampionMetric } from './focus.ts';
import type { Attested } from './gate.ts';
import { fieldOf, inOrder, leadsOver, type Contender, type Field, type Lead } from './ranked-variants.ts';

export interface ChampionQuery {
  /** Absolute path. */
  readonly campaign: string;
  /** Null where the campaign has none that can be used. */
  readonly config: CampaignConfig | null;
  readonly focus: ChampionFocus | undefined;
  readonly metric: ChampionMetric | undefined;
  readonly focusC: number | undefined;
  readonly top: number;
  readonly sloRel: number;
  readonly sloAbsMs: number | null;
  readonly baseline: string | undefined;
  readonly title: string | undefined;
  readonly requiredWorkloads: readonly string[];
  readonly accuracyFloor: number | null;
  readonly attested: Attested;
  readonly context: VerbContext;
}

/** Percent of worsening that is reported of a metric beside the focus. */
const TOLERANCE = 5;

interface Settings {
  readonly settings: RunSettings | null;
  readonly warnings: readonly string[];
}

/** The block `campaign` of the config; one that cannot be used is said. */
const settingsOf = ({ campaign, config }: ChampionQuery): Settings => {
  if (config === null) return { settings: null, warnings: [] };
  try {
    return { settings: runSettings(config, campaign), warnings: [] };
  } catch (error) {
    if (error instanceof Fault) return { settings: null, warnings: [error.message] };
    throw error;
  }
};

const focusOf = ({ focus, config }: ChampionQuery, settings: RunSettings | null): ChampionFocus => {
  const stated = focus ?? settings?.focus ?? config?.focus ?? 'throughput';
  return stated === 'accuracy' ? 'throughput' : stated;
};

const noFocusRow = ({ cell }: FoundBaseline, focusC: number, excluded: ChampionRows['excluded']): Fault => {
  const left = excluded.find(({ cell_id, concurrency }) => cell_id === cell.cell_id && concurrency === focusC);
  const has = cell.loads.length === 0 ? (cell.failure ?? 'it holds no measurement') : `it has ${cell.loads.join(', ')}`;
  const why = left === undefined ? has : left.reason;
  return inputFault('focus_load_absent', `the baseline ${cell.cell_id} has no usable row at concurrency ${focusC}: ${why}`, {
    fix: cell.loads.length === 0 ? 'name another baseline' : `give focus_c (${cell.loads.join(', ')}), or measure that load`,
    data: { loads: [...cell.loads] },
  });
}; // prettier-ignore

/** A question that can be asked: rows, baseline and field at one load. */
export interface Setting extends Settings {
  readonly query: ChampionQuery;
  readonly rows: ChampionRows;
  readonly found: FoundBaseline;
  readonly field: Field;
  readonly focus: ChampionFocus;
  readonly focusC: number;
  readonly metric: ChampionMetric;
  readonly campaignDelivery: string | null;
  readonly sources: PolicySources;
}

/**
 * The load that is compared where the call names none: the usual one, else the one that the baseline shares with most cells, the
 * largest of equals (for latency the smallest). Null where the baseline has no load.
 */
const loadFor = ({ cells }: ChampionRows, { cell }: FoundBaseline, focus: ChampionFocus): number | null => {
  const usual = defaultLoad(focus);
  if (cell.loads.includes(usual)) return usual;
  const sharing = (load: number): number => cells.filter(({ loads }) => loads.includes(load)).length;
  const order = focus === 'latency' ? cell.loads : cell.loads.toReversed();
  return order.toSorted((a, b) => sharing(b) - sharing(a))[0] ?? null;
};

/** Throws the Faults of the atlas, `baseline_not_in_atlas`, `atlas_empty` and `focus_load_absent`. */
export const openQuestion = async (query: ChampionQuery): Promise<Setting> => {
  const { campaign, config, context, sloRel, sloAbsMs } = query;
  const { settings, warnings } = settingsOf(query);
  const focus = focusOf(query, settings);
  const metric = query.metric ?? defaultMetric(focus);
  const arms = settings?.arms?.cells ?? [];
  const usual = query.focusC ?? defaultLoad(focus);
  const first = await readChampionRows(campaign, usual, context.signal);
  const chosen = query.focusC ?? loadFor(first, findBaseline(first.cells, query.baseline, arms), focus);
  const focusC = chosen ?? usual;
  const rows = focusC === usual ? first : await readChampionRows(campaign, focusC, context.signal);
  const found = findBaseline(rows.cells, query.baseline, arms);
  const field = fieldOf(rows, found.cell, { metric, focusC, sloRel, sloAbsMs });
  if (field === null) throw noFocusRow(found, focusC, rows.excluded);
  const campaignDelivery = config?.provenance === undefined ? null : (engineSource(config.provenance)?.delivery ?? null);
  const gates = { tolerance: TOLERANCE, headline: [METRIC_FACTS[metric].name] };
  const sources = await sourcesOf(gates, context);
  const isUsual = query.focusC !== undefined || focusC === usual;
  const elsewhere = isUsual ? [] : [`the baseline has no row at concurrency ${usual}: every cell is compared at ${focusC}; focus_c names another`];
  const stale = isStale(campaign) ? ['cells are newer than the atlas: aggregate it, and select again'] : [];
  return { query, settings, warnings: [...warnings, ...stale, ...elsewhere], rows, found, field, focus, focusC, metric, campaignDelivery, sources };
}; // prettier-ignore

/** What is odd about the size of a gain; null for a plain one. */
export const gainSurprise = (baseline: Contender, { value }: Contender, metric: ChampionMetric): Surprise | null => {
  if (baseline.value === null || value === null) return null;
  return surpriseOf(baseline.value, value, METRIC_FACTS[metric].direction, metric === 'tpot' ? 'amount' : 'rate');
};

/** A gain that no tuning explains: nobody ships it before somebody found out what it is. */
export const isTooGood = (baseline: Contender, variant: Contender, metric: ChampionMetric): boolean => {
  const { value } = baseline;
  const surprise = gainSurprise(baseline, variant, metric);
  return (
    value !== null &&
    variant.value !== null &&
    isImplausible(surprise, value, variant.value, METRIC_FACTS[metric].direction)
  );
};

/** The pick and what stands beside it. */
export interface Picked {
  /** Null where the baseline stays. */
  readonly champion: Contender | null;
  /** The best by value that keeps the limit; null where nothing is better than the baseline. */
  readonly leader: Contender | null;
  readonly ordered: readonly Contender[];
  readonly leads: ReadonlyMap<string, Lead>;
  readonly ties: readonly string[];
}

export const pickChampion = async (
  { field: { baseline, others }, metric }: Pick<Setting, 'field' | 'metric'>,
  signal: AbortSignal,
): Promise<Picked> => {
  const ordered = inOrder(others, metric);
  const leads = await leadsOver(baseline, others, { metric, signal });
  const ahead = ordered.filter(({ slo, win }) => slo === 'PASS-SLO' && win !== null && win > 0);
  const isProven = (each: Contender): boolean =>
    leads.get(each.name)?.rank === 'better' && !isTooGood(baseline, each, metric);
  const champion = ahead.find(isProven) ?? null;
  const rivals = champion === null ? [] : ahead.filter((each) => each !== champion);
  const among = champion === null ? new Map<string, Lead>() : await leadsOver(champion, rivals, { metric, signal });
  const ties = rivals.filter(({ name }) => among.get(name)?.rank === 'not_distinguishable').map(({ name }) => name);
  return { champion, leader: ahead[0] ?? null, ordered, leads, ties };
};
