// The likely cause of a factor: by the factor, and by facts of the row that give it. Where nothing does, it is unknown.
import { expect, test } from 'vitest';
import type { Balance } from '../../../src/campaign/reconcile/balance.ts';
import { likelyCause } from '../../../src/campaign/reconcile/causes.ts';
import { factsOf } from '../../../src/campaign/reconcile/row-facts.ts';
import type { GivenRow } from '../../../src/campaign/row.ts';
import { rowOf } from './row.ts';

const REPLICAS = { data_parallel: 8, tensor_parallel: 1, n_gpus: 8 };

test.each<readonly [Balance, number, Partial<GivenRow>, string]>([
  ['tokens', 8, REPLICAS, 'replicas_left_out'],
  ['tokens', 1 / 8, REPLICAS, 'replicas_left_out'],
  ['tokens', 8, {}, 'one_gpu_for_all'],
  ['tokens', 6, {}, 'total_for_output'],
  ['tokens', 1000, {}, 'seconds_for_ms'],
  ['littles_law', 60, {}, 'other_time_unit'],
  ['energy', 1 / 3600, {}, 'other_time_unit'],
  ['littles_law', 1e-6, {}, 'other_time_unit'],
  ['bound', 2, {}, 'sparse_peak'],
  ['dcgm_bytes', 0.5, {}, 'elements_for_bytes'],
  ['bound', 5, { prefix_cache_hit_rate: 0.8 }, 'cache_hits_as_prefill'],
  ['tpot_throughput', 2.7, { acceptance_length: 2.7 }, 'chunk_for_token'],
  ['tokens', 2, {}, 'unknown'],
  ['tokens', 17, {}, 'unknown'],
  ['run_kind', 1000, {}, 'unknown'],
])('of %s by %d', (balance, factor, row, cause) => {
  expect(likelyCause(balance, factor, factsOf(rowOf(row)))).toBe(cause);
});

test('a right figure may lie below a limit, so a factor below that of its cause still points to it', () => {
  const facts = factsOf(rowOf({ ...REPLICAS, mean_input_tokens: null }));
  expect(likelyCause('tpot_throughput', 5, facts, true)).toBe('replicas_left_out');
  expect(likelyCause('tpot_throughput', 5, facts)).toBe('unknown');
});
