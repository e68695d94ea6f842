// Follows one streamed answer event by event and says how it ended. Knows nothing of sockets, so that every way in which a
// server can misbehave is a table of events.
import { readStreamEvent, type Usage } from './completion-chunk.ts';
import { failedOutcome, type AnswerDoubt, type RequestOutcome } from './request-record.ts';
import type { StrayLines } from './sse.ts';
import { createTextEvents } from './text-event.ts';

/** What the answer must be consistent with. */
export interface Expectation {
  /** `max_tokens` of the request. */
  readonly maxTokens: number | null;
}

export interface StreamObserver {
  /** The data of an event, `bytes[start, end)`. */
  readonly event: (bytes: Buffer, start: number, end: number, atMs: number) => void;
  /** The body is over. `partial` says that it stopped inside an event, `stray` which lines were no event stream at all. */
  readonly finish: (partial: boolean, stray: StrayLines) => RequestOutcome;
  /** `[DONE]` came: nothing further can change the outcome. */
  readonly isDone: () => boolean;
  /** Far more pieces came than the answer may have tokens: the server goes on for ever. */
  readonly isTooLong: () => boolean;
}

/** Lines that are no event stream; an error that a server wrote among the events without marking it as one is an error. */
const strayOutcome = ({ count, first }: StrayLines): RequestOutcome => {
  const seen = readStreamEvent(first);
  if (seen.kind === 'error') return failedOutcome('error_in_stream', seen.message);
  return failedOutcome('malformed_stream', `${count} lines that are no event stream: ${first.slice(0, 80)}`);
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** Servers that count the end token, or send one token in two pieces, are not far off: this much more is an answer for ever. */
const isBeyond = (pieces: number, maxTokens: number | null): boolean =>
  maxTokens !== null && pieces > 2 * maxTokens + 16;

/** The contradiction in the server's token counts, or null. An answer has at most `maxTokens`, and one where the end is counted. */
export const usageContradiction = (usage: Usage, maxTokens: number | null): string | null => {
  const { promptTokens, completionTokens, cachedTokens } = usage;
  if (promptTokens !== null && (!isCount(promptTokens) || promptTokens === 0))
    return `prompt_tokens is ${promptTokens}`;
  if (cachedTokens !== null && cachedTokens > (promptTokens ?? Infinity))
    return `cached_tokens ${cachedTokens} of ${promptTokens} prompt tokens`;
  if (completionTokens === null) return null;
  if (!isCount(completionTokens)) return `completion_tokens is ${completionTokens}`;
  if (maxTokens !== null && completionTokens > maxTokens + 1)
    return `completion_tokens is ${completionTokens}, above max_tokens ${maxTokens}`;
  return null;
};

/** What is odd about the counts, but no contradiction. */
const usageDoubts = (completionTokens: number | null, pieces: number, maxTokens: number | null): AnswerDoubt[] => {
  if (completionTokens === null) return [];
  if (maxTokens !== null && completionTokens > maxTokens) return ['usage_above_max_tokens'];
  return completionTokens < pieces ? ['usage_below_pieces'] : [];
};

export const createObserver = ({ maxTokens }: Expectation): StreamObserver => {
  const texts = createTextEvents();
  const pieces: number[] = [];
  let finishedMs: number | null = null;
  let finishReason: string | null = null;
  let usage: Usage | null = null;
  let problem: RequestOutcome | null = null;
  let done = false;

  const event = (bytes: Buffer, start: number, end: number, atMs: number): void => {
    if (done || problem !== null) return;
    if (texts.recognises(bytes, start, end)) {
      pieces.push(atMs);
      finishedMs = atMs;
      return;
    }
    const data = bytes.toString('utf8', start, end);
    const seen = readStreamEvent(data);
    if (seen.kind === 'done') done = true;
    else if (seen.kind === 'malformed')
      problem = failedOutcome('malformed_stream', `not a completion chunk: ${data.slice(0, 80)}`);
    else if (seen.kind === 'error') problem = failedOutcome('error_in_stream', seen.message);
    else {
      if (seen.hasText) pieces.push(atMs);
      if (seen.hasText || seen.finishReason !== null) finishedMs = atMs;
      finishReason = seen.finishReason ?? finishReason;
      usage = seen.usage ?? usage;
      if (seen.hasText) texts.learn(data);
    }
  };

  const answered = (): RequestOutcome => {
    const contradiction = usage === null ? null : usageContradiction(usage, maxTokens);
    if (contradiction !== null) return failedOutcome('usage_implausible', contradiction);
    if (pieces.length === 0) return failedOutcome('no_output', `finish reason ${finishReason ?? 'none'}, no text`);
    const counted = usage?.completionTokens ?? null;
    const unfinished: AnswerDoubt[] = finishReason === null ? ['no_finish_reason'] : [];
    return {
      failure: null,
      detail: null,
      pieceMs: Float64Array.from(pieces),
      finishedMs,
      inputTokens: usage?.promptTokens ?? null,
      outputTokens: counted === null || counted === 0 ? pieces.length : counted, // text came: there was a token
      cachedTokens: usage?.cachedTokens ?? null,
      tokenSource: counted === null || counted === 0 ? 'chunks' : 'usage',
      finishReason,
      doubts: [...unfinished, ...usageDoubts(counted, pieces.length, maxTokens)],
    };
  };

  const finish = (partial: boolean, stray: StrayLines): RequestOutcome => {
    if (problem !== null) return problem;
    if (stray.count > 0) return strayOutcome(stray);
    if (finishReason === null && !done) {
      const where = partial ? 'inside an event' : `after ${pieces.length} pieces`;
      return failedOutcome('closed_early', `ended ${where} without a finish reason`);
    }
    return answered();
  };

  return { event, finish, isDone: () => done, isTooLong: () => isBeyond(pieces.length, maxTokens) };
};
