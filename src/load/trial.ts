// Runs one trial against one prepared server and judges whether it may count. A trial that may not is kept with its reason.
import { VALIDITY_CODES, type ReplicateLevel, type ValidityCode } from '../measurement/trial.ts';
import { quantile } from '../stats/describe.ts';
import { integratePower, parsePowerLog, type PowerResult, type PowerSample } from './power.ts';
import type { PreparedServer } from './prepare.ts';
import type { FailureReason, RequestRecord } from './record.ts';
import { requestBody, pathOf } from './request-body.ts';
import { sendRequest } from './request.ts';
import { cacheHitRate, readMetricsText } from './server.ts';
import { runSession, type LoadShape, type SessionProgress, type SessionResult, type StopRule } from './session.ts';
import { sloVerdicts, type Slo, type SloVerdict } from './slo.ts';
import { startTelemetry, telemetryValidity, within, type SampleGpus, type TelemetrySample } from './telemetry.ts';
import { failureCounts, meanInFlight, tokenFacts, trialMetrics, type TokenFacts } from './trial-metrics.ts';
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

/** Cached share of the prompt that has an innocent cause: shared prefix and chat template, rounded up to a cache block of 16. */
const CACHE_BLOCK = 16;
const CACHE_SLACK = 0.05;

const cacheIsClean = ({ dataset, promptPlan }: PreparedServer, hitRate: number | undefined): boolean => {
  if (hitRate === undefined || promptPlan.repeats) return true;
  if (dataset.size !== null) return hitRate <= CACHE_SLACK + 0.5;
  const shared = promptPlan.sharedPrefix + promptPlan.overheadTokens + CACHE_BLOCK;
  return hitRate <= shared / (promptPlan.isl ?? shared) + CACHE_SLACK;
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

const validityOf = (server: PreparedServer, { session, metrics, samples, scheduleLag }: Observed): ValidityCode[] => {
  const lagMs = Math.max(session.clientLag?.p99Ms ?? 0, scheduleLag?.p99Ms ?? 0);
  const codes = new Set<ValidityCode>(telemetryValidity(samples));
  if (!session.warmUp.steady || stillDrifts(session.measured)) codes.add('not_steady');
  if (lagMs > lagAllowanceMs(metrics['ttft_p50_ms'])) codes.add('client_lag');
  if (!cacheIsClean(server, metrics['prefix_cache_hit_rate'])) codes.add('cache_state');
  if (session.interrupted) codes.add('undercount');
  if (metrics['ttft_p50_ms'] === undefined) codes.add('no_measurement');
  return VALIDITY_CODES.filter((code) => codes.has(code));
};

/** Runs warm-up and window of one trial. Never throws for what the server does. */
export const runTrial = async (
  server: PreparedServer,
  plan: TrialPlan,
  place: { readonly index: number; readonly block: number | null },
  hooks: TrialHooks,
): Promise<TrialResult> => {
  const telemetry = plan.sampleGpus === null ? null : startTelemetry(plan.sampleGpus);
  const before = await readMetricsText(server.deps.client);
  const path = pathOf(server.style.endpoint);
  const session = await runSession(
    {
      shape: plan.shape,
      warmUp: plan.warmUp,
      stop: plan.stop,
      scheduleSeed: server.seed + place.index,
      maxInFlight: plan.maxInFlight,
    },
    {
      ...hooks,
      prepare: (index) => {
        const prompt = server.dataset.prompt(place.index, index);
        return { index, path, body: requestBody(server.style, prompt), maxTokens: prompt.maxTokens };
      },
      send: (request, dueMs) => sendRequest(server.deps, request, dueMs),
    },
  );
  const after = await readMetricsText(server.deps.client);
  const recorded = (await telemetry?.stop()) ?? [];
  const window: [number, number] = [
    performance.timeOrigin + session.windowMs[0],
    performance.timeOrigin + session.windowMs[1],
  ];
  const samples = within(recorded, window);
  const power = await powerOf(plan, recorded, window);
  const concurrency = plan.shape.kind === 'closed' ? plan.shape.concurrency : null;
  const { metrics, missing } = trialMetrics({
    measured: session.measured,
    carried: session.carried,
    windowMs: session.windowMs,
    slo: plan.slo,
    nGpus: plan.nGpus,
    cacheHitRate: cacheHitRate(before, after),
    power,
  });
  const scheduleLag = concurrency === null ? scheduleLagOf(session.measured) : null;
  const inFlight = meanInFlight([...session.carried, ...session.measured], session.windowMs);
  const uuids = new Set(recorded.flatMap(({ gpus }) => gpus.map(({ uuid }) => uuid)));
  return {
    ...place,
    startedAtMs: session.startedAtMs,
    seconds: (session.windowMs[1] - session.windowMs[0]) / 1000,
    replicateLevel: plan.replicateLevel,
    metrics,
    missing,
    validity: validityOf(server, { session, metrics, samples, scheduleLag }),
    failures: failureCounts(session.measured),
    slo: sloVerdicts(session.measured, plan.slo),
    tokens: tokenFacts(session.measured),
    requests: session.measured.length,
    occupancy: concurrency === null ? null : inFlight / concurrency,
    waves: concurrency === null ? null : session.measured.length / concurrency,
    warmUp: session.warmUp,
    scheduleLag,
    clientLag: session.clientLag,
    powerProblem: power === null || power.valid ? null : power.problem,
    gpuUuids: uuids.size === 0 ? null : [...uuids].sort(),
    interrupted: session.interrupted,
    records: session.measured,
  };
};
