import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCeilings } from '../../src/hardware/ceilings.ts';
import { mainPeak } from '../../src/roofline/main-peak.ts';
import { hardwareRates } from '../../src/roofline/rates.ts';
import { modelOfConfigs } from '../../src/roofline/read-model.ts';
import type { RowFacts } from '../../src/roofline/row-bound.ts';
import { analyseSweepPoint, type SweepReading } from '../../src/roofline/sweep-analysis.ts';
import { answerLines, sweepAnswers } from '../../src/roofline/sweep-questions.ts';
import { modelOf } from './fixtures.ts';
import { absent, checkpoint, CHECKPOINTS, physics } from './golden.ts';

const PATH = 'configs/sol-ceilings.yaml';
const table = await parseCeilings(readFileSync(PATH, 'utf8'), PATH);
const [b200, h100] = [hardwareRates(table, 'B200'), hardwareRates(table, 'H100')];

const FACTS: RowFacts = {
  tensor_parallel: 1,
  pipeline_parallel: 1,
  data_parallel: 1,
  expert_parallel: null,
  dp_attention: null,
  parallel_strategy: 'TP',
  kv_cache_dtype: 'bf16',
  concurrency: 4,
  mean_input_tokens: 256,
  mean_output_tokens: 512,
  num_speculative_tokens: null,
  acceptance_length: null,
};

const reading = ({ facts, ...more }: Partial<Omit<SweepReading, 'facts'>> & { facts?: Partial<RowFacts> } = {}): SweepReading => ({
  phase: 'decode',
  quant: 'BF16',
  tpotMs: 1,
  outputTokPerSec: 3000,
  inputTokPerSec: null,
  osl: 512,
  smActive: 0.4,
  tensorActive: 0.2,
  dramActive: 0.5,
  linkTx: null,
  linkRx: null,
  ...more,
  facts: { ...FACTS, ...facts },
}); // prettier-ignore

const dense = { model: modelOf('dense'), kvCache: null };
const ground = { model: dense, hardware: h100 };

describe('a point of a sweep', () => {
  it('stands where its own time per token puts it: the bytes of a step per millisecond', () => {
    const point = analyseSweepPoint(reading(), ground);
    // 2 layers: attention 12,288 and MLP 24,576 parameters, norms 128; last norm 64; head 6,400; all in BF16. 4 embedding rows of 64.
    const weights = 2 * (2 * (12_288 + 24_576 + 128) + 64 + 6_400);
    // 512 keys read and one written, 2 layers, 2 x 2 heads x 16, BF16, for each of 4 sequences.
    const cache = 4 * 513 * 2 * (2 * 2 * 16) * 2;
    expect(point.deliveredBytesPerSecond).toBeCloseTo(1000 * (weights + cache + 4 * 64 * 2), 3);
    const linear = 4 * 2 * (2 * (12_288 + 24_576) + 6_400);
    expect(point.achievedFlopsPerSecond).toBeCloseTo(1000 * (linear + 4 * 512 * 2 * 4 * 4 * 16), 3);
    expect(point.intensity).toBeCloseTo((point.achievedFlopsPerSecond ?? 0) / (point.deliveredBytesPerSecond ?? 1), 9);
    expect(point).toMatchObject({ peakFlopsPerSecond: 989e12, peakBytesPerSecond: 3.35e12, impossible: [] });
    expect(point.ridge).toBeCloseTo(989 / 3.35, 9);
  });

  it('never makes FLOPs of a duty cycle: twice the TENSOR_ACTIVE is the same point', () => {
    const [one, two] = [0.2, 0.4].map((tensorActive) => analyseSweepPoint(reading({ tensorActive }), ground));
    expect(two?.achievedFlopsPerSecond).toBe(one?.achievedFlopsPerSecond);
    expect([one?.tensorActivePercent, two?.tensorActivePercent]).toEqual([20, 40]);
    const alone = analyseSweepPoint(reading(), { model: null, hardware: h100 });
    expect([alone.achievedFlopsPerSecond, alone.intensity]).toEqual([null, null]);
  });

  it('holds DRAM_ACTIVE against the best bandwidth that was measured', () => {
    const { dramActivePercent, dramActiveOfBestPercent } = analyseSweepPoint(reading({ dramActive: 0.9 }), ground);
    expect(dramActivePercent).toBe(90);
    expect(dramActiveOfBestPercent).toBeCloseTo((90 * 3.35) / 3.17, 9);
    const h200 = hardwareRates(table, 'H200');
    if (h200.lines.best.hbm === null)
      expect(analyseSweepPoint(reading(), { model: dense, hardware: h200 }).dramActiveOfBestPercent).toBeNull();
  });

  it('takes TX and RX of a link one way', () => {
    const { linkTxPercent, linkRxPercent } = analyseSweepPoint(reading({ linkTx: 225e9, linkRx: 45e9 }), ground);
    expect([linkTxPercent, linkRxPercent]).toEqual([50, 10]);
  });

  it('of prefill has its rate of prompts, and none where answers were generated too', () => {
    const prompt = { phase: 'prefill', tpotMs: null, inputTokPerSec: 5120, osl: 1, facts: { mean_input_tokens: 512, mean_output_tokens: 1 } } as const;
    const point = analyseSweepPoint(reading(prompt), ground);
    const keys = (512 * 513) / 2;
    expect(point.achievedFlopsPerSecond).toBeCloseTo(10 * (2 * (512 * 2 * (12_288 + 24_576) + 6_400) + keys * 2 * 4 * 4 * 16), 0);
    expect(analyseSweepPoint(reading({ ...prompt, osl: 64 }), ground).achievedFlopsPerSecond).toBeNull();
  }); // prettier-ignore

  it.each([
    ['a duty above one', { dramActive: 1.4 }, 'DRAM_ACTIVE is 1.4'],
    ['a negative rate', { outputTokPerSec: -5 }, 'its output rate is -5, below zero'],
    ['a negative time', { tpotMs: -1 }, 'its time per token is -1, below zero'],
    ['a negative duty', { tensorActive: -0.1 }, 'TENSOR_ACTIVE is -0.1'],
    ['a step faster than its bound', { tpotMs: 1e-6 }, 'as fast as its bound'],
    ['more bytes than the memory was active for', { tpotMs: 0.0005, dramActive: 0.01 }, 'which was active 1.0% of the time'],
    ['a link above its rate', { linkTx: 900e9 }, 'NVLink TX is 200.0% of the link one way'],
  ])('flags %s', (_, more, words) => {
    expect(analyseSweepPoint(reading(more), ground).impossible.join('; ')).toContain(words);
  }); // prettier-ignore

  it.each([
    ['NVFP4', 9e15],
    ['FP8', 4.5e15],
    ['BF16', 2.25e15],
    ['INT4', 2.25e15],
    ['MXFP4', null],
    ['FP6', null],
  ])('%s on B200 is drawn under %s FLOP/s', (quant, peak) => {
    expect(mainPeak(b200.lines.datasheet, quant)).toBe(peak);
  });

  it.skipIf(absent)('of GLM-5.1 on eight B200 delivers what was derived: 8.74% of bandwidth alone, 30.27% of 32', () => {
    const model = modelOfConfigs(checkpoint(CHECKPOINTS['GLM-5.1-NVFP4'] ?? ''));
    const examples = physics()['delivered_examples'];
    const at = (concurrency: number, rate: number) =>
      analyseSweepPoint(reading({ quant: 'NVFP4', tpotMs: (1000 * concurrency) / rate, facts: { tensor_parallel: 8, kv_cache_dtype: 'fp8', concurrency } }), { model, hardware: b200 });
    expect(examples).toMatchObject([{}, { point: 'o21', share_of_nominal_hbm: 8.736950789942998 }, { point: 'o22', share_of_nominal_hbm: 30.26976361716614 }]);
    expect(at(1, 70.922).deliveredPercent).toBeCloseTo(8.736950789942998, 9);
    expect(at(32, 1860.465).deliveredPercent).toBeCloseTo(30.26976361716614, 9);
    expect((at(32, 1860.465).achievedFlopsPerSecond ?? 0) / 1e12).toBeCloseTo(27.751903307366398, 9);
  }); // prettier-ignore
});

