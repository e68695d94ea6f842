// What a pick must show before it is called a VERDICT, gate by gate, from what was recorded. A typed word stands in for a record that
// is not there and makes the pick a DRAFT; it never outweighs a record. Evidence of one delivery is none for another.
import type { Context } from '../metrics/context.ts';
import { comparePlacement, sameContextValue } from '../verdict/context-match.ts';
import { cellFile } from '../campaign/layout.ts';
import { engineOf, type AtlasRow } from '../campaign/row.ts';
import type { ChampionRows } from './champion-rows.ts';
import { validTrials } from './focus.ts';
import type { VariantGrounding } from './ladder.ts';
import { baseModel } from './matching.ts';
import type { Contender, Lead } from './ranked-variants.ts';
import { plural } from '../render/numbers.ts';

export const GATES = [
  'variance',
  'same_node',
  'trials',
  'multi_workload',
  'accuracy',
  'dcgm_grounded',
  'delivery',
] as const;
export type GateName = (typeof GATES)[number];

/** `recorded`: files say it; `attested`: only the call does; `missing`: nobody does. */
export const GATE_STATUSES = ['recorded', 'attested', 'missing'] as const;
export type GateStatus = (typeof GATE_STATUSES)[number];

export const GATE_RESULTS = ['pass', 'fail', 'unknown'] as const;
export type GateResult = (typeof GATE_RESULTS)[number];

export interface Gate {
  readonly name: GateName;
  readonly status: GateStatus;
  readonly result: GateResult;
  readonly detail: string;
  /** Relative to the campaign. */
  readonly evidence: readonly string[];
  /** The record that would take the place of a typed word, or fill what is missing; null where a record is there. */
  readonly needs: string | null;
}

export const WORKLOADS = ['aa', 'sonnet', 'sharegpt', 'random', 'code'] as const;

/** Fewest valid trials a side. */
export const GATE_TRIALS = 3;

/** Words of the call. */
export interface Attested {
  readonly trials: number | null;
  readonly sameNode: boolean;
  readonly workloads: readonly string[] | null;
  readonly accuracy: 'pass' | 'fail' | 'unknown';
}

export interface GateFacts {
  readonly rows: ChampionRows;
  readonly baseline: Contender;
  readonly variant: Contender;
  readonly lead: Lead | null;
  readonly grounding: VariantGrounding;
  readonly attested: Attested;
  readonly requiredWorkloads: readonly string[];
  readonly accuracyFloor: number | null;
  /** Delivery of the whole campaign, for rows that name none; null where its provenance names none. */
  readonly campaignDelivery: string | null;
}

