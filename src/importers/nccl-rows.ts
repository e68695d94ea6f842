// What a measured row of an nccl-tests run means, shared by its text and its JSON: metrics, labels, headline, ranks. Bandwidths
// are GB/s of 1e9 bytes, times microseconds.
import { contextOf } from './context-fields.ts';
import { type Point, type Sample, present } from './point.ts';
import type { Context } from '../metrics/context.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';
import type { Direction } from '../stats/direction.ts';

export interface NcclRow {
  /** Bytes. */
  readonly size: number;
  readonly dtype: string;
  readonly redop: string | undefined;
  readonly root: string | undefined;
  /** `all_reduce`; undefined where the file does not say. */
  readonly op: string | undefined;
  /** 1-based number of the table in a log whose several tables do not name their collective. */
  readonly table: number | undefined;
  readonly place: 'out_of_place' | 'in_place';
  readonly timeUs: number | undefined;
  readonly algbw: number | undefined;
  readonly busbw: number | undefined;
  readonly wrong: number | undefined;
}

/** One rank is one GPU. */
export interface NcclRank {
  readonly host: string;
  readonly device: string;
}

const sample = (
  name: string,
  key: string,
  value: number | undefined,
  unit: string,
  direction: Direction,
): Sample | undefined =>
  value === undefined ? undefined : { name, source_key: key, unit, value, direction, statistic: null };

/** A label that says something: collectives without a reduction print `none`, without a root `-1`. */
const stated = (label: string, value: string | number | undefined): Record<string, string | number> =>
  value === undefined || value === 'none' || value === '-1' ? {} : { [label]: value };

/** A row as a point. Rows of size 0 move nothing and are left to the caller. */
export const pointOfRow = (row: NcclRow, context: Context): Point => ({
  labels: {
    dtype: row.dtype,
    place: row.place,
    size: row.size,
    ...stated('op', row.op),
    ...stated('redop', row.redop),
    ...stated('root', row.root),
    ...stated('table', row.table),
  },
  samples: present([
    sample('time_us', 'time', row.timeUs, 'us', 'lower-is-better'),
    sample('algbw_gb_per_s', 'algbw', row.algbw, 'GB/s', 'higher-is-better'),
    sample('busbw_gb_per_s', 'busbw', row.busbw, 'GB/s', 'higher-is-better'),
    sample('wrong_count', '#wrong', row.wrong, 'count', 'lower-is-better'),
  ]),
  context,
});

/** The lines under a table: the mean over all sizes (tiny ones included, so not a peak) and the values that were wrong. */
export const footerPoint = (
  footer: { readonly average: number | undefined; readonly outOfBounds: number | undefined },
  table: Pick<NcclRow, 'op' | 'table'>,
  context: Context,
): Point => ({
  labels: { ...stated('op', table.op), ...stated('table', table.table) },
  samples: present([
    sample('busbw_mean_gb_per_s', 'Avg bus bandwidth', footer.average, 'GB/s', 'higher-is-better'),
    sample('out_of_bounds_count', 'Out of bounds values', footer.outOfBounds, 'count', 'lower-is-better'),
  ]),
  context,
});

/** `all_reduce` of `/opt/nccl-tests/build/all_reduce_perf`. */
export const collectiveOf = (program: string): string => (program.split('/').at(-1) ?? '').replace(/_perf(_mpi)?$/, '');

const only = (values: readonly string[]): string | undefined => (new Set(values).size === 1 ? values[0] : undefined);

/** Hardware, number of GPUs and node, as the ranks state them. A name that says nothing (`localhost`) is no node. */
export const contextOfRanks = (ranks: readonly NcclRank[]): Context => {
  const hosts = [...new Set(ranks.map(({ host }) => host))];
  const perHost = ranks.length / hosts.length;
  const even = hosts.every((host) => ranks.filter((rank) => rank.host === host).length === perHost);
  const node = only(hosts);
  return contextOf({
    hardware: only(ranks.map(({ device }) => device)),
    n_gpus: ranks.length,
    gpus_per_node: even ? perHost : undefined,
    node: node === 'localhost' ? undefined : node,
  });
};

/** A run is judged by its bus bandwidth at the largest message. */
export const ncclPolicy = (rows: readonly NcclRow[]): PolicyRule[] => {
  const largest = Math.max(...rows.map(({ size }) => size));
  return [`busbw_gb_per_s[*size=${largest}]`, `busbw_gb_per_s[*size=${largest},*]`].map((match) => ({
    match,
    headline: true,
  }));
};
