// What a pick must show before it is called a VERDICT, gate by gate, from what was recorded. A typed word stands in for a record that
// is not there and makes the pick a DRAFT; it never outweighs a record. Evidence of one delivery is none for another.
import type { AtlasRow } from '../campaign/row.ts';
import type { Context } from '../metrics/context.ts';
import { plural } from '../render/numbers.ts';
import { comparePlacement, sameContextValue } from '../verdict/context-match.ts';
import { accuracyGate } from './accuracy-gate.ts';
import { validTrials } from './focus.ts';
import {
  attested,
  bothRows,
  deliveryOf,
  GATE_TRIALS,
  isOfDelivery,
  missing,
  recorded,
  rowsPath,
  type Gate,
  type GateFacts,
  type GateName,
} from './gate.ts';
import type { Contender } from './ranked-variants.ts';
import { isOfVariant, SETTINGS } from './variant-settings.ts';

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
