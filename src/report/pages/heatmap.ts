// The second page: for each concurrency, output per GPU and time to first token by arm and batch tokens. Tinted from the worst to
// the best value of its table; a place without a value says in words why. Rows that cannot be true are words too.
import { isOfOnePhase, type AtlasRow } from '../../campaign/row.ts';
import { rowId } from '../../campaign/reconcile/violation.ts';
import { isUndercounted } from '../../campaign/window.ts';
import { figure } from '../../render/document.ts';
import { formatGrouped, plural } from '../../render/numbers.ts';
import type { Page, PageCell } from '../../render/page.ts';
import { tintOf } from '../../render/tint.ts';
import type { Arm } from '../arms.ts';
import { layoutOf, tablesOf, type Band, type Measure } from '../heatmap-layout.ts';
import { pictureRoom } from '../page-room.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';
import type { ReportData } from '../report-data.ts';
import { pageShape } from '../shape-line.ts';

export const HEATMAP_CONCURRENCIES = [8, 16, 32] as const;

const MEASURES: readonly Measure[] = [
  {
    title: 'output tok/s/GPU',
    field: 'output_tps_per_gpu',
    better: 'higher',
    beside: 'output_tps_per_decode_gpu',
  },
  { title: 'TTFT mean, ms', field: 'ttft_avg_ms', better: 'lower' },
];

const OPTIONAL: readonly Measure[] = [
  { title: 'first output token (TTFO) mean, ms', field: 'ttfo_avg_ms', better: 'lower' },
];

const NOT_MEASURED = 'not measured';

/** In place of the value of a row that cannot be true. */
const EXCLUDED = 'excluded';

type Place = { readonly value: number; readonly row: AtlasRow } | { readonly words: string };

/** Why a place holds no value, from what its cell says. */
const absence = (rows: readonly AtlasRow[], measured: boolean): string => {
  const status = rows[0]?.status;
  if (status === undefined) return NOT_MEASURED;
  if (status === 'failed') return 'failed';
  if (status === 'evicted') return 'evicted';
  if (status === 'partial') return 'partial';
  return measured ? 'no value' : NOT_MEASURED;
};

const placeOf = (
  isUsable: ReportData['isUsable'],
  { rows }: Arm,
  batchTokens: number,
  concurrency: number,
  { field }: Measure,
): Place => {
  const own = rows.filter((row) => row.max_num_batched_tokens === batchTokens);
  const here = own.filter((row) => row.concurrency === concurrency);
  const values = here.flatMap((row) => {
    const value = row[field];
    return value === null ? [] : [{ value, row }];
  });
  const [first] = values;
  if (first !== undefined && values.every(({ row }) => !isUsable(row))) return { words: EXCLUDED };
  if (first === undefined) return { words: absence(here.length > 0 ? here : own, here.length > 0) };
  return values.length > 1 ? { words: `${values.length} rows` } : first;
};

/** What serves; where nothing does, all of it. */
const serving = <Item>(items: readonly Item[], rowOf: (item: Item) => AtlasRow): readonly Item[] => {
  const found = items.filter((item) => !isOfOnePhase(rowOf(item)));
  return found.length > 0 ? found : items;
};

/** The best is darkest where it is at least so many times the worst. */
const FULL_CONTRAST = 2;

const cellsOf = (
  places: readonly (readonly Place[])[],
  { better, field, beside }: Measure,
): readonly (readonly PageCell[])[] => {
  const shown = (value: number, row: AtlasRow): Pick<PageCell, 'text' | 'from'> => {
    const [text, rows] = [`${formatGrouped(value, 1)}${isUndercounted(row) ? '°' : ''}`, [rowId(row)]];
    const second = beside === undefined ? null : row[beside];
    if (beside === undefined || second === null) return { text, from: { rows, fields: [field] } };
    return { text: [figure(text, rows, [field]), ' (', figure(formatGrouped(second, 1), rows, [beside]), ')'] };
  };
  const known = places.flat().flatMap((place) => ('value' in place ? [place] : []));
  const competing = new Set(serving(known, ({ row }) => row));
  const values = [...competing].map(({ value }) => value);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const best = better === 'higher' ? most : least;
  const shareOf = (value: number): number => {
    // By ratio where all are above zero: one that is ten times worse does not make all others equal, and a few percent are no contrast.
    const range = least > 0 ? Math.max(Math.log(most / least), Math.log(FULL_CONTRAST)) : most - least;
    if (range === 0) return 0;
    const worst = better === 'higher' ? least : most;
    return Math.abs(least > 0 ? Math.log(value / worst) : value - worst) / range;
  };
  return places.map((row) =>
    row.map((place): PageCell => {
      if ('words' in place) return { text: place.words, outlined: true };
      const { value } = place;
      if (!competing.has(place)) return shown(value, place.row);
      return { ...shown(value, place.row), tint: tintOf(shareOf(value)), bold: value === best };
    }),
  );
};

interface Grid {
  readonly batches: readonly number[];
  readonly isUsable: ReportData['isUsable'];
}

