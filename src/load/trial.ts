// Runs one trial against one prepared server and judges whether it may count. A trial that may not is kept with its reason.
import { latencyName, nameOf } from '../metrics/catalogue.ts';
import { VALIDITY_CODES, type ReplicateLevel, type ValidityCode } from '../metrics/trial.ts';
import { quantile } from '../stats/describe.ts';
import { integratePower, parsePowerLog, type PowerResult, type PowerSample } from './power.ts';
import { untilAborted } from './http-client.ts';
import type { PreparedServer } from './prepare.ts';
import type { AnswerDoubt, FailureReason, RequestRecord } from './request-record.ts';
import { requestBody, pathOf } from './request-body.ts';
import { sendRequest } from './request.ts';
import { cacheHitRate, readMetricsText } from './server.ts';
import { runSession, type LoadShape, type SessionProgress, type SessionResult, type StopRule } from './session.ts';
import { sloVerdicts, type Slo, type SloVerdict } from './slo.ts';
import { startTelemetry, telemetryValidity, within, type SampleGpus, type TelemetrySample } from './telemetry.ts';
import {
  chunksPerSecond,
  doubtCounts,
  failureCounts,
  meanInFlight,
  tokenFacts,
  trialMetrics,
  type TokenFacts,
} from './trial-metrics.ts';
import { stillDrifts, type WarmUpRule } from './warm-up.ts';

/** Where power figures come from. `scope` says whose power it is, in words; it is stored beside the figure. */
export type PowerSource =
  | { readonly kind: 'telemetry'; readonly scope: string }
  | { readonly kind: 'log'; readonly scope: string; readonly path: string; readonly read: () => Promise<string> };

export interface TrialPlan {
  readonly shape: LoadShape;
  readonly stop: StopRule;
  readonly warmUp: WarmUpRule;
  readonly maxInFlight: number;
  readonly slo: Slo;
  readonly nGpus: number | null;
  readonly replicateLevel: ReplicateLevel;
  readonly sampleGpus: SampleGpus | null;
  readonly power: PowerSource | null;
}

export interface TrialHooks {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SessionProgress) => void;
}

export interface TrialResult {
  readonly index: number;
  readonly block: number | null;
  readonly startedAtMs: number;
  readonly seconds: number;
  readonly replicateLevel: ReplicateLevel;
  readonly metrics: Readonly<Record<string, number>>;
  readonly missing: Readonly<Record<string, string>>;
  readonly validity: readonly ValidityCode[];
  readonly failures: Partial<Record<FailureReason, number>>;
  readonly doubts: Partial<Record<AnswerDoubt, number>>;
  readonly slo: readonly SloVerdict[];
  readonly tokens: TokenFacts;
  readonly requests: number;
  /** Mean requests in flight over the concurrency asked for; null in an open loop. */
  readonly occupancy: number | null;
  /** Requests over concurrency; null in an open loop. */
  readonly waves: number | null;
  readonly warmUp: SessionResult['warmUp'];
  /** How late requests were sent against the schedule; null in a closed loop. */
  readonly scheduleLag: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number } | null;
  readonly clientLag: SessionResult['clientLag'];
  /** Pieces of text that arrived per second of the window, over all streams. */
  readonly chunksPerS: number;
  readonly powerProblem: string | null;
  readonly gpuUuids: readonly string[] | null;
  readonly interrupted: boolean;
  readonly records: readonly RequestRecord[];
}

const scheduleLagOf = (records: readonly RequestRecord[]): TrialResult['scheduleLag'] => {
  const lags = records.flatMap(({ sentMs, intendedMs }) => (sentMs === null ? [] : [sentMs - intendedMs]));
  if (lags.length === 0) return null;
  return { p50Ms: quantile(lags, 0.5), p99Ms: quantile(lags, 0.99), maxMs: quantile(lags, 1) };
};

/** Lateness of the generator that is allowed: 5 ms, or 5 percent of the median TTFT where that is more. */
const lagAllowanceMs = (ttftP50Ms: number | undefined): number => Math.max(5, 0.05 * (ttftP50Ms ?? 0));

/** Prompt tokens come from the cache in blocks of this size. */
const CACHE_BLOCK = 16;
/** Share of the prompt by which the cache may exceed what has an innocent cause: shared prefix and chat template. */
const CACHE_SLACK = 0.05;

const cacheIsClean = ({ promptPlan }: PreparedServer, hitRate: number | undefined): boolean => {
  const { cacheMode, isl, sharedPrefix, overheadTokens } = promptPlan;
  if (hitRate === undefined || cacheMode !== 'cold' || isl === null) return true;
  return hitRate <= (sharedPrefix + overheadTokens + CACHE_BLOCK) / isl + CACHE_SLACK;
};

const samplesOfPower = (samples: readonly TelemetrySample[]): PowerSample[] =>
  samples.flatMap(({ atMs, gpus }) =>
    gpus.flatMap(({ uuid, powerW }) => (powerW === null ? [] : [{ atMs, gpu: uuid, watts: powerW }])),
  );

const powerOf = async (
  plan: TrialPlan,
  samples: readonly TelemetrySample[],
  window: readonly [number, number],
): Promise<PowerResult | null> => {
  if (plan.power === null) return null;
  if (plan.power.kind === 'telemetry') return integratePower(samplesOfPower(samples), window, plan.nGpus);
  const log = parsePowerLog(await plan.power.read(), plan.power.path);
  return integratePower(log, window, log.every(({ gpu }) => gpu === 'all') ? null : plan.nGpus);
};

