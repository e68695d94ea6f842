// Turns the fields of a benchmark request into the plan that is run and the places its envelopes go to. Reads the files that
// the request names; sends nothing.
import { randomBytes } from 'node:crypto';
import { CONFIGURATION_BYTES, readNamedText } from '../fs/named-text.ts';
import { localRunner, requireSuccess, type RunOptions } from '../exec/run-process.ts';
import type { Environment } from '../exec/environment.ts';
import { findTool } from '../exec/find-tool.ts';
import type { RunPlan, Side } from '../load/bench-run.ts';
import { nvidiaSmiSampler } from '../load/gpu-query.ts';
import type { PromptSource, ServerPlan } from '../load/prepare.ts';
import type { LoadShape } from '../load/session.ts';
import type { PowerSource } from '../load/trial.ts';
import { findSuite, resolveSlo, SLO_TEMPLATES } from '../load/suites.ts';
import type { Context } from '../metrics/context.ts';
import { Fault } from '../text/fault.ts';
import { isJsonObject, parseJson } from '../text/json.ts';
import { NO_PROVENANCE, readProvenance } from './provenance.ts';
import type { RecordOptions } from './record-run.ts';

/** A benchmark request with absolute paths; plain JSON, so that a job can carry it. */
export interface RunRequest {
  readonly suite: string;
  readonly baseUrls: readonly string[];
  readonly outputs: readonly string[];
  readonly model: string | null;
  readonly engine: string | null;
  readonly quant: string | null;
  readonly hardware: string | null;
  readonly nGpus: number | null;
  readonly endpoint: 'chat' | 'completions';
  readonly apiKeyEnv: string | null;
  readonly concurrency: readonly number[];
  readonly rps: readonly number[];
  readonly arrival: 'poisson' | 'constant';
  readonly durationS: number | null;
  readonly requests: number | null;
  readonly warmUpS: number | null;
  readonly trials: number;
  readonly restartCmd: readonly string[] | null;
  readonly isl: number | null;
  readonly osl: number | null;
  readonly seed: number;
  readonly warmCache: boolean;
  readonly slo: string | null;
  readonly powerSource: string | null;
  readonly powerScope: string | null;
  readonly provenancePath: string | null;
  readonly context: Context;
  readonly maxInFlight: number;
  readonly timeoutS: number;
  /** Limit of a whole request; null: by the length of the answer. */
  readonly requestTimeoutS: number | null;
  readonly append: boolean;
  readonly cwd: string;
}

const usage = (code: string, message: string, fix: string): Fault => new Fault('usage', code, message, { fix });

const DEFAULT_REQUESTS_PER_SLOT = 10;
const AUTO_WARM_UP_S = 60;

const shapesOf = ({ concurrency, rps, arrival }: RunRequest): LoadShape[] => {
  if (concurrency.length > 0 && rps.length > 0)
    throw usage(
      'load_given_twice',
      'both a concurrency and a request rate are given',
      'give --concurrency/--sweep or --rps/--rps-sweep',
    );
  if (rps.length > 0) return rps.map((ratePerS) => ({ kind: 'open', ratePerS, arrival }));
  if (concurrency.length > 0) return concurrency.map((each) => ({ kind: 'closed', concurrency: each }));
  throw usage(
    'load_missing',
    'no load is given',
    'give --concurrency 16, --sweep 1,4,16, --rps 4 or --rps-sweep 1,2,4',
  );
};

const sourceOf = async ({
  suite,
}: RunRequest): Promise<{ source: PromptSource; id: string; version: string; slo: string }> => {
  if (/\.jsonl?$/i.test(suite)) {
    const text = await readNamedText(suite, { limit: CONFIGURATION_BYTES });
    return {
      source: { kind: 'file', path: suite, text },
      id: 'llm.inference.file',
      version: '1.0.0',
      slo: 'llm.relaxed',
    };
  }
  const found = findSuite(suite);
  return { source: { kind: 'suite', suite: found }, id: found.id, version: found.version, slo: found.sloTemplate };
};

/** `telemetry`, or the path of a power log. */
const powerOf = ({ powerSource, powerScope }: RunRequest): PowerSource | null => {
  if (powerSource === null) return null;
  const scope = powerScope ?? (powerSource === 'telemetry' ? 'all GPUs of this machine' : 'as the log says');
  return powerSource === 'telemetry'
    ? { kind: 'telemetry', scope }
    : { kind: 'log', scope, path: powerSource, read: () => readNamedText(powerSource) };
};

