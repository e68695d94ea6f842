// Builds the envelope of one load point from what was measured and what is known about it. Pure: clock, random bits and files
// belong to the caller.
import { createHash } from 'node:crypto';
import type { PointResult, SideResult } from '../load/bench-run.ts';
import type { StopRule } from '../load/session.ts';
import type { Slo } from '../load/slo.ts';
import { beyondProvenLimit } from '../load/proven-limit.ts';
import { ANSWER_DOUBTS, type AnswerDoubt } from '../load/request-record.ts';
import { latenessMs, type TrialResult } from '../load/trial.ts';
import type { WarmUpRule } from '../load/warm-up.ts';
import type { Context } from '../metrics/context.ts';
import { isValidTrial, type ValidityCode } from '../metrics/trial.ts';
import { median } from '../stats/describe.ts';
import { formatFixed, plural } from '../render/numbers.ts';
import type { Envelope, EnvelopeSloLimit, EnvelopeTrial, Missing } from './envelope.ts';
import { missingForV1, type Provenance } from './provenance.ts';

/** What the caller knows about a run beyond its figures. */
export interface RunDescription {
  readonly suiteId: string;
  readonly suiteVersion: string;
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly writtenAtMs: number;
  readonly baseUrl: string;
  readonly engine: string | null;
  readonly quant: string | null;
  readonly hardware: string | null;
  readonly nGpus: number | null;
  readonly seed: number;
  readonly stop: StopRule;
  readonly warmUp: WarmUpRule;
  readonly slo: Slo;
  readonly sloTemplate: string | null;
  readonly powerScope: string | null;
  /** Further facts of the context that the caller states (`tp`, `kv_cache_dtype`, `production_representative`, …). */
  readonly context: Context;
  readonly provenance: Provenance;
}

/** The endpoint without credentials and query, so that its hash says nothing secret. */
const endpointHash = (baseUrl: string): string => {
  const url = new URL(baseUrl);
  return createHash('sha256').update(`${url.origin}${url.pathname}`).digest('hex');
};

/** Trials that the medians rest on: the valid ones, or all where none is. */
export const countingTrials = <T extends Pick<TrialResult, 'validity'>>(trials: readonly T[]): readonly T[] => {
  const valid = trials.filter(isValidTrial);
  return valid.length > 0 ? valid : trials;
};

const medianMetrics = (trials: readonly TrialResult[]): Record<string, number> => {
  const names = new Set(trials.flatMap(({ metrics }) => Object.keys(metrics)));
  return Object.fromEntries(
    [...names].map((name) => [name, median(trials.flatMap(({ metrics }) => metrics[name] ?? []))] as const),
  );
};

const sumCounts = (counts: readonly Partial<Record<string, number>>[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const each of counts)
    for (const [name, count] of Object.entries(each)) sums[name] = (sums[name] ?? 0) + (count ?? 0);
  return sums;
};

const envelopeTrial = (trial: TrialResult): EnvelopeTrial => ({
  index: trial.index,
  block: trial.block,
  started_at: new Date(trial.startedAtMs).toISOString(),
  replicate_level: trial.replicateLevel,
  metrics: trial.metrics,
  validity: trial.validity,
  gpu_uuids: trial.gpuUuids,
  seconds: trial.seconds,
  requests: trial.requests,
  failures: sumCounts([trial.failures]),
  occupancy: trial.occupancy,
  waves: trial.waves,
  warm_up: trial.warmUp,
  schedule_lag_ms: trial.scheduleLag && {
    p50: trial.scheduleLag.p50Ms,
    p99: trial.scheduleLag.p99Ms,
    max: trial.scheduleLag.maxMs,
  },
  client_lag_ms: trial.clientLag && { p99: trial.clientLag.p99Ms, max: trial.clientLag.maxMs },
  chunks_per_s: trial.chunksPerS,
  achieved: {
    isl_mean: trial.tokens.inputMean,
    isl_min: trial.tokens.inputMin,
    isl_max: trial.tokens.inputMax,
    osl_mean: trial.tokens.outputMean,
  },
  interrupted: trial.interrupted,
});

const sloLimits = (trials: readonly TrialResult[], slo: Slo): EnvelopeSloLimit[] =>
  slo.map(({ metric, limitMs, percentile }, index) => {
    const verdicts = trials.flatMap((trial) => trial.slo[index] ?? []);
    const observed = verdicts.flatMap(({ observedMs }) => (observedMs === null ? [] : [observedMs]));
    return {
      metric,
      limit_ms: limitMs,
      percentile,
      observed_ms: observed.length === verdicts.length && observed.length > 0 ? median(observed) : null,
      met: verdicts.length > 0 && verdicts.every(({ met }) => met),
    };
  });

