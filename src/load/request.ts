// Sends one completion request and follows its streamed answer to a record. Whatever the server does, exactly one record
// comes out.
import type { DeferredQueue } from './deferred.ts';
import type { HttpClient } from './http-client.ts';
import { createObserver } from './observer.ts';
import { failedOutcome, type FailureReason, type RequestOutcome, type RequestRecord } from './request-record.ts';
import type { ResponseHead } from './response-reader.ts';
import { createSseParser, MOST_EVENT_BYTES } from './sse.ts';

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

/** A refusal or a plain answer is short; what is longer never ends. */
const MOST_PLAIN_BYTES = 8 * 1024 * 1024;

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

const failureOfStatus = (status: number): FailureReason =>
  status === 429 ? 'rate_limited' : status >= 500 ? 'server_error' : 'request_refused';

const isEventStream = ({ contentType, contentEncoding }: ResponseHead): boolean =>
  contentEncoding === '' && /^text\/event-stream\b/i.test(contentType);

/** What has to be said of an answer before its body. */
const noteOn = ({ status, contentEncoding, location }: ResponseHead): string => {
  if (contentEncoding !== '') return `content-encoding ${contentEncoding}, which was not asked for `;
  return status >= 300 && status < 400 && location !== '' ? `not followed to ${location} ` : '';
};

/** Sends now. `intendedMs` is when the schedule wanted it sent; null in a closed loop, where that is now. */
export const sendRequest = (deps: RequestDeps, request: PreparedRequest, dueMs: number | null): RunningRequest => {
  const { client, queue, limits } = deps;
  const observer = createObserver({ maxTokens: request.maxTokens });
  const parser = createSseParser(observer.event);
  let settle: (record: RequestRecord | null) => void = () => undefined;
  const record = new Promise<RequestRecord | null>((resolve) => (settle = resolve));
  /** There is a record, or none is wanted. */
  let over = false;
  /** Nothing more comes from the exchange; it may outlive the record, as `[DONE]` is not the end of the body. */
  let ended = false;
  let status: number | null = null;
  let streaming = false;
  let readable = true;
  let refusal = '';
  let started = false;
  let plainBytes = 0;
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
    leave({ ...outcome, index: request.index, intendedMs: dueMs ?? sentMs, sentMs, endMs, status });
  };
  const answered = (atMs: number): void => {
    if (!over) conclude(observer.finish(parser.end(), parser.strayLines()), atMs);
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
    if (status !== 200 || !streaming) {
      if (readable && refusal.length < 400) refusal += bytes.toString('utf8', start, Math.min(end, start + 400));
      plainBytes += end - start;
      if (plainBytes > MOST_PLAIN_BYTES)
        breakOffAs('malformed_stream', `no event stream, and no end of it: ${refusal}`, atMs);
      return;
    }
    const fits = parser.feed(bytes, start, end, atMs);
    if (observer.isDone()) return answered(atMs);
    if (!fits) breakOffAs('malformed_stream', `an event of more than ${MOST_EVENT_BYTES} bytes`, atMs);
    else if (observer.isTooLong())
      breakOffAs('over_token_limit', `the answer goes on far beyond max_tokens ${request.maxTokens ?? 0}`, atMs);
  };
  const end = (): void => {
    ended = true;
    clearTimeout(watch);
  };
  const breakOff = (): void => {
    end();
    abandon();
  };
  const breakOffAs = (failure: FailureReason, detail: string, atMs: number): void => {
    breakOff();
    conclude(failedOutcome(failure, detail), atMs);
  };
  const onEnd = (atMs: number): void => {
    end();
    if (status !== 200) conclude(failedOutcome(failureOfStatus(status ?? 0), `HTTP ${status}: ${refusal}`), atMs);
    else if (!streaming) conclude(failedOutcome('malformed_stream', `no event stream: ${refusal}`), atMs);
    else answered(atMs);
  };
  const onFailure = (error: string, atMs: number): void => {
    end();
    conclude(failedOutcome(status === null ? 'connect_failed' : 'dropped', error), atMs);
  };

  const sentMs = performance.now();
  let lastMs = sentMs;
  let watch = setTimeout(expire, Math.min(limits.firstByteMs, totalMs));
  const abandon = client.exchange(request.path, request.body, {
    onHead: (head) => {
      status = head.status;
      streaming = isEventStream(head);
      readable = head.contentEncoding === '';
      refusal = noteOn(head);
    },
    onData,
    onEnd,
    onFailure,
  });
  const giveUp = (): void => {
    breakOff();
    if (!over) leave(null);
  };
  return { record, giveUp };
};
