// Which rows of a campaign answer the same question as a public point: model, hardware, precision, prompt and output length, concurrency. All of
// them must be stated by both and be the same; what else differs is listed beside the pair. Never pairs what is not known.
import type { CeilingTable } from '../../hardware/ceilings.ts';
import { hardwareKey } from '../../hardware/ceilings.ts';
import type { Context, ContextField } from '../../metrics/context.ts';
import { formatNumber } from '../../render/numbers.ts';
import { compareContexts, sameContextValue } from '../../verdict/context-match.ts';
import { contextOfSettings } from '../../campaign/row-context.ts';
import type { AtlasRow } from '../../campaign/row.ts';
import { baseModel, shapeOf } from '../matching.ts';
import type { PublicPoint } from './public-points.ts';

export const MATCHED = ['model', 'hardware', 'quant', 'isl', 'osl', 'concurrency'] as const;
export type MatchedField = (typeof MATCHED)[number];

/** A fact on both sides, in words; `not stated` where a side is silent. */
export interface Difference {
  readonly field: ContextField;
  readonly ours: string;
  readonly public: string;
}

/** Prompts are drawn from a range whose mean lies up to a tenth below the length that names the load. */
const SAME_LENGTH = 0.1;

const sameLength = (one: number, other: number): boolean => Math.abs(one - other) <= SAME_LENGTH * Math.max(one, other);

/** `fp4` of a public list is NVFP4 or MXFP4: it does not say which. */
const sameQuant = (ours: string, other: string): boolean =>
  sameContextValue('quant', ours, other) || (/^fp4$/i.test(other.trim()) && /^(nv|mx)fp4$/i.test(ours.trim()));

const sameHardware = (table: CeilingTable, ours: string, other: string): boolean => {
  const [one, two] = [hardwareKey(table, ours), hardwareKey(table, other)];
  return one !== null && two !== null ? one === two : sameContextValue('hardware', ours, other);
};

type Fact = string | number | null;

/** The facts that have to match, of a row. */
const factsOfRow = (row: AtlasRow): Readonly<Record<MatchedField, Fact>> => {
  const { isl, osl } = shapeOf(row);
  const { model, hardware, concurrency } = row;
  return { model, hardware, quant: row.quant === 'unknown' ? null : row.quant, isl, osl, concurrency };
};

const factsOfPoint = ({ context }: PublicPoint): Readonly<Record<MatchedField, Fact>> => ({
  model: context.model ?? null,
  hardware: context.hardware ?? null,
  quant: context.quant ?? null,
  isl: context.isl ?? null,
  osl: context.osl ?? null,
  concurrency: context.concurrency ?? null,
});

const isSame = (field: MatchedField, ours: Fact, other: Fact, table: CeilingTable): boolean => {
  if (ours === null || other === null) return false;
  if (typeof ours === 'number' || typeof other === 'number')
    return typeof ours === 'number' && typeof other === 'number' && (field === 'concurrency' ? ours === other : sameLength(ours, other));
  if (field === 'model') return baseModel(ours) === baseModel(other);
  return field === 'hardware' ? sameHardware(table, ours, other) : sameQuant(ours, other);
}; // prettier-ignore

const shown = (value: unknown): string => {
  if (value === null || value === undefined) return 'not stated';
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** The facts of the question in which a row and a point differ, or that one of them does not state; empty for a match. */
export const differencesOf = (row: AtlasRow, point: PublicPoint, table: CeilingTable): Difference[] => {
  const [ours, others] = [factsOfRow(row), factsOfPoint(point)];
  return MATCHED.filter((field) => !isSame(field, ours[field], others[field], table)).map((field) => ({
    field,
    ours: shown(ours[field]),
    public: shown(others[field]),
  }));
};

/** How a fact of a match is spelled differently: the same question, but not the same word for it. */
const spelledApart = (row: AtlasRow, point: PublicPoint): Difference[] => {
  const [ours, others] = [factsOfRow(row), factsOfPoint(point)];
  const apart = (field: MatchedField): boolean => {
    const [one, other] = [ours[field], others[field]];
    if (field === 'hardware' || one === null || other === null) return false;
    return !sameContextValue(field, one, other);
  };
  return MATCHED.filter(apart).map((field) => ({ field, ours: shown(ours[field]), public: shown(others[field]) }));
};

/** What else of the settings differs between a matched pair, and what only one side states. */
export interface Apart {
  readonly mismatches: readonly Difference[];
  readonly not_stated: readonly ContextField[];
}

const SETTLED: readonly ContextField[] = [...MATCHED, 'num_prompts', 'model_path'];

export const settingsApart = (row: AtlasRow, point: PublicPoint): Apart => {
  const own: Context = contextOfSettings(row);
  const { mismatches, unknown } = compareContexts(point.context, own);
  const open = <T extends { readonly field: ContextField }>(found: readonly T[]): ContextField[] =>
    found.map(({ field }) => field).filter((field) => !SETTLED.includes(field));
  const differing = open(mismatches).map((field) => ({
    field,
    ours: shown(own[field]),
    public: shown(point.context[field]),
  }));
  return { mismatches: [...spelledApart(row, point), ...differing], not_stated: open(unknown) };
};
