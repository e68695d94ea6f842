// `CHAMPION.md`: the pick on one page, for whoever has to decide whether it ships. Blocks of the document model; every figure is one of
// the record, and nothing is decided here.
import {
  figure,
  heading,
  leftColumn,
  list,
  paragraph,
  rightColumn,
  table,
  type Block,
  type Document,
  type Text,
} from '../render/document.ts';
import { formatCell, formatChance, formatPercent, formatShare } from '../render/numbers.ts';
import type { ShownRecord, VariantRecord } from './champion-record.ts';
import { METRIC_FACTS } from './focus.ts';

const share = (percent: number | null): string => (percent === null ? '-' : formatShare(percent));

const winText = ({ pct_win_vs_baseline: win, lead, is_baseline: isBaseline }: VariantRecord): string => {
  if (isBaseline) return '-';
  if (win === null) return 'n/a';
  const { low = null, high = null } = lead ?? {};
  return low === null || high === null ? formatPercent(win) : `${formatPercent(win)} (${formatPercent(low)} to ${formatPercent(high)})`;
}; // prettier-ignore

const DECISIONS: Readonly<Record<string, string>> = {
  better: 'better',
  worse: 'worse',
  not_distinguishable: 'not decided',
  not_comparable: 'not comparable',
};

const decisionText = ({ lead, is_baseline: isBaseline }: VariantRecord): string => {
  if (isBaseline) return 'baseline';
  if (lead === null) return 'no data';
  const chance = lead.p === null ? '' : `, p ${formatChance(lead.p)}`;
  return `${DECISIONS[lead.rank] ?? lead.rank}${chance}`;
};

const VARIANT_COLUMNS = (unit: string) => [
  leftColumn('Variant'),
  leftColumn('Engine'),
  rightColumn(unit),
  rightColumn('Win (95 % interval)'),
  leftColumn('Decision'),
  rightColumn('Trials'),
  rightColumn('TPOT ms'),
  leftColumn('SLO'),
  leftColumn('SoL'),
  rightColumn('HBM'),
  rightColumn('Tensor'),
  rightColumn('SM'),
  leftColumn('Roofline'),
];

const isRecommended = (record: ShownRecord, { cell_id: cell }: VariantRecord): boolean =>
  cell === record.recommended_cell;

/** A figure of a variant, with the point that it follows from. */
const of = ({ row_id: row }: VariantRecord, text: string, field: keyof VariantRecord): Text =>
  row === undefined ? text : figure(text, [row], [field]);

const variantRow = (record: ShownRecord, variant: VariantRecord): Text[] => {
  const {
    name,
    engine,
    focus_metric: value,
    tpot_median_ms: tpot,
    slo_verdict: slo,
    sol,
    lead,
    has_roofline: roofline,
  } = variant;
  const title: Text = isRecommended(record, variant) ? [{ strong: name }] : name;
  const trials = lead === null ? '-' : `${lead.n[0]} + ${lead.n[1]}`;
  return [
    title, engine, of(variant, formatCell(value), 'focus_metric'), of(variant, winText(variant), 'pct_win_vs_baseline'), decisionText(variant), trials, of(variant, formatCell(tpot), 'tpot_median_ms'), slo, sol.sol_rigor,
    share(sol.hbm_pct_sol), share(sol.tensor_pct_sol), share(sol.sm_active_pct), roofline ? 'yes' : 'no',
  ]; // prettier-ignore
};

const GATE_MARKS = { pass: 'pass', fail: 'FAIL', unknown: 'unknown' } as const;

const gateTable = ({ gates, gates_of: of }: ShownRecord): Block[] => [
  heading(`Gates of ${of}`),
  table(
    [leftColumn('Gate'), leftColumn('Result'), leftColumn('Known by'), leftColumn('What is known'), leftColumn('Evidence, or what would be one')],
    gates.map(({ name, result, status, detail, evidence, needs }) => [
      name, GATE_MARKS[result], status, detail, needs ?? evidence.join(', '),
    ]),
  ),
]; // prettier-ignore

