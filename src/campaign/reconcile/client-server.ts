// What the client says against what the server counted in the same window (`extra.server`). The server may have had warm-up requests or
// other clients, so that more there is odd at most; what the client cannot have seen is impossible.
import { latencyName, nameOf } from '../../metrics/catalogue.ts';
import { isJsonObject, type JsonObject } from '../../text/json.ts';
import { likelyCause } from './causes.ts';
import { rounding, type RowFacts } from './row-facts.ts';
import type { Finding } from './violation.ts';

/** Share of requests that a scrape may miss, and that warm-up may add beside the places of the client. */
const MISSED = 0.02;
const WARM_UP = 0.25;
/** The server's histogram has warm-up requests in it, whose first token comes late. */
const TTFT = 0.25;
const TTFT_IMPOSSIBLE = 0.1;
/** Points of the hit rate. */
const HITS = 0.1;

export const serverOf = ({ row }: RowFacts): JsonObject | null =>
  isJsonObject(row.extra['server']) ? row.extra['server'] : null;

export const figureOf = (block: JsonObject | null, name: string): number | null => {
  const value = block?.[name];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
};

type Part = Pick<Finding, 'severity' | 'expected' | 'seen' | 'unit' | 'cause' | 'of'>;

const requests = (facts: RowFacts, server: JsonObject): Part[] => {
  const { row } = facts;
  const expected = figureOf(server, nameOf('completedRequests'));
  const seen = row.completed_requests;
  if (expected === null || seen === null || seen <= 0) return [];
  const part = { expected, seen, unit: 'requests', of: 'requests that the client saw completed against those of the server' };
  if (seen > expected * (1 + MISSED) + 1)
    return [{ ...part, severity: 'odd', cause: likelyCause('client_server', expected === 0 ? Infinity : seen / expected, facts) }];
  if (expected > seen * (1 + WARM_UP) + 2 * row.concurrency + (row.failed_requests ?? 0))
    return [{ ...part, severity: 'odd', cause: 'other_requests' }];
  return [];
}; // prettier-ignore

const firstToken = (facts: RowFacts, server: JsonObject): Part[] => {
  const expected = figureOf(server, latencyName('ttft', 'mean'));
  const seen = facts.ttftMs;
  if (expected === null || expected <= 0 || seen === null) return [];
  if (seen >= expected * (1 - TTFT - rounding(seen))) return [];
  const cause = likelyCause('client_server', seen / expected, facts);
  const severity = seen < expected * TTFT_IMPOSSIBLE ? 'impossible' : 'odd';
  return [{ severity, expected, seen, unit: 'ms', cause, of: "the client's mean TTFT, which no server can exceed, against the server's" }];
}; // prettier-ignore

const hitRate = ({ row }: RowFacts, server: JsonObject): Part[] => {
  const [expected, seen] = [figureOf(server, nameOf('cacheHitRate')), row.prefix_cache_hit_rate];
  if (expected === null || seen === null || Math.abs(expected - seen) <= HITS) return [];
  return [{ severity: 'odd', expected, seen, unit: 'hits per prompt token', cause: 'unknown', of: 'prefix cache hit rate of the row against the server' }];
}; // prettier-ignore

const running = ({ row }: RowFacts, server: JsonObject): Part[] => {
  const seen = figureOf(server, nameOf('requestsRunning'));
  if (seen === null || row.concurrency <= 0 || seen <= row.concurrency * 1.1 + 1) return [];
  return [{ severity: 'odd', expected: row.concurrency, seen, unit: 'requests running', cause: 'other_requests', of: 'most requests running on the server against the concurrency' }];
}; // prettier-ignore

export const clientServer = (facts: RowFacts): Finding[] => {
  const server = serverOf(facts);
  if (server === null) return [];
  const parts = [requests, firstToken, hitRate, running].flatMap((of) => of(facts, server));
  return parts.map((part) => ({ ...part, balance: 'client_server' }));
};
