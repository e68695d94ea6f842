// Tokens per minute and cost by hardware: the page of `tpm_summary`, from the same function.
import { tpmText } from '../../capacity/capacity-words.ts';
import { summaryDocument } from '../../capacity/summary-document.ts';
import type { Capacity } from '../../capacity/summary-schema.ts';
import { plainText, type Block } from '../../render/document.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';

const mostOf = ({ groups }: Capacity): Capacity['groups'][number] | undefined =>
  groups.toSorted((a, b) => (b.peak.output_tpm_per_gpu ?? 0) - (a.peak.output_tpm_per_gpu ?? 0))[0];

const findingOf = (capacity: Capacity): string => {
  const { groups } = capacity;
  const sla = groups.filter((group) => group.sla !== null).length;
  const most = mostOf(capacity);
  const words =
    most === undefined
      ? ''
      : `At best ${tpmText(most.peak.output_tpm_per_gpu)} output tokens per minute and GPU (${most.hardware}); `;
  return `${words}${sla} of ${groups.length} configurations keep the limits of latency`;
};

/** A table without the columns that hold no value in any row. */
const withoutEmpty = (block: Block): Block => {
  if (block.kind !== 'table' || block.rows.length === 0) return block;
  const kept = block.columns.flatMap((_, index) =>
    block.rows.every((cells) => plainText(cells[index] ?? '') === ABSENT) ? [] : [index],
  );
  return {
    ...block,
    columns: kept.flatMap((index) => block.columns[index] ?? []),
    rows: block.rows.map((cells) => kept.map((index) => cells[index] ?? '')),
  };
};

const ABSENT = 'n/a';

export const capacityPages: PagePlan = ({ evidence: { capacity: found }, rows }) => {
  if (found === null || found.capacity.groups.length === 0)
    return omitted(
      'capacity',
      found === null ? 'rows of a file alone belong to no campaign' : 'no row of serving has an output rate',
      'render a campaign whose rows hold output tokens per second and GPU',
    );
  const most = mostOf(found.capacity);
  const document = summaryDocument(found.capacity, found.facts);
  return drawn([
    {
      id: 'capacity',
      title: findingOf(found.capacity),
      ...(most === undefined ? {} : { from: { rows: [most.peak.row_id], fields: ['output_tpm_per_gpu'] } }),
      subtitle: `${document.title} · ${rows.length} rows`,
      orientation: 'landscape',
      blocks: document.blocks.map(withoutEmpty),
    },
  ]);
};