const sensitivityText = ({ sensitivity }: ShownRecord): string => {
  const { changes, draws, pick, picks, not_repeated: lone } = sensitivity;
  if (changes === null) return 'No variant was repeated, so that nobody knows how often noise alone would change the order.';
  const others = picks.filter(({ cell_id: cell }) => cell !== pick).slice(0, 3).map(({ cell_id: cell, share: part }) => `${cell} in ${formatShare(100 * part)}`);
  const fixed = lone.length === 0 ? '' : ` Points of one trial stay as they are: ${lone.join(', ')}.`;
  return `In ${draws} draws of the measured trials ${pick} comes out first in ${formatShare(100 * (1 - changes))}${others.length === 0 ? '' : `, ${others.join(', ')}`}.${fixed}`;
}; // prettier-ignore

const MOST_LEFT = 12;

const cut = (items: readonly string[]): string[] =>
  items.length <= MOST_LEFT ? [...items] : [...items.slice(0, MOST_LEFT), `and ${items.length - MOST_LEFT} more`];

const leftOut = ({ not_compared: cells, excluded }: ShownRecord): Block[] => [
  ...(cells.length === 0 ? [] : [heading('Not compared'), list(cut(cells.map(({ cell_id: cell, detail }) => `${cell}: ${detail}`)))]),
  ...(excluded.length === 0 ? [] : [heading('Excluded rows'), list(cut(excluded.map(({ cell_id: cell, concurrency, reason }) => `${cell} at concurrency ${concurrency}: ${reason}`)))]),
]; // prettier-ignore

const worse = ({ variants, recommended_cell: pick, no_change: isBaseline }: ShownRecord): Block[] => {
  const found = isBaseline ? [] : (variants.find(({ cell_id: cell, is_baseline: base }) => cell === pick && !base)?.worse ?? []);
  return found.length === 0 ? [] : [heading('What gets worse'), list(cut(found))];
}; // prettier-ignore

/** Columns of a roofline point: title, field, and the factor that makes it what the title says. */
const ROOFLINE_COLUMNS = [
  ['FLOP/byte', 'arithmetic_intensity', 1],
  ['TFLOPS/GPU', 'achieved_tflops_per_gpu', 1],
  ['% of peak', 'achieved_pct', 1],
  ['HBM delivered %', 'hbm_delivered_pct', 1],
  ['DRAM active %', 'dram_active', 100],
  ['Tensor active %', 'tensor_active', 100],
  ['% of the bound', 'bound_pct', 1],
  ['TPOT ms', 'median_tpot_ms', 1],
] as const;

const rooflines = ({ variants, focus_c: load }: ShownRecord): Block[] => {
  const rows = variants.flatMap(({ name, roofline_point: point }) => {
    if (point === null) return [];
    const cells = ROOFLINE_COLUMNS.map(([, field, factor]) => {
      const value = point[field];
      return formatCell(typeof value === 'number' ? value * factor : null);
    });
    return [[name, ...cells]];
  });
  if (rows.length === 0) return [];
  return [heading(`Rooflines at concurrency ${load}`), table([leftColumn('Variant'), ...ROOFLINE_COLUMNS.map(([title]) => rightColumn(title))], rows)];
}; // prettier-ignore

/** The page of a selection. */
export const championPage = (record: ShownRecord): Document => {
  const { title, banner, says, tier_says: tier, metric, model, hardware, focus_c: load, shape, slo_ms: limit } = record;
  const asked = `${model} on ${hardware}, concurrency ${load}, ${shape}; ${METRIC_FACTS[metric].title}${limit === null ? '' : ` under a TPOT of ${limit} ms`}.`;
  return {
    title: `Champion: ${title}`,
    blocks: [
      { kind: 'note', text: [{ strong: banner }] },
      paragraph(`${says}.`),
      paragraph(asked),
      paragraph(`Tier: ${tier}.`),
      paragraph(`Next: ${record.next_step}.`),
      ...(record.warnings.length === 0 ? [] : [list(record.warnings)]),
      heading('Baseline and variants'),
      table(VARIANT_COLUMNS(METRIC_FACTS[metric].unit), record.variants.map((variant) => variantRow(record, variant))),
      ...worse(record),
      ...gateTable(record),
      ...(record.flags.length === 0 ? [] : [heading('Typed, not recorded'), list(record.flags)]),
      heading('How firm the order is'),
      paragraph(sensitivityText(record)),
      ...rooflines(record),
      ...leftOut(record),
      paragraph('A variant wins where it keeps the TPOT limit and the judge finds it better than the baseline, corrected for all variants that were looked at. A VERDICT needs every gate opened by a record.'),
    ],
  };
}; // prettier-ignore