/** Arms of which something is known at this concurrency: a value, or why there is none. */
const armsAt = (arms: readonly Arm[], { batches, isUsable }: Grid, concurrency: number): readonly Arm[] =>
  arms.filter((arm) =>
    MEASURES.some((measure) =>
      batches.some((batchTokens) => {
        const place = placeOf(isUsable, arm, batchTokens, concurrency, measure);
        return 'value' in place || place.words !== NOT_MEASURED;
      }),
    ),
  );

const bandOf = (arms: readonly Arm[], grid: Grid, concurrency: number, measures: readonly Measure[]): Band => {
  const { batches, isUsable } = grid;
  const here = armsAt(arms, grid, concurrency);
  const tables = measures.map((measure) => ({
    measure,
    cells: cellsOf(here.map((arm) => batches.map((batchTokens) => placeOf(isUsable, arm, batchTokens, concurrency, measure))), measure),
  }));
  return { concurrency, arms: here, tables };
}; // prettier-ignore

const failuresOf = (rows: readonly AtlasRow[]): string => {
  const failed = rows.filter(({ status }) => status === 'failed').length;
  return failed === 0 ? '' : `: ${failed} of ${plural(rows.length, 'row')} failed`;
};

const findingOf = ({ rows, isUsable }: ReportData, concurrencies: readonly number[]): string => {
  const known = rows.filter(
    (row) => concurrencies.includes(row.concurrency) && isUsable(row) && row.output_tps_per_gpu !== null,
  );
  const values = serving(known, (row) => row).flatMap(({ output_tps_per_gpu: value }) => value ?? []);
  if (values.length === 0) return `No point at C=${concurrencies.join(', ')} has an output rate${failuresOf(rows)}`;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (least === most) return `Output per GPU at C=${concurrencies.join(', ')} is ${formatGrouped(most, 1)} tok/s/GPU`;
  return `Output per GPU at C=${concurrencies.join(', ')} lies between ${formatGrouped(least, 1)} and ${formatGrouped(most, 1)} tok/s/GPU`;
};

/** Pages of tables. Concurrencies that nobody measured are left out and named, unless none of the three was measured. */
export const heatmapPages: PagePlan = (data) => {
  const { rows, arms, isUsable } = data;
  const measured = new Set(rows.map(({ concurrency }) => concurrency).filter((concurrency) => concurrency > 0));
  const wanted = HEATMAP_CONCURRENCIES.filter((concurrency) => measured.has(concurrency));
  const concurrencies = wanted.length > 0 ? wanted : [...measured].toSorted((a, b) => a - b).slice(-3);
  if (concurrencies.length === 0)
    return omitted('heatmap', 'no row names a concurrency', 'import a benchmark that states its concurrency');
  const batches = [...new Set(rows.map((row) => row.max_num_batched_tokens))].toSorted((a, b) => a - b);
  const measures = [...MEASURES, ...OPTIONAL.filter(({ field }) => rows.some((row) => row[field] !== null))];
  const grid = { batches, isUsable };
  const bands = concurrencies.map((concurrency) => bandOf(arms, grid, concurrency, measures));
  const missing = HEATMAP_CONCURRENCIES.filter((concurrency) => !measured.has(concurrency));
  const shown = rows.filter(({ concurrency }) => concurrencies.includes(concurrency));
  const notes = [
    'The stronger the tint, the better; bold is the best of its table. Words in a frame stand where there is no value: failed, partial, evicted or not measured.',
    ...(shown.some((row) => !isUsable(row)) ? ['excluded: the row cannot be true, as the page of reconciliation says.'] : []),
    ...(shown.some((row) => row.output_tps_per_decode_gpu !== null) ? ['In brackets: output per decode GPU; only the rate over prefill and decode GPUs before it compares with other deployments.'] : []),
    ...(shown.some(isOfOnePhase) && !shown.every(isOfOnePhase) ? ['Without a tint: prefill or decode alone, which serves nobody.'] : []),
    ...(rows.some(isUndercounted) ? ['° measured in a window too short to be steady: throughput too low.'] : []),
    ...bands.flatMap(({ concurrency, arms: own }) => {
      const unmeasured = arms.length - own.length;
      return unmeasured === 0 ? [] : [`${plural(unmeasured, 'arm')} not measured at C=${concurrency}.`];
    }),
    ...(missing.length > 0 ? [`Nothing was measured at C=${missing.join(', ')}.`] : []),
  ].join(' ');
  const head = { title: findingOf(data, concurrencies), subtitle: pageShape(data, shown) };
  const { setting, groups } = layoutOf(bands, batches, (orientation) => pictureRoom({ ...head, orientation }, notes));
  return drawn(
    groups.map((group): Page => ({
      id: 'heatmap',
      ...head,
      orientation: setting.orientation,
      blocks: [...group.map((band) => tablesOf(band, batches, setting)), { kind: 'paragraph', text: notes }],
    })),
  );
}; // prettier-ignore
