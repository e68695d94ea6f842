// Gets one server ready to be measured: finds out what it is, which request it takes, how long its prompts come out, and
// builds the data set. Sends a handful of requests, none of which is part of a measurement.
import { Fault, inputFault } from '../text/fault.ts';
import { fileDataset, generatedDataset, generatePrompt, type Dataset, type Prompt } from './dataset.ts';
import { createDeferredQueue } from './deferred.ts';
import { fitWords, type CountMethod, type LengthFit } from './fit-length.ts';
import { createHttpClient, fetchText, resolveUrl, untilAborted, type HttpClient } from './http-client.ts';
import { findStyle, pathOf, type RequestStyle } from './request-body.ts';
import type { RequestRecord } from './request-record.ts';
import type { RequestDeps, TimeLimits } from './request.ts';
import {
  chooseModel,
  connectionProblem,
  countByTokenize,
  countByUsage,
  readServerFacts,
  type EndpointKind,
  type ServerFacts,
} from './server.ts';
import type { Suite } from './suites.ts';

export type PromptSource =
  | { readonly kind: 'suite'; readonly suite: Suite }
  | { readonly kind: 'file'; readonly path: string; readonly text: string };

export interface ServerPlan {
  readonly baseUrl: string;
  readonly apiKey: string | null;
  readonly endpoint: EndpointKind;
  /** Null takes the only model that the server lists. */
  readonly model: string | null;
  readonly source: PromptSource;
  /** Tokens of prompt and answer; null takes the suite's. */
  readonly isl: number | null;
  readonly osl: number | null;
  readonly seed: number;
  readonly trials: number;
  /** Different in every run; null sends exactly the same prompts again (a warm prefix cache on purpose). */
  readonly runNonce: string | null;
  readonly limits: TimeLimits;
}

export interface PromptPlan {
  /** Tokens asked for; null where a file decides. */
  readonly isl: number | null;
  readonly osl: number;
  readonly sharedPrefix: number;
  readonly overheadTokens: number;
  readonly countMethod: CountMethod | null;
  /** Tokens of a prompt as last counted while fitting. */
  readonly fittedIsl: number | null;
  /** `cold`: no prompt was ever sent before; `warm`: sent again on purpose; null: a file, of which nobody knows. */
  readonly cacheMode: 'cold' | 'warm' | null;
}

export interface PreparedServer {
  readonly deps: RequestDeps;
  readonly facts: ServerFacts;
  readonly style: RequestStyle;
  readonly dataset: Dataset;
  readonly promptPlan: PromptPlan;
  readonly seed: number;
  readonly close: () => void;
}

/** OSL where a file names none. */
const FILE_OSL = 128;

/** Words of the shared prefix; its own length needs no more than an estimate, the whole prompt is fitted. */
const prefixWords = (suite: Suite): number => Math.round(suite.sharedPrefix / 1.15);

const fitSuite = async (
  client: HttpClient,
  plan: ServerPlan,
  suite: Suite,
  { model, limitField }: RequestStyle,
  isl: number,
): Promise<LengthFit> => {
  const prefix = prefixWords(suite);
  let trial = -1;
  // Every counted prompt is a fresh one, so that counting by usage does not fill the cache for the run.
  const build = (body: number) =>
    generatePrompt({ suite, osl: 1, seed: plan.seed, runNonce: plan.runNonce ?? 'fit' }, { body, prefix }, trial--, 0);
  const byTokenize = await countByTokenize(client, model, build(1));
  const method: CountMethod = byTokenize === null ? 'usage' : 'tokenize';
  return fitWords(isl, method, (words) =>
    method === 'tokenize'
      ? countByTokenize(client, model, build(words))
      : countByUsage(client, model, build(words), plan.limits.firstByteMs, limitField),
  );
};

const checkLength = (facts: ServerFacts, isl: number, osl: number): void => {
  if (facts.maxModelLen === null || isl + osl <= facts.maxModelLen) return;
  throw inputFault(
    'prompt_too_long',
    `${isl} prompt and ${osl} output tokens exceed the server's limit of ${facts.maxModelLen}`,
    {
      fix: 'choose a shorter suite, or lower --isl and --osl',
    },
  );
};

interface Prompts {
  readonly dataset: Dataset;
  readonly promptPlan: PromptPlan;
}

const suitePrompts = async (
  client: HttpClient,
  plan: ServerPlan,
  suite: Suite,
  style: RequestStyle,
  facts: ServerFacts,
): Promise<Prompts> => {
  const [isl, osl] = [plan.isl ?? suite.isl, plan.osl ?? suite.osl];
  checkLength(facts, isl, osl);
  const fit = await fitSuite(client, plan, suite, style, isl);
  const words = { body: fit.words, prefix: prefixWords(suite) };
  return {
    dataset: generatedDataset({ suite, isl, osl, seed: plan.seed, words, runNonce: plan.runNonce }),
    promptPlan: {
      isl,
      osl,
      sharedPrefix: suite.sharedPrefix,
      overheadTokens: Math.max(0, fit.overheadTokens - suite.sharedPrefix),
      countMethod: fit.method,
      fittedIsl: fit.countedTokens,
      cacheMode: plan.runNonce === null ? 'warm' : 'cold',
    },
  };
};

const filePrompts = (plan: ServerPlan, path: string, text: string): Prompts => {
  const osl = plan.osl ?? FILE_OSL;
  return {
    dataset: fileDataset(text, { path, osl, seed: plan.seed, trials: plan.trials }),
    promptPlan: {
      isl: null,
      osl,
      sharedPrefix: 0,
      overheadTokens: 0,
      countMethod: null,
      fittedIsl: null,
      cacheMode: plan.runNonce === null ? 'warm' : null,
    },
  };
};