const rowsPath = ({ cell_id: cell }: Pick<AtlasRow, 'cell_id'>): string =>
  cellFile('', cell, 'rows').replace(/^\//, '');

const distinct = (paths: readonly string[]): string[] => [...new Set(paths)];

const recorded = (name: GateName, passes: boolean, detail: string, evidence: readonly string[]): Gate => ({
  name, status: 'recorded', result: passes ? 'pass' : 'fail', detail, evidence: distinct(evidence), needs: null,
}); // prettier-ignore

const attested = (name: GateName, passes: boolean, detail: string, needs: string): Gate => ({
  name, status: 'attested', result: passes ? 'pass' : 'fail', detail, evidence: [], needs,
}); // prettier-ignore

const missing = (name: GateName, detail: string, needs: string, evidence: readonly string[] = []): Gate => ({
  name, status: 'missing', result: 'unknown', detail, evidence: distinct(evidence), needs,
}); // prettier-ignore

/** How the code under test of a row came. */
export const deliveryOf = ({ extra }: AtlasRow, ofCampaign: string | null): string | null =>
  typeof extra['delivery'] === 'string' ? extra['delivery'] : ofCampaign;

const bothRows = ({ baseline, variant }: GateFacts): string[] => [rowsPath(baseline.row), rowsPath(variant.row)];

const heldTrials = ({ baseline, variant }: GateFacts): number =>
  Math.min(...[baseline, variant].map(({ row }) => Math.max(1, validTrials(row).length)));

const isOfWindows = ({ row }: Contender): boolean =>
  validTrials(row).some(({ replicate_level: level }) => level === 'window' || level === 'request');

const TRIALS_NEED = `${GATE_TRIALS} valid trials of both cells in their rows (campaign_run with arms, or import_variant_ab)`;

const trialsGate = (facts: GateFacts): Gate => {
  const held = heldTrials(facts);
  if (held >= GATE_TRIALS) return recorded('trials', true, `${plural(held, 'valid trial')} a side`, bothRows(facts));
  const { trials } = facts.attested;
  if (trials !== null) return attested('trials', trials >= GATE_TRIALS, `the call says ${trials}; the rows hold ${held}`, TRIALS_NEED);
  return missing('trials', `${plural(held, 'valid trial')} a side, ${GATE_TRIALS} are asked for`, TRIALS_NEED, bothRows(facts));
}; // prettier-ignore

const varianceGate = (facts: GateFacts): Gate => {
  const { lead, baseline, variant } = facts;
  const held = heldTrials(facts);
  if (held >= 2 && lead !== null && lead.basis !== 'point') {
    const windows = [baseline, variant].filter(isOfWindows).map(({ name }) => name);
    if (windows.length > 0) return recorded('variance', false, `trials of ${windows.join(', ')} are windows of one process`, bothRows(facts));
    const decides = lead.rank === 'better' ? 'the interval of the lead excludes no change' : 'the lead does not stand out of the noise';
    return recorded('variance', lead.rank === 'better', `${decides} (${plural(held, 'trial')} a side)`, bothRows(facts));
  }
  const { sameNode, trials } = facts.attested;
  const isBaseline = variant === baseline;
  const detail = isBaseline ? 'no variant leads, so that there is no lead to prove' : 'one trial a side: the noise was not measured';
  if (sameNode && trials !== null && trials >= GATE_TRIALS) return attested('variance', true, `${detail}; the call says same node and ${trials} trials`, TRIALS_NEED);
  return missing('variance', detail, TRIALS_NEED, bothRows(facts));
}; // prettier-ignore

const placementOf = ({ node, gpu_uuids }: AtlasRow): Pick<Context, 'node' | 'gpu_uuids'> => ({ node, gpu_uuids });

const NODE_NEED = 'node or gpu_uuids in the rows of both cells (cell_run and bench_run record them)';

const nodeGate = (facts: GateFacts): Gate => {
  const { baseline, variant } = facts;
  const { same_placement: same, placement_basis: basis } = comparePlacement(placementOf(baseline.row), placementOf(variant.row));
  if (same !== null) {
    const what = basis === 'node' ? 'node' : 'GPUs';
    return recorded('same_node', same, same ? `the same ${what}` : `other ${what} than the baseline`, bothRows(facts));
  }
  if (facts.attested.sameNode) return attested('same_node', true, 'the call says so; the rows name no node on both sides', NODE_NEED);
  return missing('same_node', 'the rows name no node on both sides', NODE_NEED);
}; // prettier-ignore

/** Settings that tell one variant from another, where a row states them. */
const SETTINGS = ['quant', 'kv_cache_dtype', 'num_speculative_tokens', 'engine', 'image', 'tensor_parallel', 'pipeline_parallel', 'data_parallel'] as const; // prettier-ignore
type Setting = (typeof SETTINGS)[number];

const settingOf = (row: AtlasRow, setting: Setting): string | number | null => {
  const value = setting === 'engine' ? engineOf(row) : row[setting];
  return value === 'unknown' || value === '' ? null : value;
};

const agree = (one: AtlasRow, other: AtlasRow, setting: Setting): boolean | null => {
  const [a, b] = [settingOf(one, setting), settingOf(other, setting)];
  return a === null || b === null ? null : sameContextValue(setting, a, b);
};

/** A row of the same configuration under another load: nothing that both state differs, and what is in `stated` both state. */
const isOfVariant = (
  variant: AtlasRow,
  row: AtlasRow,
  settings: readonly Setting[],
  stated: readonly Setting[] = [],
): boolean =>
  baseModel(row.model) === baseModel(variant.model) &&
  row.mtp === variant.mtp &&
  settings.every((setting) => agree(variant, row, setting) !== false) &&
  stated.every((setting) => agree(variant, row, setting) === true);

const isOfDelivery = ({ variant, campaignDelivery }: GateFacts, row: AtlasRow): boolean =>
  deliveryOf(row, campaignDelivery) === deliveryOf(variant.row, campaignDelivery);

/** The workload of a dataset by its name: `aa-1k` is aa, `ShareGPT_V3` sharegpt. */
const isWorkload = (row: AtlasRow, workload: string): boolean => {
  const dataset = row.dataset.toLowerCase();
  const named = row.extra['aa_shape'] !== undefined && workload === 'aa';
  return (
    named || dataset.startsWith(workload.toLowerCase()) || dataset.split(/[^a-z0-9]+/).includes(workload.toLowerCase())
  );
};

const workloadGate = (facts: GateFacts): Gate => {
  const { rows, variant, requiredWorkloads: required, attested: { workloads } } = facts; // prettier-ignore
  const own = rows.workloads.filter(
    (row) =>
      isOfVariant(variant.row, row, SETTINGS) &&
      sameContextValue('hardware', variant.row.hardware, row.hardware) &&
      isOfDelivery(facts, row),
  );
  const held = new Map(required.flatMap((workload) => {
    const found = own.find((row) => isWorkload(row, workload));
    return found === undefined ? [] : [[workload, rowsPath(found)] as const];
  })); // prettier-ignore
  const lacking = required.filter((workload) => !held.has(workload));
  const evidence = [...held.values()];
  const has = held.size === 0 ? 'none is in its rows' : `its rows hold ${[...held.keys()].join(', ')}`;
  if (lacking.length === 0) return recorded('multi_workload', true, has, evidence);
  const needs = `rows of ${variant.name} under ${lacking.join(', ')} (import_workloads)`;
  if (workloads === null) return missing('multi_workload', `${has}; not ${lacking.join(', ')}`, needs, evidence);
  const unsaid = lacking.filter((workload) => !workloads.some((each) => each.toLowerCase() === workload.toLowerCase()));
  const detail =
    unsaid.length === 0 ? `${has}; the call says ${lacking.join(', ')}` : `${has}; nobody says ${unsaid.join(', ')}`;
  return { ...attested('multi_workload', unsaid.length === 0, detail, needs), evidence };
};

/** What of a variant can change its answers. */
const OF_ANSWERS = [
  'quant',
  'kv_cache_dtype',
  'num_speculative_tokens',
  'engine',
] as const satisfies readonly Setting[];

/** Settings of answers that differ. */
const changedSettings = ({ baseline, variant }: GateFacts): Setting[] =>
  OF_ANSWERS.filter((setting) => settingOf(baseline.row, setting) !== settingOf(variant.row, setting));

const ANSWER_WORDS = {
  quant: 'quantisation',
  kv_cache_dtype: 'KV type',
  num_speculative_tokens: 'speculation',
  engine: 'engine',
} as const;

/** What of the variant's answers is not the baseline's, in words. */
const changedAnswers = (facts: GateFacts): string[] => {
  const { baseline, variant, campaignDelivery } = facts;
  const words = OF_ANSWERS.flatMap((setting) =>
    changedSettings(facts).includes(setting) ? [ANSWER_WORDS[setting]] : [],
  );
  const speculates = baseline.row.mtp === variant.row.mtp ? [] : ['speculation'];
  const delivered =
    deliveryOf(baseline.row, campaignDelivery) === deliveryOf(variant.row, campaignDelivery) ? [] : ['delivery'];
  return distinct([...words, ...speculates, ...delivered]);
};

type Scores = Readonly<Record<string, number>>;

const scoresOf = ({ extra }: AtlasRow): Scores => {
  const { quality_metrics: metrics } = extra;
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) return {};
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
  );
};