const warmUpOption = (rule: WarmUpRule): Record<string, unknown> =>
  rule.kind === 'auto' ? { kind: rule.kind, max_s: rule.maxSeconds } : { ...rule };

/** Facts that only the person at the machine knows, where nobody gave them. */
const untold = ({ quant, n_gpus, hardware }: Context): Missing[] => {
  const asked: readonly (readonly [field: string, value: unknown, flag: string])[] = [
    ['quantization', quant, '--quant'],
    ['context.n_gpus', n_gpus, '--n-gpus'],
    ['context.hardware', hardware, '--hardware'],
  ];
  return asked.flatMap(([field, value, flag]) =>
    (value ?? null) === null ? [{ field, reason: `an endpoint does not state it and ${flag} was not given` }] : [],
  );
};

const driverOptions = (side: SideResult, point: PointResult, run: RunDescription): Record<string, unknown> => {
  const { promptPlan, style } = side.server;
  const { shape } = point;
  return {
    driver: shape.kind === 'closed' ? 'closed_loop' : 'open_loop',
    concurrency: shape.kind === 'closed' ? shape.concurrency : null,
    rps: shape.kind === 'open' ? shape.ratePerS : null,
    arrival: shape.kind === 'open' ? shape.arrival : null,
    duration_s: run.stop.durationS,
    requests: run.stop.requests,
    trials: point.trials.length,
    warm_up: warmUpOption(run.warmUp),
    isl: promptPlan.isl,
    osl: promptPlan.osl,
    shared_prefix_tokens: promptPlan.sharedPrefix,
    max_tokens: promptPlan.osl,
    cache_mode: promptPlan.cacheMode,
    endpoint: style.endpoint,
    ignore_eos: style.ignoreEos,
    temperature: 0,
  };
};

const gpuUuidsOf = (trials: readonly TrialResult[]): string[] | null => {
  const uuids = new Set(trials.flatMap(({ gpuUuids }) => gpuUuids ?? []));
  return uuids.size === 0 ? null : [...uuids].sort();
};

/** Our own record of the circumstances. What the caller states goes before what the server says. */
const contextOf = (side: SideResult, point: PointResult, run: RunDescription): Context => {
  const { facts, style, dataset, promptPlan, seed } = side.server;
  const { shape } = point;
  return {
    model_path: facts.modelRoot,
    max_model_len: facts.maxModelLen,
    prefix_caching: facts.prefixCaching,
    engine_version: run.provenance.engine.version ?? facts.engineVersion,
    image: run.provenance.engine.image_digest,
    ...run.context,
    model: style.model,
    hardware: run.hardware ?? run.context.hardware ?? run.provenance.hardware_fingerprint?.gpus[0]?.model ?? null,
    n_gpus: run.nGpus,
    quant: run.quant,
    dataset: dataset.id,
    dataset_hash: dataset.hash,
    seed,
    isl: promptPlan.isl ?? point.trials[0]?.tokens.inputMean ?? null,
    osl: promptPlan.osl,
    concurrency: shape.kind === 'closed' ? shape.concurrency : null,
    request_rate: shape.kind === 'open' ? shape.ratePerS : null,
    num_prompts: run.stop.requests,
    cache_mode: promptPlan.cacheMode,
    engine: run.engine ?? facts.engine,
    gpu_uuids: gpuUuidsOf(point.trials),
    power_scope: run.powerScope,
  };
};

const missingMetrics = (trials: readonly TrialResult[], metrics: Readonly<Record<string, number>>): Missing[] => {
  const reasons = new Map(trials.flatMap(({ missing }) => Object.entries(missing)));
  return [...reasons].filter(([name]) => metrics[name] === undefined).map(([field, reason]) => ({ field, reason }));
};

const FEW_WAVES = 2;

/** In how many trials a validity code was found. */
const codeWarning = (code: ValidityCode, trials: readonly TrialResult[]): string => {
  const having = trials.filter(({ validity }) => validity.includes(code));
  const found = `${code} in ${having.length} of ${trials.length} trials`;
  if (code !== 'client_lag') return found;
  return `${found}: the generator was late by ${formatFixed(Math.max(...having.map(latenessMs)), 1)} ms at p99`;
};

