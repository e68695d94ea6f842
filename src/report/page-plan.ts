// What a page of the report is: pages to draw, or the reason why there are none and what would bring them. A page never fails for
// want of data.
import type { SolRigor } from '../campaign/grounding/sol-rigor.ts';
import type { Page } from '../render/page.ts';
import type { ReportData } from './report-data.ts';

export interface Omission {
  readonly page: string;
  readonly why: string;
  readonly how_to_fix: string;
}

export interface Planned {
  readonly pages: readonly Page[];
  /** Without pages: why. With pages: what they lack. */
  readonly omissions: readonly Omission[];
  /** How far the pages ground the speed of light; absent where they do not. */
  readonly grounds?: SolRigor;
}

export type PagePlan = (data: ReportData) => Planned;

export const drawn = (pages: readonly Page[], omissions: readonly Omission[] = [], grounds?: SolRigor): Planned => ({
  pages,
  omissions,
  ...(grounds === undefined ? {} : { grounds }),
});

export const omitted = (page: string, why: string, howToFix: string): Planned => ({
  pages: [],
  omissions: [{ page, why, how_to_fix: howToFix }],
});
