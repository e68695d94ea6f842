// Where a measured point of a sweep stands under the roofline of its GPU: work and bytes of the model by the operations of its
// bound, per measured second, and what the counters of the GPU say beside it. A duty cycle (TENSOR_ACTIVE, SM_ACTIVE) never becomes
// FLOPs; a figure that cannot be is flagged and left out of every answer, never corrected.
import { formatNumber, formatShare } from '../render/numbers.ts';
import { Fault } from '../text/fault.ts';
import { mainPeak } from './main-peak.ts';
import type { HardwareRates } from './rates.ts';
import { boundOfRow, type RowBound, type RowFacts, type RowModel } from './row-bound.ts';

/** What was measured of a point; null where nobody says. Activities are shares, 0 to 1; links one way, B/s of one GPU. */
export interface SweepReading {
  readonly phase: 'decode' | 'prefill';
  readonly facts: RowFacts;
  readonly quant: string;
  readonly tpotMs: number | null;
  /** Output tokens per second of the whole window, over all GPUs. */
  readonly outputTokPerSec: number | null;
  /** Prompt tokens per second of the whole window, over all GPUs. */
  readonly inputTokPerSec: number | null;
  /** Tokens of one answer; more than one in a prefill point means that its window was no prefill alone. */
  readonly osl: number | null;
  readonly smActive: number | null;
  readonly tensorActive: number | null;
  readonly dramActive: number | null;
  readonly linkTx: number | null;
  readonly linkRx: number | null;
}

/** A point under the roofline. Null where its model, its ceiling or its measurement is not known; shares in percent. */
export interface SweepPoint {
  /** FLOP per byte of memory of one GPU. */
  readonly intensity: number | null;
  readonly achievedFlopsPerSecond: number | null;
  readonly deliveredBytesPerSecond: number | null;
  /** Of the datasheet's bandwidth, and of the best that was ever measured. */
  readonly deliveredPercent: number | null;
  readonly deliveredOfBestPercent: number | null;
  readonly achievedPercent: number | null;
  /** Duty cycles as counted. */
  readonly dramActivePercent: number | null;
  readonly tensorActivePercent: number | null;
  readonly smActivePercent: number | null;
  /** DRAM_ACTIVE of what it reaches at the best measured bandwidth, which is below 100. */
  readonly dramActiveOfBestPercent: number | null;
  /** Of the link one way. */
  readonly linkTxPercent: number | null;
  readonly linkRxPercent: number | null;
  readonly peakFlopsPerSecond: number | null;
  readonly peakBytesPerSecond: number | null;
  /** FLOP per byte at which both peaks meet. */
  readonly ridge: number | null;
  /** Bound over measured time; above 100 the measurement, a label or a size is wrong. */
  readonly boundPercent: number | null;
  /** What cannot be, in words; such a point answers no question. */
  readonly impossible: readonly string[];
}

export interface SweepGround {
  /** Null with the reason where the model gives no bound. */
  readonly model: RowModel | null;
  readonly hardware: HardwareRates | null;
}

const percent = (value: number | null, whole: number | null): number | null =>
  value === null || whole === null || whole <= 0 ? null : (100 * value) / whole;

/** A duty cycle in percent; null where it is none, with a flag. */
const duty = (name: string, share: number | null, flag: (text: string) => void): number | null => {
  if (share === null) return null;
  if (share >= 0 && share <= 1) return 100 * share;
  flag(`${name} is ${formatNumber(share)}, which is no share of time`);
  return null;
};

/** Steps per second of decode (by the time per token, which holds no prefill; else by the rate), prompts per second of prefill. */
const passesPerSecond = (reading: SweepReading, bound: RowBound): number | null => {
  const { phase, facts, tpotMs, outputTokPerSec, inputTokPerSec, osl } = reading;
  if (phase === 'prefill') {
    const { prefill } = bound;
    if (prefill === null || inputTokPerSec === null || osl === null || osl > 1) return null;
    return inputTokPerSec / prefill.promptTokens;
  }
  const perStep = bound.decode?.tokensPerStep;
  if (perStep === undefined) return null;
  if (tpotMs !== null && tpotMs > 0) return 1000 / (tpotMs * perStep);
  return outputTokPerSec === null || facts.concurrency === 0 ? null : outputTokPerSec / (facts.concurrency * perStep);
};

