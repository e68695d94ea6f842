// The recorded configuration against what was seen: tokens in a step, requests running at a time, accepted drafts, cache hits, GPUs. A
// setting that the run refutes was not in effect, so that the row stands for a configuration that nobody measured.
import { nameOf } from '../../metrics/catalogue.ts';
import { isJsonObject } from '../../text/json.ts';
import { STEP_TOKENS } from '../server-times.ts';
import { figureOf, serverOf } from './client-server.ts';
import { hardwareOf, type Evidence } from './evidence.ts';
import { speculates, type RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** Share that a mean may lie above its limit by rounding. */
const ROUNDED = 0.01;
/** Share of prompt tokens that is not zero by accident. */
const HITS = 0.01;
/** GPUs of the smallest node that a single capture may see of a larger deployment. */
const ONE_NODE = 4;

const against = (of: string, seen: number, expected: number, unit: string, more: Partial<Finding> = {}): Finding => ({
  balance: 'configuration',
  severity: 'impossible',
  expected,
  seen,
  unit,
  cause: 'setting_not_in_effect',
  of,
  ...more,
});

const stepTokens = (facts: RowFacts): Finding[] => {
  const limit = facts.row.max_num_batched_tokens;
  const seen = figureOf(serverOf(facts), STEP_TOKENS);
  if (limit <= 0 || seen === null || seen < limit) return [];
  return [against('steps of more tokens than max_num_batched_tokens', seen, limit, 'tokens')];
};

const runningRequests = (facts: RowFacts): Finding[] => {
  const { max_num_seqs: each, data_parallel: replicas } = facts.row;
  const seen = figureOf(serverOf(facts), nameOf('requestsRunning'));
  if (each === null || each <= 0 || seen === null || seen <= each * replicas) return [];
  return [against('requests running at a time against max_num_seqs of all replicas', seen, each * replicas, 'requests')];
}; // prettier-ignore

const accepted = ({ row }: RowFacts): Finding[] => {
  const { acceptance_length: length, num_speculative_tokens: drafts } = row;
  if (length === null) return [];
  if (drafts !== null && drafts > 0)
    return length <= (drafts + 1) * (1 + ROUNDED)
      ? []
      : [against('acceptance length against draft tokens + 1', length, drafts + 1, 'tokens per step')];
  if (speculates(row) || length <= 1 + 5 * ROUNDED) return [];
  return [against('acceptance length of a row without speculation', length, 1, 'tokens per step')];
};

const cacheHits = ({ row }: RowFacts): Finding[] => {
  const { enable_prefix_caching: caching, prefix_cache_hit_rate: hits } = row;
  if (caching !== false || hits === null || hits <= HITS) return [];
  return [against('prefix cache hits of a row without prefix caching', hits, 0, 'hits per prompt token')];
};

/** Either may be of one node of several: fewer than a node has is what speaks against the sizes. */
const gpus = ({ row, gpus: served }: RowFacts): Finding[] => {
  const block = row.extra['gpus'];
  const seen = figureOf(isJsonObject(block) ? block : null, 'n_gpus');
  const found: Finding[] = [];
  if (seen !== null && seen > 0 && seen < Math.min(served, ONE_NODE))
    found.push(against('GPUs that worked against GPUs of the row', seen, served, 'GPUs', { severity: 'odd', cause: 'setting_not_in_effect' }));
  const listed = row.gpu_uuids === null ? null : new Set(row.gpu_uuids).size;
  if (listed !== null && listed > served)
    found.push(against('listed GPUs against GPUs of the row', listed, served, 'GPUs', { severity: 'odd', cause: 'replicas_left_out' }));
  return found;
}; // prettier-ignore

const label = ({ row }: RowFacts, evidence: Evidence): Finding[] => {
  const counters = evidence.counters?.get(row.cell_id);
  const named = hardwareOf(evidence, row.hardware)?.rates.hardware;
  if (counters === undefined || named === undefined || counters.hwKey === named) return [];
  return [against(`the row says ${row.hardware}, the counters of the cell are of ${counters.hwKey}`, 0, 1, 'GPUs of that name', { cause: 'wrong_gpu_label' })];
}; // prettier-ignore

export const configuration = (facts: RowFacts, evidence: Evidence): Finding[] => [
  ...stepTokens(facts),
  ...runningRequests(facts),
  ...accepted(facts),
  ...cacheHits(facts),
  ...gpus(facts),
  ...label(facts, evidence),
];
