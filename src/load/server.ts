// What can be learned from a server before and after a run: models, engine and version, token counts, which request fields it
// takes, and the counters of its prefix cache. Everything is optional; what a server does not say stays null.
import { inputFault } from '../text/fault.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../text/json.ts';
import { prometheusSum } from '../text/prometheus.ts';
import type { Prompt } from './dataset.ts';
import { fetchText, type HttpClient } from './http-client.ts';

export type EndpointKind = 'chat' | 'completions';

/** The field that limits the answer; newer servers of chat models refuse the old name. */
export type LimitField = 'max_tokens' | 'max_completion_tokens';

export interface ServerFacts {
  /** Ids that `/v1/models` lists; null when it does not answer. */
  readonly models: readonly string[] | null;
  /** Path or repository behind the model id (`root`), where it differs from it. */
  readonly modelRoot: string | null;
  readonly maxModelLen: number | null;
  readonly engine: string | null;
  readonly engineVersion: string | null;
  readonly prefixCaching: boolean | null;
}

const parseBody = (text: string): JsonValue | null => {
  try {
    return JSON.parse(text) as JsonValue; // checked boundary: JSON.parse returns JSON
  } catch {
    return null;
  }
};

const getObject = async (
  client: HttpClient,
  path: string,
  body: unknown = null,
  timeoutMs?: number,
): Promise<JsonObject | null> => {
  const reply = await fetchText(client, path, body, timeoutMs);
  const value = reply?.status === 200 ? parseBody(reply.text) : null;
  return isJsonObject(value) ? value : null;
};

const text = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
const count = (value: JsonValue | undefined): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;

/** Engines say who they are in `owned_by`; vLLM answers `/version`, SGLang `/get_server_info`. */
const engineOf = async (
  client: HttpClient,
  ownedBy: string | null,
): Promise<{ engine: string | null; engineVersion: string | null }> => {
  const version = text((await getObject(client, '/version'))?.['version']);
  if (version !== null) return { engine: ownedBy === 'sglang' ? 'sglang' : 'vllm', engineVersion: version };
  const info = await getObject(client, '/get_server_info');
  const sglang = text(info?.['version']);
  if (sglang !== null) return { engine: 'sglang', engineVersion: sglang };
  return { engine: ownedBy === 'vllm' || ownedBy === 'sglang' ? ownedBy : null, engineVersion: null };
};

/** Asks the usual places. Never fails: a server that answers none of them has null facts. */
export const readServerFacts = async (client: HttpClient, model: string | null): Promise<ServerFacts> => {
  const list = (await getObject(client, 'models'))?.['data'];
  const entries = Array.isArray(list) ? list.filter(isJsonObject) : null;
  const entry = entries?.find((item) => item['id'] === model) ?? entries?.[0];
  const root = text(entry?.['root']);
  const metrics = await readMetricsText(client);
  return {
    models: entries?.flatMap((item) => text(item['id']) ?? []) ?? null,
    modelRoot: root === text(entry?.['id']) ? null : root,
    maxModelLen: count(entry?.['max_model_len']),
    ...(await engineOf(client, text(entry?.['owned_by']))),
    prefixCaching: metrics === null ? null : prefixCachingOf(metrics),
  };
};

/** Why no answer of any kind comes from the server, such as `ECONNREFUSED`; null when one does, whatever it says. */
export const connectionProblem = (client: HttpClient, timeoutMs: number): Promise<string | null> =>
  new Promise((resolve) => {
    const settle = (problem: string | null): void => {
      clearTimeout(timer);
      giveUp();
      resolve(problem);
    };
    const giveUp = client.exchange('models', null, {
      onHead: () => settle(null),
      onData: () => undefined,
      onEnd: () => undefined,
      onFailure: (error) => settle(error),
    });
    const timer = setTimeout(() => settle(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
  });

/** The model asked for, or the only one served. Throws a Fault `model_unknown` or `model_ambiguous`. */
export const chooseModel = (asked: string | null, facts: ServerFacts): string => {
  if (asked !== null) return asked;
  const [only, ...others] = facts.models ?? [];
  if (only === undefined)
    throw inputFault('model_unknown', 'the server does not list its models at /v1/models', {
      fix: 'name it with --model',
    });
  if (others.length > 0)
    throw inputFault(
      'model_ambiguous',
      `the server lists ${others.length + 1} models: ${[only, ...others].join(', ')}`,
      {
        fix: 'name one with --model',
      },
    );
  return only;
};

/** The server's metrics page (Prometheus text), or null. */
export const readMetricsText = async (client: HttpClient, timeoutMs?: number): Promise<string | null> => {
  const reply = await fetchText(client, '/metrics', null, timeoutMs);
  return reply?.status === 200 && reply.text.includes('# TYPE') ? reply.text : null;
};

const prefixCachingOf = (page: string): boolean | null => {
  const flag = /^vllm:cache_config_info\{.*enable_prefix_caching="(\w+)"/m.exec(page)?.[1];
  return flag === undefined ? null : flag.toLowerCase() === 'true';
};

/** Counters of cached and asked prompt tokens: vLLM (V1 and V0 names), SGLang. */
const CACHE_COUNTERS: readonly (readonly [hits: string, queries: string])[] = [
  ['vllm:prefix_cache_hits_total', 'vllm:prefix_cache_queries_total'],
  ['vllm:gpu_prefix_cache_hits_total', 'vllm:gpu_prefix_cache_queries_total'],
  ['sglang:cached_tokens_total', 'sglang:prompt_tokens_total'],
];

/** Share of prompt tokens taken from the prefix cache between two metrics pages, 0 … 1; null when they do not say. */
export const cacheHitRate = (before: string | null, after: string | null): number | null => {
  if (before === null || after === null) return null;
  for (const [hits, queries] of CACHE_COUNTERS) {
    // Some engines show a counter only once it has counted.
    const grown = (name: string): number =>
      (prometheusSum(after, name) ?? Number.NaN) - (prometheusSum(before, name) ?? 0);
    const [asked, cached] = [grown(queries), grown(hits)];
    if (asked > 0 && cached >= 0 && cached <= asked) return cached / asked;
  }
  return null;
};

/** Prompt tokens by vLLM's and SGLang's `/tokenize`; null when the server has none. */
export const countByTokenize = async (client: HttpClient, model: string, prompt: Prompt): Promise<number | null> =>
  count((await getObject(client, '/tokenize', { model, messages: prompt.messages }))?.['count']);

/** Prompt tokens by the usage of a one-token answer; null when the server does not say. */
export const countByUsage = async (
  client: HttpClient,
  model: string,
  prompt: Prompt,
  timeoutMs: number,
  limitField: LimitField = 'max_tokens',
): Promise<number | null> => {
  const reply = await getObject(
    client,
    'chat/completions',
    { model, messages: prompt.messages, [limitField]: 1 },
    timeoutMs,
  );
  const usage = reply?.['usage'];
  return isJsonObject(usage) ? count(usage['prompt_tokens']) : null;
};
