// The second page: for each concurrency, output per GPU and time to first token by arm and batch tokens. Tinted from the worst to
// the best value of its table; a place without a value says in words why.
import type { AtlasRow } from '../../campaign/row.ts';
import { rowId } from '../../campaign/reconcile/violation.ts';
import { isUndercounted } from '../../campaign/window.ts';
import { formatGrouped, plural } from '../../render/numbers.ts';
import type { Page, PageBlock, PageCell, PageTable } from '../../render/page.ts';
import { tintOf } from '../../render/tint.ts';
import type { Arm } from '../arms.ts';
import { drawn, omitted, type PagePlan } from '../page-plan.ts';
import type { ReportData } from '../report-data.ts';
import { pageShape } from '../shape-line.ts';

export const HEATMAP_CONCURRENCIES = [8, 16, 32] as const;

interface Measure {
  readonly title: string;
  readonly field: 'output_tps_per_gpu' | 'ttft_avg_ms' | 'ttfo_avg_ms';
  readonly better: 'higher' | 'lower';
}

const MEASURES: readonly Measure[] = [
  { title: 'output tok/s/GPU', field: 'output_tps_per_gpu', better: 'higher' },
  { title: 'TTFT mean, ms', field: 'ttft_avg_ms', better: 'lower' },
];

const OPTIONAL: readonly Measure[] = [
  { title: 'first output token (TTFO) mean, ms', field: 'ttfo_avg_ms', better: 'lower' },
];

const NOT_MEASURED = 'not measured';

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

const placeOf = ({ rows }: Arm, batchTokens: number, concurrency: number, { field }: Measure): Place => {
  const own = rows.filter((row) => row.max_num_batched_tokens === batchTokens);
  const here = own.filter((row) => row.concurrency === concurrency);
  const values = here.flatMap((row) => {
    const value = row[field];
    return value === null ? [] : [{ value, row }];
  });
  const [first] = values;
  if (first === undefined) return { words: absence(here.length > 0 ? here : own, here.length > 0) };
  return values.length > 1 ? { words: `${values.length} rows` } : first;
};

const cellsOf = (
  places: readonly (readonly Place[])[],
  { better, field }: Measure,
): readonly (readonly PageCell[])[] => {
  const values = places.flat().flatMap((place) => ('value' in place ? [place.value] : []));
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const best = better === 'higher' ? most : least;
  const shareOf = (value: number): number => {
    if (most === least) return 0;
    // By ratio where all are above zero: one that is ten times worse does not make all others equal.
    const share = least > 0 ? Math.log(value / least) / Math.log(most / least) : (value - least) / (most - least);
    return better === 'higher' ? share : 1 - share;
  };
  return places.map((row) =>
    row.map((place): PageCell => {
      if ('words' in place) return { text: place.words, outlined: true };
      const { value } = place;
      const text = `${formatGrouped(value, 1)}${isUndercounted(place.row) ? '°' : ''}`;
      const from = { rows: [rowId(place.row)], fields: [field] };
      return { text, tint: tintOf(shareOf(value)), bold: value === best, from };
    }),
  );
};

/** Arms of which something is known at this concurrency: a value, or why there is none. */
const armsAt = (arms: readonly Arm[], batches: readonly number[], concurrency: number): readonly Arm[] =>
  arms.filter((arm) =>
    MEASURES.some((measure) =>
      batches.some((batchTokens) => {
        const place = placeOf(arm, batchTokens, concurrency, measure);
        return 'value' in place || place.words !== NOT_MEASURED;
      }),
    ),
  );

const tableOf = (
  arms: readonly Arm[],
  batches: readonly number[],
  concurrency: number,
  measure: Measure,
): readonly PageBlock[] => {
  const places = arms.map((arm) => batches.map((batchTokens) => placeOf(arm, batchTokens, concurrency, measure)));
  const cells = cellsOf(places, measure);
  const table: PageTable = {
    kind: 'page-table',
    size: arms.length > ARMS_TOGETHER ? SMALL : READABLE,
    columns: [
      { title: 'batch tokens', share: 2.9 },
      ...batches.map((batchTokens) => ({
        title: batchTokens === 0 ? 'not stated' : formatGrouped(batchTokens, 0),
        align: 'right' as const,
        share: 1,
      })),
    ],
    rows: arms.map((arm, index) => [{ text: arm.label }, ...(cells[index] ?? [])]),
  };
  return [
    { kind: 'heading', level: 3, text: `C=${concurrency}: ${measure.title}, ${measure.better} is better` },
    table,
  ];
};

const SMALL = 7.5;
const READABLE = 9;

/** Above this many arms each concurrency takes pages of its own. */
const ARMS_TOGETHER = 16;

const findingOf = ({ rows }: ReportData, concurrencies: readonly number[]): string => {
  const known = rows.filter((row) => concurrencies.includes(row.concurrency));
  const values = known.flatMap(({ output_tps_per_gpu: value }) => value ?? []);
  if (values.length === 0) return 'Output and time to first token by batch tokens';
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `Output per GPU at C=${concurrencies.join(', ')} lies between ${formatGrouped(least, 1)} and ${formatGrouped(most, 1)} tok/s/GPU`;
};

/** Pages of tables. Concurrencies that nobody measured are left out and named, unless none of the three was measured. */
export const heatmapPages: PagePlan = (data) => {
  const { rows, arms } = data;
  const measured = new Set(rows.map(({ concurrency }) => concurrency).filter((concurrency) => concurrency > 0));
  const wanted = HEATMAP_CONCURRENCIES.filter((concurrency) => measured.has(concurrency));
  const concurrencies = wanted.length > 0 ? wanted : [...measured].toSorted((a, b) => a - b).slice(-3);
  if (concurrencies.length === 0)
    return omitted('heatmap', 'no row names a concurrency', 'import a benchmark that states its concurrency');
  const batches = [...new Set(rows.map((row) => row.max_num_batched_tokens))].toSorted((a, b) => a - b);
  const measures = [...MEASURES, ...OPTIONAL.filter(({ field }) => rows.some((row) => row[field] !== null))];
  const bands = concurrencies.map((concurrency): PageBlock => ({
    kind: 'columns',
    parts: measures.map((measure) => tableOf(armsAt(arms, batches, concurrency), batches, concurrency, measure)),
  }));
  const missing = HEATMAP_CONCURRENCIES.filter((concurrency) => !measured.has(concurrency));
  const notes = [
    'Dark is better; bold is the best of its table. Words in a frame stand where there is no value: failed, partial, evicted or not measured.',
    ...(rows.some(isUndercounted) ? ['° measured in a window too short to be steady: throughput too low.'] : []),
    ...concurrencies.flatMap((concurrency) => {
      const unmeasured = arms.length - armsAt(arms, batches, concurrency).length;
      return unmeasured === 0 ? [] : [`${plural(unmeasured, 'arm')} not measured at C=${concurrency}.`];
    }),
    ...(missing.length > 0 ? [`Nothing was measured at C=${missing.join(', ')}.`] : []),
  ];
  const groups = arms.length > ARMS_TOGETHER ? bands.map((band) => [band]) : [bands];
  return drawn(
    groups.map((blocks): Page => ({
      id: 'heatmap',
      title: findingOf(data, concurrencies),
      subtitle: pageShape(data, rows.filter(({ concurrency }) => concurrencies.includes(concurrency))),
      orientation: 'portrait',
      blocks: [...blocks, { kind: 'paragraph', text: notes.join(' ') }],
    })),
  ); // prettier-ignore
};
