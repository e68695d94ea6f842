// What a model can do on given hardware without any run: time per token, time to first token and rates, against each of the
// three lines, and what limits them. Bounds only; a line that lacks a figure says which.
import { Fault } from '../text/fault.ts';
import { boundOf, type Bound, type BoundOperation, type Limiter } from './bound.ts';
import { decodeStep, prefillStep, type Model } from './build-step.ts';
import { expectedDistinct, worstDistinct } from './experts.ts';
import type { KvFormat } from './kv-cache.ts';
import { LINES, type HardwareRates, type Line } from './rates.ts';
import { gpuCount, type Deployment, type Step } from './step.ts';

export interface EstimateRequest {
  readonly model: Model;
  readonly hardware: HardwareRates;
  readonly deployment: Deployment;
  readonly kvFormat: KvFormat;
  readonly concurrency: number;
  /** Keys of a query, as a mean over the generation. */
  readonly contextTokens: number;
  /** Tokens of one prompt; null leaves the time to first token out. */
  readonly promptTokens: number | null;
  readonly draftTokens: number;
  /** Tokens accepted per step, the bonus token included; 1 without drafts. */
  readonly acceptanceLength: number;
}

export interface LineEstimate {
  readonly line: Line;
  readonly stepMs: number;
  readonly communicationMs: number;
  /** Everything at once: no schedule can be faster on these rates. */
  readonly overlappedStepMs: number;
  readonly tpotMs: number;
  readonly outputTokPerSecPerGpu: number;
  readonly outputTokPerSecPerUser: number;
  readonly ttftMs: number | null;
  readonly limitedBy: Limiter;
  readonly operations: readonly BoundOperation[];
}

/** Collectives of a decode step as they are called: more than their bytes, for each has a least time. */
export interface Collectives {
  readonly allReduces: number;
  /** Milliseconds that they take at the least, where that was measured for so many GPUs. */
  readonly leastMs: number | null;
}

/** Different experts that the tokens of a step reach in one layer. */
export interface DistinctExperts {
  readonly expected: number;
  readonly worst: number;
  readonly of: number;
}

export interface Estimate {
  readonly gpus: number;
  readonly distinctExperts: DistinctExperts | null;
  readonly flopsPerRank: number;
  readonly hbmBytesPerRank: number;
  readonly linkBytesPerRank: number;
  readonly weightBytesPerGpu: number;
  readonly kvBytesPerGpu: number;
  /** Null where the memory of the hardware is not known. */
  readonly fits: boolean | null;
  readonly collectives: Collectives;
  readonly lines: readonly LineEstimate[];
  /** Why a line is not among `lines`. */
  readonly missing: readonly { readonly line: Line; readonly because: string }[];
}

/** A measured bus bandwidth counts the bytes of a ring; on a datasheet's rate the switch may send less. */
const linkSeconds = (bound: Bound, line: Line): number =>
  line === 'datasheet' ? bound.linkSeconds.switched : bound.linkSeconds.ring;

const limiterOf = (bound: Bound, link: number): Limiter => {
  const { compute, hbm } = bound.limitedSeconds;
  if (link > compute && link > hbm) return 'link';
  return compute > hbm ? 'compute' : 'hbm';
};

const lineEstimate = (request: EstimateRequest, decode: Step, prefill: Step | null, line: Line): LineEstimate => {
  const { hardware, deployment, concurrency, acceptanceLength } = request;
  const rates = hardware.lines[line];
  const bound = boundOf(decode, rates);
  const link = linkSeconds(bound, line);
  const step = bound.withoutCommunication + link;
  const first = prefill === null ? null : boundOf(prefill, rates);
  const perStep = concurrency * acceptanceLength;
  return {
    line,
    stepMs: 1000 * step,
    communicationMs: 1000 * link,
    overlappedStepMs: 1000 * (line === 'datasheet' ? bound.overlapped.switched : bound.overlapped.ring),
    tpotMs: (1000 * step) / acceptanceLength,
    outputTokPerSecPerGpu: perStep / step / gpuCount(deployment),
    outputTokPerSecPerUser: acceptanceLength / step,
    ttftMs: first === null ? null : 1000 * (first.withoutCommunication + linkSeconds(first, line)),
    limitedBy: limiterOf(bound, link),
    operations: bound.operations,
  };
};

