// What most likely went wrong where a balance does not hold: by the factor between both figures, and by the facts of the row that could
// give that factor. A cause is a guess that names itself; one that nothing points to is called unknown.
import type { Balance } from './balance.ts';
import type { RowFacts } from './row-facts.ts';

export const CAUSES = {
  replicas_left_out: 'data-parallel replicas were left out of the number of GPUs (DP ignored)',
  one_gpu_for_all: 'the figure of one GPU stands for that of all, or the reverse',
  total_for_output: 'prompt tokens are counted with output tokens, or the reverse',
  chunk_for_token: 'the time of a chunk stands for the time of a token (speculation gives several a chunk)',
  seconds_for_ms: 'a time in seconds stands where milliseconds should, or the reverse',
  other_time_unit: 'a time or rate is in another unit (per minute, per hour, microseconds)',
  sparse_peak: 'a peak or rate with 2:4 sparsity stands for the dense one',
  elements_for_bytes: 'elements were counted as bytes, or the bytes of another number format',
  cache_hits_as_prefill: 'prompt tokens from the prefix cache were counted as computed',
  wrong_gpu_label: 'another GPU, or another model, than the row is labelled with',
  compliance_run: 'a compliance or accuracy run, whose speed is not a result',
  other_requests: 'the server had requests that are not of this client',
  setting_not_in_effect: 'the recorded setting was not the one in effect',
  contradiction: 'the file contradicts itself',
  not_measured: 'a placeholder stands for a figure that was not measured',
  unknown: 'unknown cause',
} as const;
export type CauseId = keyof typeof CAUSES;
export const CAUSE_IDS = Object.keys(CAUSES) as [CauseId, ...CauseId[]]; // checked boundary: the keys of the table

/** A factor, or its inverse, that a cause gives. */
interface Candidate {
  readonly cause: CauseId;
  readonly factor: number;
  readonly of: readonly Balance[];
}

const RATES: readonly Balance[] = ['littles_law', 'tokens', 'tpot_throughput', 'energy', 'bound', 'client_server'];
const TIMES: readonly Balance[] = [
  'littles_law',
  'tokens',
  'tpot_throughput',
  'energy',
  'bound',
  'client_server',
  'own_figures',
];

/** What no fact of the row is needed for. */
const ANYWHERE: readonly Candidate[] = [
  { cause: 'seconds_for_ms', factor: 1000, of: TIMES },
  { cause: 'other_time_unit', factor: 1e6, of: TIMES },
  { cause: 'other_time_unit', factor: 60, of: TIMES },
  { cause: 'other_time_unit', factor: 3600, of: TIMES },
  { cause: 'sparse_peak', factor: 2, of: ['bound'] },
  { cause: 'elements_for_bytes', factor: 2, of: ['dcgm_bytes'] },
];

/** What the sizes and lengths of the row could give. */
const byFacts = ({ row, gpus, isl, osl }: RowFacts): Candidate[] => {
  const { data_parallel: replicas, acceptance_length: accepted, prefix_cache_hit_rate: hits } = row;
  const given: Candidate[] = [
    { cause: 'replicas_left_out', factor: replicas, of: RATES },
    { cause: 'one_gpu_for_all', factor: gpus, of: ['tokens', 'energy', 'tpot_throughput', 'client_server'] },
    { cause: 'one_gpu_for_all', factor: row.tensor_parallel, of: ['tokens', 'energy'] },
    { cause: 'chunk_for_token', factor: accepted ?? 1, of: ['littles_law', 'tpot_throughput'] },
    { cause: 'total_for_output', factor: isl === null || osl === null ? 1 : (isl + osl) / osl, of: ['tokens', 'energy', 'tpot_throughput'] },
    { cause: 'cache_hits_as_prefill', factor: hits === null || hits >= 1 ? 1 : 1 / (1 - hits), of: ['bound', 'dcgm_bytes'] },
  ];
  return given.filter(({ factor }) => factor > 1.2);
}; // prettier-ignore

/** Share by which a factor may miss that of its cause. */
const NEAR = 0.12;
/** Where the expected figure is a limit, the true one may lie this far below it. */
const BELOW_LIMIT = 0.55;

/** How far a factor lies from that of a cause, in logarithms; infinite where it does not fit. */
const distance = (factor: number, candidate: number, isLimit: boolean): number => {
  const ratio = factor / candidate;
  if (ratio > 1 + NEAR || ratio < (isLimit ? BELOW_LIMIT : 1 - NEAR)) return Infinity;
  return Math.abs(Math.log(ratio));
};

/**
 * The likely cause of a factor; `unknown` where none fits. `isLimit`: the expected figure is an upper limit, below which a right one may
 * lie. Of causes that fit alike the one that a fact of the row supports wins.
 */
export const likelyCause = (balance: Balance, factor: number, facts: RowFacts, isLimit = false): CauseId => {
  const [size, limit] = factor >= 1 ? [factor, isLimit] : [1 / factor, false];
  let best: { readonly cause: CauseId; readonly apart: number } = { cause: 'unknown', apart: Infinity };
  for (const { cause, factor: candidate, of } of [...byFacts(facts), ...ANYWHERE]) {
    if (!of.includes(balance)) continue;
    const apart = distance(size, candidate, limit);
    if (apart < best.apart) best = { cause, apart };
  }
  return best.cause;
};
