// Bytes that the KV cache takes, per token and layer, on one rank. Scales of a format are part of its bytes.
import { Fault } from '../text/fault.ts';
import type { Attention, Indexer } from './model-shape.ts';

export const KV_FORMATS = ['bf16', 'fp8', 'nvfp4', 'fp8_ds_mla'] as const;
export type KvFormat = (typeof KV_FORMATS)[number];

const ALIASES: Readonly<Record<string, KvFormat>> = {
  auto: 'bf16',
  bfloat16: 'bf16',
  float16: 'bf16',
  fp16: 'bf16',
  fp8_e4m3: 'fp8',
  fp8_e5m2: 'fp8',
  fp4: 'nvfp4',
};

const isKvFormat = (name: string): name is KvFormat => KV_FORMATS.some((format) => format === name);

/** The format that an engine's `--kv-cache-dtype` means; `auto` is the model's own. Throws a Fault `kv_format_unknown`. */
export const kvFormatOf = (name: string): KvFormat => {
  const plain = name.trim().toLowerCase();
  if (isKvFormat(plain)) return plain;
  const alias = ALIASES[plain];
  if (alias !== undefined) return alias;
  throw new Fault('usage', 'kv_format_unknown', `${JSON.stringify(name)} is no KV cache format that has known bytes`, {
    fix: `give one of ${KV_FORMATS.join(', ')} or auto`,
  });
};

const BYTES: Readonly<Record<KvFormat, number>> = { bf16: 2, fp8: 1, nvfp4: 0.5625, fp8_ds_mla: 1 };

/** KV heads that each of `ranks` holds: whole heads, at least one. */
export const kvHeadsPerRank = (kvHeads: number, ranks: number): number => Math.max(1, Math.ceil(kvHeads / ranks));

/** The mixed layout of latent and rope: FP8 latent with an FP32 scale per 128, BF16 rope. */
const mixedLatent = (rank: number, rope: number): number => rank + (4 * rank) / 128 + 2 * rope;

/** Bytes of one token's cache in one layer on one rank. A latent is whole on every rank; a recurrent layer has none. */
export const kvBytesPerToken = (attention: Attention, format: KvFormat, ranks: number): number => {
  if (attention.kind === 'linear') return 0;
  if (attention.kind === 'gqa')
    return kvHeadsPerRank(attention.kvHeads, ranks) * (attention.keyDim + attention.valueDim) * BYTES[format];
  const { kvRank, rope } = attention;
  return format === 'fp8_ds_mla' ? mixedLatent(kvRank, rope) : (kvRank + rope) * BYTES[format];
};

/** Bytes of one token's keys for the indexer: FP8 with an FP32 scale per 128. Whole on every rank. */
export const indexerBytesPerToken = ({ dim }: Indexer): number => dim + 4 * Math.ceil(dim / 128);
