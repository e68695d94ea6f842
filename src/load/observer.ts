// Follows one streamed answer event by event and says how it ended. Knows nothing of sockets, so that every way in which a
// server can misbehave is a table of events.
import { readStreamEvent, type Usage } from './completion-chunk.ts';
import { failedOutcome, type RequestOutcome } from './request-record.ts';
import { createTextEvents } from './text-event.ts';

/** What the answer must be consistent with. */
export interface Expectation {
  /** `max_tokens` of the request; an answer cannot be longer. */
  readonly maxTokens: number | null;
}

export interface StreamObserver {
  /** The data of an event, `bytes[start, end)`. */
  readonly event: (bytes: Buffer, start: number, end: number, atMs: number) => void;
  /** The body is over. `partial` says that it stopped inside an event, `strayLines` how many lines were no event stream at all. */
  readonly finish: (partial: boolean, strayLines: number) => RequestOutcome;
  /** `[DONE]` came: nothing further can change the outcome. */
  readonly isDone: () => boolean;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** The contradiction in the server's token counts, or null. Each piece holds at least one token, an answer at most `maxTokens`. */
export const usageContradiction = (usage: Usage, pieces: number, maxTokens: number | null): string | null => {
  const { promptTokens, completionTokens, cachedTokens } = usage;
  if (promptTokens !== null && (!isCount(promptTokens) || promptTokens === 0))
    return `prompt_tokens is ${promptTokens}`;
  if (cachedTokens !== null && cachedTokens > (promptTokens ?? Infinity))
    return `cached_tokens ${cachedTokens} of ${promptTokens} prompt tokens`;
  if (completionTokens === null) return null;
  if (!isCount(completionTokens)) return `completion_tokens is ${completionTokens}`;
  if (completionTokens < pieces) return `completion_tokens is ${completionTokens}, but ${pieces} pieces of text came`;
  if (maxTokens !== null && completionTokens > maxTokens)
    return `completion_tokens is ${completionTokens}, above max_tokens ${maxTokens}`;
  return null;
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
    const contradiction = usage === null ? null : usageContradiction(usage, pieces.length, maxTokens);
    if (contradiction !== null) return failedOutcome('usage_implausible', contradiction);
    if (pieces.length === 0) return failedOutcome('no_output', `finish reason ${finishReason ?? 'none'}, no text`);
    const counted = usage?.completionTokens ?? null;
    return {
      failure: null,
      detail: null,
      pieceMs: Float64Array.from(pieces),
      finishedMs,
      inputTokens: usage?.promptTokens ?? null,
      outputTokens: counted ?? pieces.length,
      cachedTokens: usage?.cachedTokens ?? null,
      tokenSource: counted === null ? 'chunks' : 'usage',
      finishReason,
    };
  };

  const finish = (partial: boolean, strayLines: number): RequestOutcome => {
    if (problem !== null) return problem;
    if (strayLines > 0) return failedOutcome('malformed_stream', `${strayLines} lines that are no event stream`);
    if (finishReason === null) {
      const where = partial ? 'inside an event' : done ? 'at [DONE]' : `after ${pieces.length} pieces`;
      return failedOutcome('closed_early', `ended ${where} without a finish reason`);
    }
    return answered();
  };

  return { event, finish, isDone: () => done };
};
