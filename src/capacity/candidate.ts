// The row of an atlas as a candidate for a point: what a point needs of it and nothing else, so that a large atlas is summed up in little
// memory. Values only.
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import { isValidTrial } from '../metrics/trial.ts';
import { rowId } from '../campaign/reconcile/violation.ts';
import type { AtlasRow } from '../campaign/row.ts';
import { POWER_SCOPE } from '../campaign/row-energy.ts';
import { windowNotes } from '../campaign/window.ts';
import { formatShare, plural } from '../render/numbers.ts';
import type { Sla } from './settings.ts';
import type { CapacityPoint } from './summary-schema.ts';

/** A row that has an output rate. */
export type RatedRow = AtlasRow & { readonly output_tps_per_gpu: number };

export interface Candidate {
  readonly row: Pick<
    RatedRow,
    | 'cell_id' | 'status' | 'concurrency' | 'request_rate' | 'output_tps_per_gpu' | 'total_tps_per_gpu' | 'ttft_avg_ms' | 'tpot_median_ms'
    | 'itl_avg_ms' | 'power_watts_per_gpu' | 'joules_per_token'
  >; // prettier-ignore
  /** Whose power watts and joules are, in words; null where the row does not say. */
  readonly powerScope: string | null;
  readonly rowId: string;
  /** Folder of the artifacts, where a row names another cell than its own. */
  readonly arm: string | undefined;
  readonly gpusPerReplica: number;
  /** Output rates of the valid trials, in whatever unit: only their ratios are used. */
  readonly rates: readonly number[];
  readonly replicateLevel: string | null;
  readonly trialsWithin: CapacityPoint['trials_within_sla'];
  readonly decodeBy: CapacityPoint['decode_by'];
  readonly notes: readonly string[];
}

type Trial = AtlasRow['trials'][number];

const rateOf = ({ values }: Trial): number | undefined =>
  values[nameOf('throughput')] ?? values[nameOf('outputPerGpu')];

/** Experts spread over several replicas, attention that is split by data, and roles apart serve one copy only together. */
const replicaOf = ({ tensor_parallel: tp, pipeline_parallel: pp, expert_parallel: ep, dp_attention, disagg, n_gpus: gpus }: AtlasRow): number => {
  const own = tp * pp;
  if (disagg === true || dp_attention === true) return gpus ?? own;
  return Math.max(own, ep ?? 0);
}; // prettier-ignore

/** Under speculation a gap between chunks is of several tokens: only TPOT says how fast one token follows another. */
export const isSpeculative = ({ mtp, num_speculative_tokens: drafts }: AtlasRow): boolean => mtp || (drafts ?? 0) > 0;

/** What stands for decode against the limit. */
export const decodeOf = (row: AtlasRow): { readonly ms: number; readonly by: 'tpot_median_ms' | 'itl_avg_ms' } | null => {
  if (row.tpot_median_ms !== null) return { ms: row.tpot_median_ms, by: 'tpot_median_ms' };
  return row.itl_avg_ms === null || isSpeculative(row) ? null : { ms: row.itl_avg_ms, by: 'itl_avg_ms' };
}; // prettier-ignore

const withinOf = (trials: readonly Trial[], { ttftMs, tpotMs }: Sla): CapacityPoint['trials_within_sla'] => {
  const both = trials.flatMap(({ values }) => {
    const ttft = values[latencyName('ttft', 'mean')] ?? values[latencyName('ttft', 'p50')];
    const tpot = values[latencyName('tpot', 'p50')];
    return ttft === undefined || tpot === undefined ? [] : [ttft <= ttftMs && tpot <= tpotMs];
  });
  return both.length < 2 ? null : { met: both.filter(Boolean).length, of: both.length };
};

const notesOf = (row: AtlasRow): string[] => {
  const { status, ok_rate: ok, failed_requests: failed, extra } = row;
  return [
    ...(status === 'partial' ? ['the point was measured in part'] : []),
    ...(ok !== null && ok < 1 ? [`${formatShare(100 * ok)} of the requests were answered`] : ok === null && failed !== null && failed > 0 ? [`${plural(failed, 'request')} failed`] : []),
    ...(extra['ttft_median_ms_substituted_for_avg'] === true ? ['TTFT is a median: the tool gives no mean'] : []),
    ...windowNotes(row),
  ];
}; // prettier-ignore

export const candidateOf = (row: RatedRow, sla: Sla): Candidate => {
  const trials = row.trials.filter(isValidTrial);
  const levels = new Set(trials.map(({ replicate_level: level }) => level));
  const [level = null] = levels;
  const { arm, [POWER_SCOPE]: scope } = row.extra;
  return {
    row: {
      cell_id: row.cell_id,
      status: row.status,
      concurrency: row.concurrency,
      request_rate: row.request_rate,
      output_tps_per_gpu: row.output_tps_per_gpu,
      total_tps_per_gpu: row.total_tps_per_gpu,
      ttft_avg_ms: row.ttft_avg_ms,
      tpot_median_ms: row.tpot_median_ms,
      itl_avg_ms: row.itl_avg_ms,
      power_watts_per_gpu: row.power_watts_per_gpu,
      joules_per_token: row.joules_per_token,
    },
    powerScope: typeof scope === 'string' ? scope : null,
    rowId: rowId(row),
    arm: typeof arm === 'string' ? arm : undefined,
    gpusPerReplica: replicaOf(row),
    rates: trials.flatMap((trial) => rateOf(trial) ?? []),
    replicateLevel: levels.size === 1 ? level : null,
    trialsWithin: withinOf(trials, sla),
    decodeBy: decodeOf(row)?.by ?? null,
    notes: notesOf(row),
  };
};
