// Made-up request records for tests of figures.
import { failedOutcome, type FailureReason, type RequestRecord } from '../../src/load/request-record.ts';

export interface Answer {
  readonly sentMs: number;
  readonly dueMs?: number;
  readonly pieceMs: readonly number[];
  readonly tokens?: number;
  readonly inputTokens?: number | null;
  readonly cachedTokens?: number | null;
}

export const answered = ({
  sentMs,
  dueMs = sentMs,
  pieceMs,
  tokens = pieceMs.length,
  inputTokens = 10,
  cachedTokens = null,
}: Answer): RequestRecord => ({
  index: 0,
  intendedMs: dueMs,
  sentMs,
  endMs: pieceMs.at(-1) ?? sentMs,
  failure: null,
  detail: null,
  status: 200,
  pieceMs: Float64Array.from(pieceMs),
  finishedMs: pieceMs.at(-1) ?? null,
  inputTokens,
  outputTokens: tokens,
  cachedTokens,
  tokenSource: 'usage',
  finishReason: 'length',
  doubts: [],
});

export const failed = (failure: FailureReason, sentMs = 0, endMs = 1): RequestRecord => ({
  ...failedOutcome(failure, failure),
  index: 0,
  intendedMs: sentMs,
  sentMs: failure === 'unsent' ? null : sentMs,
  endMs,
  status: null,
});

/** An answer of two tokens that took so long as a whole. */
export const lasting = (e2eMs: number, sentMs = 0): RequestRecord =>
  answered({ sentMs, pieceMs: [sentMs + e2eMs / 2, sentMs + e2eMs] });
