// Writes the JSON body of a streaming completion request. Asks for greedy decoding of a fixed length wherever the server
// allows it, so that two runs do the same work.
import type { Prompt } from './dataset.ts';
import type { HttpClient } from './http-client.ts';
import type { RequestRecord } from './request-record.ts';
import { sendRequest, type RequestDeps } from './request.ts';
import type { EndpointKind } from './server.ts';

export interface RequestStyle {
  readonly endpoint: EndpointKind;
  readonly model: string;
  /** The server takes vLLM's and SGLang's `ignore_eos`; without it answers end where the model ends them. */
  readonly ignoreEos: boolean;
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
    max_tokens: prompt.maxTokens,
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

/**
 * The richest style that the server does not refuse: with `ignore_eos` and usage, then without the one, then without both.
 * Also the record of the last attempt; its failure is the run's to report, unless nothing could be connected to.
 */
export const findStyle = async (
  deps: RequestDeps & { readonly client: HttpClient },
  target: Pick<RequestStyle, 'endpoint' | 'model'>,
  prompt: Prompt,
): Promise<{ readonly style: RequestStyle; readonly record: RequestRecord | null }> => {
  const fullest: RequestStyle = { ...target, ignoreEos: true, includeUsage: true };
  const styles: RequestStyle[] = [fullest, { ...fullest, ignoreEos: false }];
  for (const style of styles) {
    const record = await tryStyle(deps, style, prompt);
    if (record?.failure !== 'request_refused') return { style, record };
  }
  const plainest = { ...fullest, ignoreEos: false, includeUsage: false };
  return { style: plainest, record: await tryStyle(deps, plainest, prompt) };
};
