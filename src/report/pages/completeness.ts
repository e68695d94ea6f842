// The last page: what this report holds and what it lacks, always there and always true. Drawn after all others, from what they
// said.
import { coverageCounter } from '../../campaign/coverage.ts';
import { plural } from '../../render/numbers.ts';
import { pageTable, type Page } from '../../render/page.ts';
import type { Omission } from '../page-plan.ts';
import type { ReportData } from '../report-data.ts';
import type { ReportStatus } from '../report-status.ts';
import { shapeOf } from '../shape-line.ts';

/** Up to so many, rows are set larger. */
const FEW = 4;

const tableOf = (omissions: readonly Omission[]) =>
  pageTable(
    [
      { title: 'page', share: 0.9 },
      { title: 'why', share: 2.9 },
      { title: 'what brings it', share: 4.6 },
    ],
    omissions.map(({ page, why, how_to_fix: fix }) => [page, why, fix]),
    omissions.length > FEW ? 8.5 : 10,
  );

/** The page; `status` is that of all the others. */
export const completenessPage = (data: ReportData, status: ReportStatus): Page => {
  const counter = coverageCounter();
  for (const row of data.rows) counter.add(row);
  const coverage = counter.result();
  const { omitted_pages: omissions, partial_pages: partial, rendered_pages: pages } = status;
  const missing = omissions.length;
  return {
    id: 'completeness',
    title: missing === 0 ? 'Nothing is missing from this report' : `${plural(missing, 'page')} could not be drawn: the report is incomplete`,
    subtitle: shapeOf(data.rows),
    orientation: 'landscape',
    blocks: [
      ...(missing === 0 ? [] : [{ kind: 'banner', ground: 'bad', text: `Incomplete: ${omissions.map(({ page }) => page).join(', ')}` } as const]),
      { kind: 'paragraph', text: coverage.header_line },
      ...(coverage.note_line === null ? [] : [{ kind: 'paragraph', text: coverage.note_line } as const]),
      {
        kind: 'figures',
        items: [
          { label: 'pages drawn', value: pages.join(', ') },
          { label: 'speed of light', value: status.sol_complete ? `grounded, ${status.sol_rigor}` : 'not grounded: no page of it could be drawn' },
          { label: 'points drawn', value: `${status.plot_ready_points}; ${plural(status.non_plot_ready_full_cells, 'whole cell')} without a point that can be drawn` },
        ],
      },
      ...(missing === 0 ? [] : [{ kind: 'heading', level: 2, text: 'Pages that are missing' } as const, tableOf(omissions)]),
      ...(partial.length === 0 ? [] : [{ kind: 'heading', level: 2, text: 'Pages that are there in part' } as const, tableOf(partial)]),
    ],
  }; // prettier-ignore
};