/** Telemetry is of this machine, so it is taken only where the server runs here or the caller says that it does. */
const isLocal = (baseUrl: string, { powerSource }: RunRequest): boolean =>
  powerSource === 'telemetry' || /^(localhost|127\.|\[?::1)/.test(new URL(baseUrl).hostname);

const samplerOf = (here: boolean, env: Environment, signal: AbortSignal): Side['sampleGpus'] => {
  if (!here || findTool('nvidia-smi', env) === null) return null;
  const options: RunOptions = { env, signal, timeoutMs: 5000 };
  const run = localRunner(options);
  return nvidiaSmiSampler(async (argv) => requireSuccess(argv, await run(argv), options).stdout);
};

const restartOf = ({ restartCmd, cwd }: RunRequest, env: Environment, signal: AbortSignal): Side['restart'] => {
  if (restartCmd === null) return null;
  const options: RunOptions = { env, signal, cwd, timeoutMs: 1_800_000, graceMs: 1000 };
  return async () => void requireSuccess(restartCmd, await localRunner(options)(restartCmd), options);
};

const apiKeyOf = ({ apiKeyEnv }: RunRequest, env: Environment): string | null => {
  if (apiKeyEnv === null) return null;
  const key = env[apiKeyEnv];
  if (key === undefined || key === '')
    throw usage('api_key_missing', `the environment has no ${apiKeyEnv}`, 'set it, or leave api_key_env out');
  if (/^[\x20-\x7e]+$/.test(key)) return key;
  throw usage('api_key_invalid', `${apiKeyEnv} holds what no header can carry`, 'set it without a line break');
};

const provenanceOf = async ({ provenancePath: path }: RunRequest) => {
  if (path === null) return NO_PROVENANCE;
  const value = parseJson(await readNamedText(path), path);
  if (isJsonObject(value)) return readProvenance(value);
  throw usage('provenance_invalid', `${path} holds no JSON object`, 'write the provenance fields of the envelope');
};

/** Throws a usage Fault for what is no http address. */
const checkBaseUrl = (text: string): void => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return;
  throw usage(
    'base_url_invalid',
    `${JSON.stringify(text)} is not an http address`,
    'write it as http://localhost:8000/v1',
  );
};

export interface PreparedRun {
  readonly plan: RunPlan;
  readonly options: RecordOptions;
}

/** The plan and the outputs of a request. Throws usage Faults for what cannot be meant. */
export const prepareRun = async (request: RunRequest, env: Environment, signal: AbortSignal): Promise<PreparedRun> => {
  request.baseUrls.forEach(checkBaseUrl);
  const points = shapesOf(request);
  const { source, id, version, slo: suiteSlo } = await sourceOf(request);
  const { slo, name: sloTemplate } = resolveSlo(request.slo ?? suiteSlo);
  const largest = Math.max(...points.map((shape) => (shape.kind === 'closed' ? shape.concurrency : shape.ratePerS)));
  const noStop = request.durationS === null && request.requests === null;
  const requests = noStop ? Math.ceil(DEFAULT_REQUESTS_PER_SLOT * Math.max(largest, 2)) : request.requests;
  const apiKey = apiKeyOf(request, env);
  const server = (baseUrl: string): ServerPlan => ({
    baseUrl,
    apiKey,
    endpoint: request.endpoint,
    model: request.model,
    source,
    isl: request.isl,
    osl: request.osl,
    seed: request.seed,
    trials: request.trials,
    runNonce: request.warmCache ? null : randomBytes(8).toString('hex'),
    limits: {
      firstByteMs: request.timeoutS * 1000,
      stallMs: request.timeoutS * 1000,
      totalMs: request.requestTimeoutS === null ? null : request.requestTimeoutS * 1000,
    },
  });
  const side = (baseUrl: string): Side => ({
    server: server(baseUrl),
    nGpus: request.nGpus,
    sampleGpus: samplerOf(isLocal(baseUrl, request), env, signal),
    power: powerOf(request),
    restart: restartOf(request, env, signal),
  });
  const [first, second, ...more] = request.baseUrls;
  if (first === undefined || more.length > 0)
    throw usage(
      'servers_count',
      `${request.baseUrls.length} servers are given`,
      'give one --base-url, or two to interleave',
    );
  const description = {
    suiteId: id,
    suiteVersion: version,
    engine: request.engine,
    quant: request.quant,
    hardware: request.hardware,
    sloTemplate: sloTemplate ?? (request.slo === null && suiteSlo in SLO_TEMPLATES ? suiteSlo : null),
    context: request.context,
    provenance: await provenanceOf(request),
  };
  return {
    plan: {
      sides: second === undefined ? [side(first)] : [side(first), side(second)],
      points,
      trials: request.trials,
      stop: { requests, durationS: request.durationS },
      warmUp:
        request.warmUpS === null
          ? { kind: 'auto', maxSeconds: AUTO_WARM_UP_S }
          : request.warmUpS === 0
            ? { kind: 'none' }
            : { kind: 'auto', maxSeconds: request.warmUpS },
      slo,
      maxInFlight: request.maxInFlight,
      readyLimitMs: 1_800_000,
    },
    options: { outputs: request.outputs.map((folder) => ({ folder, description })), append: request.append },
  };
};
