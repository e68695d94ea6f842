// The panels of the scatter: for each number of batch tokens, time to first token over request rate and speed per user over output per
// GPU. A curve joins the loads of one cell; nothing is joined across cells, lengths or phases, and what cannot be true is in no curve.
import { isOfOnePhase, isPlotReady, type AtlasRow } from '../campaign/row.ts';
import { rowId } from '../campaign/reconcile/violation.ts';
import { isUndercounted } from '../campaign/window.ts';
import { formatGrouped, withUnit } from '../render/numbers.ts';
import { asksForLog } from '../render/scale.ts';
import type { Mistake, Panel, PanelPoint, PanelSeries } from '../render/scatter-panel.ts';
import type { Point } from '../render/svg.ts';
import { paretoFrontOf, type Better } from '../stats/pareto-front.ts';
import { grouped } from '../text/lists.ts';
import { shapeText, type Arm } from './arms.ts';
import { ambiguousArms, type Look } from './looks.ts';
import type { ReportData } from './report-data.ts';
import { intervalOf, type DrawnFigure } from './row-intervals.ts';

interface ViewAxis {
  readonly name: string;
  readonly unit: string;
  readonly field: DrawnFigure;
}

interface View {
  /** True for the panel that names its row. */
  readonly titled: boolean;
  readonly x: ViewAxis;
  readonly y: ViewAxis;
  readonly better: readonly [x: Better, y: Better];
}

export const VIEWS: readonly View[] = [
  {
    titled: true,
    x: { name: 'requests', unit: 'req/s', field: 'request_throughput_avg' },
    y: { name: 'TTFT, mean', unit: 'ms', field: 'ttft_avg_ms' },
    better: ['higher', 'lower'],
  },
  {
    titled: false,
    x: { name: 'output per GPU', unit: 'tok/s/GPU', field: 'output_tps_per_gpu' },
    y: { name: 'speed per user', unit: 'tok/s/user', field: 'output_tps_per_user' },
    better: ['higher', 'higher'],
  },
];

interface Curve extends PanelSeries {
  /** Of prefill or decode alone. */
  readonly isOfPhase: boolean;
}

const curveKey = (row: AtlasRow): string =>
  JSON.stringify([row.cell_id, shapeText(row), row.dataset, row.cache_mode, row.extra['phase'] ?? null]);

/** Values of a row in a view, and the words for whoever rests a pointer on its mark. */
const placeOf = (row: AtlasRow, view: View, { label }: Arm): Pick<PanelPoint, 'x' | 'y' | 'title' | 'from'> | null => {
  const [x, y] = [row[view.x.field], row[view.y.field]];
  if (x === null || y === null) return null;
  const shape = shapeText(row);
  const title = [
    `${label}, C=${row.concurrency}`,
    `${withUnit(x, view.x.unit)}, ${withUnit(y, view.y.unit)}`,
    ...(shape === null ? [] : [`ISL/OSL ${shape}`]),
    row.cell_id,
  ].join('; ');
  return { x, y, title, from: { rows: [rowId(row)], fields: [view.x.field, view.y.field] } };
};

const pointOf = (row: AtlasRow, view: View, arm: Arm, labelled: readonly number[]): PanelPoint[] => {
  const place = placeOf(row, view, arm);
  if (place === null) return [];
  const [wide, high] = [intervalOf(row, view.x.field), intervalOf(row, view.y.field)];
  return [
    {
      ...place,
      ...(labelled.includes(row.concurrency) ? { label: `${row.concurrency}` } : {}),
      ...(wide === null ? {} : { xInterval: wide }),
      ...(high === null ? {} : { yInterval: high }),
      ...(isUndercounted(row) ? { doubtful: true } : {}),
    },
  ];
};

/** The same points by the GPUs of decode alone: beside those over all GPUs, which alone compare. */
const perDecodeGpu = (rows: readonly AtlasRow[], view: View, arm: Arm, { role }: Look): PanelSeries[] => {
  if (view.x.field !== 'output_tps_per_gpu') return [];
  const points = rows.flatMap((row): PanelPoint[] => {
    const [place, x] = [placeOf(row, view, arm), row.output_tps_per_decode_gpu];
    return place === null || x === null
      ? []
      : [
          {
            x,
            y: place.y,
            title: `per decode GPU: ${withUnit(x, view.x.unit)}; ${place.title}`,
            from: { rows: [rowId(row)], fields: ['output_tps_per_decode_gpu', view.y.field] },
          },
        ];
  });
  return points.length === 0 ? [] : [{ points, role, shape: 'diamond', hollow: true, apart: true }];
};

