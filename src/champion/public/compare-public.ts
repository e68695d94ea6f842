// The usable rows of a campaign beside public points that answer the same question, metric by metric. Ratios and differences alone: nothing is
// judged, nothing is averaged over points, and nothing here is ever more than a DRAFT.
import type { CeilingTable } from '../../hardware/ceilings.ts';
import { CATALOGUE, latencyName, type MetricId } from '../../metrics/catalogue.ts';
import type { Context, ContextField } from '../../metrics/context.ts';
import type { Direction } from '../../stats/direction.ts';
import { cellNames } from '../../campaign/cell-files.ts';
import { measuredRows } from '../../campaign/next/questions.ts';
import { usableRows } from '../../campaign/reconcile/usable-rows.ts';
import type { AtlasRow } from '../../campaign/row.ts';
import { differencesOf, settingsApart, type Difference } from './match-points.ts';
import { readPublicResults, type PublicPoint } from './public-points.ts';

export interface ComparedMetric {
  readonly metric: string;
  readonly ours: number;
  readonly public: number;
  /** 100 * (ours - public) / public. */
  readonly delta_pct: number;
  readonly unit: string;
  readonly direction: Direction;
}

export interface Pair {
  readonly cell: string;
  readonly concurrency: number;
  readonly source: string;
  readonly point: string;
  readonly metrics: readonly ComparedMetric[];
  /** Settings that both state and that differ. */
  readonly mismatches: readonly Difference[];
  /** Settings that one side states alone. */
  readonly not_stated: readonly ContextField[];
  readonly notes: readonly string[];
}

export interface Unmatched {
  readonly source: string;
  readonly point: string;
  /** The row that differs in fewest facts; null where the campaign has none. */
  readonly nearest: { readonly cell: string; readonly concurrency: number } | null;
  readonly differs: readonly Difference[];
}

export interface PublicComparison {
  readonly pairs: readonly Pair[];
  readonly unmatched: readonly Unmatched[];
  /** Rows with a measurement that no public point was matched with. */
  readonly rows_alone: number;
  readonly excluded: readonly { readonly cell: string; readonly concurrency: number; readonly because: string }[];
  readonly warnings: readonly string[];
}

interface Figure {
  readonly metric: string;
  readonly unit: string;
  readonly direction: Direction;
  readonly ofRow: (row: AtlasRow) => number | null;
}

const rate = (id: MetricId, ofRow: Figure['ofRow']): Figure => {
  const { name, unit, direction } = CATALOGUE[id];
  return { metric: name, unit, direction, ofRow };
};

const latency = (metric: string, ofRow: Figure['ofRow']): Figure => ({
  metric,
  unit: 'ms',
  direction: 'lower-is-better',
  ofRow,
});

/** What both sides may have; of the time to first token the median, a mean that stands for one is left out. */
const FIGURES: readonly Figure[] = [
  rate('outputPerGpu', (row) => row.output_tps_per_gpu),
  rate('totalPerGpu', (row) => row.total_tps_per_gpu),
  rate('outputPerDecodeGpu', (row) => row.output_tps_per_decode_gpu),
  rate('inputPerPrefillGpu', (row) => row.input_tps_per_prefill_gpu),
  rate('perUser', (row) => row.output_tps_per_user),
  latency(latencyName('ttft', 'p50'), (row) => row.ttft_p50_ms),
  latency(latencyName('ttft', 'p99'), (row) => row.ttft_p99_ms),
  latency(latencyName('tpot', 'p50'), (row) => row.tpot_median_ms ?? row.tpot_p50_ms),
  latency(latencyName('tpot', 'p99'), (row) => row.tpot_p99_ms),
  latency(latencyName('e2e', 'p50'), (row) => row.e2e_p50_ms),
  latency(latencyName('e2e', 'p99'), (row) => row.e2e_p99_ms),
];

const comparedMetrics = (row: AtlasRow, { values }: PublicPoint): ComparedMetric[] =>
  FIGURES.flatMap(({ metric, unit, direction, ofRow }) => {
    const [ours, other] = [ofRow(row), values[metric]];
    if (ours === null || other === undefined || other === 0) return [];
    return [{ metric, ours, public: other, delta_pct: (100 * (ours - other)) / other, unit, direction }];
  });

/** `gpt-oss-120b on h200, fp4, 2048/2048, concurrency 64`. */
const pointText = ({ context, kind }: PublicPoint): string => {
  const { model, hardware, quant, isl, osl, concurrency } = context;
  const shape = isl === undefined && osl === undefined ? [] : [`${isl ?? '?'}/${osl ?? '?'}`];
  const load = concurrency === undefined || concurrency === null ? [] : [`concurrency ${concurrency}`];
  return [`${model ?? kind} on ${hardware ?? 'unknown hardware'}`, ...(quant ? [quant] : []), ...shape, ...load].join(', ');
}; // prettier-ignore

const pairOf = (row: AtlasRow, point: PublicPoint): Pair => ({
  cell: row.cell_id,
  concurrency: row.concurrency,
  source: point.source,
  point: pointText(point),
  metrics: comparedMetrics(row, point),
  ...settingsApart(row, point),
  notes: point.notes,
});

const unmatchedOf = (rows: readonly AtlasRow[], point: PublicPoint, table: CeilingTable): Unmatched => {
  const about = { source: point.source, point: pointText(point) };
  const near = rows
    .map((row) => ({ row, differs: differencesOf(row, point, table) }))
    .toSorted((a, b) => a.differs.length - b.differs.length)[0];
  if (near === undefined) return { ...about, nearest: null, differs: [] };
  return { ...about, nearest: { cell: near.row.cell_id, concurrency: near.row.concurrency }, differs: near.differs };
};

export interface PublicRequest {
  /** Absolute path. */
  readonly campaign: string;
  /** Absolute paths of the public results. */
  readonly paths: readonly string[];
  /** What is known of the results that their files do not say. */
  readonly given: Context;
  readonly table: CeilingTable;
}

/** Compares. Throws the Faults of `readPublicResults` and of the rows. */
export const comparePublic = async ({ campaign, paths, given, table }: PublicRequest): Promise<PublicComparison> => {
  const { points, warnings } = await readPublicResults(paths, given);
  const { usable, excluded } = usableRows(cellNames(campaign).flatMap((cell) => measuredRows(campaign, cell)));
  const rows = usable.filter(({ concurrency }) => concurrency > 0);
  const matchesOf = (point: PublicPoint): AtlasRow[] =>
    rows.filter((row) => differencesOf(row, point, table).length === 0);
  const matched = points.map((point) => ({ point, rows: matchesOf(point) }));
  const paired = new Set(matched.flatMap((each) => each.rows));
  return {
    pairs: matched.flatMap((each) => each.rows.map((row) => pairOf(row, each.point))),
    unmatched: matched
      .filter((each) => each.rows.length === 0)
      .map(({ point }) => unmatchedOf(rows, point, table)),
    rows_alone: rows.filter((row) => !paired.has(row)).length,
    excluded: excluded.map(({ cell_id: cell, concurrency, violation }) => ({ cell, concurrency, because: violation.says })),
    warnings,
  };
}; // prettier-ignore
