// What a campaign's cells hold that levers are made of: usable rows with their bounds, kernels, grounding, and shares of ceilings that
// counters saw. Reads files and computes bounds; ranks nothing.
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { readNamedText } from '../../fs/named-text.ts';
import type { CeilingTable } from '../../hardware/ceilings.ts';
import { arrayAt } from '../../importers/json-fields.ts';
import { boundOfRow, type RowModel } from '../../roofline/row-bound.ts';
import { hardwareRates, type Line } from '../../roofline/rates.ts';
import { Fault } from '../../text/fault.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '../../text/json.ts';
import { solRigorOf, type Grounding } from '../../campaign/grounding/sol-rigor.ts';
import { cellFile } from '../../campaign/layout.ts';
import { measuredRows } from '../../campaign/next/questions.ts';
import { usableRows, type ExcludedRow } from '../../campaign/reconcile/usable-rows.ts';
import type { AtlasRow } from '../../campaign/row.ts';

/** A measured point beside what its hardware allows. */
export interface PointGap {
  readonly row: AtlasRow;
  readonly tpotMs: number;
  /** Least time per token on each line that there is, in milliseconds. */
  readonly bounds: Readonly<Partial<Record<Line, number>>>;
}

/** Share of the GPU time of a cell. */
export interface CategoryShare {
  readonly category: string;
  /** 0 to 1. */
  readonly share: number;
  readonly source: string;
}

/** A resource beside its ceiling, as counters saw it. */
export interface ResourceShare {
  readonly name: string;
  readonly percent: number;
}

export interface CellEvidence {
  readonly cell: string;
  readonly rows: readonly AtlasRow[];
  readonly excluded: readonly ExcludedRow[];
  readonly gaps: readonly PointGap[];
  /** Why a cell with rows has no gap; null where it has one. */
  readonly no_gap: string | null;
  readonly categories: readonly CategoryShare[];
  /** Relative to the campaign; null where there is none. */
  readonly kernels_file: string | null;
  readonly resources: readonly ResourceShare[];
  readonly grounding: Grounding;
}

export interface Physics {
  readonly table: CeilingTable;
  /** Null where no config of the model was given. */
  readonly model: RowModel | null;
}

const LINE_ORDER: readonly Line[] = ['datasheet', 'best', 'typical'];

const boundsOf = (row: AtlasRow, model: RowModel, table: CeilingTable): PointGap['bounds'] => {
  const { lines } = hardwareRates(table, row.hardware);
  const found = LINE_ORDER.flatMap((line): (readonly [Line, number])[] => {
    try {
      const { decode } = boundOfRow(row, model, lines[line]);
      return decode === null ? [] : [[line, decode.tpotMs]];
    } catch (error) {
      // A line that lacks a figure is no ceiling; what the datasheet lacks leaves no bound at all.
      if (error instanceof Fault && error.code === 'ceiling_missing' && line !== 'datasheet') return [];
      throw error;
    }
  });
  return Object.fromEntries(found);
};

const tpotOf = ({ tpot_median_ms: median, tpot_p50_ms: p50 }: AtlasRow): number | null => median ?? p50;

type Gaps = Pick<CellEvidence, 'gaps' | 'no_gap'>;

const gapsOf = (rows: readonly AtlasRow[], { table, model }: Physics): Gaps => {
  const timed = rows.filter((row) => tpotOf(row) !== null && row.concurrency > 0);
  if (timed.length === 0) return { gaps: [], no_gap: 'no row holds a time per token' };
  if (model === null) return { gaps: [], no_gap: 'give the config.json of the model as model_config' };
  try {
    const gaps = timed.flatMap((row): PointGap[] => {
      const bounds = boundsOf(row, model, table);
      return bounds.datasheet === undefined ? [] : [{ row, tpotMs: tpotOf(row) ?? 0, bounds }];
    });
    return { gaps, no_gap: gaps.length > 0 ? null : 'no row states the lengths of its prompts and answers' };
  } catch (error) {
    if (error instanceof Fault) return { gaps: [], no_gap: error.message };
    throw error;
  }
};

/** The file as an object; undefined where it is absent or none of ours. */
const documentAt = async (path: string): Promise<JsonObject | undefined> => {
  if (!existsSync(path)) return undefined;
  try {
    return parseJsonObject(await readNamedText(path), path);
  } catch (error) {
    if (error instanceof Fault) return undefined; // its grounding says what is wrong with it
    throw error;
  }
};

const sharesOf = (source: JsonObject): CategoryShare[] => {
  const categories = isJsonObject(source['per_category']) ? source['per_category'] : {};
  const values = Object.entries(categories).flatMap(([category, value]) =>
    typeof value === 'number' && value > 0 ? [{ category, value }] : [],
  );
  const all = values.reduce((sum, { value }) => sum + value, 0);
  const name = typeof source['source'] === 'string' ? source['source'] : 'profile';
  return values
    .map(({ category, value }) => ({ category, share: value / all, source: name }))
    .sort((a, b) => b.share - a.share);
};

/** Shares of the first source that has some: time before samples, as they are kept. */
const categoriesOf = (document: JsonObject | undefined): CategoryShare[] => {
  if (document === undefined) return [];
  const sources = arrayAt(document, 'sources').filter(isJsonObject);
  const inOrder = [...sources.filter(({ unit }) => unit === 'ns'), ...sources.filter(({ unit }) => unit !== 'ns'), document];
  return inOrder.map(sharesOf).find((shares) => shares.length > 0) ?? [];
}; // prettier-ignore

const resourcesOf = (document: JsonObject | undefined): ResourceShare[] =>
  document === undefined
    ? []
    : arrayAt(document, 'resources').flatMap((resource) => {
        if (!isJsonObject(resource)) return [];
        const { sol_pct: percent, resource: named, name = named } = resource;
        return typeof percent === 'number' && typeof name === 'string' ? [{ name, percent }] : [];
      });

/** Everything that one cell holds. */
export const evidenceOf = async (campaign: string, cell: string, physics: Physics): Promise<CellEvidence> => {
  const { usable, excluded } = usableRows(measuredRows(campaign, cell));
  const kernels = cellFile(campaign, cell, 'kernels');
  const categories = categoriesOf(await documentAt(kernels));
  return {
    cell,
    rows: usable,
    excluded,
    ...gapsOf(usable, physics),
    categories,
    kernels_file: categories.length === 0 ? null : relative(campaign, kernels),
    resources: resourcesOf(await documentAt(cellFile(campaign, cell, 'dcgm'))),
    grounding: await solRigorOf(campaign, cell),
  };
};
