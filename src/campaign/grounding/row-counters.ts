// Gives a row what was counted while it was measured: power, the joules of a token that follow, activity. A window over several loads has
// one mean, which is that of none of them: such rows stay without, and it is said. What a row has already is never replaced.
import { plural } from '../../render/numbers.ts';
import { isMeasured } from '../cells/run-cell.ts';
import { joulesPerToken, POWER_SCOPE } from '../row-energy.ts';
import type { AtlasRow } from '../row.ts';
import type { Correlation } from './correlation.ts';

type Counted = Pick<
  Correlation,
  'power_watts_per_gpu' | 'power_scope' | 'sweep_start_utc' | 'sweep_end_utc' | 'nodes' | 'duration_s' | 'means'
>;

export interface CountedRows {
  readonly rows: readonly AtlasRow[];
  /** Points that got something. */
  readonly filled: number;
  /** Why the others did not; null where none lacks it. */
  readonly reason: string | null;
}

const withCounters = (row: AtlasRow, counted: Counted): AtlasRow => {
  const { power_watts_per_gpu: watts, power_scope: scope, sweep_start_utc: start, sweep_end_utc: end, nodes, means } = counted;
  const active = (own: number | null, mean: number | undefined): number | null =>
    own ?? (mean === undefined || mean > 1 ? null : mean);
  return {
    ...row,
    dcgm_sm_active: active(row.dcgm_sm_active, means.sm_active),
    dcgm_dram_active: active(row.dcgm_dram_active, means.dram_active),
    dcgm_tensor_active: active(row.dcgm_tensor_active, means.tensor_active),
    power_watts_per_gpu: watts,
    joules_per_token: row.joules_per_token ?? joulesPerToken(watts, row.output_tps_per_gpu),
    extra: {
      ...row.extra,
      [POWER_SCOPE]: scope,
      power_window: { start, end, nodes: [...nodes], from: 'dcgm_correlation.json' },
    },
  };
}; // prettier-ignore

/** The shortest part of a load that its counters must cover. */
const LEAST_COVER = 0.5;

/** The rows of a cell with what was counted. */
export const rowsWithCounters = (rows: readonly AtlasRow[], counted: Counted): CountedRows => {
  const measured = rows.filter(isMeasured);
  const [only] = measured.filter(({ power_watts_per_gpu: watts }) => watts === null);
  const without = (reason: string | null): CountedRows => ({ rows, filled: 0, reason });
  if (only === undefined) return without(null);
  if (counted.power_watts_per_gpu === null) return without('no power was counted');
  if (measured.length > 1)
    return without(`one window over ${plural(measured.length, 'load')} has the power of none of them; cell_run reads the GPUs beside each`);
  if (only.duration_s !== null && counted.duration_s < LEAST_COVER * only.duration_s)
    return without('the counters cover less than half of the load');
  return { rows: rows.map((row) => (row === only ? withCounters(row, counted) : row)), filled: 1, reason: null };
}; // prettier-ignore