const DOUBT_TEXT: Readonly<Record<AnswerDoubt, string>> = {
  no_finish_reason: 'ended in [DONE] without a finish reason; they count as answered',
  usage_above_max_tokens: 'report one token more than max_tokens; the count of the server is used',
  usage_below_pieces: 'report fewer tokens than pieces of text came; the count of the server is used',
};

const doubtWarnings = (trials: readonly TrialResult[]): string[] =>
  ANSWER_DOUBTS.flatMap((doubt) => {
    const count = trials.reduce((sum, { doubts }) => sum + (doubts[doubt] ?? 0), 0);
    return count === 0 ? [] : [`${plural(count, 'answer')} ${DOUBT_TEXT[doubt]}`];
  });

const warningsOf = (side: SideResult, point: PointResult): string[] => {
  const { trials } = point;
  const { dataset, promptPlan } = side.server;
  const codes = [...new Set(trials.flatMap(({ validity }) => validity))];
  const most = Math.max(0, ...trials.map(({ requests, warmUp }) => requests + warmUp.requests));
  const warnings: (string | false)[] = [
    ...codes.map((code) => codeWarning(code, trials)),
    beyondProvenLimit(
      point.shape.kind === 'closed' ? point.shape.concurrency : null,
      Math.max(0, ...trials.map(({ chunksPerS }) => chunksPerS)),
    ) ?? false,
    trials.some(({ waves }) => waves !== null && waves < FEW_WAVES) &&
      'fewer than two requests per place: throughput is mostly ramp-up and drain',
    trials.some(({ tokens }) => tokens.source === 'chunks' || tokens.source === 'mixed') &&
      'the server does not report usage: output tokens are pieces of text, a lower bound',
    ...doubtWarnings(trials),
    promptPlan.countMethod === 'estimate' && 'prompt length is an estimate: the server counts no tokens',
    dataset.size !== null &&
      most > dataset.size &&
      `prompts were used more than once: ${dataset.size} for ${most} requests`,
    trials.some(({ interrupted }) => interrupted) && 'interrupted: the last trial is shorter than asked for',
    trials.every((trial) => !isValidTrial(trial)) && 'no trial is valid: the figures are those of invalid trials',
  ];
  return warnings.filter((warning) => warning !== false);
};

/** `requestsFile` is the name of the file beside the envelope that holds every request. */
export const buildEnvelope = (
  side: SideResult,
  point: PointResult,
  run: RunDescription,
  requestsFile: string,
): Envelope => {
  const counting = countingTrials(point.trials);
  const known = medianMetrics(counting);
  const lacking = missingMetrics(counting, known);
  const context = contextOf(side, point, run);
  const sources = [...new Set(point.trials.flatMap(({ tokens }) => tokens.source ?? []))];
  const stated = {
    model: {
      id: side.server.style.model,
      revision: run.provenance.model.revision,
      provider: context.engine ?? null,
      endpoint_hash: endpointHash(run.baseUrl),
    },
    engine: {
      name: context.engine ?? null,
      version: context.engine_version ?? null,
      config_hash: run.provenance.engine.config_hash,
      image_digest: run.provenance.engine.image_digest,
    },
    hardware_fingerprint: run.provenance.hardware_fingerprint,
    software_provenance: run.provenance.software_provenance,
  };
  const demanded = missingForV1(stated);
  return {
    envelope_version: demanded.length === 0 ? 'v1' : 'v1.1',
    suite_id: run.suiteId,
    suite_version: run.suiteVersion,
    run_id: run.runId,
    timestamp: new Date(run.writtenAtMs).toISOString(),
    ...stated,
    quantization: run.quant === null ? null : { format: run.quant, method: run.provenance.quantization.method },
    dataset: { id: side.server.dataset.id, hash: side.server.dataset.hash },
    seed: run.seed,
    driver_options: driverOptions(side, point, run),
    context,
    metrics: { ...Object.fromEntries(lacking.map(({ field }) => [field, null])), ...known },
    metrics_missing: lacking,
    trials: point.trials.map(envelopeTrial),
    failures: sumCounts(point.trials.map(({ failures }) => failures)),
    slo: sloLimits(counting, run.slo),
    slo_template: run.sloTemplate,
    labels: {
      token_source: sources.length === 1 ? (sources[0] ?? 'none') : sources.length === 0 ? 'none' : 'mixed',
      isl_counted_by: side.server.promptPlan.countMethod ?? 'file',
      ...(run.powerScope === null ? {} : { power_scope: run.powerScope }),
    },
    distributions: { requests: requestsFile },
    provenance_missing: [...demanded, ...untold(context)],
    warnings: warningsOf(side, point),
    signature: null,
  };
};
