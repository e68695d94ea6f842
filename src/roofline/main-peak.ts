// The compute peak that a whole configuration is drawn under: that of the format most of its weights are in. A format whose
// products a GPU has no figure for has no peak; the peak of another format is never taken.
import type { Rates } from './bound.ts';

export type Product = Exclude<keyof Rates, 'hbm' | 'link' | 'pipelineLink'>;

const PRODUCTS: readonly (readonly [RegExp, Product])[] = [
  [/^(nv)?fp4/, 'nvfp4'],
  [/^mxfp4/, 'mxfp4'],
  [/^(fp8|float8)/, 'fp8'],
  [/^(int8|w8a8)/, 'int8'],
  // Weight-only integers are computed in BF16.
  [/^(bf16|bfloat16|fp16|float16|int4|w4a16|awq|gptq)/, 'bf16'],
];

/** Format of the products that a label of quantisation stands for; null where the label is not known. */
export const productsOf = (quant: string): Product | null => {
  const plain = quant.trim().toLowerCase();
  return PRODUCTS.find(([pattern]) => pattern.test(plain))?.[1] ?? null;
};

/** FLOP/s of those products; null where label or figure is not known. */
export const mainPeak = (rates: Rates, quant: string): number | null => {
  const products = productsOf(quant);
  return products === null ? null : rates[products];
};
