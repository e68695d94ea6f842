// Rows of an atlas become capacity: of each group of like rows the point of most output and the best one within the limits, in tokens per
// minute, dollars and joules. The one function behind the summary, the report and the lake; what is not known stays null with its reason.
import { impossibleOf } from '../campaign/reconcile/usable-rows.ts';
import type { AtlasRow } from '../campaign/row.ts';
import { excludesTrial, VALIDITY_CODES } from '../metrics/trial.ts';
import { formatNumber } from '../render/numbers.ts';
import { centreInterval } from '../stats/centre-interval.ts';
import { DEFAULT_GOAL } from '../stats/power.ts';
import type { Candidate, RatedRow } from './candidate.ts';
import type { CellPower } from './cell-power.ts';
import { poolRows, type Pool, type Pools } from './pools.ts';
import { priceOf } from './prices.ts';
import type { CapacitySettings } from './settings.ts';
import type { Capacity, CapacityGroup, CapacityPoint, LeftOut } from './summary-schema.ts';

const MINUTE_S = 60;
const HOUR_S = 3600;
const MILLION = 1e6;

/** Power of a cell's window, asked for only where a point has none of its own and is the cell's only one. */
export type PowerOfCell = (cell: string, arm: string | undefined) => Promise<CellPower>;

interface Sizes {
  readonly replica: number;
  readonly node: number;
  readonly rack: number | null;
}

const times = (rate: number | null, gpus: number | null): number | null =>
  rate === null || gpus === null ? null : rate * MINUTE_S * gpus;

const outputRates = (rate: number, { replica, node, rack }: Sizes) => ({
  output_tpm_per_gpu: times(rate, 1),
  output_tpm_per_replica: times(rate, replica),
  output_tpm_per_node: times(rate, node),
  output_tpm_per_rack: times(rate, rack),
});

const totalRates = (rate: number | null, { replica, node, rack }: Sizes) => ({
  total_tpm_per_gpu: times(rate, 1),
  total_tpm_per_replica: times(rate, replica),
  total_tpm_per_node: times(rate, node),
  total_tpm_per_rack: times(rate, rack),
});

/** Dollars for a million tokens; null where a token costs no known amount. */
const perMillion = (usdPerHour: number | null, tokPerS: number | null): number | null =>
  usdPerHour === null || tokPerS === null || tokPerS <= 0 ? null : (usdPerHour * MILLION) / (tokPerS * HOUR_S);

const intervalOf = ({ row, rates, replicateLevel }: Candidate): CapacityPoint['output_interval'] => {
  const interval = centreInterval(rates, DEFAULT_GOAL.alpha);
  if (interval === null) return null;
  const { low, high, level, n, method } = interval;
  const tpm = row.output_tps_per_gpu * MINUTE_S;
  return { low: tpm * low, high: tpm * high, level, n, method, replicate_level: replicateLevel };
};

type Power = Pick<
  CapacityPoint,
  'power_watts_per_gpu' | 'power_scope' | 'power_window' | 'tokens_per_watt' | 'tokens_per_joule' | 'power_lacks'
>;

/** The mean over a window of several loads is the power of none of them. */
const NOT_OF_ONE: CellPower = {
  watts: null,
  scope: null,
  lacks: 'no power was captured beside the point; cell_run reads the GPUs beside each load',
};

/** Tokens for energy: from what was measured beside the tokens, never from a price. */
const powerOf = async (
  { row, arm, powerScope: scope }: Candidate,
  loads: number,
  ofCell: PowerOfCell,
): Promise<Power> => {
  const { output_tps_per_gpu: rate, power_watts_per_gpu: own, joules_per_token: joules } = row;
  const isOwn = own !== null && own > 0;
  const byEnergy = joules !== null && joules > 0 ? 1 / joules : null;
  if (isOwn || byEnergy !== null) {
    const quotient = isOwn ? rate / own : null;
    return {
      power_watts_per_gpu: isOwn ? own : null,
      power_scope: scope,
      power_window: 'point',
      tokens_per_watt: quotient,
      tokens_per_joule: byEnergy ?? quotient,
      power_lacks: null,
    };
  }
  const { watts, scope: cellScope, lacks } = loads > 1 ? NOT_OF_ONE : await ofCell(row.cell_id, arm);
  const quotient = watts === null ? null : rate / watts;
  return {
    power_watts_per_gpu: watts,
    power_scope: cellScope,
    power_window: watts === null ? null : 'cell',
    tokens_per_watt: quotient,
    tokens_per_joule: quotient,
    power_lacks: lacks,
  };
};

type Priced = Pick<
  CapacityPoint,
  'usd_per_gpu_hour' | 'usd_is_estimate' | 'usd_origin' | 'usd_per_1m_output_tokens' | 'usd_per_1m_total_tokens'
