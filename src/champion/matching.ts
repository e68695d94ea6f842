// Which points of a campaign answer the same question: one model, one GPU, one shape of load. Engine, parallel sizes, formats and
// settings may differ, since they are what a campaign chooses among. Never calls two points alike because one of them is silent.
import { sameContextValue } from '../verdict/context-match.ts';
import type { AtlasRow } from '../campaign/row.ts';

/** Endings of a checkpoint's name that say how it was stored or tuned for serving, not which model it is. */
const STORED_AS = /-(nvfp4|mxfp4|fp4|fp8(-dynamic)?|bf16|fp16|int8|int4|w4a16|w8a8|w8a16|awq|gptq)$/;

/** The model without its owner and without the format of its checkpoint, in lower case. */
export const baseModel = (name: string): string => {
  let model = name.slice(name.lastIndexOf('/') + 1).trim().toLowerCase();
  while (STORED_AS.test(model)) model = model.replace(STORED_AS, '');
  return model;
}; // prettier-ignore

export type NotCompared =
  'other_model' | 'other_hardware' | 'other_shape' | 'no_row_at_focus' | 'not_measured' | 'excluded';

export interface Mismatch {
  readonly reason: NotCompared;
  /** What differs, in words. */
  readonly detail: string;
}

const known = (value: string | number | null): string | number | null =>
  value === 'unknown' || value === '' ? null : value;

/** What a load is made of. A length that was asked for stands for the mean of what came. */
export interface Shape {
  readonly isl: number | null;
  readonly osl: number | null;
  readonly dataset: string | null;
  readonly cache_mode: string | null;
  readonly request_rate: number | 'inf' | null;
}

const asked = ({ extra }: AtlasRow, key: 'isl' | 'osl'): number | null => {
  const value = extra[key];
  return typeof value === 'number' ? value : null;
};

export const shapeOf = (row: AtlasRow): Shape => ({
  isl: row.mean_input_tokens ?? asked(row, 'isl'),
  osl: row.mean_output_tokens ?? asked(row, 'osl'),
  dataset: row.dataset === 'unknown' ? null : row.dataset,
  cache_mode: row.cache_mode === 'unknown' ? null : row.cache_mode,
  // A closed loop sends as fast as answers come back, whether that is called `inf` or nothing.
  request_rate: row.request_rate === 'inf' ? null : row.request_rate,
});

const SHAPE_FIELDS = ['dataset', 'isl', 'osl', 'cache_mode', 'request_rate'] as const;

const shown = (value: string | number | null): string =>
  value === null ? 'not stated' : typeof value === 'number' ? String(Math.round(value * 10) / 10) : value;

const shapeDifferences = (baseline: Shape, other: Shape): string[] =>
  SHAPE_FIELDS.flatMap((field) => {
    const [before, after] = [known(baseline[field]), known(other[field])];
    const isSame = before === null || after === null ? before === after : sameContextValue(field, before, after);
    return isSame ? [] : [`${field} ${shown(after)}, the baseline has ${shown(before)}`];
  });

export const isSameShape = (one: AtlasRow, other: AtlasRow): boolean =>
  shapeDifferences(shapeOf(one), shapeOf(other)).length === 0;

/** Why two cells are not two answers to one question; null where they may be. */
export const modelMismatch = (baseline: AtlasRow, row: AtlasRow): Mismatch | null => {
  if (baseModel(row.model) !== baseModel(baseline.model))
    return { reason: 'other_model', detail: `${row.model}, the baseline is ${baseline.model}` };
  if (!sameContextValue('hardware', baseline.hardware, row.hardware))
    return { reason: 'other_hardware', detail: `${row.hardware}, the baseline ran on ${baseline.hardware}` };
  return null;
};

/** Why a point of the right model and load has another shape; null where it has the same. */
export const shapeMismatch = (baseline: AtlasRow, row: AtlasRow): Mismatch | null => {
  const differing = shapeDifferences(shapeOf(baseline), shapeOf(row));
  return differing.length === 0 ? null : { reason: 'other_shape', detail: differing.join('; ') };
};

/** The words of a shape, as a page says them once for all points. */
export const shapeText = ({ isl, osl, dataset, cache_mode: cache }: Shape): string =>
  [`ISL ${shown(isl)}`, `OSL ${shown(osl)}`, `dataset ${shown(dataset)}`, `cache ${shown(cache)}`].join(', ');
