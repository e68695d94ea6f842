// What was seen of the hardware while a variant ran, level by level: kernels (L1), bytes shared out over kernels (L2), counters of the
// GPUs (L3), counters of single kernels (L4), and its roofline. Only files of the variant's own cell count; a figure that no file
// holds is null.
import { existsSync } from 'node:fs';
import { readNamedText } from '../fs/named-text.ts';
import { arrayAt, objectAt, textAt } from '../importers/json-fields.ts';
import { isJsonObject, parseJsonObject, type JsonObject } from '../text/json.ts';
import { Fault } from '../text/fault.ts';
import { solRigorOf, type Grounding, type SolRigor } from '../campaign/grounding/sol-rigor.ts';
import { cellFile, type CELL_FILES } from '../campaign/layout.ts';

export interface TopCategory {
  readonly category: string;
  /** Of all time in kernels, in percent. */
  readonly time_share_pct: number;
}

export interface VariantLadder {
  readonly l1_present: boolean;
  readonly l1_top_categories: readonly TopCategory[];
  readonly l2_present: boolean;
  readonly l3_present: boolean;
  /**
   * Percent of the ceiling, by counters of the GPUs: of this load, else of the window that was correlated; null where there are none.
   */
  readonly hbm_pct_sol: number | null;
  readonly tensor_pct_sol: number | null;
  readonly sm_active_pct: number | null;
  readonly nvlink_pct_sol: number | null;
  readonly l4_present: boolean;
  readonly l4_kernel_count: number;
  readonly sol_rigor: SolRigor;
}

export interface VariantGrounding {
  readonly sol: VariantLadder;
  readonly evidence: Grounding['evidence'];
  /** Counters of the GPUs beside the load. */
  readonly byteGrounded: boolean;
  /** The cell's `roofline_sweep.json` as it is; null without one. */
  readonly roofline: JsonObject | null;
}

/** A file of a cell; null where it is not there or cannot be read, which the grounding of the cell names. */
const fileOf = async (campaign: string, cells: readonly string[], file: keyof typeof CELL_FILES): Promise<JsonObject | null> => {
  const path = cells.map((cell) => cellFile(campaign, cell, file)).find((each) => existsSync(each));
  if (path === undefined) return null;
  try {
    return parseJsonObject(await readNamedText(path), path);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}; // prettier-ignore

const MOST_CATEGORIES = 4;

/** Categories by their time in the first source that has them; version 1 of the file held one source at its top. */
const topCategories = (kernels: JsonObject | null): TopCategory[] => {
  if (kernels === null) return [];
  const sources = [...arrayAt(kernels, 'sources').filter(isJsonObject), kernels];
  const held = sources.map((source) => objectAt(source, 'per_category')).find((each) => Object.keys(each).length > 0) ?? {};
  const entries = Object.entries(held).flatMap(([category, value]) => (typeof value === 'number' && value > 0 ? [{ category, value }] : []));
  const whole = entries.reduce((sum, { value }) => sum + value, 0);
  return entries
    .toSorted((a, b) => b.value - a.value)
    .slice(0, MOST_CATEGORIES)
    .map(({ category, value }) => ({ category, time_share_pct: (100 * value) / whole }));
}; // prettier-ignore

const RESOURCES = {
  hbm: /hbm|dram/i,
  tensor: /tensor|pflops/i,
  nvlink: /nvlink/i,
} as const;

/** Percent of its ceiling that a resource was used, by the counters of the whole window. */
const resourceShare = (dcgm: JsonObject | null, kind: keyof typeof RESOURCES): number | null => {
  const shares = dcgm === null ? [] : arrayAt(dcgm, 'resources').filter(isJsonObject).flatMap((resource) => {
    const named = RESOURCES[kind].test(`${textAt(resource, 'peak_key') ?? ''} ${textAt(resource, 'metric') ?? ''}`);
    const share = resource['sol_pct'];
    return named && typeof share === 'number' ? [share] : [];
  });
  return shares.length === 0 ? null : Math.max(...shares);
}; // prettier-ignore

/** The decode point of a sweep at the load; never that of another load. */
const pointAt = (roofline: JsonObject | null, focusC: number): JsonObject | null =>
  roofline === null
    ? null
    : (arrayAt(roofline, 'decode')
        .filter(isJsonObject)
        .find((point) => point['c'] === focusC) ?? null);

const activePercent = (point: JsonObject | null, counter: string): number | null => {
  const value = point?.[counter];
  return typeof value === 'number' ? 100 * value : null;
};

/** What a row's own window says, where its run had telemetry. */
export interface RowCounters {
  readonly dcgm_sm_active: number | null;
  readonly dcgm_dram_active: number | null;
  readonly dcgm_tensor_active: number | null;
}

const percentOf = (share: number | null): number | null => (share === null ? null : 100 * share);

export interface GroundingQuery {
  readonly campaign: string;
  readonly cell: string;
  /** Cell whose folder holds the artifacts, where the row names another one. */
  readonly arm: string | undefined;
  readonly focusC: number;
  readonly counters: RowCounters;
}

export const groundingOfVariant = async ({ campaign, cell, arm, focusC, counters }: GroundingQuery): Promise<VariantGrounding> => {
  const names = [...new Set([cell, ...(arm === undefined ? [] : [arm])])];
  const [kernels, dcgm, ncu, roofline, { sol_rigor, dcgm_grounded, evidence }] = [
    await fileOf(campaign, names, 'kernels'),
    await fileOf(campaign, names, 'dcgm'),
    await fileOf(campaign, names, 'ncuKernels'),
    await fileOf(campaign, names.flatMap((name) => [name, `${name}-decode`, `${name}-prefill`]), 'roofline'),
    await solRigorOf(campaign, cell, arm),
  ];
  const point = pointAt(roofline, focusC);
  const has = (level: string): boolean => evidence.some((each) => each.level === level);
  return {
    sol: {
      l1_present: has('L1'),
      l1_top_categories: topCategories(kernels),
      l2_present: dcgm !== null && arrayAt(dcgm, 'per_category_attribution').length > 0,
      l3_present: has('L3'),
      hbm_pct_sol: activePercent(point, 'dram_active') ?? percentOf(counters.dcgm_dram_active) ?? resourceShare(dcgm, 'hbm'),
      tensor_pct_sol: activePercent(point, 'tensor_active') ?? percentOf(counters.dcgm_tensor_active) ?? resourceShare(dcgm, 'tensor'),
      sm_active_pct: activePercent(point, 'sm_active') ?? percentOf(counters.dcgm_sm_active),
      nvlink_pct_sol: resourceShare(dcgm, 'nvlink'),
      l4_present: has('L4'),
      l4_kernel_count: ncu === null ? 0 : arrayAt(ncu, 'kernels').length,
      sol_rigor,
    },
    evidence,
    byteGrounded: dcgm_grounded,
    roofline,
  };
}; // prettier-ignore