const EVAL_SETTINGS = [
  'quant',
  'kv_cache_dtype',
  'num_speculative_tokens',
  'engine',
  'image',
] as const satisfies readonly Setting[];

const evaluationsOf = (facts: GateFacts, { row }: Contender, stated: readonly Setting[]): AtlasRow[] =>
  facts.rows.evaluations.filter(
    (each) =>
      isOfVariant(row, each, EVAL_SETTINGS, stated) &&
      deliveryOf(each, facts.campaignDelivery) === deliveryOf(row, facts.campaignDelivery) &&
      Object.keys(scoresOf(each)).length > 0,
  );

/** Points of a score between 0 and 1 that a variant may lose. */
const SCORE_MARGIN = 0.01;

const percent = (score: number): string => `${Math.round(score * 1000) / 10} %`;

/** The scores against a floor, else against the baseline's; null where there is nothing to hold them against. */
const heldScores = (facts: GateFacts, own: readonly AtlasRow[]): { readonly passes: boolean; readonly says: string } | null => {
  const scores = own.flatMap((row) => Object.entries(scoresOf(row)));
  const { accuracyFloor: floor } = facts;
  if (floor !== null) {
    const [worst = ['', 0]] = scores.toSorted(([, a], [, b]) => a - b);
    return { passes: worst[1] >= floor, says: `lowest score ${percent(worst[1])} of ${worst[0]}, the floor is ${percent(floor)}` };
  }
  const before = new Map(evaluationsOf(facts, facts.baseline, []).flatMap((row) => Object.entries(scoresOf(row))));
  const shared = scores.flatMap(([name, score]) => {
    const other = before.get(name);
    return other === undefined ? [] : [{ name, lost: other - score }];
  });
  const [worst] = shared.toSorted((a, b) => b.lost - a.lost);
  if (worst === undefined) return null;
  const points = Math.round(1000 * worst.lost) / 10;
  return {
    passes: worst.lost <= SCORE_MARGIN + 1e-12,
    says: worst.lost > 0 ? `loses ${points} points of ${worst.name} at most; 1 is allowed` : `no score below the baseline's (${plural(shared.length, 'score')})`,
  };
}; // prettier-ignore

