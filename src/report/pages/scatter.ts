// The first page: for each number of batch tokens, time to first token over request rate and speed per user over output per GPU.
// A curve joins the loads of one cell; nothing is joined across cells, lengths or phases.
import { isPlotReady, type AtlasRow } from '../../campaign/row.ts';
import { rowId } from '../../campaign/reconcile/violation.ts';
import { isUndercounted } from '../../campaign/window.ts';
import { formatFixed, formatGrouped, formatNumber, plural, withUnit } from '../../render/numbers.ts';
import type { DrawnPoint } from '../../render/document.ts';
import type { Page } from '../../render/page.ts';
import { legendPart } from '../../render/picture.ts';
import { scatterPanel, type Panel, type PanelPoint, type PanelSeries } from '../../render/scatter-panel.ts';
import { svgDocument, type Point } from '../../render/svg.ts';
import { paretoFrontOf, type Better } from '../../stats/pareto-front.ts';
import { PAGE_MARGIN, PAGE_SIZES } from '../../render/typst-template.ts';
import { shapeText, shortName, type Arm } from '../arms.ts';
import { ambiguousArms, legendOf } from '../looks.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';
import type { ReportData } from '../report-data.ts';
import { pageShape } from '../shape-line.ts';

interface Axis {
  readonly name: string;
  readonly unit: string;
  readonly field: 'request_throughput_avg' | 'ttft_avg_ms' | 'output_tps_per_gpu' | 'output_tps_per_user';
}

interface View {
  /** True for the panel that names its row. */
  readonly titled: boolean;
  readonly x: Axis;
  readonly y: Axis;
  readonly better: readonly [x: Better, y: Better];
}

