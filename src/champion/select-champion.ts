// Which variant of a campaign to ship. Puts together what others decide: the field at one load and shape, the leads that the judge
// lets stand, the gates that records fill, the grounding of each variant. Writes nothing.
import { basename } from 'node:path';
import type { Judgement } from '../compare/judgement.ts';
import { changeText } from '../verdict/wording.ts';
import { rowId } from '../campaign/reconcile/violation.ts';
import { engineOf, type AtlasRow } from '../campaign/row.ts';
import type { ChampionRecord, VariantRecord } from './champion-record.ts';
import { NO_CHANGE, nextOf, openLead, sayPick, warningsOf } from './champion-words.ts';
import { deliveryOf, isMet } from './gate.ts';
import { flagLines, gatesOf } from './gates.ts';
import { groundingOfVariant, type VariantGrounding } from './ladder.ts';
import { shapeOf, shapeText } from './matching.ts';
import { gainSurprise, openQuestion, pickChampion, type ChampionQuery, type Picked, type Setting } from './question.ts';
import { judgePoints, type Contender, type Lead } from './ranked-variants.ts';
import { tierOfPick } from './pick-tier.ts';
import { sensitivityOf } from './sensitivity.ts';

/** Points beyond which resampling adds none: a variant far behind is never drawn first. */
const MOST_DRAWN = 20;

/** The first of the order, the pick among them. */
const shownOf = ({ champion, ordered }: Picked, top: number): Contender[] => {
  const first = ordered.slice(0, top);
  return champion === null || first.includes(champion) ? first : [...first.slice(0, top - 1), champion];
};

interface Seen {
  readonly contender: Contender;
  readonly lead: Lead | null;
  readonly grounding: VariantGrounding;
  readonly judgement: Judgement | null;
}

const armOf = ({ extra }: AtlasRow): string | undefined =>
  typeof extra['arm'] === 'string' ? extra['arm'] : undefined;

const see = async (setting: Setting, contender: Contender, lead: Lead | null): Promise<Seen> => {
  const { query: { campaign }, field: { baseline }, found, focusC, metric, sources, campaignDelivery, settings } = setting; // prettier-ignore
  const { row } = contender;
  const grounding = await groundingOfVariant({ campaign, cell: row.cell_id, arm: armOf(row), focusC, counters: row });
  const marks = {
    ...(campaignDelivery === null ? {} : { delivery: campaignDelivery }),
    ...(settings?.production_representative === undefined
      ? {}
      : { production_representative: settings.production_representative }),
  };
  const facts = { campaign, metric, sources, namedBaseline: found.source !== 'first', marks };
  const judgement =
    contender === baseline || contender.value === null ? null : await judgePoints(baseline, contender, facts);
  return { contender, lead, grounding, judgement };
};

const worseOf = (judgement: Judgement | null): string[] =>
  (judgement?.adverse ?? []).map((row) => `${row.key} ${changeText(row)}`);

const rounded = (value: number | null, digits: number): number | null =>
  value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits;

const variantOf = (setting: Setting, { contender, lead, grounding, judgement }: Seen): VariantRecord => {
  const { row, name, value, tpot, slo, win } = contender;
  const { baseline } = setting.field;
  const points = grounding.roofline?.['decode'];
  const atLoad = (Array.isArray(points) ? points : []).find(
    (point) => typeof point === 'object' && point !== null && !Array.isArray(point) && point['c'] === setting.focusC,
  );
  return {
    cell_id: row.cell_id,
    row_id: rowId(row),
    name,
    engine: engineOf(row) === '' ? 'unknown' : engineOf(row),
    is_baseline: contender === baseline,
    focus_metric: value,
    output_tps_per_gpu: row.output_tps_per_gpu,
    tpot_median_ms: tpot,
    pct_win_vs_baseline: rounded(win, 1),
    slo_verdict: slo,
    lead: lead === null ? null : { ...lead, n: [...lead.n] },
    n_gpus: row.n_gpus,
    quant: row.quant,
    delivery: deliveryOf(row, setting.campaignDelivery),
    worse: worseOf(judgement),
    sol: { ...grounding.sol, l1_top_categories: [...grounding.sol.l1_top_categories] },
    has_roofline: grounding.roofline !== null,
    roofline_point: typeof atLoad === 'object' && atLoad !== null && !Array.isArray(atLoad) ? atLoad : null,
  };
};