>;

const pricedOf = ({ row }: Candidate, hardware: string, { prices }: CapacitySettings): Priced => {
  const price = priceOf(prices, hardware);
  const usd = price?.usdPerGpuHour ?? null;
  return {
    usd_per_gpu_hour: usd,
    usd_is_estimate: price?.isEstimate ?? null,
    usd_origin: price?.origin ?? null,
    usd_per_1m_output_tokens: perMillion(usd, row.output_tps_per_gpu),
    usd_per_1m_total_tokens: perMillion(usd, row.total_tps_per_gpu),
  };
};

const sizeNotes = ({ replica, node, rack }: Sizes): string[] => {
  const within = rack === null ? node : rack;
  if (replica <= node && node % replica === 0) return [];
  if (replica <= node) return [`a node of ${node} GPUs holds no whole number of replicas of ${replica}`];
  return [`a replica of ${replica} GPUs spans nodes of ${node}${replica > within ? ` and racks of ${within}` : ''}`];
};

/** What a point takes from beyond its own row. */
interface Surroundings {
  readonly settings: CapacitySettings;
  /** Rated rows of a cell. */
  readonly loadsOf: (cell: string) => number;
  readonly ofCell: PowerOfCell;
}

const pointOf = async (
  operatingPoint: CapacityPoint['operating_point'],
  candidate: Candidate,
  hardware: string,
  { settings, loadsOf, ofCell }: Surroundings,
): Promise<CapacityPoint> => {
  const { row, rowId, gpusPerReplica, trialsWithin, notes, decodeBy } = candidate;
  const sizes: Sizes = {
    replica: gpusPerReplica,
    node: settings.gpusPerNode(hardware),
    rack: settings.gpusPerRack(hardware),
  };
  const { output_tps_per_gpu: output, total_tps_per_gpu: total } = row;
  return {
    operating_point: operatingPoint,
    cell_id: row.cell_id,
    row_id: rowId,
    status: row.status,
    concurrency: row.concurrency,
    request_rate: row.request_rate,
    output_tps_per_gpu: output,
    total_tps_per_gpu: total,
    ...outputRates(output, sizes),
    ...totalRates(total, sizes),
    gpus_per_replica: sizes.replica,
    gpus_per_node: sizes.node,
    gpus_per_rack: sizes.rack,
    output_interval: intervalOf(candidate),
    ttft_avg_ms: row.ttft_avg_ms,
    tpot_median_ms: row.tpot_median_ms,
    itl_avg_ms: row.itl_avg_ms,
    decode_by: decodeBy,
    trials_within_sla: operatingPoint === 'sla' ? trialsWithin : null,
    ...pricedOf(candidate, hardware, settings),
    ...(await powerOf(candidate, loadsOf(row.cell_id), ofCell)),
    notes: [...notes, ...sizeNotes(sizes)],
  };
};

type Lack = Pick<CapacityGroup, 'sla_lacks' | 'sla_says'>;

const AGAIN = 're-run the bench with decode capture (TPOT or ITL)';

const lackOf = ({ sla, withDecode, chunksOnly, judged, nearest }: Pool, { sla: { ttftMs, tpotMs } }: CapacitySettings): Lack => {
  const limits = `TTFT <= ${formatNumber(ttftMs)} ms and TPOT <= ${formatNumber(tpotMs)} ms`;
  if (sla !== null) return { sla_lacks: null, sla_says: null };
  if (withDecode === 0 && chunksOnly > 0)
    return { sla_lacks: 'itl_under_speculation', sla_says: 'under speculation ITL is per chunk, not per token: re-run the bench with decode capture (TPOT)' };
  if (withDecode === 0) return { sla_lacks: 'no_decode_metric', sla_says: `no row has TPOT or ITL: ${AGAIN}` };
  if (judged === 0 || nearest === null) return { sla_lacks: 'no_ttft', sla_says: 'no row with TPOT or ITL has a time to first token: re-run the bench with streaming' };
  const { ttftMs: ttft, decodeMs, concurrency } = nearest;
  return { sla_lacks: 'not_met', sla_says: `no point met ${limits}; nearest at concurrency ${concurrency}: TTFT ${formatNumber(ttft, 4)} ms, TPOT ${formatNumber(decodeMs, 4)} ms` };
}; // prettier-ignore

const meanOf = ({ total, count }: Pool['isl']): number | null => (count === 0 ? null : total / count);