const isEncoded = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

const parseBaseUrl = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && !(isEncoded(url.username) && isEncoded(url.password)))
    throw inputFault('base_url_invalid', `user or password of the address at ${url.host} are not percent-encoded`, {
      fix: 'write % as %25, or leave them out and name the key with --api-key-env',
    });
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw inputFault('base_url_invalid', `${JSON.stringify(text)} is no http or https address`, {
    fix: 'give the OpenAI base URL, such as http://localhost:8000/v1',
  });
};

/** A certificate whose authority is not known (names of OpenSSL). */
const UNKNOWN_AUTHORITY = /SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)/;

const unreachable = (baseUrl: string, detail: string | null): Fault =>
  inputFault('endpoint_unreachable', `${baseUrl} cannot be reached: ${detail}`, {
    fix: UNKNOWN_AUTHORITY.test(detail ?? '')
      ? 'name a file with the certificate of its authority in NODE_EXTRA_CA_CERTS'
      : 'start the server, or correct --base-url',
  });

/** Whether anybody is there, before a server that is not is asked one question after another. */
const requireAnswer = async (client: HttpClient, { baseUrl, limits }: ServerPlan): Promise<void> => {
  const problem = await connectionProblem(client, Math.min(10_000, limits.firstByteMs));
  if (problem !== null) throw unreachable(baseUrl, problem);
};

const requireGoing = (signal: AbortSignal): void => {
  if (signal.aborted) throw new Fault('interrupted', 'interrupted', 'the run was ended before anything was measured');
};

/** A request of a few words, whose answer says what the server takes. */
const PROBE: Prompt = { messages: [{ role: 'user', content: 'Count from one to four.' }], maxTokens: 4 };

/** Stops a run that cannot measure anything: the server is silent, or refuses for a reason that every request meets. */
const requireUsable = (record: RequestRecord | null, { baseUrl, endpoint, apiKey, limits }: ServerPlan): void => {
  if (record === null || record.failure === null) return;
  const { failure, status, detail } = record;
  const page = resolveUrl(new URL(baseUrl), pathOf(endpoint)).pathname;
  if (failure === 'connect_failed') throw unreachable(baseUrl, detail);
  if (failure === 'timeout_first_byte')
    throw inputFault(
      'endpoint_silent',
      `${baseUrl}: no byte came within ${limits.firstByteMs / 1000} s of a first request`,
      {
        fix: 'see whether the server has loaded its model; a slow first answer needs a larger --timeout-s',
      },
    );
  if (status === 401 || status === 403)
    throw inputFault('unauthorized', `${baseUrl} refuses the request: ${detail}`, {
      fix:
        apiKey === null
          ? 'name the environment variable that holds the key with --api-key-env'
          : 'check the key, which the server does not accept, in the variable of --api-key-env',
    });
  if (status === 404)
    throw inputFault('endpoint_not_found', `the server has no ${page}: ${detail}`, {
      fix:
        endpoint === 'chat'
          ? 'use --endpoint completions for a model without a chat template, or correct --base-url or --model'
          : 'use --endpoint chat, or correct --base-url or --model',
    });
};

/**
 * Throws a Fault `base_url_invalid`, `endpoint_unreachable`, `endpoint_silent`, `unauthorized`, `endpoint_not_found`,
 * `model_unknown`, `model_ambiguous`, `prompt_too_long` or a data set's; `interrupted` as soon as `signal` fires.
 */
export const prepareServer = async (plan: ServerPlan, signal: AbortSignal): Promise<PreparedServer> => {
  const queue = createDeferredQueue();
  const client = createHttpClient({ baseUrl: parseBaseUrl(plan.baseUrl), apiKey: plan.apiKey }, queue);
  const asking = untilAborted(client, signal);
  try {
    await requireAnswer(asking, plan).finally(() => requireGoing(signal));
    const facts = await readServerFacts(asking, plan.model);
    requireGoing(signal);
    const model = chooseModel(plan.model, facts);
    const { limits } = plan;
    const { style, record } = await findStyle(
      { client: asking, queue, limits },
      { endpoint: plan.endpoint, model },
      PROBE,
    );
    requireGoing(signal);
    requireUsable(record, plan);
    const { dataset, promptPlan } =
      plan.source.kind === 'suite'
        ? await suitePrompts(asking, plan, plan.source.suite, style, facts)
        : filePrompts(plan, plan.source.path, plan.source.text);
    requireGoing(signal);
    const deps: RequestDeps = { client, queue, limits };
    return { deps, facts, style, dataset, promptPlan, seed: plan.seed, close: client.close };
  } catch (fault) {
    client.close();
    throw fault;
  }
};

/** Waits until the server lists its models again after a restart. Throws a Fault `server_not_ready` after `limitMs`. */
export const waitUntilReady = async (client: HttpClient, limitMs: number, signal: AbortSignal): Promise<void> => {
  const deadline = performance.now() + limitMs;
  const asking = untilAborted(client, signal);
  while (!signal.aborted) {
    const reply = await fetchText(asking, 'models', null, 5000);
    if (reply?.status === 200) return;
    if (performance.now() > deadline)
      throw new Fault(
        'timeout',
        'server_not_ready',
        `the server did not answer /v1/models for ${limitMs / 1000} s after its restart`,
        {
          fix: 'check the restart command, or allow it more time',
        },
      );
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};
