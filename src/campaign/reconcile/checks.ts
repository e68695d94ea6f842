// All balances, each with what it needs of a row: a row that lacks it is counted as not checked, never as one that holds.
import type { Balance } from './balance.ts';
import { clientServer, serverOf } from './client-server.ts';
import { configuration } from './configuration.ts';
import { dcgmBytes } from './dcgm-bytes.ts';
import { energy } from './energy.ts';
import type { Evidence } from './evidence.ts';
import { hardwareBound } from './hardware-bound.ts';
import { littlesLaw } from './littles-law.ts';
import { ownFigures } from './own-figures.ts';
import { boundOfRow } from './row-bound.ts';
import type { RowFacts } from './row-facts.ts';
import { runKind } from './run-kind.ts';
import { tokenBalance } from './token-balance.ts';
import { tpotThroughput } from './tpot-throughput.ts';
import type { Finding } from './violation.ts';

interface Check {
  readonly balance: Balance;
  /** Null where the row can be held against it, else what is lacking. */
  readonly lacks: (facts: RowFacts, evidence: Evidence) => string | null;
  readonly find: (facts: RowFacts, evidence: Evidence) => readonly Finding[];
}

const NOTHING = (): null => null;

const lacksBound = (facts: RowFacts, evidence: Evidence): string | null => {
  const outcome = boundOfRow(facts, evidence);
  return outcome.kind === 'none' ? outcome.because : null;
};

/** In the order in which they are told: what makes a row no result at all comes first. */
export const CHECKS: readonly Check[] = [
  { balance: 'run_kind', lacks: NOTHING, find: runKind },
  { balance: 'own_figures', lacks: NOTHING, find: ownFigures },
  {
    balance: 'littles_law',
    lacks: ({ row, requestTime, requestsPerS, outputPerS, osl }) => {
      if (row.concurrency <= 0) return 'no concurrency';
      if (requestTime === null) return 'no mean time of a request';
      return requestsPerS === null && (outputPerS === null || osl === null) ? 'no rate of requests' : null;
    },
    find: littlesLaw,
  },
  {
    balance: 'tokens',
    lacks: ({ requestsPerS, osl, outputPerS }) =>
      outputPerS === null || (requestsPerS === null && osl === null) ? 'no rates of requests and tokens' : null,
    find: tokenBalance,
  },
  {
    balance: 'tpot_throughput',
    lacks: ({ row }) => (row.tpot_mean_ms === null && row.tpot_median_ms === null ? 'no TPOT' : null),
    find: tpotThroughput,
  },
  {
    balance: 'client_server',
    lacks: (facts) => (serverOf(facts) === null ? 'no counters of the server' : null),
    find: clientServer,
  },
  {
    balance: 'energy',
    lacks: ({ row }) => (row.power_watts_per_gpu === null && row.joules_per_token === null ? 'no power' : null),
    find: energy,
  },
  { balance: 'configuration', lacks: NOTHING, find: configuration },
  { balance: 'bound', lacks: lacksBound, find: hardwareBound },
  {
    balance: 'dcgm_bytes',
    lacks: (facts, evidence) =>
      facts.row.dcgm_dram_active === null ? 'no DRAM_ACTIVE of DCGM' : lacksBound(facts, evidence),
    find: dcgmBytes,
  },
];
