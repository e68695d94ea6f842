// How much of a campaign was measured: cells by status and points that can be drawn, from rows alone. One definition, for the
// aggregate, the status and page 1 of the report.
import { isPlotReady, type AtlasRow, type RowStatus } from './row.ts';

export interface Coverage {
  /** Full, partial and failed cells; evicted ones are context. */
  readonly atlas_cells: number;
  readonly full_sweeps: number;
  readonly partial_sweeps: number;
  readonly failed_cells: number;
  readonly evicted_cells: number;
  readonly plot_ready_points: number;
  /** Full cells without one point that can be drawn. */
  readonly non_plot_ready_full_cells: number;
  /** `Coverage: 40 atlas cells | …`. */
  readonly header_line: string;
  /** What is said of evicted cells; null where there are none. */
  readonly note_line: string | null;
}

/** Status of a cell by its rows: one failed or partial point makes a measured cell partial. */
export const cellStatus = (rows: readonly Pick<AtlasRow, 'status'>[]): RowStatus => {
  const statuses = new Set(rows.map(({ status }) => status));
  const [only] = statuses;
  if (statuses.size === 1 && only !== undefined) return only;
  return statuses.size === 0 ? 'failed' : 'partial';
};

interface Tally {
  readonly statuses: Set<RowStatus>;
  plotReady: number;
}

export interface CoverageCounter {
  readonly add: (row: AtlasRow) => void;
  readonly rows: () => number;
  readonly result: () => Coverage;
}

const headerLine = (coverage: Omit<Coverage, 'header_line' | 'note_line'>): string => {
  const { atlas_cells, full_sweeps, partial_sweeps, failed_cells, plot_ready_points, non_plot_ready_full_cells } = coverage;
  const unplottable = non_plot_ready_full_cells > 0 ? ` | ${non_plot_ready_full_cells} full-but-unplottable cells` : '';
  return `Coverage: ${atlas_cells} atlas cells | ${full_sweeps} full sweeps | ${partial_sweeps} partial sweeps | ${failed_cells} failed cells | ${plot_ready_points} plot-ready concurrency points${unplottable}`;
}; // prettier-ignore

const noteLine = (evicted: number): string | null =>
  evicted === 0
    ? null
    : `Note: ${evicted} cells were evicted before terminal state and are represented as failure context, not plotted points.`;

const statusOf = ({ statuses }: Tally): RowStatus => cellStatus([...statuses].map((status) => ({ status })));

/** Counts rows as they stream by; keeps a few words for each cell, no rows. */
export const coverageCounter = (): CoverageCounter => {
  const cells = new Map<string, Tally>();
  let rows = 0;
  return {
    add: (row) => {
      rows += 1;
      const tally = cells.get(row.cell_id) ?? { statuses: new Set(), plotReady: 0 };
      tally.statuses.add(row.status);
      if (isPlotReady(row)) tally.plotReady += 1;
      cells.set(row.cell_id, tally);
    },
    rows: () => rows,
    result: () => {
      const tallies = [...cells.values()];
      const count = (status: RowStatus): number => tallies.filter((tally) => statusOf(tally) === status).length;
      const counted = {
        atlas_cells: count('full') + count('partial') + count('failed'),
        full_sweeps: count('full'),
        partial_sweeps: count('partial'),
        failed_cells: count('failed'),
        evicted_cells: count('evicted'),
        plot_ready_points: tallies.reduce((sum, { plotReady }) => sum + plotReady, 0),
        non_plot_ready_full_cells: tallies.filter((tally) => statusOf(tally) === 'full' && tally.plotReady === 0).length,
      };
      return { ...counted, header_line: headerLine(counted), note_line: noteLine(counted.evicted_cells) };
    },
  };
}; // prettier-ignore
