// How the tables of the heatmap are set: together on one page where they can be read there, else each concurrency on a page of its own;
// the largest letters with which no value is broken. Knows texts, no measurements.
import { plainText } from '../render/document.ts';
import { formatGrouped } from '../render/numbers.ts';
import { cell, type Page, type PageBlock, type PageCell } from '../render/page.ts';
import { lineCount, textWidth } from '../render/text-width.ts';
import type { Arm } from './arms.ts';
import { pageWidth } from './page-room.ts';

export interface Measure {
  readonly title: string;
  readonly field: 'output_tps_per_gpu' | 'ttft_avg_ms' | 'ttfo_avg_ms';
  readonly better: 'higher' | 'lower';
  /** Stands in brackets behind the value, which alone is compared. */
  readonly beside?: 'output_tps_per_decode_gpu';
}

/** The tables of one concurrency. */
export interface Band {
  readonly concurrency: number;
  readonly arms: readonly Arm[];
  /** Cells of each measure. */
  readonly tables: readonly { readonly measure: Measure; readonly cells: readonly (readonly PageCell[])[] }[];
}

/** How a column is headed. */
const columnTitle = (batchTokens: number): string => (batchTokens === 0 ? 'not stated' : formatGrouped(batchTokens, 0));

interface Setting {
  readonly size: number;
  readonly orientation: Page['orientation'];
  /** Points of the column of arms. */
  readonly label: number;
  /** Points of a column of values. */
  readonly value: number;
  /** Points above and below the text of a row. */
  readonly pad: number;
}

const GUTTER = 18;
/** Points beside the text of a cell, on both sides together. */
const BESIDE = 8;
/** Share of a table that names of arms may take, and points that each column of values keeps; longer names are wrapped. */
const MOST_LABEL = 0.46;
const LEAST_VALUE = 64;

const READABLE = 9;
const SMALLEST = 7.5;
/** The largest that fits is taken. */
const SIZES = [11, 10, READABLE, 8, SMALLEST] as const;

const LEAST_PAD = 2.2;
const MOST_PAD = 5.5;

const settingOf = (bands: readonly Band[], batches: readonly number[], size: number, orientation: Page['orientation']): Setting => {
  const measures = bands[0]?.tables.length ?? 1;
  const whole = (pageWidth(orientation) - GUTTER * (measures - 1)) / measures;
  const names = ['batch tokens', ...bands.flatMap(({ arms }) => arms.map(({ label }) => label))];
  const wished = Math.max(...names.map((text) => textWidth(text, { size }))) + BESIDE + 1;
  const label = Math.min(wished, Math.max(whole * MOST_LABEL, whole - batches.length * LEAST_VALUE));
  return { size, orientation, label, value: (whole - label) / batches.length, pad: LEAST_PAD };
}; // prettier-ignore

/** True where no value is broken over two lines. */
const valuesFit = (bands: readonly Band[], batches: readonly number[], { size, value }: Setting): boolean => {
  const cells = [...bands.flatMap(({ tables }) => tables.flatMap((table) => table.cells.flat())), ...batches.map((each) => cell(columnTitle(each)))];
  return cells.every(({ text, bold = false }) => textWidth(plainText(text), { size, bold }) + BESIDE <= value);
}; // prettier-ignore

/** Points of a heading with what is above and below it. */
const HEADING = 34;
/** Points of the line under a row. */
const RULE = 0.4;

const rowCount = (bands: readonly Band[]): number => bands.reduce((sum, { arms }) => sum + arms.length + 1, 0);

const height = (bands: readonly Band[], { size, label, pad }: Setting): number => {
  const line = 0.73 * size;
  const lines = bands.flatMap(({ arms }) => [...arms.map((arm) => lineCount(arm.label, label - BESIDE, { size })), 1]);
  return bands.length * HEADING + lines.reduce((sum, count) => sum + line * (1 + (count - 1) * 1.85) + 2 * pad + RULE, 0);
}; // prettier-ignore

/** Rows as high as the room allows, so that short tables do not leave a band of nothing. */
const stretched = (groups: readonly (readonly Band[])[], setting: Setting, room: number): Setting => {
  const free = Math.min(...groups.map((bands) => (room - height(bands, setting)) / (2 * rowCount(bands))));
  return { ...setting, pad: Math.min(Math.max(setting.pad, setting.pad + 0.95 * free), MOST_PAD) };
};

/** The tables of a band side by side. */
export const tablesOf = ({ concurrency, arms, tables }: Band, batches: readonly number[], { size, label, value, pad }: Setting): PageBlock => ({
  kind: 'columns',
  parts: tables.map(({ measure, cells }): readonly PageBlock[] => [
    { kind: 'heading', level: 3, text: `C=${concurrency}: ${measure.title}, ${measure.better} is better` },
    {
      kind: 'page-table',
      size,
      pad,
      columns: [
        { title: 'batch tokens', share: label },
        ...batches.map((batchTokens) => ({ title: columnTitle(batchTokens), align: 'right' as const, share: value })),
      ],
      rows: arms.map((arm, index) => [{ text: arm.label }, ...(cells[index] ?? [])]),
    },
  ]),
}); // prettier-ignore

/** How the tables are set, and which of them share a page: all where they can be read there, else each its own. */
export const layoutOf = (bands: readonly Band[], batches: readonly number[], roomOf: (orientation: Page['orientation']) => number) => {
  const settings = SIZES.flatMap((size) => (['landscape', 'portrait'] as const).map((orientation) => settingOf(bands, batches, size, orientation)));
  const fits = (group: readonly Band[], setting: Setting): boolean =>
    valuesFit(bands, batches, setting) && height(group, setting) <= roomOf(setting.orientation);
  const apart = bands.map((band) => [band]);
  const together = settings.find((setting) => fits(bands, setting));
  const [groups, setting] =
    together === undefined
      ? ([apart, settings.find((each) => apart.every((group) => fits(group, each))) ?? settingOf(bands, batches, SMALLEST, 'portrait')] as const)
      : ([[bands], together] as const);
  return { setting: stretched(groups, setting, roomOf(setting.orientation)), groups };
}; // prettier-ignore
