// The first page: for each number of batch tokens, time to first token over request rate and speed per user over output per GPU.
import { isOfOnePhase, isPlotReady, type AtlasRow } from '../../campaign/row.ts';
import { rowId } from '../../campaign/reconcile/violation.ts';
import { isUndercounted } from '../../campaign/window.ts';
import { formatFixed, formatNumber, plural, withUnit } from '../../render/numbers.ts';
import type { DrawnPoint } from '../../render/document.ts';
import type { Page } from '../../render/page.ts';
import { legendPart, type LegendEntry } from '../../render/picture.ts';
import { scatterPanel } from '../../render/scatter-panel.ts';
import { svgDocument, svgMark, type Point } from '../../render/svg.ts';
import { chunks } from '../../text/lists.ts';
import { shortName } from '../arms.ts';
import { legendOf } from '../looks.ts';
import { pageWidth, pictureRoom } from '../page-room.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';
import type { ReportData } from '../report-data.ts';
import { INTERVAL_PERCENT, intervalOf } from '../row-intervals.ts';
import { batchWord, drawnArms, panelOf, VIEWS } from '../scatter-panels.ts';
import { pageShape } from '../shape-line.ts';

const ROWS_PER_PAGE = 5;
/** Up to here the panels have a better shape on a page across. */
const ROWS_ACROSS = 2;
const GUTTER = 26;

interface Picture {
  readonly svg: string;
  readonly alt: string;
  /** Labels that found no room. */
  readonly unplaced: number;
  readonly points: readonly DrawnPoint[];
}

const legendEntries = (data: ReportData): LegendEntry[] => [
  ...legendOf(drawnArms(data), data.lookOf),
  ...(data.rows.some((row) => row.output_tps_per_decode_gpu !== null)
    ? [{ text: 'per decode GPU', sample: (at: Point) => svgMark(at, { role: 'quiet', shape: 'diamond', hollow: true }) }]
    : []),
]; // prettier-ignore

const pictureOf = (data: ReportData, batches: readonly number[], whole: number, room: number): Picture => {
  const legend = legendPart(legendEntries(data), 0, 0, whole);
  const top = legend.height + 10;
  const height = (room - top) / batches.length;
  const width = (whole - GUTTER) / 2;
  const panels = batches.flatMap((_, row) =>
    VIEWS.map((view, column) =>
      scatterPanel(panelOf(data, batches, row, view), { left: column * (width + GUTTER), top: top + row * height, width, height }),
    ),
  );
  const alt = `${plural(batches.length * 2, 'panel')} of points by concurrency: ${batches.map(batchWord).join('; ')}`;
  return {
    svg: svgDocument(whole, top + batches.length * height, alt, [...legend.elements, ...panels.flatMap(({ elements }) => elements)]),
    alt,
    points: panels.flatMap(({ points }) => points),
    unplaced: panels.reduce((sum, { unplaced }) => sum + unplaced, 0),
  };
}; // prettier-ignore

const best = (rows: readonly AtlasRow[], of: (row: AtlasRow) => number | null): AtlasRow | undefined =>
  rows.reduce<AtlasRow | undefined>(
    (found, row) => (of(row) !== null && (found === undefined || (of(row) ?? 0) > (of(found) ?? 0)) ? row : found),
    undefined,
  );

/** Points of one phase alone serve nobody: they lead a page only where there are no others. */
const mostPerGpu = ({ rows, isUsable }: ReportData): AtlasRow | undefined => {
  const ready = rows.filter((row) => isPlotReady(row) && isUsable(row));
  const serving = ready.filter((row) => !isOfOnePhase(row));
  return best(serving.length > 0 ? serving : ready, (row) => row.output_tps_per_gpu);
};

const findingOrigin = (data: ReportData): Pick<Page, 'from'> => {
  const most = mostPerGpu(data);
  return most === undefined ? {} : { from: { rows: [rowId(most)], fields: ['output_tps_per_gpu', 'ttft_avg_ms'] } };
};