const VIEWS: readonly View[] = [
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

const curveKey = (row: AtlasRow): string =>
  JSON.stringify([row.cell_id, shapeText(row), row.dataset, row.cache_mode, row.extra['phase'] ?? null]);

const pointOf = (row: AtlasRow, view: View, { label }: Arm, labelled: readonly number[]): PanelPoint[] => {
  const [x, y] = [row[view.x.field], row[view.y.field]];
  if (x === null || y === null) return [];
  const shape = shapeText(row);
  const title = [
    `${label}, C=${row.concurrency}`,
    `${withUnit(x, view.x.unit)}, ${withUnit(y, view.y.unit)}`,
    ...(shape === null ? [] : [`ISL/OSL ${shape}`]),
    row.cell_id,
  ].join('; ');
  return [
    {
      x, y, title,
      from: { rows: [rowId(row)], fields: [view.x.field, view.y.field] },
      ...(labelled.includes(row.concurrency) ? { label: `${row.concurrency}` } : {}),
      ...(isUndercounted(row) ? { doubtful: true } : {}),
    },
  ]; // prettier-ignore
};

const seriesOf = (data: ReportData, batchTokens: number, view: View): PanelSeries[] => {
  const named = ambiguousArms(drawnArms(data), data.lookOf);
  return data.arms.flatMap((arm) => {
    const curves = new Map<string, AtlasRow[]>();
    for (const row of arm.rows)
      if (row.max_num_batched_tokens === batchTokens)
        curves.set(curveKey(row), [...(curves.get(curveKey(row)) ?? []), row]);
    return [...curves.values()].flatMap((rows): PanelSeries[] => {
      const sorted = rows.toSorted((a, b) => a.concurrency - b.concurrency);
      const points = sorted.flatMap((row) => pointOf(row, view, arm, data.labelled));
      const { role, shape, hollow, dash } = data.lookOf(arm);
      const name = named.has(arm) ? { name: arm.label } : {};
      return points.length === 0
        ? []
        : [{ points, role, shape, hollow, ...(dash === undefined ? {} : { dash }), ...name }];
    });
  });
};

/** From left to right, the points that no other one beats on both axes. */
const frontOf = (series: readonly PanelSeries[], better: View['better']): Point[] => {
  const places = series.flatMap(({ points }) => points.map(({ x, y }): Point => [x, y]));
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

const panelOf = (data: ReportData, batchTokens: number, view: View): Panel => {
  const all = seriesOf(data, batchTokens, view);
  const front = frontOf(all, view.better);
  const series = thinned(all, front);
  return {
    title: view.titled ? batchWord(batchTokens) : '',
    x: view.x,
    y: view.y,
    series,
    front,
    absent: 'no point of this panel was measured',
  };
};

const batchWord = (batchTokens: number): string =>
  batchTokens === 0 ? 'batch tokens not stated' : `${formatGrouped(batchTokens, 0)} batch tokens`;

const drawnArms = ({ arms }: ReportData): Arm[] => arms.filter(({ rows }) => rows.some(isPlotReady));

const WIDTH = PAGE_SIZES.portrait.width - 2 * PAGE_MARGIN;
/** What title and subtitle leave of an upright page. */
const ROOM = 800;
const ROWS_PER_PAGE = 5;
const GUTTER = 26;
const TALLEST = 360;
/** Above this many curves in a panel only those of its front are named and labelled. */
const CROWDED = 16;

const pictureOf = (
  data: ReportData,
  batches: readonly number[],
): {
  readonly svg: string;
  readonly alt: string;
  readonly unplaced: number;
  readonly points: readonly DrawnPoint[];
} => {
  const legend = legendPart(legendOf(drawnArms(data), data.lookOf), 0, 0, WIDTH);
  const top = legend.height + 10;
  const height = Math.min((ROOM - top) / batches.length, TALLEST);
  const width = (WIDTH - GUTTER) / 2;
  const panels = batches.flatMap((batchTokens, row) =>
    VIEWS.map((view, column) =>
      scatterPanel(panelOf(data, batchTokens, view), {
        left: column * (width + GUTTER),
        top: top + row * height,
        width,
        height,
      }),
    ),
  );
  const alt = `${plural(batches.length * 2, 'panel')} of points by concurrency: ${batches.map(batchWord).join('; ')}`;
  return {
    svg: svgDocument(WIDTH, top + batches.length * height, alt, [
      ...legend.elements,
      ...panels.flatMap(({ elements }) => elements),
    ]),
    alt,
    points: panels.flatMap(({ points }) => points),
    unplaced: panels.reduce((sum, { unplaced }) => sum + unplaced, 0),
  };
};

const best = (rows: readonly AtlasRow[], of: (row: AtlasRow) => number | null): AtlasRow | undefined =>
  rows.reduce<AtlasRow | undefined>(
    (found, row) => (of(row) !== null && (found === undefined || (of(row) ?? 0) > (of(found) ?? 0)) ? row : found),
    undefined,
  );

const mostPerGpu = (rows: readonly AtlasRow[]): AtlasRow | undefined =>
  best(rows.filter(isPlotReady), (row) => row.output_tps_per_gpu);

const findingOrigin = ({ rows }: ReportData): Pick<Page, 'from'> => {
  const most = mostPerGpu(rows);
  return most === undefined ? {} : { from: { rows: [rowId(most)], fields: ['output_tps_per_gpu', 'ttft_avg_ms'] } };
};

const findingOf = ({ rows, arms }: ReportData): string => {
  const most = mostPerGpu(rows);
  if (most === undefined || most.output_tps_per_gpu === null) return 'Latency and throughput by load';
  const arm = arms.find((each) => each.rows.includes(most));
  const first = most.ttft_avg_ms === null ? '' : `, first token after ${withUnit(Math.round(most.ttft_avg_ms), 'ms')}`;
  return `${shortName(arm?.label ?? most.cell_id)} gives the most per GPU: ${formatFixed(most.output_tps_per_gpu, 1)} tok/s/GPU at C=${formatNumber(most.concurrency)}${first}`;
};

const chunks = <Item>(items: readonly Item[], size: number): Item[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** Pages of five rows of panels, one row for each number of batch tokens. */
export const scatterPages: PagePlan = (data) => {
  const ready = data.rows.filter(isPlotReady);
  const batches = [...new Set(ready.map((row) => row.max_num_batched_tokens))].toSorted((a, b) => a - b);
  if (batches.length === 0)
    return omitted(
      'scatter',
      'no row has both a time to first token and a request rate',
      'import a serving benchmark with perf_tune_report_import_bench',
    );
  const undercounted = ready.filter(isUndercounted).length;
  const notes = [
    `Numbers at the marks are concurrencies${data.labelled.length === 0 ? '' : ` (${data.labelled.join(', ')})`}; the pale band is the Pareto front.`,
    ...(undercounted > 0 ? [`Grey ring: ${plural(undercounted, 'point')} measured in a window too short to be steady, throughput too low.`] : []),
  ]; // prettier-ignore
  const parts = chunks(batches, ROWS_PER_PAGE);
  return drawn(
    parts.map((part, index): Page => {
      const { svg, alt, unplaced, points } = pictureOf(data, part);
      return {
        id: 'scatter',
        title: findingOf(data),
        ...findingOrigin(data),
        subtitle: pageShape(data, ready, parts.length > 1 ? `part ${index + 1} of ${parts.length}` : null),
        orientation: 'portrait',
        blocks: [
          { kind: 'picture', title: alt, href: 'scatter.svg', svg, points },
          {
            kind: 'paragraph',
            text: [...notes, ...(unplaced > 0 ? [`${plural(unplaced, 'label')} found no room.`] : [])].join(' '),
          },
        ],
      };
    }),
  );
};