const groupOf = async (pool: Pool, around: Surroundings): Promise<CapacityGroup> => {
  const { identity, shape, peak, sla } = pool;
  const { settings } = around;
  const point = (name: CapacityPoint['operating_point'], candidate: Candidate): Promise<CapacityPoint> =>
    pointOf(name, candidate, identity.hardware, around);
  const [meanIsl, meanOsl] = [meanOf(pool.isl), meanOf(pool.osl)];
  const isMeasured = shape.from === 'measured';
  return {
    ...identity,
    isl: isMeasured ? meanIsl : shape.isl,
    osl: isMeasured ? meanOsl : shape.osl,
    shape_from: shape.from,
    mean_isl: meanIsl,
    mean_osl: meanOsl,
    ttft_sla_ms: settings.sla.ttftMs,
    tpot_sla_ms: settings.sla.tpotMs,
    gpus_per_node: settings.gpusPerNode(identity.hardware),
    gpus_per_rack: settings.gpusPerRack(identity.hardware),
    rows: pool.rows,
    cells: pool.cells.size,
    peak: await point('peak', peak),
    sla: sla === null ? null : await point('sla', sla),
    ...lackOf(pool, settings),
  };
};

/** Hardware that stands first, in this order; all other in the order of names. */
const FIRST = ['H100', 'B200', 'GB300'];

const place = (hardware: string): number => {
  const at = FIRST.indexOf(hardware);
  return at < 0 ? FIRST.length : at;
};

const textOrder = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Serving before what was measured apart; then hardware, larger TP, without speculation, EP, model, engine and workload. */
const inOrder = (one: CapacityGroup, other: CapacityGroup): number =>
  Number(one.phase !== null) - Number(other.phase !== null) ||
  place(one.hardware) - place(other.hardware) ||
  textOrder(one.hardware, other.hardware) ||
  other.tensor_parallel - one.tensor_parallel ||
  Number(one.mtp) - Number(other.mtp) ||
  textOrder(one.parallel_strategy, other.parallel_strategy) ||
  textOrder(one.model, other.model) ||
  textOrder(one.quant, other.quant) ||
  textOrder(one.serving_engine, other.serving_engine) ||
  textOrder(one.dataset, other.dataset) ||
  (one.isl ?? 0) - (other.isl ?? 0) ||
  (one.osl ?? 0) - (other.osl ?? 0) ||
  textOrder(one.cache_mode, other.cache_mode) ||
  textOrder(one.phase ?? '', other.phase ?? '');

const isRated = (row: AtlasRow): row is RatedRow =>
  row.output_tps_per_gpu !== null && row.output_tps_per_gpu > 0 && row.status !== 'failed' && row.status !== 'evicted';

/** Codes for which no trial of a row counts; null where one does. */
const invalidOf = ({ trials, extra }: AtlasRow): string | null => {
  const { invalid } = extra;
  if (Array.isArray(invalid)) return invalid.join(', ');
  if (trials.length === 0 || trials.some(({ validity }) => !validity.some(excludesTrial))) return null;
  return VALIDITY_CODES.filter((code) => excludesTrial(code) && trials.some(({ validity }) => validity.includes(code))).join(', ');
}; // prettier-ignore

interface Tally {
  readonly pools: Pools;
  readonly excluded: LeftOut[];
  /** Rated rows of each cell. */
  readonly loads: Map<string, number>;
  rows: number;
  withoutRate: number;
}

const takeRow = (tally: Tally, row: AtlasRow): void => {
  tally.rows += 1;
  if (!isRated(row)) {
    tally.withoutRate += 1;
    return;
  }
  const { cell_id, concurrency } = row;
  tally.loads.set(cell_id, (tally.loads.get(cell_id) ?? 0) + 1);
  const untrue = impossibleOf(row);
  const invalid = untrue === null ? invalidOf(row) : null;
  if (untrue !== null) {
    const { balance, factor, likely_cause, says } = untrue;
    tally.excluded.push({ cell_id, concurrency, because: 'impossible', says, violation: { balance, factor, likely_cause } });
  } else if (invalid !== null)
    tally.excluded.push({ cell_id, concurrency, because: 'invalid', says: `no trial counts: ${invalid}`, violation: null });
  else tally.pools.add(row);
}; // prettier-ignore

/** Capacity from the rows of an atlas, a block at a time. */
export const capacityOf = async (
  blocks: AsyncIterable<Iterable<AtlasRow>>,
  settings: CapacitySettings,
  ofCell: PowerOfCell,
): Promise<Capacity> => {
  const tally: Tally = { pools: poolRows(settings.sla), excluded: [], loads: new Map(), rows: 0, withoutRate: 0 };
  for await (const rows of blocks) for (const row of rows) takeRow(tally, row);
  const around: Surroundings = { settings, ofCell, loadsOf: (cell) => tally.loads.get(cell) ?? 0 };
  const groups: CapacityGroup[] = [];
  for (const pool of tally.pools.result()) groups.push(await groupOf(pool, around));
  return {
    groups: groups.sort(inOrder),
    excluded: tally.excluded,
    rows: tally.rows,
    rows_without_rate: tally.withoutRate,
  };
};
