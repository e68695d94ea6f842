// Reads an answer by its head: an event stream of completion chunks, a refusal, or what nobody asked for. Knows no clock and no
// connection, so that it can never decide how long to wait.
import { createObserver, type Expectation } from './observer.ts';
import { failedOutcome, type FailureReason, type RequestOutcome } from './request-record.ts';
import type { ResponseHead } from './response-head.ts';
import { createSseParser, MOST_EVENT_BYTES } from './sse.ts';

/** A refusal or a plain answer is short; what is longer never ends. */
const MOST_PLAIN_BYTES = 8 * 1024 * 1024;

/** Characters of a refusal that are kept. */
const REFUSAL_LENGTH = 400;

export interface AnswerBody {
  readonly onHead: (head: ResponseHead) => void;
  /**
   * Takes `bytes[start, end)`. `complete`: nothing further can change the outcome. An outcome: the answer failed, and reading on is
   * of no use.
   */
  readonly feed: (bytes: Buffer, start: number, end: number, atMs: number) => 'more' | 'complete' | RequestOutcome;
  /** How the answer ended, when nothing more comes. */
  readonly outcome: () => RequestOutcome;
  /** Null before the head. */
  readonly status: () => number | null;
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

export const createAnswerBody = (expectation: Expectation): AnswerBody => {
  const observer = createObserver(expectation);
  const parser = createSseParser(observer.event);
  let status: number | null = null;
  let streaming = false;
  let readable = true;
  let refusal = '';
  let plainBytes = 0;

  const takePlain = (bytes: Buffer, start: number, end: number): 'more' | RequestOutcome => {
    if (readable && refusal.length < REFUSAL_LENGTH)
      refusal += bytes.toString('utf8', start, Math.min(end, start + REFUSAL_LENGTH));
    plainBytes += end - start;
    if (plainBytes <= MOST_PLAIN_BYTES) return 'more';
    return failedOutcome('malformed_stream', `no event stream, and no end of it: ${refusal}`);
  };
  const takeEvents = (bytes: Buffer, start: number, end: number, atMs: number): ReturnType<AnswerBody['feed']> => {
    const fits = parser.feed(bytes, start, end, atMs);
    if (observer.isDone()) return 'complete';
    if (!fits) return failedOutcome('malformed_stream', `an event of more than ${MOST_EVENT_BYTES} bytes`);
    if (!observer.isTooLong()) return 'more';
    const limit = expectation.maxTokens ?? 0;
    return failedOutcome('over_token_limit', `the answer goes on far beyond max_tokens ${limit}`);
  };
  return {
    onHead: (head) => {
      status = head.status;
      streaming = isEventStream(head);
      readable = head.contentEncoding === '';
      refusal = noteOn(head);
    },
    feed: (bytes, start, end, atMs) =>
      status === 200 && streaming ? takeEvents(bytes, start, end, atMs) : takePlain(bytes, start, end),
    outcome: () => {
      if (status !== 200) return failedOutcome(failureOfStatus(status ?? 0), `HTTP ${status}: ${refusal}`);
      if (!streaming) return failedOutcome('malformed_stream', `no event stream: ${refusal}`);
      return observer.finish(parser.end(), parser.strayLines());
    },
    status: () => status,
  };
};