const findingOf = (data: ReportData): string => {
  const { arms } = data;
  const most = mostPerGpu(data);
  if (most === undefined || most.output_tps_per_gpu === null) return 'Latency and throughput by load';
  const arm = arms.find((each) => each.rows.includes(most));
  const first = most.ttft_avg_ms === null ? '' : `, first token after ${withUnit(Math.round(most.ttft_avg_ms), 'ms')}`;
  return `${shortName(arm?.label ?? most.cell_id)} gives the most per GPU: ${formatFixed(most.output_tps_per_gpu, 1)} tok/s/GPU at C=${formatNumber(most.concurrency)}${first}`;
};

/** Parts of nearly one size, none larger than `most`. */
const evenParts = <Item>(items: readonly Item[], most: number): Item[][] =>
  chunks(items, Math.ceil(items.length / Math.ceil(items.length / most)));

const notesOf = ({ labelled, isUsable }: ReportData, ready: readonly AtlasRow[]): string => {
  const undercounted = ready.filter(isUndercounted).length;
  const repeated = ready.filter((row) => VIEWS.some(({ x, y }) => [x, y].some(({ field }) => intervalOf(row, field) !== null)));
  const impossible = ready.filter((row) => !isUsable(row)).length;
  return [
    `Numbers at the marks are concurrencies${labelled.length === 0 ? '' : ` (${labelled.join(', ')})`}; the pale band is the Pareto front.`,
    ...(ready.some(isOfOnePhase) && !ready.every(isOfOnePhase) ? ['Points of prefill or decode alone serve nobody and are on no front.'] : []),
    ...(repeated.length > 0 ? [`Bars: ${INTERVAL_PERCENT} % interval of the repeats, at ${plural(repeated.length, 'point')}.`] : []),
    ...(undercounted > 0 ? [`Grey ring: ${plural(undercounted, 'point')} measured in a window too short to be steady, throughput too low.`] : []),
    ...(impossible > 0 ? [`Small red cross: ${plural(impossible, 'point')} that cannot be true, in no curve and no finding; one beyond an axis stands at its edge.`] : []),
    ...(ready.some((row) => row.output_tps_per_decode_gpu !== null) ? ['Output per GPU is over prefill and decode GPUs, which compares with other deployments; the diamond is the same point per decode GPU, which does not.'] : []),
  ].join(' ');
}; // prettier-ignore

/** Pages of at most five rows of panels, one row for each number of batch tokens. */
export const scatterPages: PagePlan = (data) => {
  const ready = data.rows.filter(isPlotReady);
  const batches = [...new Set(ready.map((row) => row.max_num_batched_tokens))].toSorted((a, b) => a - b);
  if (batches.length === 0)
    return omitted(
      'scatter',
      'no row has both a time to first token and a request rate',
      'import a serving benchmark with perf_tune_report_import_bench',
    );
  const notes = notesOf(data, ready);
  const parts = evenParts(batches, ROWS_PER_PAGE);
  return drawn(
    parts.map((part, index): Page => {
      const head = {
        title: findingOf(data),
        ...findingOrigin(data),
        subtitle: pageShape(data, ready, parts.length > 1 ? `part ${index + 1} of ${parts.length}` : null),
        orientation: part.length > ROWS_ACROSS ? 'portrait' : 'landscape',
      } as const;
      const { orientation } = head;
      const { svg, alt, unplaced, points } = pictureOf(data, part, pageWidth(orientation), pictureRoom(head, `${notes} ${UNPLACED}`));
      return {
        id: 'scatter',
        ...head,
        blocks: [
          { kind: 'picture', title: alt, href: 'scatter.svg', svg, points },
          { kind: 'paragraph', text: [notes, ...(unplaced > 0 ? [`${plural(unplaced, 'label')} found no room.`] : [])].join(' ') },
        ],
      };
    }),
  );
}; // prettier-ignore

/** What the longest of the notes takes that is known only when the picture is drawn. */
const UNPLACED = '100 labels found no room.';