const invalid = (message: string, fix: string): Fault => new Fault('usage', 'estimate_invalid', message, { fix });

const checkRequest = ({ deployment, model, draftTokens, acceptanceLength }: EstimateRequest): void => {
  if (acceptanceLength < 1 || acceptanceLength > draftTokens + 1)
    throw invalid(
      `an acceptance length of ${acceptanceLength} is not possible with ${draftTokens} draft tokens`,
      `give a length from 1 to ${draftTokens + 1}; it counts the bonus token`,
    );
  if (deployment.stages > model.shape.layers.length)
    throw invalid(
      `${deployment.stages} stages for ${model.shape.layers.length} layers`,
      'give fewer stages than layers',
    );
};

const amount = (step: Step, of: (pass: Step['passes'][number]) => number): number =>
  step.passes.reduce((sum, pass) => sum + of(pass), 0);

const distinctExperts = ({ shape }: Model, tokens: number): DistinctExperts | null => {
  const mlp = shape.layers.map((layer) => layer.mlp).find((each) => each?.kind === 'moe');
  if (mlp?.kind !== 'moe') return null;
  const { experts, perToken } = mlp;
  return {
    expected: expectedDistinct(experts, perToken, tokens),
    worst: worstDistinct(experts, perToken, tokens),
    of: experts,
  };
};

const collectivesOf = (step: Step, { hardware, deployment }: EstimateRequest): Collectives => {
  const allReduces = step.passes
    .flatMap(({ transfers }) => transfers)
    .filter(({ name }) => name === 'all_reduce')
    .reduce((sum, { count }) => sum + count, 0);
  const least = hardware.leastAllReduce.get(deployment.ranks);
  return { allReduces, leastMs: allReduces === 0 ? 0 : least === undefined ? null : 1000 * least * allReduces };
};

/** Estimates a decode step, and the prefill of one prompt. Throws a Fault `estimate_invalid` or `ceiling_missing`. */
export const estimate = (request: EstimateRequest): Estimate => {
  checkRequest(request);
  const { model, hardware, deployment, kvFormat, concurrency, contextTokens, draftTokens, promptTokens } = request;
  const decode = decodeStep(model, deployment, kvFormat, { concurrency, contextTokens, draftTokens });
  const prompt = { prompts: 1, newTokens: promptTokens ?? 0, cachedTokens: 0, chunkTokens: promptTokens ?? 1 };
  const prefill = promptTokens === null ? null : prefillStep(model, deployment, kvFormat, prompt);
  const lines: LineEstimate[] = [];
  const missing: { line: Line; because: string }[] = [];
  for (const line of LINES) {
    try {
      lines.push(lineEstimate(request, decode, prefill, line));
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'ceiling_missing' || line === 'datasheet') throw error;
      missing.push({ line, because: error.message });
    }
  }
  const { weightBytes, kvBytes } = decode.resident;
  return {
    gpus: gpuCount(deployment),
    distinctExperts: distinctExperts(model, decode.passes[0]?.groupTokens ?? 0),
    flopsPerRank: amount(decode, ({ operations }) => operations.reduce((sum, { flops }) => sum + flops, 0)),
    hbmBytesPerRank: amount(decode, ({ operations }) => operations.reduce((sum, { hbmBytes }) => sum + hbmBytes, 0)),
    linkBytesPerRank: amount(decode, ({ transfers }) => transfers.reduce((sum, { ringBytes }) => sum + ringBytes, 0)),
    weightBytesPerGpu: weightBytes,
    kvBytesPerGpu: kvBytes,
    collectives: collectivesOf(decode, request),
    fits: hardware.capacityBytes === null ? null : weightBytes + kvBytes <= hardware.capacityBytes,
    lines,
    missing,
  };
};
