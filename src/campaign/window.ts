// The window in which a point was measured: how often it was filled, how full it was, and whether that is enough for its throughput
// to be that of a steady state. Says so by kind, once for all points.
import { UNDERCOUNTED } from '../importers/steady-window.ts';
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import { formatFixed, plural } from '../render/numbers.ts';
import { isJsonObject } from '../text/json.ts';
import type { AtlasRow } from './row.ts';
import { TTFT_EXCESS } from './server-times.ts';

/** Below this a window that holds each slot less than twice is no steady state. */
const LEAST_WAVES = 2;
/** Waves and occupancy below which a window is worth a warning. */
const FEW_WAVES = 5;
const LOW_OCCUPANCY = 0.9;

export type MetricOf = (name: string) => number | null;

/** Mean length of a request in seconds: measured, else from its first token and the ones after it. */
const requestSeconds = (metric: MetricOf): number | null => {
  const whole = metric(latencyName('e2e', 'mean'));
  if (whole !== null) return whole / 1000;
  const first = metric(latencyName('ttft', 'mean'));
  const each = metric(latencyName('tpot', 'mean'));
  const tokens = metric(nameOf('outputLength'));
  if (first === null || each === null || tokens === null) return null;
  return (first + each * Math.max(0, tokens - 1)) / 1000;
};

export interface PointWindow {
  /** Requests over concurrency. */
  readonly waves: number | null;
  /** Mean number of requests in flight over the concurrency, by Little's law. */
  readonly occupancy: number | null;
  /** Too short to be steady: its throughput is too low. */
  readonly undercount: boolean;
}

export const windowOf = (metric: MetricOf, concurrency: number, prompts: number | null): PointWindow => {
  const waves = concurrency > 0 && prompts !== null ? prompts / concurrency : null;
  const seconds = requestSeconds(metric);
  const rate = metric(nameOf('requestRate'));
  const occupancy = concurrency > 0 && seconds !== null && rate !== null ? (rate * seconds) / concurrency : null;
  return { waves, occupancy, undercount: waves !== null && waves < LEAST_WAVES };
};

export const isUndercounted = ({ extra }: AtlasRow): boolean => extra['steady_window_undercount'] === true;

const span = (values: readonly number[], text: (value: number) => string): string => {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(text);
  return low === high ? `${low}` : `${low} to ${high}`;
};

/** How far the full part of the windows lies above the whole. */
const steadyText = (rows: readonly AtlasRow[]): string => {
  const gains = rows.flatMap(({ steady_output_tps_per_gpu: steady, output_tps_per_gpu: whole }) =>
    steady === null || whole === null || whole <= 0 ? [] : [(steady / whole - 1) * 100],
  );
  if (gains.length === 0) return 'no times of requests are there to trim the window by';
  const known = gains.length === rows.length ? '' : ` at ${gains.length} of them`;
  return `trimmed to its full part it is ${span(gains, (gain) => `${gain < 0 ? '' : '+'}${formatFixed(gain, 0)} %`)}${known} (steady_output_tps_per_gpu)`;
};

/** Share of the server's own time to first token by which a client's may differ, in percent. */
const TTFT_APART = 10;

const ttftExcess = ({ extra: { server } }: AtlasRow): number => {
  const excess = isJsonObject(server) ? server[TTFT_EXCESS] : 0;
  return typeof excess === 'number' ? excess : 0;
};

const isNotCold = ({ trials }: AtlasRow): boolean => trials.some(({ validity }) => validity.includes('cache_state'));

const firstContradiction = (rows: readonly AtlasRow[]): string => {
  const [first] = rows.flatMap(({ extra: { contradictions } }) =>
    Array.isArray(contradictions) ? contradictions : [],
  );
  return String(first);
};

interface Kind {
  readonly applies: (row: AtlasRow) => boolean;
  readonly says: (rows: readonly AtlasRow[]) => string;
}

const KINDS: readonly Kind[] = [
  {
    applies: isUndercounted,
    says: (rows) => `requests are fewer than twice the concurrency, so ${UNDERCOUNTED}; ${steadyText(rows)}`,
  },
  {
    applies: (row) => !isUndercounted(row) && row.waves !== null && row.waves < FEW_WAVES,
    says: (rows) =>
      `the window was filled only ${span(
        rows.map(({ waves }) => waves ?? 0),
        (waves) => formatFixed(waves, 1),
      )} times`,
  },
  {
    applies: (row) => !isUndercounted(row) && row.occupancy !== null && row.occupancy < LOW_OCCUPANCY,
    says: (rows) =>
      `${span(
        rows.map(({ occupancy }) => (occupancy ?? 0) * 100),
        (share) => formatFixed(share, 0),
      )} % of the slots were in use on average`,
  },
  {
    applies: (row) => Math.abs(ttftExcess(row)) > TTFT_APART,
    says: (rows) =>
      `the client's mean time to first token is ${span(
        rows.map(ttftExcess),
        (excess) => `${excess < 0 ? '' : '+'}${formatFixed(excess, 0)} %`,
      )} from what the server counts: network, client or warm-up requests are in it`,
  },
  {
    applies: (row) => row.cache_mode === 'cold' && isNotCold(row),
    says: (rows) =>
      `called cold, but ${span(
        rows.map(({ prefix_cache_hit_rate: hits }) => (hits ?? 0) * 100),
        (share) => formatFixed(share, 0),
      )} % of the prompt tokens came from the prefix cache: does not count (cache_state)`,
  },
  {
    applies: ({ extra }) => Array.isArray(extra['contradictions']),
    says: (rows) => `the result contradicts itself: ${firstContradiction(rows)}`,
  },
];

/** What the reader of one row must know of its window, without its place. */
export const windowNotes = (row: AtlasRow): string[] =>
  KINDS.flatMap(({ applies, says }) => (applies(row) ? [says([row])] : []));

/** Points that a warning names before it counts them. */
const NAMED = 3;

const placesOf = (rows: readonly AtlasRow[]): string => {
  const named = rows.slice(0, NAMED).map(({ cell_id, concurrency }) => `${cell_id} at concurrency ${concurrency}`);
  return rows.length <= NAMED ? named.join(', ') : `${plural(rows.length, 'point')}, ${named[0]} the first`;
};

/** What the reader of rows must know of their windows: one warning for each kind, which names or counts its points. */
export const rowWarnings = (rows: readonly AtlasRow[]): string[] =>
  KINDS.flatMap(({ applies, says }) => {
    const concerned = rows.filter(applies);
    return concerned.length === 0 ? [] : [`${placesOf(concerned)}: ${says(concerned)}`];
  });
