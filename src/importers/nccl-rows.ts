// What a measured row of an nccl-tests run means, shared by its text and its JSON: metrics, labels, headline, ranks. Bandwidths
// are GB/s of 1e9 bytes, times microseconds.
import { contextOf } from './context-fields.ts';
import { type Point, present } from './point.ts';
import { serving } from './serving-metrics.ts';
import { nameOf } from '../metrics/catalogue.ts';
import type { Context } from '../metrics/context.ts';
import type { PolicyRule } from '../metrics/policy-rule.ts';

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
    serving('collectiveTime', row.timeUs, 'time'),
    serving('algorithmBandwidth', row.algbw, 'algbw'),
    serving('busBandwidth', row.busbw, 'busbw'),
    serving('wrongValues', row.wrong, '#wrong'),
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
    serving('busBandwidthMean', footer.average, 'Avg bus bandwidth'),
    serving('outOfBounds', footer.outOfBounds, 'Out of bounds values'),
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
  const name = nameOf('busBandwidth');
  return [`${name}[*size=${largest}]`, `${name}[*size=${largest},*]`].map((match) => ({
    match,
    headline: true,
  }));
};
