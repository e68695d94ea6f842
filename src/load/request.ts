// Sends one completion request and follows its streamed answer to a record. Whatever the server does, exactly one record
// comes out.
import { createAnswerBody } from './answer-body.ts';
import type { DeferredQueue } from './deferred.ts';
import type { HttpClient } from './http-client.ts';
import { failedOutcome, type RequestOutcome, type RequestRecord } from './request-record.ts';

export interface TimeLimits {
  /** From sending to the first byte. */
  readonly firstByteMs: number;
  /** Between bytes, after the first. */
  readonly stallMs: number;
  /** From sending to the end of the answer; null: `defaultTotalMs`. */
  readonly totalMs: number | null;
}

/** Ten minutes, and a quarter of a second for each token that the answer may have. */
export const defaultTotalMs = (maxTokens: number | null): number => 600_000 + 250 * (maxTokens ?? 0);

export interface PreparedRequest {
  readonly index: number;
  /** `chat/completions` or `completions`. */
  readonly path: string;
  /** JSON text. */
  readonly body: string;
  readonly maxTokens: number | null;
}

export interface RequestDeps {
  readonly client: HttpClient;
  readonly queue: DeferredQueue;
  readonly limits: TimeLimits;
}

export interface RunningRequest {
  readonly record: Promise<RequestRecord | null>;
  /** Ends the request without a record: neither answered nor failed. */
  readonly giveUp: () => void;
}

/** Sends now. `intendedMs` is when the schedule wanted it sent; null in a closed loop, where that is now. */
export const sendRequest = (deps: RequestDeps, request: PreparedRequest, dueMs: number | null): RunningRequest => {
  const { client, queue, limits } = deps;
  const answer = createAnswerBody({ maxTokens: request.maxTokens });
  let settle: (record: RequestRecord | null) => void = () => undefined;
  const record = new Promise<RequestRecord | null>((resolve) => (settle = resolve));
  /** There is a record, or none is wanted. */
  let over = false;
  /** Nothing more comes from the exchange; it may outlive the record, as `[DONE]` is not the end of the body. */
  let ended = false;
  /** The first byte came. */
  let started = false;
  const totalMs = limits.totalMs ?? defaultTotalMs(request.maxTokens);

  const leave = (outcome: RequestRecord | null): void => {
    over = true;
    if (ended) clearTimeout(watch);
    else watch.unref();
    settle(outcome);
    queue.endTurn(); // whoever waits for the record sends the next request
  };
  const conclude = (outcome: RequestOutcome, endMs: number): void => {
    if (over) return;
    leave({ ...outcome, index: request.index, intendedMs: dueMs ?? sentMs, sentMs, endMs, status: answer.status() });
  };
  const answered = (atMs: number): void => {
    if (!over) conclude(answer.outcome(), atMs);
  };

  const limitMs = (): number => (started ? limits.stallMs : limits.firstByteMs);
  /** Runs behind what has come and is not read yet. */
  const checkSilence = (): void => {
    if (ended) return;
    const atMs = performance.now();
    const leftMs = Math.min(lastMs + limitMs(), sentMs + totalMs) - atMs;
    if (leftMs > 0) {
      watch = setTimeout(expire, Math.ceil(leftMs));
      if (over) watch.unref();
      return;
    }
    breakOff();
    if (atMs >= sentMs + totalMs)
      return conclude(failedOutcome('timeout_total', `not over after ${totalMs / 1000} s`), atMs);
    const reason = started ? 'timeout_stalled' : 'timeout_first_byte';
    conclude(failedOutcome(reason, `nothing came for ${limitMs() / 1000} s`), atMs);
  };
  const expire = (): void => queue.push(checkSilence);

  const onData = (bytes: Buffer, start: number, end: number, atMs: number): void => {
    if (over) return;
    lastMs = atMs;
    if (!started) {
      started = true;
      clearTimeout(watch);
      watch = setTimeout(expire, Math.min(limits.stallMs, totalMs));
    }
    const taken = answer.feed(bytes, start, end, atMs);
    if (taken === 'more') return;
    if (taken === 'complete') return answered(atMs);
    breakOff();
    conclude(taken, atMs);
  };
  const end = (): void => {
    ended = true;
    clearTimeout(watch);
  };
  const breakOff = (): void => {
    end();
    abandon();
  };
  const onEnd = (atMs: number): void => {
    end();
    answered(atMs);
  };
  const onFailure = (error: string, atMs: number): void => {
    end();
    conclude(failedOutcome(answer.status() === null ? 'connect_failed' : 'dropped', error), atMs);
  };

  const sentMs = performance.now();
  let lastMs = sentMs;
  let watch = setTimeout(expire, Math.min(limits.firstByteMs, totalMs));
  const abandon = client.exchange(request.path, request.body, { onHead: answer.onHead, onData, onEnd, onFailure });
  const giveUp = (): void => {
    breakOff();
    if (!over) leave(null);
  };
  return { record, giveUp };
};