describe('the two questions of a sweep', () => {
  const at = (concurrency: number, tpotMs: number, more: Partial<Omit<SweepReading, 'facts'>> = {}) => {
    const each = reading({ tpotMs, outputTokPerSec: (1000 * concurrency) / tpotMs, facts: { concurrency }, ...more });
    return { reading: each, point: analyseSweepPoint(each, ground) };
  };

  it('are answered by the point of the most FLOP/s and by the highest share of bandwidth', () => {
    const points = [at(1, 0.001), at(8, 0.0015), at(64, 0.02)];
    const answers = sweepAnswers(points, null);
    expect(answers.most_flops).toMatchObject({ concurrency: 8, basis: 'flops', at_edge: false });
    expect(answers.memory).toMatchObject({ concurrency: 8, threshold_percent: 75, reached: false, from_concurrency: null });
    expect(answerLines(answers)[0]).toMatch(/^most TFLOPS of decode at concurrency 8: .* TFLOPS per GPU \(.*% of the peak\)$/);
    expect(answerLines(answers)[1]).toMatch(/^decode at 75% of memory bandwidth: no; at most .* DRAM_ACTIVE 50.0%, 52.8% of what/);
  }); // prettier-ignore

  it('name the lowest concurrency that reaches 75 %', () => {
    const share = (concurrency: number, tpotMs: number) => at(concurrency, tpotMs, { dramActive: null });
    const base = share(8, 1).point.deliveredPercent ?? 0;
    const { memory } = sweepAnswers([share(8, base / 76), share(16, 1)], null);
    expect(memory).toMatchObject({ reached: true, from_concurrency: 8 });
    expect(memory?.delivered_percent).toBeCloseTo(76, 6);
  });

  it('say that the sweep ends at the answer, and leave out what cannot be', () => {
    const { most_flops: most, because } = sweepAnswers([at(1, 0.01), at(8, 0.01), at(64, 1e-7)], null);
    expect(most).toMatchObject({ concurrency: 8, at_edge: true });
    expect(because[0]).toMatch(/^decode at concurrency 64, 256 tokens: it is .* times as fast as its bound/);
  });

  it('go by the output rate where the model is not known, and say why', () => {
    const each = reading({ outputTokPerSec: 100 });
    const point = analyseSweepPoint(each, { model: null, hardware: null });
    const answers = sweepAnswers([{ reading: each, point }], 'no config of the model was given');
    expect(answers).toMatchObject({ most_flops: { basis: 'output_rate', tflops_per_gpu: null }, memory: null });
    expect(answerLines(answers).at(-1)).toContain('no config of the model was given');
  });
});
