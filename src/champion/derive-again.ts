// The pick of a selection from rows alone: the figures of every variant, the leads that the judge lets stand, what is recommended. Gates
// and the grounding of variants rest on records that rows do not hold, and are not derived here.
import type { AtlasRow } from '../campaign/row.ts';
import type { ShownRecord, VariantRecord } from './champion-record.ts';
import { championRowsOf } from './champion-rows.ts';
import { shapeOf, shapeText } from './matching.ts';
import { pickChampion } from './question.ts';
import { fieldOf, type Contender, type Lead } from './ranked-variants.ts';

/** A figure of a selection, as it is stated and as the rows give it. */
export interface DerivedFigure {
  readonly place: string;
  readonly stated: unknown;
  readonly derived: unknown;
}

const rounded = (value: number | null, digits: number): number | null =>
  value === null ? null : Math.round(value * 10 ** digits) / 10 ** digits;

/** Half of the last digit of the limit as a record states it, in ms. */
const LIMIT_ROUNDING = 0.005;

const verdictFigures = (variant: VariantRecord, { tpot, slo }: Contender, limitMs: number | null): DerivedFigure[] => {
  const isAtLimit = tpot !== null && limitMs !== null && Math.abs(tpot - limitMs) <= LIMIT_ROUNDING;
  return isAtLimit ? [] : [{ place: `${variant.name}, slo_verdict`, stated: variant.slo_verdict, derived: slo }];
};

const variantFigures = (variant: VariantRecord, contender: Contender, lead: Lead | null, limitMs: number | null): DerivedFigure[] => {
  const { row, value, tpot, win } = contender;
  const of = (field: keyof VariantRecord, derived: unknown): DerivedFigure => ({ place: `${variant.name}, ${field}`, stated: variant[field], derived });
  return [
    of('focus_metric', value),
    of('output_tps_per_gpu', row.output_tps_per_gpu),
    of('tpot_median_ms', tpot),
    of('pct_win_vs_baseline', rounded(win, 1)),
    of('n_gpus', row.n_gpus),
    of('quant', row.quant),
    of('lead', lead === null ? null : { ...lead, n: [...lead.n] }),
    ...verdictFigures(variant, contender, limitMs),
  ];
}; // prettier-ignore

/** Every figure of a selection that rows alone decide. */
export const derivedFigures = async (
  rows: readonly AtlasRow[],
  record: ShownRecord,
  signal: AbortSignal,
): Promise<readonly DerivedFigure[]> => {
  const found = await championRowsOf(rows, record.focus_c);
  const cell = found.cells.find(({ cell_id: id }) => id === record.baseline_cell);
  const query = { metric: record.metric, focusC: record.focus_c, sloRel: 1, sloAbsMs: record.slo_ms };
  const field = cell === undefined ? null : fieldOf(found, cell, query);
  if (field === null) return [{ place: 'baseline_cell', stated: record.baseline_cell, derived: null }];
  const { champion, leads, ties } = await pickChampion({ field, metric: record.metric }, signal);
  const { row } = field.baseline;
  const variants = record.variants.flatMap((variant) => {
    const contender = [field.baseline, ...field.others].find(({ name }) => name === variant.name);
    const lead = variant.is_baseline ? null : (leads.get(variant.name) ?? null);
    return contender === undefined
      ? [{ place: variant.name, stated: variant.cell_id, derived: null }]
      : variantFigures(variant, contender, lead, record.slo_ms);
  });
  return [
    { place: 'recommended_cell', stated: record.recommended_cell, derived: (champion ?? field.baseline).row.cell_id },
    { place: 'no_change', stated: record.no_change, derived: champion === null },
    { place: 'ties', stated: record.ties, derived: ties },
    { place: 'variant_count', stated: record.variant_count, derived: field.others.length },
    { place: 'model', stated: record.model, derived: row.model },
    { place: 'hardware', stated: record.hardware, derived: row.hardware },
    { place: 'shape', stated: record.shape, derived: shapeText(shapeOf(row)) },
    ...variants,
  ];
};