/** What an evaluation must state itself where it changed: tools of evaluations say nothing of the engine, nor how many tokens are drafted. */
const MUST_STATE: readonly Setting[] = ['quant', 'kv_cache_dtype'];

const accuracyGate = (facts: GateFacts): Gate => {
  const { variant, attested: { accuracy } } = facts; // prettier-ignore
  const changed = changedAnswers(facts);
  const why = `${changed.join(', ')} ${changed.length === 1 ? 'is' : 'are'} not the baseline's`;
  const needs = `an evaluation of ${variant.name} and of the baseline (import_model_eval with the same quant, kv_cache_dtype and mtp)`;
  if (accuracy === 'fail') return attested('accuracy', false, 'the call says it failed', needs);
  const own = evaluationsOf(
    facts,
    variant,
    changedSettings(facts).filter((setting) => MUST_STATE.includes(setting)),
  );
  const held = own.length === 0 ? null : heldScores(facts, own);
  const evidence = own.map(rowsPath);
  if (held !== null) return recorded('accuracy', held.passes, held.says, evidence);
  if (changed.length === 0) return recorded('accuracy', true, 'quantisation, KV type, speculation, engine and delivery are the baseline\'s', bothRows(facts)); // prettier-ignore
  if (accuracy === 'pass') return attested('accuracy', true, `the call says it passed; ${why}`, needs);
  if (own.length > 0) return missing('accuracy', `an evaluation is there, but no floor and none of the baseline to hold it against`, 'accuracy_floor, or an evaluation of the baseline (import_model_eval)', evidence); // prettier-ignore
  return missing('accuracy', `${why}, and no evaluation of it is there`, needs);
};

/** The cell whose folder a file of evidence lies in. */
const cellOfPath = (path: string): string => path.split(/[/\\]/)[1] ?? '';

/** A sweep lies in cells of its own, whose rows say how the code came; what lies in the variant's own cell is the variant's. */
const isOwnEvidence = (facts: GateFacts, path: string): boolean => {
  const sweep = facts.rows.sweeps.get(cellOfPath(path));
  return sweep === undefined || isOfDelivery(facts, sweep);
};

const groundingGate = (facts: GateFacts): Gate => {
  const { grounding, variant } = facts;
  const counters = grounding.evidence.filter(({ level, path }) => level === 'L3' && isOwnEvidence(facts, path));
  if (counters.length > 0) return recorded('dcgm_grounded', true, counters.map(({ what }) => what).join(', '), counters.map(({ path }) => path)); // prettier-ignore
  const needs = `counters of the GPUs beside the load of ${variant.name} (roofline_sweep, or dcgm_capture and dcgm_correlate)`;
  return missing('dcgm_grounded', 'no counters of the GPUs of this delivery beside its load', needs);
};

const deliveryGate = (facts: GateFacts): Gate => {
  const { baseline, variant, campaignDelivery } = facts;
  const [before, after] = [deliveryOf(baseline.row, campaignDelivery), deliveryOf(variant.row, campaignDelivery)];
  const needs = 'delivery in the extra entries of the rows, or in the provenance of the campaign';
  if (before === null || after === null) return missing('delivery', `${after === null ? variant.name : baseline.name} names no delivery`, needs); // prettier-ignore
  const ofRows = [baseline, variant].every(({ row }) => row.extra['delivery'] !== undefined);
  const evidence = ofRows ? bothRows(facts) : [...bothRows(facts), 'provenance.json'];
  if (before === after) return recorded('delivery', true, after, evidence);
  return recorded('delivery', false, `${variant.name} came as ${after}, the baseline as ${before}: numbers of one are no evidence for the other`, evidence); // prettier-ignore
};

/** Only a record opens a gate. */
export const isMet = ({ status, result }: Gate): boolean => status === 'recorded' && result === 'pass';

/** All gates of a variant, in the order in which pages show them. */
export const gatesOf = (facts: GateFacts): Gate[] => [
  varianceGate(facts),
  nodeGate(facts),
  trialsGate(facts),
  workloadGate(facts),
  accuracyGate(facts),
  groundingGate(facts),
  deliveryGate(facts),
];

const FLAGS: Readonly<Partial<Record<GateName, string>>> = {
  variance: '--same-node --trials',
  same_node: '--same-node',
  trials: '--trials',
  multi_workload: '--workloads-present',
  accuracy: '--accuracy-gate',
};

/** One line for each gate that rests on a word of the call: which record would take its place. */
export const flagLines = (gates: readonly Gate[]): string[] =>
  gates.flatMap(({ name, status, needs }) =>
    status === 'attested' ? [`${FLAGS[name] ?? name} is only said; ${needs ?? 'a record'} would replace it`] : [],
  );
