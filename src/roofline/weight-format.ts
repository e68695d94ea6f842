// Formats that weights are stored in: bytes of a matrix with its scales, and the peak that its products run at. Never holds
// a rate.

export interface WeightFormat {
  readonly name: string;
  readonly bits: number;
  /** Rows and columns that share a scale; null without scales that count. */
  readonly block: readonly [number, number] | null;
  readonly scaleBytes: number;
  /** Kind of products: weight-only formats are computed in BF16. */
  readonly products: 'bf16' | 'fp8' | 'nvfp4' | 'mxfp4' | 'int8';
}

export const BF16: WeightFormat = { name: 'bf16', bits: 16, block: null, scaleBytes: 0, products: 'bf16' };
export const FP8: WeightFormat = { name: 'fp8', bits: 8, block: null, scaleBytes: 0, products: 'fp8' };
export const INT8: WeightFormat = { name: 'int8', bits: 8, block: null, scaleBytes: 0, products: 'int8' };
export const NVFP4: WeightFormat = { name: 'nvfp4', bits: 4, block: [1, 16], scaleBytes: 1, products: 'nvfp4' };
export const MXFP4: WeightFormat = { name: 'mxfp4', bits: 4, block: [1, 32], scaleBytes: 1, products: 'mxfp4' };

/** FP8 with an FP32 scale for every block of `rows` x `columns`. */
export const fp8Block = (rows: number, columns: number): WeightFormat => ({
  name: rows === columns ? `fp8_block${rows}` : `fp8_block${rows}x${columns}`,
  bits: 8,
  block: [rows, columns],
  scaleBytes: 4,
  products: 'fp8',
});

/** Integers of `bits` with a BF16 scale for every `group` of a row; computed in BF16. */
export const weightOnly = (bits: number, group: number): WeightFormat => ({
  name: `int${bits}_g${group}`,
  bits,
  block: [1, group],
  scaleBytes: 2,
  products: 'bf16',
});

/** Formats that a caller may ask for by name. */
export const NAMED_FORMATS: Readonly<Record<string, WeightFormat>> = {
  bf16: BF16,
  fp8: FP8,
  fp8_block128: fp8Block(128, 128),
  nvfp4: NVFP4,
  mxfp4: MXFP4,
  int8: INT8,
  int4: weightOnly(4, 32),
};

/** Bytes of a matrix of `out` rows and `columns` columns, scales included. */
export const matrixBytes = (format: WeightFormat, out: number, columns: number): number => {
  const values = (out * columns * format.bits) / 8;
  if (format.block === null) return values;
  const [rows, width] = format.block;
  return values + format.scaleBytes * Math.ceil(out / rows) * Math.ceil(columns / width);
};
