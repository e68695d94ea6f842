// Which files of a folder are repeats of one measurement, by their names.
import { expect, it } from 'vitest';
import { areRepeatNames } from '../../src/source/repeats.ts';

it.each([
  [['run1.json', 'run2.json', 'run10.json']],
  [['trial-0.json', 'trial-1.json']],
  [['1.json', '2.json']],
  [['run1/out.json', 'run2/out.json']],
  [['serve-iter_3.json', 'serve-iter_4.json']],
  [['vllm-conc16-20250601-120001.json', 'vllm-conc16-20250601-120502.json']],
  [['2025-06-01T12:00:01Z.json', '2025-06-02T09:14:55Z.json']],
  [['20250601_1.json', '20250601_2.json']],
])('%j count repeats', (names) => {
  expect(areRepeatNames(names)).toBe(true);
});

it.each([
  [['c1.json', 'c16.json']],
  [['rank0.json', 'rank1.json']],
  [['gpu-0.json', 'gpu-1.json']],
  [['tp4.json', 'tp8.json']],
  [['b200.json', 'h200.json']],
  [['prefill.json', 'decode.json']],
  [['run1.json', 'run1.txt']],
  [['run1.json', 'run2.json', 'summary.json']],
  [['crun1.json', 'crun2.json']],
  [['run1.json']],
])('%j do not', (names) => {
  expect(areRepeatNames(names)).toBe(false);
});
