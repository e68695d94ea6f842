// What is compared on a page: an arm is one way of serving a model, whatever its batch tokens and load. Its name says only what
// tells it apart from the other arms of the report.
import { engineOf, type AtlasRow } from '../campaign/row.ts';
import { formatNumber } from '../render/numbers.ts';
import { fitText } from '../render/text-width.ts';
import { grouped } from '../text/lists.ts';

export interface Arm {
  /** Unique in the report: `B200 NVFP4 TP8 EP MTP, sglang`. */
  readonly label: string;
  readonly hardware: string;
  readonly tensorParallel: number;
  readonly strategy: AtlasRow['parallel_strategy'];
  readonly mtp: boolean;
  /** In the order of the atlas. */
  readonly rows: readonly AtlasRow[];
}

/** A name for a title or a line, shortened in the middle; tables hold it whole. */
export const shortName = (name: string): string => fitText(name, 260, { size: 11 });

/** The newest first, as far as names are known; others after them by name. */
const GENERATIONS = [
  'VR200',
  'GB300',
  'B300',
  'GB200',
  'B200',
  'MI355X',
  'MI350X',
  'H200',
  'H100',
  'MI325X',
  'MI300X',
  'A100',
];

export const generationOf = (hardware: string): number => {
  const at = GENERATIONS.findIndex((name) => hardware.toUpperCase().includes(name));
  return at < 0 ? GENERATIONS.length : at;
};

/** Two digits: measured lengths of one load differ a little from point to point. */
const length = (tokens: number | null): string => (tokens === null ? '?' : formatNumber(tokens, 2));

/** ISL/OSL as measured, `1000/510`; null where nobody measured either. */
export const shapeText = ({ mean_input_tokens: input, mean_output_tokens: output }: AtlasRow): string | null =>
  input === null && output === null ? null : `${length(input)}/${length(output)}`;

const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' && value !== 'unknown' ? value : null;
const sized = (word: string, value: number | string | null): string | null =>
  value === null ? null : `${word}${value}`;

/** What may tell arms of one look apart, in the order in which a name says it. */
const DISTINCTIONS: readonly ((row: AtlasRow) => string | null)[] = [
  ({ model }) => model.split('/').at(-1) ?? model,
  (row) => text(engineOf(row)),
  ({ engine_version: version }) => version,
  ({ data_parallel: data }) => sized('DP', data),
  ({ pipeline_parallel: stages }) => sized('PP', stages),
  ({ expert_parallel: experts }) => sized('EP', experts),
  ({ disagg }) => (disagg === true ? 'disaggregated' : null),
  ({ kv_cache_dtype: format }) => sized('KV ', text(format)),
  ({ num_speculative_tokens: drafts }) => sized('drafts ', drafts),
  ({ cudagraph_mode: mode }) => sized('graphs ', text(mode)),
  ({ dataset }) => text(dataset),
  (row) => sized('ISL/OSL ', shapeText(row)),
  ({ cache_mode: mode }) => text(mode),
  ({ extra }) => text(extra['phase']),
  ({ image }) => text(image),
];

const baseOf = (row: AtlasRow): string =>
  [row.hardware, row.quant, `TP${row.tensor_parallel}`, row.parallel_strategy, ...(row.mtp ? ['MTP'] : [])].join(' ');

/** Rows that no measurement stands behind know neither load nor lengths: they tell nothing apart. */
const isMeasured = ({ concurrency, request_throughput_avg: rate, output_tps_per_gpu: tokens }: AtlasRow): boolean =>
  concurrency > 0 || rate !== null || tokens !== null;

const wordsOf = (rows: readonly AtlasRow[]): ((row: AtlasRow) => readonly string[]) => {
  const measured = rows.filter(isMeasured);
  const differing = DISTINCTIONS.filter((of) => new Set(measured.map(of)).size > 1);
  return (row) => differing.flatMap((of) => of(row) ?? []);
};

/** True where one place of a table would hold two measurements of different cells. */
const collides = (rows: readonly AtlasRow[]): boolean => {
  const places = new Map<string, string>();
  for (const row of rows) {
    if (!isMeasured(row)) continue;
    const place = `${row.max_num_batched_tokens} ${row.concurrency}`;
    const cell = places.get(place);
    if (cell !== undefined && cell !== row.cell_id) return true;
    places.set(place, row.cell_id);
  }
  return false;
};

const armOf = (label: string, rows: readonly AtlasRow[]): Arm[] => {
  const [first] = rows;
  if (first === undefined) return [];
  const { hardware, tensor_parallel: tensorParallel, parallel_strategy: strategy, mtp } = first;
  return [{ label, hardware, tensorParallel, strategy, mtp, rows }];
};

const byLook = (a: Arm, b: Arm): number =>
  generationOf(a.hardware) - generationOf(b.hardware) ||
  a.hardware.localeCompare(b.hardware, 'en') ||
  b.tensorParallel - a.tensorParallel ||
  Number(a.mtp) - Number(b.mtp) ||
  a.strategy.localeCompare(b.strategy, 'en') ||
  a.label.localeCompare(b.label, 'en', { numeric: true });

/** The arms of these rows, newest hardware first. Every row is in one of them. */
export const armsOf = (rows: readonly AtlasRow[]): readonly Arm[] =>
  [...grouped(rows, baseOf)]
    .flatMap(([base, alike]) => {
      const words = wordsOf(alike);
      const named = grouped(alike, (row) => [base, ...words(row)].join(', '));
      return [...named].flatMap(([label, group]) =>
        collides(group)
          ? [...grouped(group, ({ cell_id: cell }) => cell)].flatMap(([cell, own]) => armOf(`${label}, ${cell}`, own))
          : armOf(label, group),
      );
    })
    .toSorted(byLook);
