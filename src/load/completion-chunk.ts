// What one event of an OpenAI-compatible completion stream says (`chat.completion.chunk` and `text_completion` objects).
// Looks only at what a measurement needs; the generated text itself is not kept.
import { isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';

export interface Usage {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Prompt tokens the server took from its prefix cache (`prompt_tokens_details.cached_tokens`). */
  readonly cachedTokens: number | null;
}

export type StreamEvent =
  | { readonly kind: 'done' }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'error'; readonly message: string }
  | {
      readonly kind: 'chunk';
      /** The chunk carries generated text, reasoning or a piece of a tool call. */
      readonly hasText: boolean;
      readonly finishReason: string | null;
      readonly usage: Usage | null;
    };

const DONE: StreamEvent = { kind: 'done' };
const MALFORMED: StreamEvent = { kind: 'malformed' };

/** Fields of a delta that hold generated text; `reasoning_content` is vLLM's and SGLang's, `reasoning` OpenRouter's. */
const TEXT_FIELDS = ['content', 'reasoning_content', 'reasoning'] as const;

const tokens = (value: JsonValue | undefined): number | null => (typeof value === 'number' ? value : null);

const readUsage = (value: JsonValue | undefined): Usage | null => {
  if (!isJsonObject(value)) return null;
  const details = value['prompt_tokens_details'];
  return {
    promptTokens: tokens(value['prompt_tokens']),
    completionTokens: tokens(value['completion_tokens']),
    cachedTokens: isJsonObject(details) ? tokens(details['cached_tokens']) : null,
  };
};

const deltaHasText = (delta: JsonObject): boolean =>
  TEXT_FIELDS.some((field) => typeof delta[field] === 'string' && delta[field] !== '') ||
  (Array.isArray(delta['tool_calls']) && delta['tool_calls'].length > 0);

const choiceHasText = (choice: JsonObject): boolean =>
  (typeof choice['text'] === 'string' && choice['text'] !== '') ||
  (isJsonObject(choice['delta']) && deltaHasText(choice['delta']));

const errorMessage = (error: JsonValue): string => {
  const message = isJsonObject(error) ? error['message'] : error;
  return typeof message === 'string' ? message : JSON.stringify(error);
};

/** An error beside or instead of choices: `error` of any kind, vLLM's `object: "error"`, FastAPI's `detail`, a bare `message`. */
const errorOf = (body: JsonObject): JsonValue | null => {
  if ((body['error'] ?? null) !== null) return body['error'] ?? null;
  if (Array.isArray(body['choices'])) return null;
  if (body['object'] === 'error' || body['type'] === 'error') return body['message'] ?? body;
  return body['detail'] ?? body['message'] ?? null;
};

const readObject = (body: JsonObject): StreamEvent => {
  const error = errorOf(body);
  if (error !== null) return { kind: 'error', message: errorMessage(error) };
  const choices = body['choices'];
  if (!Array.isArray(choices)) return MALFORMED;
  const [choice] = choices;
  if (choice === undefined)
    return { kind: 'chunk', hasText: false, finishReason: null, usage: readUsage(body['usage']) };
  if (!isJsonObject(choice)) return MALFORMED;
  const finish = choice['finish_reason'];
  if (finish === 'error') return { kind: 'error', message: errorMessage(choice['error'] ?? 'finish reason error') };
  return {
    kind: 'chunk',
    hasText: choiceHasText(choice),
    finishReason: typeof finish === 'string' && finish !== '' ? finish : null,
    usage: readUsage(body['usage']),
  };
};

/** Classifies the data of one event. Never throws: what cannot be understood is `malformed`. */
export const readStreamEvent = (data: string): StreamEvent => {
  if (data === '[DONE]' || data.trim() === '[DONE]') return DONE;
  try {
    const body = JSON.parse(data) as JsonValue; // checked boundary: JSON.parse returns JSON
    return isJsonObject(body) ? readObject(body) : MALFORMED;
  } catch {
    return MALFORMED;
  }
};