interface Observed {
  readonly session: SessionResult;
  readonly metrics: Readonly<Record<string, number>>;
  readonly samples: readonly TelemetrySample[];
  readonly scheduleLag: TrialResult['scheduleLag'];
}

/** By how much the generator was late at p99: its event loop, and in an open loop its schedule. */
export const latenessMs = ({
  clientLag,
  scheduleLag,
}: {
  readonly clientLag: SessionResult['clientLag'];
  readonly scheduleLag: TrialResult['scheduleLag'];
}): number => Math.max(clientLag?.p99Ms ?? 0, scheduleLag?.p99Ms ?? 0);

const validityOf = (server: PreparedServer, { session, metrics, samples, scheduleLag }: Observed): ValidityCode[] => {
  const lagMs = latenessMs({ clientLag: session.clientLag, scheduleLag });
  const codes = new Set<ValidityCode>(telemetryValidity(samples));
  if (!session.warmUp.steady || stillDrifts(session.measured)) codes.add('not_steady');
  if (lagMs > lagAllowanceMs(metrics[latencyName('ttft', 'p50')])) codes.add('client_lag');
  if (!cacheIsClean(server, metrics[nameOf('cacheHitRate')])) codes.add('cache_state');
  if (session.interrupted) codes.add('undercount');
  if (metrics[latencyName('ttft', 'p50')] === undefined) codes.add('no_measurement');
  return VALIDITY_CODES.filter((code) => codes.has(code));
};

interface Run {
  readonly session: SessionResult;
  readonly samples: readonly TelemetrySample[];
  readonly cacheHitRate: number | null;
}

/** After an interruption the server's counters are asked for once more, but not waited for. */
const LAST_QUESTION_MS = 500;

/** Sends the load, with telemetry around it and the server's counters before and after. */
const runLoad = async (server: PreparedServer, plan: TrialPlan, index: number, hooks: TrialHooks): Promise<Run> => {
  const { deps, dataset, style, seed } = server;
  const telemetry = plan.sampleGpus === null ? null : startTelemetry(plan.sampleGpus);
  const before = await readMetricsText(untilAborted(deps.client, hooks.signal));
  const path = pathOf(style.endpoint);
  const { shape, warmUp, stop, maxInFlight } = plan;
  const session = await runSession(
    { shape, warmUp, stop, maxInFlight, scheduleSeed: seed + index },
    {
      ...hooks,
      prepare: (number) => {
        const prompt = dataset.prompt(index, number);
        return { index: number, path, body: requestBody(style, prompt), maxTokens: prompt.maxTokens };
      },
      send: (request, dueMs) => sendRequest(deps, request, dueMs),
    },
  );
  const after = await readMetricsText(deps.client, session.interrupted ? LAST_QUESTION_MS : undefined);
  return { session, samples: (await telemetry?.stop()) ?? [], cacheHitRate: cacheHitRate(before, after) };
};

const epochWindow = ({ windowMs: [start, end] }: SessionResult): [start: number, end: number] => [
  performance.timeOrigin + start,
  performance.timeOrigin + end,
];

const gpuUuidsOf = (samples: readonly TelemetrySample[]): string[] | null => {
  const uuids = new Set(samples.flatMap(({ gpus }) => gpus.map(({ uuid }) => uuid)));
  return uuids.size === 0 ? null : [...uuids].sort();
};

/** Runs warm-up and window of one trial. Never throws for what the server does. */
export const runTrial = async (
  server: PreparedServer,
  plan: TrialPlan,
  place: { readonly index: number; readonly block: number | null },
  hooks: TrialHooks,
): Promise<TrialResult> => {
  const { session, samples, cacheHitRate: hitRate } = await runLoad(server, plan, place.index, hooks);
  const { measured, carried, windowMs } = session;
  const window = epochWindow(session);
  const power = await powerOf(plan, samples, window);
  const concurrency = plan.shape.kind === 'closed' ? plan.shape.concurrency : null;
  const { slo, nGpus } = plan;
  const { metrics, missing } = trialMetrics({ measured, carried, windowMs, slo, nGpus, cacheHitRate: hitRate, power });
  const scheduleLag = concurrency === null ? scheduleLagOf(measured) : null;
  return {
    ...place,
    startedAtMs: session.startedAtMs,
    seconds: (windowMs[1] - windowMs[0]) / 1000,
    replicateLevel: plan.replicateLevel,
    metrics,
    missing,
    validity: validityOf(server, { session, metrics, samples: within(samples, window), scheduleLag }),
    failures: failureCounts(measured),
    doubts: doubtCounts(measured),
    slo: sloVerdicts(measured, slo),
    tokens: tokenFacts(measured),
    requests: measured.length,
    occupancy: concurrency === null ? null : meanInFlight([...carried, ...measured], windowMs) / concurrency,
    waves: concurrency === null ? null : measured.length / concurrency,
    warmUp: session.warmUp,
    scheduleLag,
    clientLag: session.clientLag,
    chunksPerS: chunksPerSecond([...carried, ...measured], windowMs),
    powerProblem: power === null || power.valid ? null : power.problem,
    gpuUuids: gpuUuidsOf(samples),
    interrupted: session.interrupted,
    records: measured,
  };
};