/** The whole selection. Throws the Faults of the atlas, `baseline_not_in_atlas`, `atlas_empty` and `focus_load_absent`. */
export const selectChampion = async (query: ChampionQuery): Promise<ChampionRecord> => {
  const setting = await openQuestion(query);
  const { rows, found, field, focus, focusC, metric, campaignDelivery } = setting;
  const { baseline, sloMs } = field;
  const picked = await pickChampion(setting, query.context.signal);
  const { champion, leader, ordered, leads, ties } = picked;
  const seen: Seen[] = [await see(setting, baseline, null)];
  for (const contender of shownOf(picked, query.top)) {
    query.context.signal.throwIfAborted();
    seen.push(await see(setting, contender, leads.get(contender.name) ?? null));
  }
  const subject = champion ?? leader ?? baseline;
  const ofSubject = seen.find(({ contender }) => contender === subject) ?? (await see(setting, subject, leads.get(subject.name) ?? null));
  const gates = gatesOf({
    rows,
    baseline,
    variant: subject,
    lead: ofSubject.lead,
    grounding: ofSubject.grounding,
    attested: query.attested,
    requiredWorkloads: query.requiredWorkloads,
    accuracyFloor: query.accuracyFloor,
    campaignDelivery,
  });
  const surprise = champion === null ? null : gainSurprise(baseline, champion, metric);
  const tier = tierOfPick({ isWinner: champion !== null, judgement: ofSubject.judgement, gates, isSurprising: surprise !== null });
  const recommended = champion ?? baseline;
  const variants = seen.map((each) => variantOf(setting, each));
  const says = sayPick(setting, picked);
  const lead = leader === null ? undefined : leads.get(leader.name);
  return {
    schema_version: 'champion_select_v1',
    campaign_id: basename(query.campaign),
    title: query.title ?? basename(query.campaign),
    focus,
    focus_c: focusC,
    metric,
    slo_ms: rounded(sloMs, 2),
    hardware: baseline.row.hardware,
    tensor_parallel: baseline.row.tensor_parallel,
    model: baseline.row.model,
    shape: shapeText(shapeOf(baseline.row)),
    baseline_cell: baseline.row.cell_id,
    baseline_source: found.source,
    variant_count: field.others.length,
    variants,
    recommended_cell: recommended.row.cell_id,
    recommended_engine: engineOf(recommended.row) === '' ? 'unknown' : engineOf(recommended.row),
    no_change: champion === null,
    banner: `RECOMMENDED-FOR-PRODUCTION (${tier.tier.toUpperCase()}): ${recommended.name}${champion === null ? ` (${NO_CHANGE})` : ''}`,
    says,
    ...tier,
    tier_missing: [...tier.tier_missing],
    gates: gates.map((gate) => ({ ...gate, evidence: [...gate.evidence] })),
    gates_of: subject.name,
    flags: flagLines(gates),
    reasons: champion === null ? [says] : gates.filter((gate) => !isMet(gate)).map(({ name, detail }) => `${name}: ${detail}`),
    leader: leader === null || leader === champion || leader.win === null ? null : {
      cell_id: leader.row.cell_id,
      pct_win_vs_baseline: Math.round(10 * leader.win) / 10,
      trials_needed: lead?.trials_needed ?? null,
      says: openLead(leader, lead, metric),
    },
    ties: [...ties],
    sensitivity: await writtenSensitivity(setting, ordered),
    not_compared: field.notCompared.map((each) => ({ ...each, loads: [...each.loads] })),
    not_compared_count: field.notCompared.length,
    excluded: [...rows.excluded],
    excluded_count: rows.excluded.length,
    warnings: warningsOf(setting, picked),
    next_step: nextOf(setting, picked, gates),
    roofline_overlay: Object.fromEntries(seen.flatMap(({ contender, grounding }) => (grounding.roofline === null ? [] : [[contender.row.cell_id, grounding.roofline]]))),
  };
}; // prettier-ignore

const writtenSensitivity = async (
  { field: { baseline }, metric, query }: Setting,
  ordered: readonly Contender[],
): Promise<ChampionRecord['sensitivity']> => {
  const limitOf = (tpot: number | null): number | null =>
    query.sloAbsMs ?? (tpot === null ? null : tpot * query.sloRel);
  const drawn = ordered.slice(0, MOST_DRAWN);
  const found = await sensitivityOf(baseline, drawn, { metric, limitOf }, query.context.signal);
  return { ...found, picks: [...found.picks], not_repeated: [...found.not_repeated] };
};