/** Bound of the point; null where physics has nothing to say about it. */
const boundFor = ({ facts }: SweepReading, { model, hardware }: SweepGround): RowBound | null => {
  if (model === null || hardware === null) return null;
  try {
    return boundOfRow(facts, model, hardware.lines.datasheet);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
};

interface Delivered {
  readonly intensity: number;
  readonly flops: number;
  readonly bytes: number;
  readonly boundPercent: number;
}

const delivered = (reading: SweepReading, bound: RowBound): Delivered | null => {
  const work = reading.phase === 'decode' ? bound.decode : bound.prefill;
  const rate = passesPerSecond(reading, bound);
  if (work === null || rate === null || rate <= 0) return null;
  // A rate of prompts is that of all replicas; steps are those of one.
  const perReplica = reading.phase === 'prefill' ? rate / bound.replicas : rate;
  return {
    intensity: work.flops / work.hbmBytes,
    flops: work.flops * perReplica,
    bytes: work.hbmBytes * perReplica,
    boundPercent: 100 * work.leastSeconds * perReplica,
  };
}; // prettier-ignore

/** Counted bytes may exceed what the counter saw by this factor and these points before one of both is called wrong. */
const COUNTER_SLACK = { factor: 1.1, points: 3 };

const contradictions = (found: Delivered | null, deliveredPercent: number | null, dram: number | null): string[] => {
  if (found === null) return [];
  const { boundPercent } = found;
  const faster =
    boundPercent > 100
      ? [`it is ${formatNumber(boundPercent / 100, 3)} times as fast as its bound: check the GPU's name, the sizes and the unit`]
      : [];
  const unseen =
    dram !== null && deliveredPercent !== null && deliveredPercent > dram * COUNTER_SLACK.factor + COUNTER_SLACK.points
      ? [`its bytes are ${formatShare(deliveredPercent)} of the memory's bandwidth, which was active ${formatShare(dram)} of the time`]
      : [];
  return [...faster, ...unseen];
}; // prettier-ignore

/** Times and rates below zero: they stay in the file and nothing is computed from them. */
const negatives = ({ tpotMs, outputTokPerSec, inputTokPerSec }: SweepReading): string[] =>
  Object.entries({
    'its time per token': tpotMs,
    'its output rate': outputTokPerSec,
    'its prompt rate': inputTokPerSec,
  })
    .filter(([, value]) => value !== null && value < 0)
    .map(([name, value]) => `${name} is ${formatNumber(value ?? 0)}, below zero`);

/** The point under its roofline. */
export const analyseSweepPoint = (reading: SweepReading, ground: SweepGround): SweepPoint => {
  const impossible = negatives(reading);
  const flag = (text: string): void => void impossible.push(text);
  const { hardware } = ground;
  const [sheet, best] = [hardware?.lines.datasheet ?? null, hardware?.lines.best ?? null];
  const bound = boundFor(reading, ground);
  const found = bound === null ? null : delivered(reading, bound);
  const dram = duty('DRAM_ACTIVE', reading.dramActive, flag);
  const [tensor, sm] = [duty('TENSOR_ACTIVE', reading.tensorActive, flag), duty('SM_ACTIVE', reading.smActive, flag)];
  const peakBytes = sheet?.hbm ?? null;
  const peakFlops = sheet === null ? null : mainPeak(sheet, reading.quant);
  const deliveredPercent = percent(found?.bytes ?? null, peakBytes);
  for (const text of contradictions(found, deliveredPercent, dram)) flag(text);
  const link = (name: string, rate: number | null): number | null => {
    const share = percent(rate, sheet?.link ?? null);
    if (share !== null && (share < 0 || share > 100)) flag(`${name} is ${formatShare(share)} of the link one way`);
    return share;
  };
  return {
    intensity: found?.intensity ?? null,
    achievedFlopsPerSecond: found?.flops ?? null,
    deliveredBytesPerSecond: found?.bytes ?? null,
    deliveredPercent,
    deliveredOfBestPercent: percent(found?.bytes ?? null, best?.hbm ?? null),
    achievedPercent: percent(found?.flops ?? null, peakFlops),
    dramActivePercent: dram,
    tensorActivePercent: tensor,
    smActivePercent: sm,
    dramActiveOfBestPercent: percent(dram, percent(best?.hbm ?? null, peakBytes)),
    linkTxPercent: link('NVLink TX', reading.linkTx),
    linkRxPercent: link('NVLink RX', reading.linkRx),
    peakFlopsPerSecond: peakFlops,
    peakBytesPerSecond: peakBytes,
    ridge: peakFlops === null || peakBytes === null ? null : peakFlops / peakBytes,
    boundPercent: found?.boundPercent ?? null,
    impossible,
  };
};
