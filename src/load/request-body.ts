// Writes the JSON body of a streaming completion request. Asks for greedy decoding of a fixed length wherever the server
// allows it, so that two runs do the same work.
import type { Prompt } from './dataset.ts';
import type { HttpClient } from './http-client.ts';
import type { RequestRecord } from './request-record.ts';
import { sendRequest, type RequestDeps } from './request.ts';
import type { EndpointKind, LimitField } from './server.ts';

export interface RequestStyle {
  readonly endpoint: EndpointKind;
  readonly model: string;
  /** The server takes vLLM's and SGLang's `ignore_eos`; without it answers end where the model ends them. */
  readonly ignoreEos: boolean;
  readonly limitField: LimitField;
  /** The server reports token counts in the stream (`stream_options.include_usage`). */
  readonly includeUsage: boolean;
}

export const pathOf = (endpoint: EndpointKind): string => (endpoint === 'chat' ? 'chat/completions' : 'completions');

export const requestBody = (style: RequestStyle, prompt: Prompt): string =>
  JSON.stringify({
    model: style.model,
    ...(style.endpoint === 'chat'
      ? { messages: prompt.messages }
      : { prompt: prompt.messages.map(({ content }) => content).join('\n') }),
    [style.limitField]: prompt.maxTokens,
    temperature: 0,
    stream: true,
    ...(style.includeUsage ? { stream_options: { include_usage: true } } : {}),
    ...(style.ignoreEos ? { ignore_eos: true } : {}),
  });

/** Sends one short request of this style. */
const tryStyle = async (deps: RequestDeps, style: RequestStyle, prompt: Prompt): Promise<RequestRecord | null> => {
  const short = { ...prompt, maxTokens: 4 };
  const request = { index: -1, path: pathOf(style.endpoint), body: requestBody(style, short), maxTokens: 4 };
  return sendRequest(deps, request, null).record;
};

/** A refusal that more or other fields do not change: no key, no such page. */
const isFinal = ({ status }: RequestRecord): boolean => status === 401 || status === 403 || status === 404;

const wantsNewLimit = ({ detail }: RequestRecord): boolean =>
  /max_completion_tokens|max_tokens.{0,40}(not supported|unsupported|deprecated)/i.test(detail ?? '');

/**
 * The richest style that the server does not refuse: with `ignore_eos` and usage, then without the one, then without both;
 * each with `max_completion_tokens` where the server asks for that. Also the record of the last attempt; null when it was given
 * up.
 */
export const findStyle = async (
  deps: RequestDeps & { readonly client: HttpClient },
  target: Pick<RequestStyle, 'endpoint' | 'model'>,
  prompt: Prompt,
): Promise<{ readonly style: RequestStyle; readonly record: RequestRecord | null }> => {
  const fullest: RequestStyle = { ...target, ignoreEos: true, includeUsage: true, limitField: 'max_tokens' };
  const left = [fullest, { ...fullest, ignoreEos: false }, { ...fullest, ignoreEos: false, includeUsage: false }];
  let limitField: LimitField = 'max_tokens';
  for (;;) {
    const style = { ...(left[0] ?? fullest), limitField };
    const record = await tryStyle(deps, style, prompt);
    if (record?.failure !== 'request_refused' || isFinal(record)) return { style, record };
    if (limitField === 'max_tokens' && wantsNewLimit(record)) limitField = 'max_completion_tokens';
    else if (left.length > 1) left.shift();
    else return { style, record };
  }
};
