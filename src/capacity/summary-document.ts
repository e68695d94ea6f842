// The summary as one page for people: what is sold and under which limits first, then tables by hardware, then what was left out and how the
// figures came about. Every line says its workload, warm or cold, and its limits.
import { z } from 'zod';
import {
  figure,
  heading,
  list,
  paragraph,
  rightColumn,
  table,
  leftColumn,
  type Block,
  type Document,
  type Text,
} from '../render/document.ts';
import { plural } from '../render/numbers.ts';
import {
  energyText,
  intervalText,
  linesOf,
  msText,
  setText,
  slaText,
  tpmText,
  trialsText,
  usdText,
  variantText,
  workloadText,
  type Line,
} from './capacity-words.ts';
import { pointsOf } from './lake-rows.ts';
import type { Capacity, CapacityGroup, CapacityPoint } from './summary-schema.ts'; // prettier-ignore

export const summaryFactsSchema = z.object({
  campaign_id: z.string(),
  /** What the campaign says of itself; null where it says nothing. */
  context_line: z.string().nullable(),
  cost_rate_source: z.string(),
  methodology_caveat: z.string(),
});

export type SummaryFacts = Readonly<z.infer<typeof summaryFactsSchema>>;

/** What every reader of these figures has to know. */
export const CAVEAT =
  'Peak is the best point that was measured, at whatever latency: a best case, and the best of several is a little lucky. The SLA point is the one to commit to. Figures hold for the stated prompt and output lengths, and warm or cold cache, only.';

const OUTPUT_COLUMNS = [
  leftColumn('Variant'),
  leftColumn('Workload'),
  leftColumn('Point'),
  rightColumn('Concurrency'),
  rightColumn('Output tok/min per GPU'),
  rightColumn('per replica'),
  rightColumn('per node'),
  rightColumn('per rack'),
  rightColumn('$ per 1M output tok'),
  rightColumn('$ per 1M total tok'),
];

/** A figure of a point, with the row that it follows from. */
const of = ({ row_id: row }: CapacityPoint, text: string, ...fields: readonly (keyof CapacityPoint)[]): Text =>
  figure(text, [row], fields);

const outputRow = (group: CapacityGroup, { point, name }: Line): Text[] => [
  variantText(group),
  workloadText(group),
  name,
  String(point.concurrency),
  of(point, tpmText(point.output_tpm_per_gpu), 'output_tpm_per_gpu'),
  of(point, setText(point.output_tpm_per_replica, point.gpus_per_replica), 'output_tpm_per_replica'),
  of(point, setText(point.output_tpm_per_node, point.gpus_per_node), 'output_tpm_per_node'),
  of(point, setText(point.output_tpm_per_rack, point.gpus_per_rack), 'output_tpm_per_rack'),
  of(point, usdText(point.usd_per_1m_output_tokens, point.usd_is_estimate), 'usd_per_1m_output_tokens'),
  of(point, usdText(point.usd_per_1m_total_tokens, point.usd_is_estimate), 'usd_per_1m_total_tokens'),
];

const noSlaRow = (group: CapacityGroup): Text[] => [
  variantText(group),
  workloadText(group),
  { strong: `no SLA point (${slaText(group)})` },
  '',
  group.sla_says ?? '',
  '',
  '',
  '',
  '',
  '',
];

const TOTAL_COLUMNS = [
  leftColumn('Variant'),
  leftColumn('Workload'),
  leftColumn('Point'),
  rightColumn('Total tok/min per GPU'),
  rightColumn('per replica'),
  rightColumn('per node'),
  rightColumn('per rack'),
  rightColumn('TTFT mean'),
  rightColumn('TPOT median'),
  rightColumn('ITL mean'),
  leftColumn('Output tokens per joule'),
  leftColumn('How sure (output tok/min per GPU)'),
  leftColumn('Measured in'),
];

const totalRow = (group: CapacityGroup, { point, name }: Line): Text[] => [
  variantText(group),
  workloadText(group),
  name,
  of(point, tpmText(point.total_tpm_per_gpu), 'total_tpm_per_gpu'),
  of(point, setText(point.total_tpm_per_replica, point.gpus_per_replica), 'total_tpm_per_replica'),
  of(point, setText(point.total_tpm_per_node, point.gpus_per_node), 'total_tpm_per_node'),
  of(point, setText(point.total_tpm_per_rack, point.gpus_per_rack), 'total_tpm_per_rack'),
  of(point, msText(point.ttft_avg_ms), 'ttft_avg_ms'),
  of(point, msText(point.tpot_median_ms), 'tpot_median_ms'),
  of(point, msText(point.itl_avg_ms), 'itl_avg_ms'),
  of(point, energyText(point), 'tokens_per_joule'),
  of(point, [intervalText(point), ...trialsText(point)].join('; '), 'output_interval', 'trials_within_sla'),
  [{ code: point.cell_id }, ` at concurrency ${point.concurrency}`],
];

