// What is kept of one request: when it was due, when it went out, when its pieces came back, and how it ended. A request that
// failed has a reason and no latency, ever.
import { redact } from '../text/redact.ts';

/** Why a request does not count as answered. */
export const FAILURE_REASONS = [
  'connect_failed', // no connection, or it broke before a status line came
  'timeout_first_byte', // nothing came within the limit
  'timeout_stalled', // the stream stopped coming
  'timeout_total', // not over within the limit of a whole request
  'dropped', // the connection broke in the middle of the answer
  'closed_early', // the answer ended without a finish reason and without `[DONE]`
  'over_token_limit', // the answer went on far beyond `max_tokens`
  'malformed_stream', // not an event stream, or an event that is not a completion chunk
  'rate_limited', // HTTP 429
  'server_error', // HTTP 5xx
  'request_refused', // any other status that is not 200
  'error_in_stream', // the server reported an error inside a 200 answer
  'no_output', // finished without a single token
  'usage_implausible', // token counts that contradict the stream or the request
  'unsent', // due by the schedule, never sent
] as const;

/** What is odd about an answer that counts all the same. */
export const ANSWER_DOUBTS = [
  'no_finish_reason', // ended in `[DONE]` without one
  'usage_above_max_tokens', // by one token, as servers that count the end token do
  'usage_below_pieces', // more pieces of text than tokens
] as const;

export type AnswerDoubt = (typeof ANSWER_DOUBTS)[number];

export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Where the number of output tokens comes from. `chunks` counts pieces of text and is a lower bound. */
export type TokenSource = 'usage' | 'chunks';

/** How an answer ended. Times are milliseconds of the monotonic clock (`performance.now()`). */
export interface RequestOutcome {
  readonly failure: FailureReason | null;
  /** One line on the failure, without secrets. */
  readonly detail: string | null;
  /** When each piece with text arrived; empty when it failed. */
  readonly pieceMs: Float64Array;
  /** When the last piece or the finish reason arrived; null when it failed. */
  readonly finishedMs: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly tokenSource: TokenSource | null;
  readonly finishReason: string | null;
  readonly doubts: readonly AnswerDoubt[];
}

export interface RequestRecord extends RequestOutcome {
  readonly index: number;
  /** When the schedule wanted it sent; equal to `sentMs` in a closed loop. */
  readonly intendedMs: number;
  /** When it was handed to the socket; null when it never was. */
  readonly sentMs: number | null;
  /** When it was over, in whatever way. */
  readonly endMs: number;
  readonly status: number | null;
}

/** The outcome of a request without an answer that counts; `detail` is cut to one line of 300 characters without secrets. */
export const failedOutcome = (failure: FailureReason, detail: string): RequestOutcome => ({
  failure,
  detail: redact(detail.replace(/\s+/g, ' ').trim().slice(0, 300)),
  pieceMs: new Float64Array(0),
  finishedMs: null,
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  tokenSource: null,
  finishReason: null,
  doubts: [],
});

/** The record of a request that was due by the schedule but never sent. */
export const unsentRecord = (index: number, intendedMs: number, endMs: number, detail: string): RequestRecord => ({
  ...failedOutcome('unsent', detail),
  index,
  intendedMs,
  sentMs: null,
  endMs,
  status: null,
});

export interface Latencies {
  /** From the intended time of sending to the first piece of text. */
  readonly ttftMs: number;
  /** From the intended time of sending to the last piece or finish reason. */
  readonly e2eMs: number;
  /** (E2E - TTFT) / (output tokens - 1); null for one-token outputs. */
  readonly tpotMs: number | null;
}

/** Latencies of an answered request; null for a failed one. They start at the intended time, so a late client cannot hide a wait. */
export const latenciesOf = (record: RequestRecord): Latencies | null => {
  const firstMs = record.pieceMs[0];
  if (record.failure !== null || record.finishedMs === null || firstMs === undefined) return null;
  const ttftMs = firstMs - record.intendedMs;
  const e2eMs = record.finishedMs - record.intendedMs;
  const after = (record.outputTokens ?? 0) - 1;
  return { ttftMs, e2eMs, tpotMs: after > 0 ? (e2eMs - ttftMs) / after : null };
};

/** Gaps between neighbouring pieces (inter-token latency, per piece and not per token). */
export const gapsOf = (record: RequestRecord): number[] => {
  const gaps: number[] = [];
  for (let i = 1; i < record.pieceMs.length; i += 1) gaps.push((record.pieceMs[i] ?? 0) - (record.pieceMs[i - 1] ?? 0));
  return gaps;
};
