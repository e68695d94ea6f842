// By which settings two rows are of one variant: nothing that both state may differ. Never calls silence a difference.
import { engineOf, type AtlasRow } from '../campaign/row.ts';
import { sameContextValue } from '../verdict/context-match.ts';
import { baseModel } from './matching.ts';

/** Settings that tell one variant from another, where a row states them. */
export const SETTINGS = ['quant', 'kv_cache_dtype', 'num_speculative_tokens', 'engine', 'image', 'tensor_parallel', 'pipeline_parallel', 'data_parallel'] as const; // prettier-ignore
export type Setting = (typeof SETTINGS)[number];

export const settingOf = (row: AtlasRow, setting: Setting): string | number | null => {
  const value = setting === 'engine' ? engineOf(row) : row[setting];
  return value === 'unknown' || value === '' ? null : value;
};

const agree = (one: AtlasRow, other: AtlasRow, setting: Setting): boolean | null => {
  const [a, b] = [settingOf(one, setting), settingOf(other, setting)];
  return a === null || b === null ? null : sameContextValue(setting, a, b);
};

/** A row of the same configuration under another load: nothing that both state differs, and what is in `stated` both state. */
export const isOfVariant = (
  variant: AtlasRow,
  row: AtlasRow,
  settings: readonly Setting[],
  stated: readonly Setting[] = [],
): boolean =>
  baseModel(row.model) === baseModel(variant.model) &&
  row.mtp === variant.mtp &&
  settings.every((setting) => agree(variant, row, setting) !== false) &&
  stated.every((setting) => agree(variant, row, setting) === true);