const rateText = ({ usd_per_gpu_hour: usd, usd_is_estimate: isEstimate, usd_origin: origin }: CapacityPoint): string => {
  if (usd === null) return 'no price: name one under `cost:` of the campaign';
  const whose = origin === 'campaign' ? "the campaign's own" : origin === 'root' ? 'of configs/cost.yaml of the root' : 'a list price';
  return `${usdText(usd, false)} per GPU and hour, ${isEstimate === true ? 'an estimate (*): no list price is known' : whose}`;
}; // prettier-ignore

/** Points that a note names before it counts them. */
const NAMED_POINTS = 6;

const noted = (groups: readonly CapacityGroup[]): string[] => {
  const notes = new Map<string, Set<string>>();
  for (const group of groups)
    for (const { cell_id, concurrency, notes: own } of pointsOf(group))
      for (const note of own) notes.set(note, (notes.get(note) ?? new Set()).add(`${cell_id} at concurrency ${concurrency}`));
  return [...notes].map(([note, places]) => {
    const rest = places.size - NAMED_POINTS;
    return `${[...places].slice(0, NAMED_POINTS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}: ${note}`;
  });
}; // prettier-ignore

const hardwareBlocks = (hardware: string, groups: readonly CapacityGroup[]): Block[] => {
  const [first] = groups;
  if (first === undefined) return [];
  const { gpus_per_node: node, gpus_per_rack: rack } = first;
  const rackText = rack === null ? 'a rack has no fixed number of GPUs' : `${rack} GPUs a rack`;
  const notes = noted(groups);
  return [
    heading(hardware),
    paragraph(`${node} GPUs a node, ${rackText}. ${rateText(first.peak)}.`),
    table(OUTPUT_COLUMNS, groups.flatMap((group) => [...linesOf(group).map((line) => outputRow(group, line)), ...(group.sla === null ? [noSlaRow(group)] : [])])),
    heading(`${hardware}: total tokens, latency, energy`, 3),
    table(TOTAL_COLUMNS, groups.flatMap((group) => linesOf(group).map((line) => totalRow(group, line)))),
    ...(notes.length === 0 ? [] : [heading(`${hardware}: to know of these points`, 3), list(notes)]),
  ];
}; // prettier-ignore

/** Left-out rows that the page names before it counts them; the JSON file has all. */
const NAMED = 20;

const leftOutBlocks = ({ excluded }: Capacity): Block[] => {
  if (excluded.length === 0) return [];
  const rest = excluded.length - NAMED;
  return [
    heading('Left out'),
    paragraph(`${plural(excluded.length, 'row')} cannot be true or do not count, and no figure above is of them.`),
    list([
      ...excluded.slice(0, NAMED).map(({ cell_id, concurrency, says }): Text => [{ code: cell_id }, ` at concurrency ${concurrency}: ${says}`]),
      ...(rest > 0 ? [`… ${rest} more: tpm_summary.json names them`] : []),
    ]),
  ];
}; // prettier-ignore

const METHOD: Block = list([
  'Output tok/min is the output rate of the whole window over all GPUs that served, times 60; total adds the prompt tokens, and is n/a where the tool gives no total.',
  'A replica is the smallest set of GPUs that serves the model by itself; node and rack are that many GPUs at the same rate each, not a measurement of a whole node or rack.',
  'SLA: the highest output rate among points whose mean TTFT and median TPOT keep both limits (mean ITL where there is no TPOT and no speculation).',
  'Dollars are the price of a GPU hour over the tokens of that hour at full load; idle hours cost extra. Tokens per joule come from measured power alone, with whose power it is.',
  'Engines, data sets, lengths, warm and cold, and phases are never pooled; lengths count as one where they lie within 10 %.',
]);

/** The page behind `tpm_summary.md`. */
export const summaryDocument = (capacity: Capacity, facts: SummaryFacts): Document => {
  const serving = capacity.groups.filter(({ phase }) => phase === null);
  const apart = capacity.groups.filter(({ phase }) => phase !== null);
  const ofHardware = (hardware: string): CapacityGroup[] => serving.filter((group) => group.hardware === hardware);
  const parts = [...new Set(serving.map(({ hardware }) => hardware))];
  return {
    title: 'TPM supported across hardware types',
    blocks: [
      { kind: 'note', text: facts.methodology_caveat },
      list([
        `campaign: ${facts.campaign_id}`,
        ...(facts.context_line === null ? [] : [`context: ${facts.context_line}`]),
        `prices: ${facts.cost_rate_source}`,
        `${plural(capacity.rows, 'row')} of the atlas: ${plural(capacity.groups.length, 'group')}, ${capacity.excluded.length} left out, ${capacity.rows_without_rate} without an output rate`,
      ]),
      ...(serving.length === 0 ? [paragraph('No row of serving has an output rate.')] : []),
      ...parts.flatMap((hardware) => hardwareBlocks(hardware, ofHardware(hardware))),
      ...(apart.length === 0
        ? []
        : [
            heading('Measured apart: no serving capacity'),
            table(TOTAL_COLUMNS, apart.flatMap((group) => linesOf(group).map((line) => totalRow(group, line)))),
          ]),
      ...leftOutBlocks(capacity),
      heading('How to read this'),
      METHOD,
    ],
  };
}; // prettier-ignore