const seriesOf = (data: ReportData, batchTokens: number, view: View): Curve[] => {
  const named = ambiguousArms(drawnArms(data), data.lookOf);
  return data.arms.flatMap((arm) => {
    const here = arm.rows.filter((row) => row.max_num_batched_tokens === batchTokens && data.isUsable(row));
    const curves = grouped(here, curveKey);
    return [...curves.values()].flatMap((rows): Curve[] => {
      const sorted = rows.toSorted((a, b) => a.concurrency - b.concurrency);
      const points = sorted.flatMap((row) => pointOf(row, view, arm, data.labelled));
      const look = data.lookOf(arm);
      const name = named.has(arm) ? { name: arm.label } : {};
      const isOfPhase = rows.some(isOfOnePhase);
      const drawn = points.length === 0 ? [] : [{ points, ...look, ...name }, ...perDecodeGpu(sorted, view, arm, look)];
      return drawn.map((series) => ({ ...series, isOfPhase }));
    });
  });
};

const mistakesOf = ({ arms, isUsable }: ReportData, batchTokens: number, view: View): Mistake[] =>
  arms.flatMap((arm) =>
    arm.rows
      .filter((row) => row.max_num_batched_tokens === batchTokens && !isUsable(row))
      .flatMap((row) => {
        const place = placeOf(row, view, arm);
        return place === null ? [] : [{ at: [place.x, place.y], title: `cannot be true: ${place.title}` } as const];
      }),
  );

/** From left to right, the points that no other one beats on both axes; those of one phase stand on it only where nothing serves. */
const frontOf = (series: readonly Curve[], better: View['better']): Point[] => {
  const serving = series.filter(({ isOfPhase }) => !isOfPhase);
  const places = (serving.length > 0 ? serving : series).flatMap(({ points, apart = false }) =>
    apart ? [] : points.map(({ x, y }): Point => [x, y]),
  );
  const front = new Set(paretoFrontOf(places, better));
  return places.filter((_, index) => front.has(index)).toSorted(([a], [b]) => a - b);
};

/** Where curves crowd, the words go to the points that nothing beats. */
const thinned = (series: readonly PanelSeries[], front: readonly Point[]): readonly PanelSeries[] => {
  if (series.length <= CROWDED) return series;
  const isOnFront = ({ x, y }: PanelPoint): boolean => front.some((point) => point[0] === x && point[1] === y);
  return series.map(({ name, points, ...look }) => ({
    ...look,
    ...(name !== undefined && points.some(isOnFront) ? { name } : {}),
    points: points.map((point) => {
      const { label: _crowded, ...unlabelled } = point;
      return isOnFront(point) ? point : unlabelled;
    }),
  }));
};

/** One kind of axis for all panels of a column, so that a reader compares them. */
const kindOf = ({ rows, isUsable }: ReportData, batches: readonly number[], { field }: ViewAxis): 'log' | 'linear' => {
  const values = rows.filter((row) => batches.includes(row.max_num_batched_tokens) && isUsable(row)).flatMap((row) => row[field] ?? []);
  return asksForLog(values) ? 'log' : 'linear';
}; // prettier-ignore

/** The panel of a view in a row; one batch size a row. */
export const panelOf = (data: ReportData, batches: readonly number[], row: number, view: View): Panel => {
  const batchTokens = batches[row] ?? 0;
  const all = seriesOf(data, batchTokens, view);
  const front = frontOf(all, view.better);
  const x = kindOf(data, batches, view.x);
  return {
    title: view.titled ? batchWord(batchTokens) : '',
    x: { ...view.x, kind: x, named: x === 'linear' || row === batches.length - 1 },
    y: { ...view.y, kind: kindOf(data, batches, view.y) },
    series: thinned(all, front),
    impossible: mistakesOf(data, batchTokens, view),
    front,
    absent: 'no point of this panel was measured',
  };
};

export const batchWord = (batchTokens: number): string =>
  batchTokens === 0 ? 'batch tokens not stated' : `${formatGrouped(batchTokens, 0)} batch tokens`;

/** Arms with a point that can be drawn. */
export const drawnArms = ({ arms }: ReportData): Arm[] => arms.filter(({ rows }) => rows.some(isPlotReady));

/** Above this many curves in a panel only those of its front are named and labelled. */
const CROWDED = 16;
